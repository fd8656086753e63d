"""From a source to canonical tables: change, type, check, complete, check again; all findings at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets.changes import apply_changes
from datasets.checks import check
from datasets.complete import complete
from datasets.completion import Completion
from datasets.counted_from import PLAN, counted_from_plan
from datasets.crosschecks import crosscheck
from datasets.found import WHOLE_TABLE, Found
from datasets.policy import read_policy
from datasets.raw import RawTable
from datasets.readers import Source, put_mapping, read_source
from datasets.schema import TABLES
from datasets.typed import Typed, empty, typed
from podplanner.domain.errors import InputError
from podplanner.domain.findings import Finding
from podplanner.domain.tables import Table, Tables

Changes = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Given:
    """A sound input.

    Parameters
    ----------
    raw
        Tables as given, changes applied.
    tables
        The canonical tables.
    """

    raw: Mapping[str, RawTable]
    tables: Tables


@dataclass(frozen=True)
class _Outcome:
    raw: dict[str, RawTable]
    tables: dict[str, Table]
    assumed: tuple[str, ...]
    findings: tuple[Finding, ...]


def read(path: str | Path, changes: Changes = ()) -> Tables:
    """Canonical tables of a workbook, a folder or zip of CSV or Parquet files, or a JSON file.

    Parameters
    ----------
    changes
        Rows of the table ``changes``, made on top of those that the source has.

    Raises
    ------
    InputError
        With all findings, where any is an error.
    UnreadableInput
        Where the source cannot be opened as tables.
    """
    return read_given(path, changes).tables


def read_given(path: str | Path, changes: Changes = ()) -> Given:
    """The same, with the tables as they were given; raises as `read` does."""
    return _sound(_take(read_source(Path(path), Found()), changes))


def from_tables(tables: Mapping[str, object]) -> Tables:
    """Canonical tables of Python or JSON values: table name -> list of row dicts, or dict of columns.

    Raises
    ------
    InputError
        With all findings, where any is an error.
    """
    return take(tables).tables


def take(tables: Mapping[str, object]) -> Given:
    """The same, with the tables as they were given.

    Raises
    ------
    InputError
        With all findings, where any is an error.
    """
    source = Source(Found())
    put_mapping(tables, source)
    return _sound(_take(source))


def validate(path: str | Path, changes: Changes = ()) -> tuple[Finding, ...]:
    """All findings of a source with changes on top, errors first.

    Raises
    ------
    UnreadableInput
        Where the source cannot be opened as tables.
    """
    return _take(read_source(Path(path), Found()), changes).findings


def _sound(outcome: _Outcome) -> Given:
    if any(finding.is_error for finding in outcome.findings):
        raise InputError(outcome.findings)
    return Given(outcome.raw, Tables(outcome.tables, outcome.assumed, outcome.findings))


def _take(source: Source, changes: Changes = ()) -> _Outcome:
    found = source.found
    raw = apply_changes(source.tables, found)
    if changes:
        later = Source(found)
        put_mapping({"changes": changes}, later)
        raw = apply_changes({**raw, **later.tables}, found)
    for schema in TABLES.values():
        if schema.required:
            _check_presence(schema.name, raw, source.misspelt, found)
    given = {name: typed(table, found) for name, table in raw.items()}
    given |= {name: empty(name) for name in TABLES if name not in given}
    policy = read_policy(raw.get("policy", RawTable("policy", {}, [])), given["policy"], found)
    check(given, policy, found)
    if policy.text("reference") == PLAN:
        given = counted_from_plan(given, found)
    if any(schema.required and WHOLE_TABLE in found.unsound_rows(name) for name, schema in TABLES.items()):
        return _Outcome(raw, {}, (), found.all())
    completion = Completion(policy, found)
    tables = complete({name: _sound_rows(table, found) for name, table in given.items()}, completion)
    crosscheck(given, tables, completion)
    return _Outcome(raw, tables, tuple(completion.assumed), found.all())


def _sound_rows(table: Typed, found: Found) -> Typed:
    """What the later checks can stand on, so that one mistake does not hide another."""
    unsound = found.unsound_rows(table.name)
    return empty(table.name) if WHOLE_TABLE in unsound else table.without(unsound)


def _check_presence(name: str, raw: Mapping[str, RawTable], misspelt: set[str], found: Found) -> None:
    schema = TABLES[name]
    if name not in raw:
        if name not in misspelt:
            needed = ", ".join(column.name for column in schema.columns if column.required)
            found.add("missing_table", name, columns=needed)
    elif not raw[name].rows and WHOLE_TABLE not in found.unsound_rows(name):
        found.add("empty_table", name)
