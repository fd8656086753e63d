"""Tables in, tables out."""

from datasets.intake import Given, from_tables, read, read_given, take, validate
from datasets.packed import packed
from datasets.successor import successor

__all__ = ["Given", "from_tables", "packed", "read", "read_given", "successor", "take", "validate"]
