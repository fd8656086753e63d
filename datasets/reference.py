"""The reference page of the input, generated from the declaration: ``python -m datasets.reference``."""

from __future__ import annotations

from pathlib import Path

from datasets.findings_catalogue import FINDING_RULES
from datasets.raw import EXAMPLE
from datasets.readers import MAX_FILE
from datasets.schema import POLICY_KEYS, TABLES, Column, TableSchema
from datasets.workbook_child import MAX_AREA, MAX_COLUMNS, MAX_DECLARED, MAX_ROWS

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"

_HEAD = f"""# Input reference

This page is generated from the declaration in `datasets/schema` by `python -m datasets.reference`; a test holds it.

An input is one workbook (`.xlsx`, one sheet a table), a folder or `.zip` of CSV (UTF-8) or Parquet files named after
the tables, or one JSON object of the same names (each a list of rows, or an object of columns; `policy` also as an
object of keys). Only `accounts` and `people` are required, and in them only the columns marked \\*. In `accounts`, one
of `revenue` and `potential` has to be there.

- Headers may be written with spaces and capitals: `Account ID` is `account_id`. Table names and choices in any case.
- Ids are text: leading zeros stay, and a number cell `292.0` in an id column is `292`.
- Dates are date cells or `YYYY-MM-DD`; a year from 2100 on means none. Numbers are digits with a decimal point.
- Flags are `true`/`false`, `yes`/`no` or `1`/`0`.
- Formulas are not computed: their stored value is read.
- Unknown columns are kept after the known ones, as numbers or text, and handed through.
- Rows whose first cell starts with `{EXAMPLE}` (as in the template) and blank rows are not read.
- Money is per year in `policy.currency`. The shipped money defaults are US dollars; another currency multiplies them
  by `usd_rate`.
- People's skills are names separated by semicolons (`german;aviation`), accounts' needs are `role:skill`; case does
  not matter.
- At most {MAX_ROWS:,} rows and {MAX_COLUMNS} columns a sheet, {MAX_AREA:,} cells a sheet and {MAX_DECLARED >> 20} MB
  unpacked are read from a workbook, and {MAX_FILE >> 30} GB from other files.

"""


def reference() -> str:
    """The whole page."""
    parts = [_HEAD, "## Tables\n", *map(_table, TABLES.values()), _policy(), _findings()]
    return "\n".join(parts)


def _table(table: TableSchema) -> str:
    key = " and ".join(f"`{name}`" for name in table.key)
    lines = [f"### {table.name}\n", table.meaning + (" Required." if table.required else "")]
    if key:
        lines.append(f"Key: {key}.")
    if table.default_words:
        lines.append(f"Defaults add {table.default_words}.")
    return "\n".join(["\n".join(lines), "", *_rows(table.columns), ""])


def _rows(columns: tuple[Column, ...]) -> list[str]:
    head = ["| column | kind | unit | range | meaning | blank is | source |", "|---|---|---|---|---|---|---|"]
    return head + [_row(column) for column in columns]


def _row(column: Column) -> str:
    kind = ", ".join(f"`{word}`" for word in column.choices) or str(column.kind)
    blank = column.describe_default() or column.blank
    if column.required:
        blank = f"an error; in added rows {blank}" if blank else "an error"
    source = column.source if column.has_default else ""
    star = "\\*" if column.required else ""
    cells = (f"`{column.name}`{star}", kind, column.unit, str(column.range), column.meaning, blank, source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _policy() -> str:
    return "\n".join(["### Keys of policy\n", *_rows(tuple(POLICY_KEYS.values())), ""])


def _findings() -> str:
    lines = [
        "## Findings\n",
        "Everything found is told at once, with table, row (the header is row 1), column, value, rule, message and way",
        "out. Errors stop the run with exit code 2; warnings are listed in the result, of one kind in one table the",
        "first 20 row by row.\n",
        "| rule | severity | message | way out |",
        "|---|---|---|---|",
    ]
    for code, rule in sorted(FINDING_RULES.items()):
        cells = (f"`{code}`", rule.severity, rule.message, rule.way_out)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
