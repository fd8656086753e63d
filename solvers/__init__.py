"""Mathematical models and engines; they know the domain and nothing else."""
