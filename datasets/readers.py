"""Raw tables from a workbook, a folder or zip of CSV or Parquet files, or one JSON object."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from datasets import workbook_child
from datasets.found import WHOLE_TABLE, Found
from datasets.near import one_edit_away
from datasets.raw import RawCell, RawTable, raw_table
from datasets.schema import TABLES
from podplanner.domain.errors import UnreadableInput

MAX_FILE = 2 << 30
"""Bytes of one file."""

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK"
_CSV_BLOCK = 256
"""Rows; few enough that the lists of two blocks do not wake the garbage collector."""
_PLAIN = {str, bool, int, float, type(None)}
_README_SHEETS = ("read me", "readme")


@dataclass
class Source:
    """Tables read so far, and how their reading went."""

    found: Found
    tables: dict[str, RawTable] = field(default_factory=dict)
    misspelt: set[str] = field(default_factory=set)

    def name_of(self, title: str) -> str | None:
        """The declared table of this title, or None with a finding."""
        name = title.strip().casefold()
        if name in TABLES:
            if name in self.tables:
                raise UnreadableInput(f"There are two tables named {name}. Remove one.")
            return name
        near = [known for known in TABLES if one_edit_away(name, known)]
        if near:
            self.misspelt.add(near[0])
            self.found.add("misspelt_table", title, near=near[0])
        elif name not in _README_SHEETS:
            self.found.add("unknown_table", title)
        return None

    def put(
        self,
        name: str,
        headers: Sequence[RawCell],
        columns: Sequence[Sequence[RawCell]],
        damaged: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Add a table."""
        self.tables[name] = raw_table(name, headers, columns, self.found, damaged)


def read_source(path: Path, found: Found) -> Source:
    """Read whatever lies at the path.

    Raises
    ------
    UnreadableInput
        Where it is none of the formats, too large, or hostile.
    """
    source = Source(found)
    if not path.exists():
        raise UnreadableInput(f"There is no file or folder {path}.")
    if path.is_dir():
        _read_folder(path, source)
        return source
    size = path.stat().st_size
    if size > MAX_FILE:
        raise UnreadableInput(f"{path.name} has {size >> 20} MB; at most {MAX_FILE >> 20} MB are read.")
    with path.open("rb") as stream:
        magic = stream.read(8)
    if magic == _OLE:
        raise UnreadableInput(
            f"{path.name} is an encrypted workbook or one of the old .xls format. Save it as .xlsx without a password."
        )
    if magic.startswith(_ZIP):
        _read_packed(path, source)
    elif path.suffix.lower() == ".json":
        read_json(path.read_bytes(), source)
    else:
        raise UnreadableInput(
            f"{path.name} is no .xlsx workbook, no .zip or folder of CSV or Parquet files, and no .json file."
        )
    return source


def _read_packed(path: Path, source: Source) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(name.startswith("xl/") or name == "[Content_Types].xml" for name in names):
                _read_workbook(path, source)
                return
            _check_zip(archive)
            files = {name: _unpack(archive, name) for name in sorted(names) if not name.endswith("/")}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableInput(f"{path.name} is damaged, cut off or encrypted ({error}).") from error
    _read_files(files, source)


def _check_zip(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > workbook_child.MAX_PARTS or sum(part.file_size for part in parts) > MAX_FILE:
        raise UnreadableInput("The zip has too many parts or is too large when unpacked.")
    for part in parts:
        limit = workbook_child.MAX_RATIO * max(1, part.compress_size)
        if part.file_size > workbook_child.RATIO_FROM and part.file_size > limit:
            raise UnreadableInput(f"Part {part.filename} of the zip is packed too tightly to be honest.")


def _unpack(archive: zipfile.ZipFile, name: str) -> Callable[[], bytes]:
    content = archive.read(name)
    return lambda: content


def _read_folder(path: Path, source: Source) -> None:
    _read_files({file.name: file.read_bytes for file in sorted(path.iterdir()) if file.is_file()}, source)


def _read_files(files: Mapping[str, Callable[[], bytes]], source: Source) -> None:
    """Read each CSV or Parquet file; hidden files and other formats are not looked at."""
    readers = {".csv": read_csv, ".parquet": _read_parquet}
    seen = False
    for name, content in files.items():
        file = Path(name)
        reader = readers.get(file.suffix.lower())
        if reader is None or file.name.startswith((".", "_")) or "__MACOSX" in file.parts:
            continue
        seen = True
        table = source.name_of(file.stem)
        if table is not None:
            reader(table, content(), source)
    if not seen:
        raise UnreadableInput("There is no .csv and no .parquet file in it.")


def read_csv(name: str, content: bytes, source: Source) -> None:
    """Read the CSV file of one table; raises `UnreadableInput` where it is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{name}.csv is not UTF-8 ({error}). Save it as CSV UTF-8.") from error
    header = text[: text.find("\n") + 1 or None]
    delimiter = max(",;\t", key=header.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        headers = next(rows, [])
        columns, beyond = _columns_of_csv(len(headers), rows)
    except csv.Error as error:
        raise UnreadableInput(f"{name}.csv cannot be read as CSV ({error}).") from error
    source.put(name, headers, columns)
    # Below a line that is no header, every row is longer than it: that is no mistake of the rows.
    if WHOLE_TABLE not in source.found.unsound_rows(name):
        for row, cell in beyond.items():
            source.found.add("ragged_row", name, row, None, cell)


def _columns_of_csv(width: int, rows: Iterator[list[str]]) -> tuple[list[list[RawCell]], dict[int, str]]:
    """Turn rows into columns, a block at a time; also row -> first cell beyond the header."""
    beyond: dict[int, str] = {}
    columns: list[list[RawCell]] = [[] for _ in range(width)]
    first = 2
    while block := list(islice(rows, _CSV_BLOCK)):
        ragged = set(map(len, block)) != {width}
        for index, row in enumerate(block if ragged else ()):
            if any(row[width:]):
                beyond[first + index] = row[width]
            block[index] = (row + [""] * width)[:width]
        for column, cells in zip(columns, zip(*block, strict=True), strict=True):
            column.extend(cells)
        first += len(block)
    return columns, beyond


def _read_parquet(name: str, content: bytes, source: Source) -> None:
    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > MAX_FILE:
            raise UnreadableInput(f"{name}.parquet is too large when unpacked.")
        table = file.read()
    except (pyarrow.ArrowException, OSError) as error:
        raise UnreadableInput(f"{name}.parquet cannot be read ({error}).") from error
    nested = [column.name for column in table.schema if pyarrow.types.is_nested(column.type)]
    if nested:
        raise UnreadableInput(f"{name}.parquet: column {nested[0]} holds lists or structures, not plain cells.")
    source.put(name, table.column_names, [_plain(column.to_pylist()) for column in table.columns])


def _plain(cells: Sequence[Any]) -> list[RawCell]:
    """Cells of a Parquet or JSON column; a float nan from a data frame is a blank there."""
    if set(map(type, cells)) <= _PLAIN:
        return list(cells)
    # A million dates are few days: each is put into words once.
    others = {cell for cell in cells if cell is not None and not isinstance(cell, str | bool | int | float)}
    texts = {cell: workbook_child.as_text(cell) for cell in others}
    return [texts.get(cell, cell) for cell in cells]


def _read_workbook(path: Path, source: Source) -> None:
    command = [sys.executable, "-P", workbook_child.__file__, str(path)]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=workbook_child.SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnreadableInput(f"{path.name} takes longer than {workbook_child.SECONDS} s to read. Use CSV.") from error
    if answer.returncode != 0:
        raise UnreadableInput(
            f"{path.name} cannot be read within {workbook_child.MEMORY >> 30} GB of memory. Save it again, or use CSV."
        )
    book = json.loads(answer.stdout)
    if "refused" in book:
        raise UnreadableInput(f"{path.name}: {book['refused']}")
    for sheet in book["sheets"]:
        name = source.name_of(sheet["name"])
        if name is None:
            continue
        columns = sheet["columns"]
        damaged = {(row, column): rule for row, column, rule in sheet["marks"]}
        source.put(name, [column[0] for column in columns], [column[1:] for column in columns], damaged)


def read_json(content: bytes, source: Source) -> None:
    """Read one JSON object: table name -> list of rows, or columns of cells; policy also key -> value.

    Raises
    ------
    UnreadableInput
        Where it is no such object.
    """
    try:
        tables = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"The JSON cannot be read ({error}).") from error
    if not isinstance(tables, dict):
        raise UnreadableInput("The JSON is no object of tables.")
    put_mapping(tables, source)


def put_mapping(tables: Mapping[str, object], source: Source) -> None:
    """Take tables given as rows or columns of Python or JSON values."""
    for title, content in tables.items():
        name = source.name_of(title)
        if name is None:
            continue
        columns = _columns_of(name, content)
        if isinstance(columns, str):
            source.found.add("bad_structure", name, what=columns)
        else:
            source.put(name, list(columns), list(columns.values()))


def _columns_of(name: str, content: object) -> dict[str, list[RawCell]] | str:
    """Columns, or words for what is wrong."""
    if isinstance(content, Mapping):
        if name == "policy" and not any(isinstance(value, list | tuple) for value in content.values()):
            content = {"key": list(content), "value": list(content.values())}
        lists = {str(title): _cells(cells) for title, cells in content.items()}
        if len({len(cells) for cells in lists.values() if cells is not None}) > 1:
            return "its columns are of unequal length"
    elif isinstance(content, Sequence) and not isinstance(content, str | bytes):
        if not all(isinstance(row, Mapping) for row in content):
            return "not every row is an object"
        titles = dict.fromkeys(str(title) for row in content for title in row)
        lists = {title: _cells([row.get(title) for row in content]) for title in titles}
    else:
        return "it is neither a list nor an object"
    if any(cells is None for cells in lists.values()):
        return "a cell or column holds a list or an object"
    return {title: cells for title, cells in lists.items() if cells is not None}


def _cells(cells: object) -> list[RawCell] | None:
    """Plain cells, or None where there is anything else; numpy columns are welcome, nan is blank there."""
    listed = [None if cell != cell else cell for cell in cells.tolist()] if hasattr(cells, "tolist") else cells
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes):
        return None
    try:
        return _plain(listed)
    except TypeError:
        return None
