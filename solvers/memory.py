"""Memory that is free goes back to the system: small pieces of it otherwise stay with the process."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Give free memory back, where the system's allocator can be asked to (glibc's ``malloc_trim``).

    Models are built from many arrays that are let go of again; after building one of a million accounts a fifth of what
    the process holds is free.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
