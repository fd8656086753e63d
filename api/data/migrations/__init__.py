"""Versions of the tables, run by alembic through `Database.upgrade`."""
