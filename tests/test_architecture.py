"""Who may know whom, and how large things may grow: read off the syntax tree."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import datasets
from tests.source_tree import BESIDES, PACKAGES, ROOT, Module, lies_in, modules

ORTOOLS_SCRIPT = "benchmarks.peers.cp_sat_solver"

# Room -> the rooms that it may know besides itself. A module belongs to the room with the longest fitting name.
ROOMS = {
    "podplanner": ("podplanner.domain",),
    "podplanner.__main__": ("podplanner.cli",),
    "podplanner.client": (),
    "podplanner.domain": (),
    "podplanner.planning": ("podplanner", "podplanner.domain", "solvers.engine"),
    "podplanner.report": ("podplanner", "podplanner.domain", "solvers.engine"),
    "podplanner.whatif": (
        "podplanner",
        "podplanner.domain",
        "podplanner.planning",
        "podplanner.report",
        "solvers.engine",
        "solvers.registry",
        "datasets",
    ),
    "podplanner.cli": (
        "podplanner",
        "podplanner.domain",
        "podplanner.planning",
        "podplanner.report",
        "podplanner.whatif",
        "solvers.engine",
        "solvers.registry",
        "datasets",
        "benchmarks",
    ),
    "solvers": ("podplanner.domain", "solvers.engine"),
    "solvers.engine": ("podplanner.domain",),
    "solvers.core": ("podplanner.domain", "solvers", "solvers.engine"),
    "solvers.registry": ("podplanner.domain", "solvers.engine", "solvers.reference", "solvers.fast"),
    "solvers.reference": ("podplanner.domain", "solvers", "solvers.engine"),
    "solvers.fast": ("podplanner.domain", "solvers", "solvers.engine", "solvers.reference"),
    "datasets": ("podplanner.domain",),
    "api": (
        "podplanner",
        "api.settings",
        "api.logs",
        "api.data",
        "api.jobs",
        "api.http",
        "api.webhooks",
        "api.batch_command",
    ),
    "api.batch_command": ("podplanner", "podplanner.client", "api.settings"),
    "api.webhooks": ("podplanner", "api.settings", "api.data"),
    "api.settings": (),
    "api.logs": (),
    "api.data": ("podplanner", "api.settings"),
    "api.jobs": (
        "podplanner",
        "podplanner.domain",
        "podplanner.planning",
        "podplanner.report",
        "podplanner.whatif",
        "solvers.engine",
        "solvers.registry",
        "datasets",
        "api.settings",
        "api.data",
        "api.webhooks",
    ),
    "api.http": (
        "podplanner",
        "podplanner.domain",
        "podplanner.report",
        "podplanner.whatif",
        "solvers.registry",
        "datasets",
        "api.settings",
        "api.data",
        "api.jobs",
        "api.webhooks",
    ),
    "benchmarks": (
        "podplanner.whatif",
        "podplanner",
        "podplanner.client",
        "podplanner.domain",
        "podplanner.planning",
        "podplanner.report",
        "solvers.engine",
        "solvers.registry",
        "datasets",
    ),
    "benchmarks.peers": ("podplanner.domain", "solvers", "solvers.fast", "datasets", "benchmarks"),
}

# Library -> the rooms that may import it. A library that is not here belongs nowhere. The build of HiGHS in `ortools`
# clashes with highspy's in one process: only one script, which has a process of its own, may import it.
LIBRARIES = {
    "numpy": (
        "podplanner.domain",
        "podplanner.planning",
        "podplanner.report",
        "podplanner.whatif",
        "podplanner.cli",
        "solvers",
        "datasets",
        "api.jobs.hints",
        "benchmarks",
    ),
    "highspy": ("solvers", "benchmarks.peers.highs"),
    "ortools": (ORTOOLS_SCRIPT,),
    "numba": ("solvers",),
    "pulp": ("solvers.reference", "benchmarks.peers.cbc"),
    "networkx": ("solvers", "podplanner.planning", "datasets"),
    "pandas": (
        # It takes half a second to import: what only draws companies may, what every command waits for may not.
        "datasets.generator",
        "datasets.generator_books",
        "datasets.generator_one_role",
        "datasets.geo.build",
        "datasets.geo.wages",
        "datasets.geo.zips",
        "datasets.samples.build",
        "datasets.tablefiles",
        "benchmarks",
    ),
    "openpyxl": ("benchmarks.speed",),
    "pyarrow": (
        "datasets",
        "podplanner.report",
        "api.jobs.left",
        "api.jobs.written",
        "api.http.results",
        "api.http.parquet_child",
    ),
    "python_calamine": ("datasets", "podplanner.report"),
    "xlsxwriter": ("datasets", "podplanner.report"),
    "httpx": ("podplanner.client", "api.webhooks.courier", "api.batch_command", "benchmarks.load"),
    "sqlalchemy": ("api",),
    "alembic": ("api.data",),
    "dbos": ("api.jobs.queue",),
    "fastapi": ("api.http",),
    "starlette": ("api.http",),
    "pydantic": ("api.http",),
    "uvicorn": ("api.serve", "api.http.protocol"),
    "h11": ("api.http.protocol",),
    "croniter": ("api.jobs.cron",),
    "prometheus_client": ("api.http.metrics",),
}

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
DYNAMIC_IMPORTS = {"import_module", "__import__"}
CHOOSERS = ("solvers.registry", "podplanner.cli.command")
"""Import by name what was chosen of many, each with libraries of its own."""
CATCH_ALL = {"Exception", "BaseException"}
ENTRIES = (
    "podplanner",
    "podplanner.cli",
    "podplanner.planning",
    "podplanner.client",
    "solvers",
    "datasets",
    "api.commands",
)


def room_of(name: str) -> str:
    """The room that a module of ours lies in: the longest that fits."""
    return max((room for room in ROOMS if lies_in(name, room)), key=len)


def is_ours(name: str) -> bool:
    """Whether a dotted name is one of the project's packages."""
    return name.split(".", maxsplit=1)[0] in PACKAGES


def code_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring: to be explained at length is no fault."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def caught(handler: ast.ExceptHandler) -> set[str]:
    """Names that an except clause catches; a bare one catches everything."""
    if handler.type is None:
        return {"BaseException"}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(kind) for kind in kinds}


def test_each_room_knows_only_the_rooms_that_it_may() -> None:
    """Imports between our own packages follow the table of rooms."""
    wrong = [
        f"{module.path} imports {name}"
        for module in modules(*PACKAGES)
        for name in module.imported
        if is_ours(name) and room_of(name) not in {room_of(module.name), *ROOMS[room_of(module.name)]}
    ]
    assert wrong == []


def test_each_library_stays_in_its_rooms() -> None:
    """Imports of other people's packages follow the table of libraries."""
    wrong = [
        f"{module.path} imports {library}"
        for module in modules(*PACKAGES)
        for library in sorted({name.split(".")[0] for name in module.imported} - {*PACKAGES, *sys.stdlib_module_names})
        if not any(lies_in(module.name, room) for room in LIBRARIES.get(library, ()))
    ]
    assert wrong == []


def test_ortools_and_highspy_never_meet() -> None:
    """One script of the benchmarks knows ortools: nobody imports it, and it imports nothing else of ours."""
    every = modules(*PACKAGES, *BESIDES)
    script = next(each for each in every if each.name == ORTOOLS_SCRIPT)
    knows = [each.name for each in every if any(lies_in(n, "ortools") for n in each.imported)]
    assert knows == [ORTOOLS_SCRIPT]
    assert [name for name in script.imported if is_ours(name)] == []
    assert [each.name for each in every if any(lies_in(n, ORTOOLS_SCRIPT) for n in each.imported)] == []


def test_imports_are_absolute_and_at_the_top() -> None:
    """Only the registry loads modules while the program runs: an engine's libraries, once it is chosen."""
    wrong = []
    for module in modules(*PACKAGES):
        wrong += [
            f"{module.path}:{node.lineno} is relative"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom) and node.level
        ]
        wrong += [
            f"{module.path}:{node.lineno} is inside {function.name}"
            for function in module.functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        if module.name not in CHOOSERS:
            wrong += [f"{module.path} uses {name}" for name in _names(module) & DYNAMIC_IMPORTS]
    assert wrong == []


def test_nothing_is_caught_wholesale() -> None:
    """An except clause names what it can handle."""
    wrong = [
        f"{module.path}:{node.lineno}"
        for module in modules(*PACKAGES, *BESIDES)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and caught(node) & CATCH_ALL
    ]
    assert wrong == []


def test_files_are_small() -> None:
    """A file can be read in one sitting."""
    files = modules(*PACKAGES, *BESIDES)
    assert [f"{module.path}: {module.lines}" for module in files if module.lines > LONGEST_FILE] == []


def test_functions_are_small() -> None:
    """A function fits on a screen."""
    wrong = [
        f"{module.path}:{function.lineno} {function.name}: {code_length(function)}"
        for module in modules(*PACKAGES, *BESIDES)
        for function in module.functions
        if code_length(function) > LONGEST_FUNCTION
    ]
    assert wrong == []


def test_every_room_exists() -> None:
    """The table of rooms names no room that is gone."""
    names = [module.name for module in modules(*PACKAGES)]
    assert [room for room in ROOMS if not any(lies_in(name, room) for name in names)] == []


def test_datasets_is_ours() -> None:
    """A well-known package has the same name; ours is the one that is imported."""
    assert Path(datasets.__file__).is_relative_to(ROOT)


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_entry_can_be_imported_first(entry: str) -> None:
    """No cycle hides behind an order of imports that happens to work."""
    subprocess.run([sys.executable, "-W", "error", "-c", f"import {entry}"], check=True, cwd=ROOT, timeout=60)


def _names(module: Module) -> set[str]:
    nodes = list(ast.walk(module.tree))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }
