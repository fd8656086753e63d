"""Looks at what was handed in, in a process of its own with little memory and time, before the service keeps it.

``python upload_child.py KIND FILE MAX_ROWS WORKBOOK_READER`` answers on standard output with one line of JSON and, of a
body of JSON, a further line for each input in it. The file is run as a script and imports nothing of the project, so
that the process starts fast; the service itself uses `understand` for bodies that are too small to do harm.
"""

from __future__ import annotations

import codecs
import gc
import json
import math
import os
import resource
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, NoReturn

MEMORY = 1 << 30
SECONDS = 20
MAX_PARTS = 2_000
MAX_DECLARED = 2 << 30
MAX_RATIO = 200
RATIO_FROM = 1 << 20
MAX_COLUMNS = 702
"""As many as the columns A to ZZ of a sheet."""
MAX_TABLES = 100
MAX_DIGITS = 18
"""Of a whole number in JSON: a larger one is no amount of anything."""
HOLDERS = ("batch", "base", "items")
"""Fields of a request inside which ``tables`` may stand, besides the top."""
MAX_REQUEST = 2 << 20
"""Bytes of a request without its tables, which the service then holds as objects."""
JSON, PACKED = "json", "packed"
_CHUNK = 1 << 20


class Refused(Exception):
    """What was handed in is not taken: a problem's code, words, and the place where it is known."""

    def __init__(self, code: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.pointer = code, detail, pointer


def main(kind: str, path: Path, max_rows: int, workbook_reader: str) -> None:
    """Answer ``{"request": ...}`` and inputs, ``{"zip": true}``, or ``{"refused": ...}``; become a reader's scan."""
    # Soft limits: the workbook's reader sets its own.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # The process is short and makes no cycles.
    inputs: list[bytes] = []
    try:
        if kind == JSON:
            request, inputs = understand(path.read_bytes(), max_rows)
            answer: dict[str, Any] = {"request": request}
            if len(json.dumps(answer)) > MAX_REQUEST:
                raise Refused("too_large", f"Without its tables a request may have {MAX_REQUEST >> 20} MiB.")
        elif is_workbook(path, max_rows):
            os.execv(sys.executable, [sys.executable, "-P", workbook_reader, str(path), "--scan"])
        elif has_parquet(path):
            reader = Path(__file__).with_name("parquet_child.py")
            os.execv(sys.executable, [sys.executable, "-P", str(reader), str(path), str(max_rows)])
        else:
            answer = {"zip": True}
    except Refused as refused:
        inputs = []
        answer = {"refused": {"code": refused.code, "detail": refused.detail, "pointer": refused.pointer}}
    except MemoryError:
        answer = {"refused": {"code": "too_large", "detail": "It takes too much memory to read.", "pointer": None}}
    sys.stdout.buffer.write(b"\n".join([json.dumps(answer).encode(), *inputs]))


def understand(body: bytes, max_rows: int) -> tuple[Any, list[bytes]]:
    """A body of JSON, and the inputs in it.

    Returns
    -------
    tuple
        The request, each of its ``tables`` now an empty object, and these tables as JSON, in order.

    Raises
    ------
    Refused
        The body is no JSON, or its tables are no tables.
    """
    inputs: list[bytes] = []
    try:
        request = _parsed(body)
        if not isinstance(request, dict):
            raise Refused("invalid_request", "A request is an object.", "")
        return _without_tables(request, "", inputs, max_rows), inputs
    except RecursionError as error:
        raise Refused("bad_request", "The JSON is nested too deeply.") from error


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_constant, parse_float=_float, parse_int=_whole)
    except ValueError as error:
        raise Refused("bad_request", f"The JSON cannot be read: {error}") from error


def _no_constant(token: str) -> NoReturn:
    raise ValueError(f"{token} is no JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ValueError(f"the number {text[:20]}... is too large")
    return int(text)


def _without_tables(node: Any, at: str, inputs: list[bytes], max_rows: int) -> Any:
    if isinstance(node, list):
        return [_without_tables(item, f"{at}/{index}", inputs, max_rows) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    held = {name: node[name] for name in HOLDERS if name in node}
    result = {**node, **{name: _without_tables(each, f"{at}/{name}", inputs, max_rows) for name, each in held.items()}}
    if isinstance(node.get("tables"), dict):
        inputs.append(_checked(node["tables"], f"{at}/tables", max_rows))
        result["tables"] = {}
    return result


def _checked(tables: dict[str, Any], at: str, max_rows: int) -> bytes:
    if len(tables) > MAX_TABLES:
        raise Refused("too_large", f"There are {len(tables):,} tables; at most {MAX_TABLES} are taken.", at)
    for name, table in tables.items():
        rows, columns = _size(table, f"{at}/{name}")
        _check_size(f"Table {name}", rows, columns, max_rows, f"{at}/{name}")
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Refused("bad_request", "A text has half a surrogate pair, which is no character.", at) from error


def _size(table: Any, at: str) -> tuple[int, int]:
    """Rows and columns of a list of rows or an object of columns."""
    if isinstance(table, list):
        titles: set[str] = set()
        for index, row in enumerate(table):
            if not isinstance(row, dict):
                raise Refused("invalid_request", "A row is an object of cells.", f"{at}/{index}")
            _check_cells(row.values(), f"{at}/{index}")
            titles.update(row)
        return len(table), len(titles)
    if not isinstance(table, dict):
        raise Refused("invalid_request", "A table is a list of rows or an object of columns.", at)
    for title, column in table.items():
        _check_cells(column if isinstance(column, list) else (column,), f"{at}/{title}")
    return max((len(column) for column in table.values() if isinstance(column, list)), default=0), len(table)


def _check_cells(cells: Any, at: str) -> None:
    if any(isinstance(cell, list | dict) for cell in cells):
        raise Refused("invalid_request", "A cell is text, a number, true, false or null.", at)


def _check_size(what: str, rows: int, columns: int, max_rows: int, at: str | None = None) -> None:
    if rows > max_rows:
        raise Refused("too_large", f"{what} has {rows:,} rows; at most {max_rows:,} are taken.", at)
    if columns > MAX_COLUMNS:
        raise Refused("too_large", f"{what} has {columns:,} columns; at most {MAX_COLUMNS} are taken.", at)


def is_workbook(path: Path, max_rows: int) -> bool:
    """Whether a packed file is a workbook; what is a zip of tables is looked through.

    Raises
    ------
    Refused
        It is damaged, packed too tightly, or has too much in it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(name.startswith("xl/") or name == "[Content_Types].xml" for name in names):
                return True
            _check_parts(archive)
            for name in names:
                if name.lower().endswith(".csv"):
                    _check_csv(archive, name, max_rows)
            return False
    # A part's name can be broken in ways that only zipfile's own decoding shows, as UnicodeDecodeError.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise Refused("unreadable_input", f"The file is damaged, cut off or encrypted ({error}).") from error


def has_parquet(path: Path) -> bool:
    """Whether a zip that was looked through has Parquet files in it."""
    with zipfile.ZipFile(path) as archive:
        return any(name.lower().endswith(".parquet") for name in archive.namelist())


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_DECLARED:
        raise Refused("unreadable_input", "The zip has too many parts or is too large when unpacked.")
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > MAX_RATIO * max(1, part.compress_size):
            raise Refused("unreadable_input", f"Part {part.filename} of the zip is packed too tightly to be honest.")


def _check_csv(archive: zipfile.ZipFile, name: str, max_rows: int) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    rows = columns = 0
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            if not columns:
                header = chunk.partition(b"\n")[0]
                columns = 1 + max(header.count(mark) for mark in (b",", b";", b"\t"))
            rows += chunk.count(b"\n")
            _check_size(name, rows, columns, max_rows)
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise Refused("unreadable_input", f"{name} is not UTF-8. Save it as CSV UTF-8.") from error


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
