"""How long things take at a stated size; measured by hand, never by a test."""
