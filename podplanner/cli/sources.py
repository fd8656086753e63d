"""Where input comes from and where output may go."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from datasets import read_given
from datasets.samples import sample_names, sample_path
from podplanner.cli.exits import UsageError
from podplanner.domain.build import build_instance
from podplanner.report.files import IN_FORCE, PLAN_FILES

if TYPE_CHECKING:
    from datasets import Given
    from podplanner.domain.instance import Instance


def source_path(name: str) -> Path:
    """The file or folder of that name; else the shipped sample.

    Raises
    ------
    UsageError
        There is neither.
    """
    if Path(name).exists():
        return Path(name)
    if name in sample_names():
        return sample_path(name)
    raise UsageError(f"there is no file or folder {name}, and no sample of that name: {', '.join(sample_names())}")


def read_instance(name: str) -> Instance:
    """The planning problem of a file, a folder or a sample."""
    return read_input(name)[1]


def read_input(name: str) -> tuple[Given, Instance]:
    """The same, and the input as it was given."""
    given = read_given(source_path(name))
    return given, build_instance(given.tables)


def output_folder(name: str) -> Path:
    """A folder that a plan may be written to: told before the work, so that no result is lost for want of it.

    Raises
    ------
    UsageError
        It is a file, holds what is no part of a plan, is the plan in force, or the system does not let anything be
        written there.
    """
    path = Path(name)
    if path.exists() and not path.is_dir():
        raise UsageError(f"{name} is a file: results go to a folder, name another")
    if path.joinpath(IN_FORCE).exists():
        raise UsageError(f"{name} is the plan in force, which is not overwritten: name another folder")
    foreign = sorted({entry.name for entry in path.iterdir()} - PLAN_FILES) if path.exists() else []
    if foreign:
        raise UsageError(f"{name} holds {', '.join(foreign[:3])}, which is no part of a plan: name another folder")
    parent = path.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        # Results are written beside the folder first; only trying tells whether that can be done.
        with TemporaryDirectory(prefix=f".{path.name}-", dir=parent):
            pass
    except OSError as error:
        raise UsageError(f"results cannot be written to {name}: {error.strerror}; name another folder") from error
    return path


def new_path(name: str) -> Path:
    """A path to write to.

    Raises
    ------
    UsageError
        Something is there already: what a planner filled in is not overwritten.
    """
    path = Path(name)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError(f"{name} exists already, and is not overwritten: name another, or remove it")
    return path
