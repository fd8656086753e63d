"""Tables in, tables out."""

from datasets.intake import from_tables, read, validate

__all__ = ["from_tables", "read", "validate"]
