"""Every finding rule, by the smallest input that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

import datasets
from datasets.findings_catalogue import FINDING_RULES
from podplanner.domain.errors import InputError, UnreadableInput
from podplanner.domain.findings import Finding
from tests.datasets import bad_inputs
from tests.datasets.bad_inputs import FOLDER, OF_FILES, ONE_FINDING, REFUSED, sound


def place(finding: Finding) -> tuple[str, int | None, str | None]:
    """Where the finding points."""
    return finding.table, finding.row, finding.column


def test_the_sound_input_has_no_finding() -> None:
    """So that every finding in a bad input comes from its one mistake."""
    assert datasets.from_tables(sound()).warnings == ()


def test_every_rule_has_a_bad_input() -> None:
    """A rule without a test, or a test without a rule, is a mistake."""
    assert set(ONE_FINDING) | set(OF_FILES) == set(FINDING_RULES)


@pytest.mark.parametrize("rule", ONE_FINDING)
def test_one_mistake_makes_one_finding(rule: str) -> None:
    """The file holds one mistake, and exactly it is told, where it is, with a way out."""
    tables, where = ONE_FINDING[rule]
    path = FOLDER / f"{rule}.json"
    assert path.read_text(encoding="utf-8") == bad_inputs.as_json(tables), "run python -m tests.datasets.bad_inputs"
    findings = [finding for finding in datasets.validate(path) if rule != "and_more" or finding.rule == rule]
    assert [(finding.rule, *place(finding)) for finding in findings] == [(rule, *where)]
    assert findings[0].severity == FINDING_RULES[rule].severity
    assert findings[0].message
    assert findings[0].way_out
    assert "{" not in findings[0].message + findings[0].way_out


@pytest.mark.parametrize("rule", ONE_FINDING)
def test_errors_stop_and_warnings_are_kept(rule: str) -> None:
    """An input with an error raises with all findings; one with warnings is read and carries them."""
    path = FOLDER / f"{rule}.json"
    if FINDING_RULES[rule].severity == "error":
        with pytest.raises(InputError) as caught:
            datasets.read(path)
        assert caught.value.findings == datasets.validate(path)
    else:
        assert datasets.read(path).warnings == datasets.validate(path)


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_workbooks_are_refused_in_words(name: str) -> None:
    """Far cells, bombs, cut-off and foreign files end in words, not in a dead process."""
    with pytest.raises(UnreadableInput, match=REFUSED[name]):
        datasets.read(FOLDER / name)


def test_macros_are_ignored() -> None:
    """A workbook with macros is read like any other."""
    assert datasets.read(FOLDER / "macro.xlsm")["accounts"]["account_id"].tolist() == ["a1"]


def test_formulas_without_value_and_error_cells_are_found() -> None:
    """A required cell without a stored value is an error, an optional one a warning; #DIV/0! is an error."""
    findings = datasets.validate(FOLDER / "formula.xlsx")
    told = [(f.severity, f.rule, *place(f)) for f in findings if f.rule in OF_FILES]
    assert told == [
        ("error", "cell_error", "accounts", 3, "revenue"),
        ("error", "formula_without_value", "people", 2, "annual_cost"),
        ("warning", "formula_without_value", "accounts", 2, "revenue"),
    ]


def test_a_row_longer_than_the_header_is_found(tmp_path: Path) -> None:
    """An unquoted comma does not shift cells silently."""
    (tmp_path / "accounts.csv").write_text("account_id,revenue\na1,1,000\n")
    (tmp_path / "people.csv").write_text("person_id,role,annual_cost\np1,sales,9\n")
    ragged = [finding for finding in datasets.validate(tmp_path) if finding.is_error]
    assert [(finding.rule, *place(finding)) for finding in ragged] == [("ragged_row", "accounts", 2, None)]


def told_by(rule: str, tables: bad_inputs.Tables) -> list[str]:
    """Message and way out of each finding of the rule."""
    try:
        findings = datasets.from_tables(tables).warnings
    except InputError as error:
        findings = error.findings
    return [f"{finding.message} {finding.way_out}" for finding in findings if finding.rule == rule]


def test_nobody_having_a_place_is_told_once_with_their_number() -> None:
    """How many of how many, not one row that stands for all."""
    tables = sound()
    for row in tables["accounts"]:
        del row["latitude"], row["longitude"]
    (told,) = told_by("no_place", tables)
    assert told.startswith("None of the 3 accounts has a place, so an account can be virtual or direct only.")


def test_a_number_out_of_range_says_the_range_once() -> None:
    """And how a per cent is written where a share is asked for."""
    tables = sound()
    tables["accounts"][0]["margin"] = 35
    tables["people"][0]["annual_cost"] = 0
    share, pay = told_by("out_of_range", tables)
    assert share == "The number is out of range. Write a number that is ≥ 0, ≤ 1, such as 0.35 for 35 %."
    assert pay == "The number is out of range. Write a number that is > 0, ≤ 1e+12."


@pytest.mark.parametrize(("commas", "seen"), [(",,", "account_id, revenue, city"), ("", "account_id")])
def test_a_title_above_the_header_is_told_once(tmp_path: Path, commas: str, seen: str) -> None:
    """Not once a column or row; and the row of the header is named."""
    (tmp_path / "accounts.csv").write_text(f"Our accounts{commas}\n{commas}\nAccount ID,revenue,city\na1,9,Dallas\n")
    (tmp_path / "people.csv").write_text("person_id,role,annual_cost\np1,sales,9\n")
    errors = [finding for finding in datasets.validate(tmp_path) if finding.table == "accounts"]
    assert [finding.rule for finding in errors] == ["no_header"]
    assert errors[0].way_out == (f"Is the header in row 1? Row 3 looks like it ({seen}): delete what stands above it.")


@pytest.mark.parametrize(
    ("table", "column", "like"),
    [("people", "person_id", "person"), ("accounts", "account_id", "ID"), ("people", "annual_cost", "anual cost")],
)
def test_a_missing_column_beside_a_similar_one_asks_for_it(table: str, column: str, like: str) -> None:
    """A short name and a slip of the finger alike."""
    tables = sound()
    tables[table] = [{like if name == column else name: cell for name, cell in row.items()} for row in tables[table]]
    (told,) = told_by("missing_column", tables)
    assert f"Did you mean it by {like.lower().replace(' ', '_')}?" in told


def test_a_missing_value_column_beside_a_similar_one_asks_for_it() -> None:
    """Two letters swapped are one slip."""
    tables = sound()
    tables["accounts"] = [{"account_id": row["account_id"], "Potentail": 5} for row in tables["accounts"]]
    (told,) = told_by("missing_column", tables)
    assert told.endswith(
        "Add the column revenue, or potential, or both. Did you mean it by potentail? Rename potentail."
    )
