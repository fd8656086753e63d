"""The business, solver-free: input types, plan, score, verifier."""
