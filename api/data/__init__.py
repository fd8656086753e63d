"""Rows: what the service remembers, on SQLite and PostgreSQL alike."""
