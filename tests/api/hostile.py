"""Files that are made to do harm, each a few hundred KB at most."""

from __future__ import annotations

import io
import zipfile

import pyarrow as pa
from pyarrow import parquet

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FRAME: dict[str, bytes | str] = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "xl/workbook.xml": f'<workbook xmlns:r="{OFFICE}"><sheets><sheet name="accounts" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
BOMB = b"0" * (100 << 20)


def packed(parts: dict[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(sheet: bytes | str, more: dict[str, bytes | str] | None = None) -> bytes:
    """A workbook with this one sheet, well formed but for what the sheet is."""
    return packed({**FRAME, SHEET: sheet, **(more or {})})


def cell(reference: str) -> str:
    """A sheet with one cell there."""
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'{HEAD}<row r="{row}"><c r="{reference}"><v>1</v></c></row>{TAIL}'


def zip_of_lies() -> bytes:
    """A zip whose part says that it is small, and is not."""
    content = packed({"accounts.csv": BOMB})
    size = len(BOMB).to_bytes(4, "little")
    return content.replace(size, (100).to_bytes(4, "little"))


def zip_of_overlaps() -> bytes:
    """A zip whose parts are all the same piece of it."""
    one = packed({"a0.csv": b"0" * (4 << 20)})
    directory = one.index(b"PK\x01\x02")
    entry = one[directory : one.index(b"PK\x05\x06")]
    entries = b"".join(entry.replace(b"a0.csv", b"a%d.csv" % number) for number in range(10))
    end = bytearray(one[one.index(b"PK\x05\x06") :])
    end[8:12] = (10).to_bytes(2, "little") * 2
    end[12:16] = len(entries).to_bytes(4, "little")
    return one[:directory] + entries + bytes(end)


def parquet_zip(cell: str, rows: int) -> bytes:
    """A zip with one table as Parquet, the same cell again and again, which is written down once."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([cell]))
    out = io.BytesIO()
    parquet.write_table(pa.table({"account_id": column}), out, store_schema=False)
    return packed({"accounts.parquet": out.getvalue()})


ENTITIES = '<!DOCTYPE w [<!ENTITY a0 "aaaaaaaaaa">{}]><workbook>&a9;</workbook>'.format(
    "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
)
"""Ten bytes that become ten thousand million."""

MANY = {f"xl/worksheets/sheet{number}.xml": b"" for number in range(2, 2_100)}
HEADER = "account_id," + ",".join(f"c{number}" for number in range(100_000))

WORKBOOKS = {
    "bomb": workbook(BOMB),
    "far cell": workbook(cell("XFD1048576")),
    "far row": workbook(cell("A1000000")),
    "far column": workbook(cell("AAA1")),
    "many sheets": workbook(cell("A1"), {**MANY}),
    "entities": workbook(cell("A1"), {"xl/workbook.xml": ENTITIES}),
    "no sheet": packed({"[Content_Types].xml": "", "xl/other.xml": ""}),
    "broken xml": workbook(cell("A1"), {"xl/workbook.xml": "<workbook"}),
    "cut off": workbook(cell("A1"))[:-30],
}
ZIPS = {
    "bomb": packed({"accounts.csv": BOMB}),
    "lies": zip_of_lies(),
    "overlaps": zip_of_overlaps(),
    "many parts": packed({f"{number}.csv": b"" for number in range(2_100)}, method=zipfile.ZIP_STORED),
    "no text": packed({"accounts.csv": b"\xff\xfe\x00account_id"}),
    "parquet cut off": packed({"accounts.parquet": b"PAR1\x15\x04\x15\x08"}),
    "magic only": b"PK\x03\x04" + b"\x00" * 100,
}
TOO_LARGE_ZIPS = {
    "many columns": packed({"accounts.csv": HEADER}),
    "many rows": packed({"accounts.csv": b"".join(b"%d\n" % number for number in range(20_000))}),
    "long cells of a parquet": parquet_zip("x" * (1 << 20), 9_000),
    "many rows of a parquet": parquet_zip("A", 20_000),
}
