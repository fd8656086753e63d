"""Reads a workbook in a process of its own, with little memory and time, and writes its cells as JSON.

A workbook is a hostile file until proven otherwise: a few KB with one far cell, or a zip bomb, make any parser ask for
tens of GB and abort its process. So the parse runs here, behind a scan that tells the usual cases in words; what slips
through the scan dies with this process only. The file is run as a script and imports nothing of the project, so that
the child starts fast. Its answer is JSON because a parser that was taken over must not hand objects to its parent.
"""

from __future__ import annotations

import gc
import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from posixpath import normpath
from typing import IO, Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, XmlError, ZipError

MAX_PARTS = 2000
MAX_DECLARED = 512 << 20
MAX_RATIO = 200
RATIO_FROM = 1 << 20
MAX_ROWS = 999_999
MAX_COLUMNS = 702
MAX_AREA = 8_000_000
MAX_TEXT = 256 << 20
MEMORY = 3 << 30
SECONDS = 60
SCAN = "--scan"
"""Word after the path that ends the work before the parse."""

_CHUNK = 4 << 20
_CARRY = 64 << 10
# Cells are looked for by plain prefixes, and only far ones become Python objects: a sheet has millions of the others.
# A file that spells its cells otherwise reaches the parser, and at worst dies with this process.
_TOO_FAR = re.compile(rb'r="(?:[A-Z]{3}|[A-Z]*\d{7})[A-Z]*\d*')
_TWO_LETTERS = re.compile(rb'r="([A-Z]{2})\d')
_SIX_DIGITS = re.compile(rb'r="[A-Z]*(\d{6})"')
_NEAR_ROWS, _NEAR_COLUMNS = 99_999, 26
_REFERENCE = re.compile(rb'r="([A-Z]{1,3})(\d+)"')
_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^>]*>[^<]")
_ERROR = b't="e"'
_RELATION_ID = re.compile(r"\{.*/relationships\}id")

Mark = tuple[int, int, str]
"""Row (header = 1), column (from 0), and what is wrong with the cell."""


class Refused(Exception):
    """The file is not opened; the message says why, in words."""


def main(path: Path, *, only_scan: bool = False) -> None:
    """Write ``{"sheets": [...]}`` or ``{"refused": "..."}`` to standard output; after a scan alone, without sheets."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # The process is short and makes no cycles; collecting would take a third of its time.
    try:
        marks = scan(path)
        answer: dict[str, Any] = {"sheets": [] if only_scan else sheets(path, marks)}
    except Refused as refused:
        answer = {"refused": str(refused)}
    # In one piece: only so does the json module use its fast encoder.
    sys.stdout.write(json.dumps(answer, default=as_text, separators=(",", ":")))


def scan(path: Path) -> dict[str, list[Mark]]:
    """Look through the zip without believing it.

    Returns
    -------
    dict
        Sheet name -> cells whose value is missing or an error.

    Raises
    ------
    Refused
        Too many parts, too large, packed too tightly, a far cell, or no workbook at all.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _scan_parts(archive)
            return {name: _scan_sheet(archive, part, name) for name, part in _sheet_parts(archive).items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, OSError) as error:
        raise Refused(f"The workbook is damaged or cut off ({error}). Save it again.") from error
    except ElementTree.ParseError as error:
        raise Refused(f"The workbook's list of sheets cannot be read ({error}). Save it again.") from error


def _scan_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise Refused(f"The file has {len(parts)} parts; at most {MAX_PARTS} are read.")
    declared = sum(part.file_size for part in parts)
    if declared > MAX_DECLARED:
        raise Refused(
            f"Unpacked, the file has {declared >> 20} MB; at most {MAX_DECLARED >> 20} MB are read. Use CSV or Parquet."
        )
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * max(1, part.compress_size):
            raise Refused(f"Part {part.filename} is packed more than {MAX_RATIO} to 1, as no honest workbook is.")
    if "xl/workbook.xml" not in archive.namelist():
        raise Refused("The file is no .xlsx workbook: it has no part xl/workbook.xml.")


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in relations.iterfind("{*}Relationship")
        if relation.get("Type", "").endswith("/worksheet")
    }
    parts = {}
    for sheet in book.iterfind(".//{*}sheet"):
        identifier = next((value for key, value in sheet.items() if _RELATION_ID.fullmatch(key)), "")
        target = targets.get(identifier)
        if target is not None:
            parts[sheet.get("name", "")] = normpath(f"xl/{target}") if target[:1] != "/" else target[1:]
    return parts


def _scan_sheet(archive: zipfile.ZipFile, part: str, name: str) -> list[Mark]:
    rows, columns, marks = _NEAR_ROWS, _NEAR_COLUMNS, list[Mark]()
    prefix = b""
    with archive.open(part) as stream:
        for number, chunk in enumerate(_chunks(stream)):
            if number == 0 and (root := _PREFIX.search(chunk)):
                prefix = root[1] or b""
            rows = max(rows, int(max(_SIX_DIGITS.findall(chunk), default=b"0")))
            columns = max(columns, column_number(max(_TWO_LETTERS.findall(chunk), default=b"")))
            if far := _TOO_FAR.search(chunk):
                raise Refused(_far(name, f"a cell at {far[0][3:].decode()}"))
            if rows * columns > MAX_AREA:
                raise Refused(_far(name, f"cells as far as row {rows} and column {columns}"))
            if b"<" + prefix + b"f" in chunk or _ERROR in chunk:
                marks += _marks(chunk, prefix)
    return list(dict.fromkeys(marks))


def _far(name: str, what: str) -> str:
    return (
        f"Sheet {name} has {what}; at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and {MAX_AREA} cells are read. "
        "Delete stray cells far from the table, or use CSV."
    )


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Pieces of the part; each starts with the tail of the one before, from its last row on."""
    carry = b""
    while piece := stream.read(_CHUNK):
        chunk = carry + piece
        yield chunk
        carry = chunk[max(chunk.rfind(b"<row "), chunk.rfind(b"<x:row "), len(chunk) - _CARRY) :]


def _marks(chunk: bytes, prefix: bytes) -> list[Mark]:
    """Cells with an error, or with a formula and no value."""
    marks = []
    formula = b"<" + prefix + b"f"
    for cell in chunk.split(b"<" + prefix + b"c ")[1:]:
        attributes, _, content = cell.partition(b">")
        is_error = _ERROR in attributes
        if not is_error and not (formula in content and not _VALUE.search(content)):
            continue
        # A cell that the chunk cuts is whole in the next one.
        if (reference := _REFERENCE.search(attributes)) and b"</" + prefix + b"c>" in content:
            rule = "cell_error" if is_error else "formula_without_value"
            marks.append((int(reference[2]), column_number(reference[1]) - 1, rule))
    return marks


def column_number(letters: bytes) -> int:
    """Number of a column: A is 1, XFD is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def sheets(path: Path, marks: dict[str, list[Mark]]) -> list[dict[str, Any]]:
    """Name, columns of cells (row 1 first) and marks of each worksheet."""
    result, length = [], 0
    try:
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
            for sheet in book.sheets_metadata:
                if sheet.typ != SheetTypeEnum.WorkSheet:
                    continue
                rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                columns = list(zip(*rows, strict=True))
                length += sum(len(cell) for column in columns for cell in column if isinstance(cell, str))
                if length > MAX_TEXT:
                    raise Refused(f"The workbook holds more than {MAX_TEXT >> 20} MB of text. Use CSV or Parquet.")
                result.append({"name": sheet.name, "columns": columns, "marks": marks.get(sheet.name, [])})
    except PasswordError as error:
        raise Refused("The workbook is protected by a password. Save it without one.") from error
    except (CalamineError, XmlError, ZipError, ValueError) as error:
        raise Refused(f"The workbook cannot be read ({error}). Save it again.") from error
    return result


def as_text(cell: object) -> str:
    """Dates and times in ISO form; a date without a time of day stays a date."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    raise TypeError(f"no JSON for {type(cell)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), only_scan=SCAN in sys.argv[2:])
