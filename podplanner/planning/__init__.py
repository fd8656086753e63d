"""The way from a valid instance to a verified plan."""
