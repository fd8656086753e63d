"""Plans as files of arrays: from one attempt to the next, and from a region to the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path


def read_hint(path: Path) -> Plan | None:
    """The plan that was left there, None where there is none."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return Plan(**{name: arrays[name] for name in Plan.__dataclass_fields__})


def write_hint(found: Plan, path: Path) -> None:
    """Leave a plan, whole or not at all."""
    draft = path.with_suffix(".draft.npz")
    np.savez_compressed(draft, **{name: getattr(found, name) for name in Plan.__dataclass_fields__})
    draft.replace(path)
