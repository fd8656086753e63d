"""Workbook, CSV, Parquet, zip and JSON say the same, and a planner's 40 mistakes are told at once."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

import datasets
from datasets.near import one_edit_away
from podplanner.domain.errors import InputError, UnreadableInput

Rows = dict[str, list[dict[str, Any]]]

INPUT: Rows = {
    "accounts": [
        {
            "account_id": "007",
            "Name": "Bond",
            "revenue": 1000.5,
            "city": "Dallas",
            "region": "TX",
            "own": 3,
            "code": "01",
        },
        {
            "account_id": "292",
            "Name": "Ünï",
            "revenue": None,
            "city": "Boston",
            "region": "MA",
            "own": None,
            "code": "2",
        },
    ],
    "people": [
        {
            "person_id": "p1",
            "role": "Sales",
            "annual_cost": 90000,
            "start_date": date(2024, 2, 29),
            "relocatable": True,
            "postal_code": "02139",
        }
    ],
    "books": [{"account_id": "292", "role": "sales", "person_id": "p1", "since": date(2023, 1, 1)}],
    "policy": [{"key": "margin", "value": "0.4"}],
}


def as_text(cell: object) -> str:
    """A cell as CSV carries it."""
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def write_csv(folder: Path, rows: Rows, encoding: str = "utf-8") -> Path:
    """A folder of CSV files."""
    folder.mkdir()
    for name, table in rows.items():
        frame = pd.DataFrame([{title: as_text(cell) for title, cell in row.items()} for row in table])
        frame.to_csv(folder / f"{name}.csv", index=False, encoding=encoding)
    return folder


def write_xlsx(path: Path, rows: Rows, numeric_ids: bool = False) -> Path:
    """A workbook with real dates and numbers."""
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, table in rows.items():
            sheet = book.add_worksheet(name)
            for column, title in enumerate(table[0]):
                sheet.write(0, column, title)
                for index, row in enumerate(table, 1):
                    cell = row[title]
                    if isinstance(cell, date):
                        sheet.write_datetime(index, column, cell, day)
                    elif numeric_ids and cell == "292":
                        sheet.write_number(index, column, 292.0)
                    else:
                        sheet.write(index, column, cell)
    return path


def in_format(kind: str, folder: Path) -> Path:
    """`INPUT` in one of the formats."""
    if kind == "json":
        path = folder / "input.json"
        path.write_text(json.dumps(INPUT, default=str), encoding="utf-8")
        return path
    if kind == "csv":
        return write_csv(folder / "csv", INPUT)
    if kind == "csv with byte order mark":
        return write_csv(folder / "csv", INPUT, "utf-8-sig")
    if kind == "zip":
        source = write_csv(folder / "csv", INPUT)
        with zipfile.ZipFile(folder / "input.zip", "w") as archive:
            for file in source.iterdir():
                archive.write(file, f"nested/{file.name}")
        return folder / "input.zip"
    if kind == "parquet":
        (folder / "parquet").mkdir()
        for name, table in INPUT.items():
            pd.DataFrame(table).to_parquet(folder / "parquet" / f"{name}.parquet")
        return folder / "parquet"
    return write_xlsx(folder / "input.xlsx", INPUT, numeric_ids=kind == "xlsx with number ids")


FORMATS = ("json", "csv", "csv with byte order mark", "zip", "parquet", "xlsx", "xlsx with number ids")


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_tables(kind: str, tmp_path: Path) -> None:
    """One content has one hash, whatever it came in."""
    tables = datasets.read(in_format(kind, tmp_path))
    assert tables.sha256() == datasets.from_tables(INPUT).sha256()
    assert tables["accounts"]["account_id"].tolist() == ["007", "292"]
    assert tables["accounts"]["code"].tolist() == ["01", "2"]
    assert tables["accounts"]["own"].dtype == np.float64
    assert tables["people"]["start_date"].tolist() == [date(2024, 2, 29)]
    assert tables["people"]["postal_code"].tolist() == ["02139"]


def test_columns_are_as_good_as_rows() -> None:
    """from_tables takes numpy columns, in which nan is a blank, and a plain policy."""
    columns: dict[str, Any] = {
        name: {title: [row[title] for row in table] for title in table[0]} for name, table in INPUT.items()
    }
    columns["accounts"]["revenue"] = np.array([1000.5, np.nan])
    columns["policy"] = {"margin": 0.4}
    assert datasets.from_tables(columns).sha256() == datasets.from_tables(INPUT).sha256()


def test_semicolons_and_blank_rows(tmp_path: Path) -> None:
    """The header tells the separator; blank rows are skipped, and rows are counted as a spreadsheet does."""
    (tmp_path / "accounts.csv").write_text("account_id;revenue\na1;5\n;\na2;x\n")
    (tmp_path / "people.csv").write_text("person_id;role;annual_cost\np1;sales;9\n")
    errors = [finding for finding in datasets.validate(tmp_path) if finding.is_error]
    assert [(finding.rule, finding.row) for finding in errors] == [("not_a_number", 4)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("in.json", b"[1]", "no object of tables"),
        ("in.json", b"{", "cannot be read"),
        ("in.json", b"[" * 100000, "cannot be read"),
        ("in.txt", b"x", "no .xlsx workbook"),
        ("in.zip", b"PK\x03\x04", "damaged"),
        ("folder/accounts.csv", b"account_id\n\xff", "not UTF-8"),
        ("folder/accounts.csv", b'account_id\n"a"b\n', "as CSV"),
        ("folder/accounts.parquet", b"PAR1", "cannot be read"),
        ("folder/notes.txt", b"", "no .csv"),
    ],
)
def test_unreadable_files_say_why(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    """What cannot be opened at all is told in words."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match=words):
        datasets.read(path if path.parent == tmp_path else path.parent)


def test_a_missing_file_and_a_table_twice_are_refused(tmp_path: Path) -> None:
    """Neither a path that is not there nor two tables of one name are guessed at."""
    with pytest.raises(UnreadableInput, match="no file or folder"):
        datasets.read(tmp_path / "none")
    with pytest.raises(UnreadableInput, match="two tables"):
        datasets.from_tables({"accounts": [], "Accounts": []})


def test_a_zip_bomb_of_csv_is_refused(tmp_path: Path) -> None:
    """A part that unpacks a thousandfold is not unpacked."""
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("accounts.csv", b"0" * (4 << 20))
    with pytest.raises(UnreadableInput, match="tightly"):
        datasets.read(tmp_path / "in.zip")


MISTAKES = (
    *(("not_a_number", "accounts", n, "revenue", cell) for n, cell in enumerate(("abc", "1,000", "$5"))),
    *(("not_finite", "accounts", n, "potential", cell) for n, cell in enumerate(("inf", "nan"), 3)),
    *(("out_of_range", "accounts", n, "margin", cell) for n, cell in enumerate((-0.1, 1.5, 30), 5)),
    *(("bad_skill", "accounts", n, "skills", cell) for n, cell in enumerate(("german", "boss:german", "sales:"), 8)),
    ("half_place", "accounts", 11, "longitude", ""),
    ("half_place", "accounts", 12, "latitude", ""),
    *(("unknown_time_zone", "accounts", n, "time_zone", f"Mars/Base{n}") for n in (13, 14)),
    ("family_cycle", "accounts", 15, "parent_id", "a16"),
    ("family_cycle", "accounts", 18, "parent_id", "a18"),
    *(("duplicate_key", "accounts", n, "account_id", "a1") for n in (30, 31)),
    ("blank_required", "accounts", 32, "account_id", ""),
    ("blank_required", "people", 15, "annual_cost", ""),
    ("out_of_range", "people", 16, "annual_cost", 0),
    *(("unknown_choice", "people", n, "role", cell) for n, cell in enumerate(("saels", "boss", "cook"))),
    *(("not_a_date", "people", n, "start_date", cell) for n, cell in enumerate(("31/12/2024", "2024-13-01"), 4)),
    ("date_order", "people", 7, "end_date", "2024-04-01"),
    ("not_a_flag", "people", 8, "can_coach", "maybe"),
    *(("unknown_reference", "books", n, "account_id", f"x{n}") for n in (3, 4, 5)),
    ("minimum_above_maximum", "pods", 1, "max_people", 3),
    ("local_pod_without_place", "pods", 2, "longitude", ""),
    ("unknown_reference", "rules", 0, "pod_id", "nowhere"),
    ("unknown_reference", "rules", 1, "tier", "silver"),
    ("rule_incomplete", "rules", 2, "pod_id", ""),
    ("unknown_policy_key", "policy", 0, "key", "marginn"),
    ("out_of_range", "policy", 1, "value", "0"),
    ("out_of_range", "tiers", 0, "capture", 7),
)
"""Rule, and the cell that breaks it: table, row from 0, column, value."""

OTHER_HALVES = (
    ("accounts", 17, "parent_id", "a19"),
    ("people", 7, "start_date", "2024-05-01"),
    ("pods", 1, "min_people", 9),
    ("pods", 2, "latitude", ""),
)
"""Cells that are sound by themselves, and make one of the mistakes one."""


def mistaken() -> Rows:
    """An input with all the mistakes."""
    place = {"latitude": 32.8, "longitude": -96.8}
    account = {"parent_id": "", "revenue": 1000, "potential": 5000, "margin": 0.3, "skills": "", "time_zone": ""}
    person = {"role": "sales", "annual_cost": 90000, "start_date": "", "end_date": "", "can_coach": ""}
    pod = {"coverage": "local", "min_people": "", "max_people": ""}
    rows: Rows = {
        "accounts": [{"account_id": f"a{n}", **account, **place} for n in range(1, 41)],
        "people": [{"person_id": f"p{n}", **person, **place} for n in range(1, 21)],
        "books": [{"account_id": f"a{n}", "role": "sales", "person_id": f"p{n}"} for n in range(1, 16)],
        "tiers": [{"tier": "gold", "coverage": "local", "retain": 0.9, "capture": 0.2}],
        "pods": [{"pod_id": f"d{n}", **pod, **place} for n in range(1, 6)],
        "rules": [
            {"rule_id": f"r{n}", "rule": "pin", "account_id": f"a{n}", "pod_id": "d1", "tier": ""} for n in range(1, 6)
        ],
        "policy": [{"key": "margin", "value": "0.3"}, {"key": "horizon_years", "value": "1"}],
    }
    for table, index, column, value in (*OTHER_HALVES, *(mistake[1:] for mistake in MISTAKES)):
        rows[table][index][column] = value
    return rows


def test_forty_mistakes_are_forty_findings_at_once(tmp_path: Path) -> None:
    """No mistake hides another, and none is told twice."""
    kinds = Counter(mistake[0] for mistake in MISTAKES)
    assert sum(kinds.values()) == 40
    assert len(kinds) >= 15
    with pytest.raises(InputError) as caught:
        datasets.read(write_xlsx(tmp_path / "mistaken.xlsx", mistaken()))
    errors = [finding for finding in caught.value.findings if finding.is_error]
    assert Counter(finding.rule for finding in errors) == kinds
    assert len({(finding.table, finding.row, finding.column) for finding in errors}) == 40


def test_one_slip_of_the_finger() -> None:
    """Added, dropped, changed and swapped letters are one edit; equal names and two edits are not."""
    assert all(one_edit_away("role", near) for near in ("roles", "ole", "rola", "orle", "rloe", "xrole"))
    assert not any(one_edit_away("role", far) for far in ("role", "rolxes", "elor", "re", ""))
