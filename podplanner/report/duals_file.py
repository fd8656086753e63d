"""Prices that prove a bound, as a file beside the plan: what is planned from the plan next starts from them."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.result import Duals

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

DUALS = "duals.npz"
VERSION = 1


def duals_files(duals: Duals | None) -> dict[str, bytes]:
    """The file by its name, the same for the same prices; nothing without prices."""
    if duals is None:
        return {}
    content = BytesIO()
    np.savez_compressed(content, version=VERSION, about=duals.about, price=duals.price, site=duals.site)
    return {DUALS: content.getvalue()}


def read_duals(content: bytes | None, instance: Instance) -> Duals | None:
    """The prices of an instance; None without a file, or where another version wrote it: all is proven anew then."""
    if content is None:
        return None
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            if int(arrays["version"]) != VERSION:
                return None
            about, price, site = arrays["about"], arrays["price"], arrays["site"]
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):
        return None
    sound = about.ndim == 2 and about.shape[1:] == (7,) and price.shape == about.shape[:1] and np.isfinite(price).all()
    found = Duals(about=about, price=price, site=site)
    return found if sound and found.fits(instance) else None
