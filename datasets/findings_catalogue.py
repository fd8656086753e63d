"""Every finding that reading and checking can make, declared once: severity, words and way out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FindingRule:
    """One kind of finding.

    Parameters
    ----------
    severity
        ``error`` or ``warning``.
    message, way_out
        Words for the planner; ``{}`` fields are filled by the check.
    """

    severity: str
    message: str
    way_out: str


_ERRORS = {
    "missing_table": ("There is no table {table}.", "Add a sheet or file named {table} with columns {columns}."),
    "misspelt_table": ("There is no table of this name.", "Did you mean {near}? Rename it."),
    "empty_table": (
        "The table has no rows.",
        "Add at least one row; example rows do not count.",
    ),
    "missing_column": ("The required column is missing.", "Add the column{near}."),
    "no_header": (
        "No cell of row 1 is the name of a column of {table}; the table is not read.",
        "Is the header in row 1? {where}",
    ),
    "duplicate_column": ("Two columns have this name.", "Rename or delete one of them."),
    "ragged_row": ("The row has more cells than the header.", "Put cells that contain a comma into quotes."),
    "bad_character": ("The text has a control character that cannot be shown.", "Type the text again."),
    "blank_required": ("The cell is blank, but it is needed.", "Fill it in: {meaning}"),
    "cell_error": ("The cell holds a spreadsheet error such as #N/A.", "Repair the formula, or write the value."),
    "not_a_number": ("This is no number.", "Write plain digits with a decimal point, without separators or units."),
    "not_finite": ("The number is not finite.", "Write a finite number, or leave the cell blank."),
    "out_of_range": ("The number is out of range.", "Write a number that is {range}{such}."),
    "not_a_flag": ("This is neither true nor false.", "Write true or false."),
    "not_a_date": ("This is no date.", "Write a date as YYYY-MM-DD, or use a date cell."),
    "unknown_choice": ("The word is none of {choices}.", "Write one of {choices}.{more}"),
    "duplicate_key": ("The same {key} is in row {first} already.", "Keep one of the rows, or give one another id."),
    "unknown_reference": ("There is no such row in {target}.", "Correct the id, or add the row to {target}."),
    "family_cycle": ("The parents run in a circle: {circle}.", "Leave parent_id blank for the head of the family."),
    "date_order": ("The date is before {other} {other_value}.", "Swap or correct the dates."),
    "bad_skill": ("The skills cannot be read at {part!r}.", "Write {form}, separated by semicolons."),
    "half_place": ("One of latitude and longitude is missing.", "Give both, or neither."),
    "unknown_time_zone": ("There is no such time zone.", "Write a name of the IANA database, such as America/Chicago."),
    "unknown_policy_key": ("There is no such policy key.", "Remove the row.{more}"),
    "local_pod_without_place": ("A local pod needs a place.", "Give latitude and longitude, or a known city."),
    "sales_not_served": (
        "Local and virtual tiers always serve sales.",
        "Set served to true, or lower the hours instead.",
    ),
    "minimum_above_maximum": ("The minimum is above {other} {other_value}.", "Swap or correct the two."),
    "handover_loss_too_high": (
        "Together the functions' handover_loss is {total:.4g}, above the lowest retain {retain:.4g} of tier {tier}.",
        "Lower handover_loss or raise retain, so that no account loses more than it keeps.",
    ),
    "bad_share_step": ("1 divided by the step is no whole number.", "Write 1, 0.5, 0.25, 0.2 or 0.1."),
    "rule_incomplete": ("The rule lacks {lacks}.", "A {kind} rule needs {needs}."),
    "unknown_attribute": (
        "There is no numeric column of this name in accounts.",
        "Write 1 to count accounts, or a numeric column: {columns}.",
    ),
    "usd_rate_missing": (
        "Shipped money defaults are in US dollars, and {used} of them are used with currency {currency}.",
        "Give policy usd_rate ({currency} per US dollar), or fill in {columns}.",
    ),
    "no_reference_plan": (
        "Moves are to be counted against a plan, but there is no table {table}.",
        "Copy the sheets accounts_plan and people_plan of that plan into the input, or set reference to books.",
    ),
    "unknown_change": ("The change points at nothing: {what}.", "Correct table, id or column; key columns join by |."),
    "row_exists": ("A row of this id is there already.", "Use set, or another id."),
    "bad_structure": ("The table cannot be read: {what}.", "Give a list of rows, or one list of cells a column."),
}

_WARNINGS = {
    "unknown_table": ("No table has this name; it is not read.", "Rename or remove it if it was meant to be read."),
    "similar_column": ("The column is unknown, but looks like {near}.", "Rename it if {near} was meant."),
    "column_without_name": ("A column with cells has no name; it is not read.", "Give it a name in row 1."),
    "example_row": (
        "The row still starts with (example), so it is not read, but its other cells are not the example's.",
        "Write the row's own {key} there, or delete the row.",
    ),
    "formula_without_value": (
        "The formula has no stored value; formulas are not computed.",
        "Open and save the workbook in a spreadsheet program, or write the value.",
    ),
    "long_number": (
        "A number of more than 15 digits stands where text is expected; spreadsheets lose its last digits.",
        "Format the column as text and enter the id again.",
    ),
    "no_place": (
        "{lack}, so {consequence}.",
        "Give latitude and longitude, a postal code, or city and region.",
    ),
    "unknown_place": ("The place was not found.", "Give latitude and longitude, or correct its spelling."),
    "unknown_parent": ("The parent is not in accounts; the account heads its own family.", "Correct or blank it."),
    "vacancy": ("The owner is not in people: the account counts as vacant.", "Add the person, or remove the row."),
    "other_role": ("{person} is of role {role}: the account counts as vacant.", "Name a person of the role."),
    "no_value": ("Neither revenue nor potential is given; both count as 0.", "Give one of them."),
    "potential_below_revenue": ("The potential is below today's revenue.", "Check both; nothing can be captured."),
    "pay_outlier": ("The pay is {ratio} the role's median of {median:.10g}.", "Check unit and currency."),
    "nobody_can_serve": (
        "No person and no hire of role {role} has the skill {skill}; no owner can be named there.",
        "Add the skill to somebody or to hire_skills, or correct its spelling.",
    ),
    "budget_below_pay": (
        "The budget is below the pay of everybody in people, {pay:.10g}.",
        "Raise it, or set headcount to flexible.",
    ),
    "no_books": ("There are no books: baseline and gains stay empty.", "Add today's named owners in books."),
    "and_more": ("{count} more rows have the finding {rule}.", "The first ones show how to mend them."),
}

FINDING_RULES = {
    code: FindingRule(severity, *words)
    for severity, group in (("error", _ERRORS), ("warning", _WARNINGS))
    for code, words in group.items()
}
"""Code -> declaration."""
