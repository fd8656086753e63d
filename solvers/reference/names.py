"""Names of variables and constraints that read well in an .lp file and never collide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 20
"""Characters of one id: names of up to four ids stay below the 100 that the format's readers allow."""

_FORBIDDEN = re.compile(r"[^A-Za-z0-9_.]")


def labels(ids: Iterable[str]) -> list[str]:
    """A readable label for each id: plain characters, short, and all different (the index is added where needed)."""
    plain = [_FORBIDDEN.sub("_", str(name)) for name in ids]
    seen: set[str] = set()
    result = []
    for index, name in enumerate(plain):
        label = name
        if len(name) > LONGEST or name in seen:
            label = f"{name[: LONGEST - 8]}.{index}"
            while label in seen:
                label += "_"
        seen.add(label)
        result.append(label)
    return result


def name(kind: str, *parts: object) -> str:
    """``kind(part,part)``, such as ``x(acme,dallas,local)``."""
    return f"{kind}({','.join(str(part) for part in parts)})" if parts else kind
