"""Looks at the Parquet files of a zip that was handed in, in a process of its own, before the service keeps it.

``python parquet_child.py FILE MAX_ROWS`` goes on where `upload_child` ends, under the limits of memory and time that
that has set: it unpacks every block of every file once, and answers ``{"zip": true}`` or ``{"refused": ...}``. What a
file's own directory says is not believed, and a file that breaks the reader breaks this process only. It is a script of
its own since its library takes longer to load than most other files take to look through.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from pathlib import Path

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the others reserve more than the process may have

import pyarrow as pa
from pyarrow import parquet

MAX_COLUMNS = 702
MAX_UNPACKED = 2 << 30
"""Bytes of all files together, as columns in memory."""
BLOCK_ROWS = 16_384


class Refused(Exception):
    """The file is not taken: a problem's code and words."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def main(path: Path, max_rows: int) -> None:
    """Answer for one file."""
    answer: dict[str, object] = {"zip": True}
    try:
        look_through(path, max_rows)
    except Refused as refused:
        answer = {"refused": {"code": refused.code, "detail": refused.detail, "pointer": None}}
    except MemoryError:
        answer = {"refused": {"code": "too_large", "detail": "It takes too much memory to read.", "pointer": None}}
    sys.stdout.write(json.dumps(answer))


def look_through(path: Path, max_rows: int) -> None:
    """Unpack all Parquet files of a zip, block by block.

    Raises
    ------
    Refused
        One is damaged, or has more in it than may be.
    """
    unpacked = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith(".parquet"):
                try:
                    unpacked = _look_through_one(name, archive.read(name), max_rows, unpacked)
                except MemoryError:
                    raise
                except (pa.ArrowException, OSError) as error:
                    raise Refused("unreadable_input", f"{name} is damaged ({error}).") from error


def _look_through_one(name: str, content: bytes, max_rows: int, unpacked: int) -> int:
    """Bytes unpacked so far, this file's among them."""
    file = parquet.ParquetFile(pa.BufferReader(content))
    if len(file.schema_arrow) > MAX_COLUMNS:
        raise Refused("too_large", f"{name} has {len(file.schema_arrow):,} columns; at most {MAX_COLUMNS} are taken.")
    rows = 0
    for block in file.iter_batches(BLOCK_ROWS, use_threads=False):
        rows += block.num_rows
        unpacked += block.nbytes
        if rows > max_rows:
            raise Refused("too_large", f"{name} has more than {max_rows:,} rows.")
        if unpacked > MAX_UNPACKED:
            raise Refused("too_large", f"Unpacked, the files have more than {MAX_UNPACKED >> 30} GiB.")
    return unpacked


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
