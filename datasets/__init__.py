"""Tables in, tables out."""

from datasets.changes_file import changes_of_csv, csv_of_changes, read_changes
from datasets.intake import Given, from_tables, read, read_given, take, validate
from datasets.packed import packed
from datasets.successor import successor

__all__ = [
    "Given",
    "changes_of_csv",
    "csv_of_changes",
    "from_tables",
    "packed",
    "read",
    "read_changes",
    "read_given",
    "successor",
    "take",
    "validate",
]
