"""Inputs that are wrong in one way each, kept as files in ``bad``: ``python -m tests.datasets.bad_inputs``."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "bad"

Tables = dict[str, Any]


def sound() -> Tables:
    """A small input without any finding."""
    place = {"latitude": 32.8, "longitude": -96.8}
    return {
        "accounts": [
            {"account_id": "a1", "revenue": 100000, "potential": 200000, **place},
            {"account_id": "a2", "revenue": 50000, "potential": 60000, **place},
            {"account_id": "a3", "revenue": 70000, "potential": 90000, **place},
        ],
        "people": [
            {"person_id": "p1", "role": "sales", "annual_cost": 90000, **place},
            {"person_id": "p2", "role": "sales", "annual_cost": 95000, **place},
            {"person_id": "p3", "role": "sales", "annual_cost": 85000, **place},
            {"person_id": "l1", "role": "leader", "annual_cost": 150000, **place},
        ],
        "books": [{"account_id": "a1", "role": "sales", "person_id": "p1", "since": "2024-02-01"}],
    }


def _cell(table: str, row: int, column: str, value: object) -> Tables:
    """The sound input with one cell replaced; ``row`` counts from 0."""
    tables = sound()
    tables[table][row][column] = value
    return tables


def _plus(**tables: object) -> Tables:
    """The sound input with further tables."""
    return {**sound(), **tables}


def _more(table: str, *rows: dict[str, object]) -> Tables:
    """The sound input with further rows."""
    tables = sound()
    tables[table] = [*tables[table], *rows]
    return tables


def _without(table: str, column: str | None = None) -> Tables:
    """The sound input less a table or a column."""
    tables = sound()
    if column is None:
        del tables[table]
    else:
        for row in tables[table]:
            del row[column]
    return tables


def _rule(**cells: object) -> Tables:
    return _plus(rules=[{"rule_id": "r1", **cells}])


POD = {"pod_id": "DAL", "coverage": "local", "latitude": 32.8, "longitude": -96.8}
TIERS = [{"tier": "local", "coverage": "local", "retain": 0.9, "capture": 0.2}]

ONE_FINDING: dict[str, tuple[Tables, tuple[str, int | None, str | None]]] = {
    "missing_table": (_without("people"), ("people", None, None)),
    "misspelt_table": ({("peolpe" if k == "people" else k): v for k, v in sound().items()}, ("peolpe", None, None)),
    "empty_table": (_plus(people=[]), ("people", None, None)),
    "missing_column": (_without("people", "annual_cost"), ("people", None, "annual_cost")),
    "no_header": (_plus(pods=[{"Our bases": "pod_id", " ": "coverage"}]), ("pods", None, None)),
    "duplicate_column": (
        _plus(roles=[{"role": "sales", "max_pods": 1, "Max Pods": 2}]),
        ("roles", 1, "max_pods"),
    ),
    "bad_character": (_cell("accounts", 0, "size", "a\0"), ("accounts", 2, "size")),
    "blank_required": (_cell("people", 1, "annual_cost", None), ("people", 3, "annual_cost")),
    "not_a_number": (_cell("accounts", 0, "revenue", "1,000"), ("accounts", 2, "revenue")),
    "not_finite": (_cell("accounts", 1, "potential", "inf"), ("accounts", 3, "potential")),
    "out_of_range": (_cell("accounts", 2, "margin", 1.2), ("accounts", 4, "margin")),
    "not_a_flag": (_cell("people", 0, "relocatable", "perhaps"), ("people", 2, "relocatable")),
    "not_a_date": (_cell("people", 0, "start_date", "01/02/2024"), ("people", 2, "start_date")),
    "unknown_choice": (_cell("people", 2, "role", "saless"), ("people", 4, "role")),
    "duplicate_key": (
        _more("people", {"person_id": "p1", "role": "sales", "annual_cost": 1e5, "latitude": 32.8, "longitude": -96.8}),
        ("people", 6, "person_id"),
    ),
    "unknown_reference": (_cell("books", 0, "account_id", "a9"), ("books", 2, "account_id")),
    "family_cycle": (_cell("accounts", 0, "parent_id", "a1"), ("accounts", 2, "parent_id")),
    "date_order": (
        _plus(
            people=[
                {**row, "start_date": "2024-05-01", "end_date": "2024-04-30"} if row["person_id"] == "p1" else row
                for row in sound()["people"]
            ]
        ),
        ("people", 2, "end_date"),
    ),
    "bad_skill": (_cell("accounts", 0, "skills", "german"), ("accounts", 2, "skills")),
    "half_place": (_cell("accounts", 0, "longitude", None), ("accounts", 2, "longitude")),
    "unknown_time_zone": (_cell("accounts", 0, "time_zone", "Texas/Dallas"), ("accounts", 2, "time_zone")),
    "unknown_policy_key": (_plus(policy={"margn": 0.4}), ("policy", 2, "key")),
    "local_pod_without_place": (_plus(pods=[{"pod_id": "DAL", "coverage": "local"}]), ("pods", 2, "latitude")),
    "sales_not_served": (
        _plus(service=[{"tier": "local", "role": "sales", "served": False}]),
        ("service", 2, "served"),
    ),
    "minimum_above_maximum": (_plus(pods=[{**POD, "min_people": 5, "max_people": 4}]), ("pods", 2, "min_people")),
    "handover_loss_too_high": (
        _plus(roles=[{"role": "sales", "handover_loss": 0.9}]),
        ("roles", 2, "handover_loss"),
    ),
    "bad_share_step": (_plus(roles=[{"role": "support", "share_step": 0.3}]), ("roles", 2, "share_step")),
    "rule_incomplete": (_rule(rule="pin", account_id="a1"), ("rules", 2, None)),
    "unknown_attribute": (_rule(rule="limit", attribute="size", maximum=3), ("rules", 2, "attribute")),
    "usd_rate_missing": (_plus(policy={"currency": "EUR"}), ("policy", 2, "value")),
    "no_reference_plan": (
        _plus(policy={"reference": "plan"}, accounts_plan=[{"account_id": "a1", "owner_sales": "p1"}]),
        ("people_plan", None, None),
    ),
    "unknown_change": (
        _plus(changes=[{"table": "people", "id": "p9", "column": "annual_cost", "value": 1}]),
        ("changes", 2, "id"),
    ),
    "row_exists": (_plus(changes=[{"op": "add", "table": "people", "id": "p1"}]), ("changes", 2, "id")),
    "bad_structure": (_plus(tiers="none"), ("tiers", None, None)),
    "unknown_table": (_plus(pivot=[{"x": 1}]), ("pivot", None, None)),
    "similar_column": (_cell("accounts", 0, "industri", "steel"), ("accounts", 1, "industri")),
    "column_without_name": (_cell("accounts", 0, " ", "stray"), ("accounts", 1, None)),
    "example_row": (_more("accounts", {"account_id": "(example) a"}), ("accounts", 5, "account_id")),
    "long_number": (_cell("people", 0, "manager_id", 1234567890123456768.0), ("people", 2, "manager_id")),
    "no_place": (
        _more("people", {"person_id": "p4", "role": "support", "annual_cost": 50000}),
        ("people", 6, None),
    ),
    "unknown_place": (
        _more("people", {"person_id": "p4", "role": "support", "annual_cost": 50000, "city": "Nowhere at all"}),
        ("people", 6, None),
    ),
    "unknown_parent": (_cell("accounts", 0, "parent_id", "a9"), ("accounts", 2, "parent_id")),
    "vacancy": (_cell("books", 0, "person_id", "gone"), ("books", 2, "person_id")),
    "other_role": (_cell("books", 0, "person_id", "l1"), ("books", 2, "person_id")),
    "no_value": (
        _more("accounts", {"account_id": "a4", "latitude": 32.8, "longitude": -96.8}),
        ("accounts", 5, None),
    ),
    "potential_below_revenue": (_cell("accounts", 0, "potential", 5), ("accounts", 2, "potential")),
    "pay_outlier": (_cell("people", 1, "annual_cost", 950000), ("people", 3, "annual_cost")),
    "nobody_can_serve": (_cell("accounts", 0, "skills", "sales:german"), ("accounts", 2, "skills")),
    "budget_below_pay": (_plus(policy={"budget": 1000}), ("policy", 2, "value")),
    "no_books": (_without("books"), ("books", None, None)),
    "and_more": (
        _more("accounts", *({"account_id": f"b{n}", "latitude": 32.8, "longitude": -96.8} for n in range(23))),
        ("accounts", None, None),
    ),
}
"""Finding rule -> the input and (table, row, column) of its one finding."""

OF_FILES = ("ragged_row", "cell_error", "formula_without_value")
"""Finding rules that only files of cells can break; their tests are by format."""

REFUSED = {
    "far_cell.xlsx": "cell at XFD",
    "far_block.xlsx": "cells as far as row",
    "bomb.xlsx": "packed more than",
    "truncated.xlsx": "damaged",
    "no_workbook.xlsx": "no .xlsx workbook",
    "encrypted.xlsx": "encrypted",
    "doctype.xlsx": "cannot be read",
    "text.xlsx": "no .xlsx workbook",
    "many_parts.xlsx": "parts",
}
"""Hostile or broken workbooks -> words of the refusal."""

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    f'ContentType="{_MAIN}.sheet.main+xml"/></Types>'
)


def workbook(sheets: dict[str, str], extra: dict[str, bytes] | None = None) -> bytes:
    """A minimal workbook of raw ``<row>`` elements by sheet name, with fixed dates."""
    names = list(enumerate(sheets, 1))
    listed = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>' for i, name in names)
    relations = "".join(
        f'<Relationship Id="r{i}" Type="{_REL}/worksheet" Target="worksheets/s{i}.xml"/>' for i, _ in names
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_NS} xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
    }
    for i, name in names:
        parts[f"xl/worksheets/s{i}.xml"] = f"<worksheet {_NS}><sheetData>{sheets[name]}</sheetData></worksheet>"
    content = {name: text.encode() for name, text in parts.items()} | (extra or {})
    return packed(content)


def packed(content: dict[str, bytes]) -> bytes:
    """A zip with fixed dates."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def text_cell(reference: str, text: str) -> str:
    """An inline text cell."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def row_of(number: int, *cells: str | float) -> str:
    """A row of text and number cells from column A on."""
    references = [f"{'ABCDEFGHIJ'[index]}{number}" for index in range(len(cells))]
    body = (
        text_cell(reference, cell) if isinstance(cell, str) else f'<c r="{reference}"><v>{cell!r}</v></c>'
        for reference, cell in zip(references, cells, strict=True)
    )
    return f'<row r="{number}">{"".join(body)}</row>'


ACCOUNTS = row_of(1, "account_id", "revenue") + row_of(2, "a1", 1000.0)
PEOPLE = row_of(1, "person_id", "role", "annual_cost") + row_of(2, "p1", "sales", 90000.0)


def hostile() -> dict[str, bytes]:
    """Workbooks that must not be opened, or only with a warning."""
    good = workbook({"accounts": ACCOUNTS, "people": PEOPLE})
    far = '<row r="60000">' + text_cell("XFD60000", "x") + "</row>"
    block = '<row r="600000">' + text_cell("ZZ600000", "x") + "</row>"
    return {
        "far_cell.xlsx": workbook({"accounts": ACCOUNTS + far, "people": PEOPLE}),
        "far_block.xlsx": workbook({"accounts": ACCOUNTS + block, "people": PEOPLE}),
        "bomb.xlsx": workbook({"accounts": ACCOUNTS + " " * (4 << 20), "people": PEOPLE}),
        "truncated.xlsx": good[: len(good) // 2],
        "no_workbook.xlsx": packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
        "encrypted.xlsx": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512),
        "doctype.xlsx": workbook(
            {"accounts": ACCOUNTS}, {"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&c;</x>'}
        ),
        "text.xlsx": b"account_id,revenue\n",
        "many_parts.xlsx": workbook({"accounts": ACCOUNTS}, {f"x/{n}": b"" for n in range(2100)}),
        "macro.xlsm": workbook({"accounts": ACCOUNTS, "people": PEOPLE}, {"xl/vbaProject.bin": b"macro"}),
        "formula.xlsx": workbook(
            {
                "accounts": row_of(1, "account_id", "revenue", "potential")
                + '<row r="2">'
                + text_cell("A2", "a1")
                + '<c r="B2"><f>1+1</f></c><c r="C2"><f>2</f><v>2</v></c></row>'
                + '<row r="3">'
                + text_cell("A3", "a2")
                + '<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>',
                "people": row_of(1, "person_id", "role", "annual_cost")
                + '<row r="2">'
                + text_cell("A2", "p1")
                + text_cell("B2", "sales")
                + '<c r="C2"><f>9</f><v></v></c></row>',
            }
        ),
    }


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for rule, (tables, _) in ONE_FINDING.items():
        (FOLDER / f"{rule}.json").write_text(as_json(tables), encoding="utf-8")
    for name, content in hostile().items():
        (FOLDER / name).write_bytes(content)


def as_json(tables: Tables) -> str:
    """The JSON as it is kept."""
    return json.dumps(tables, indent=1) + "\n"


if __name__ == "__main__":
    main()
