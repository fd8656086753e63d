"""The project's own files as tests read them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("podplanner", "solvers", "datasets", "api", "benchmarks")
BESIDES = ("tests",)


@dataclass(frozen=True)
class Module:
    """One Python file.

    Parameters
    ----------
    name
        Dotted, as it is imported.
    path
        From the repository's root.
    lines
        How many there are.
    tree
        Its syntax.
    """

    name: str
    path: Path
    lines: int
    tree: ast.Module

    @property
    def imported(self) -> list[str]:
        """Dotted names of what it imports, those for the type checker included."""
        names: list[str] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names += [f"{node.module or ''}.{alias.name}" for alias in node.names]
        return names

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones included."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """All modules of these folders, by path."""
    return tuple(_read(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


def lies_in(name: str, room: str) -> bool:
    """Whether the dotted name is the room or lies inside it."""
    return name == room or name.startswith(room + ".")


def _read(path: Path) -> Module:
    relative = path.relative_to(ROOT)
    parts = relative.with_suffix("").parts
    text = path.read_text(encoding="utf-8")
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, relative, len(text.splitlines()), ast.parse(text, str(relative)))
