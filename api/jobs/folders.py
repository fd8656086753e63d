"""Folders of attempts on this machine's disk. A worker holds one while it lives; what a killed one left, others remove.

The hold is a lock on the folder itself, which the system releases with the process, however that ended.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "podplanner-worker-"


@contextmanager
def held_folder() -> Iterator[Path]:
    """An empty folder, this process's until the end of the block, when it is removed."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        handle = _opened(path)
        if handle is None:
            continue
        fcntl.flock(handle, fcntl.LOCK_EX)
        if path.exists():
            break
        # Another process took it for a dead worker's, between its making and its hold.
        os.close(handle)
    try:
        yield path
    finally:
        shutil.rmtree(path)
        os.close(handle)


def sweep() -> int:
    """Remove the folders of workers of this user that are gone; how many there were."""
    count = 0
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        handle = _opened(path)
        if handle is None:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
            count += 1
        except BlockingIOError:
            # Its worker lives.
            pass
        finally:
            os.close(handle)
    return count


def _opened(path: Path) -> int | None:
    """A handle of a folder of this user; None where it is gone, or another's."""
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        if os.fstat(handle).st_uid == os.getuid():
            return handle
        os.close(handle)
    return None
