"""The plan in force: marked by somebody from a day on, and planned anew at night from what is known by then."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from datasets import successor, take
from datasets.schema import TABLES
from datasets.successor import SETTLED
from podplanner.domain.build import build_instance
from podplanner.domain.errors import UnreadableInput
from podplanner.domain.facts import Facts
from podplanner.planning.carry import carried
from podplanner.report.files import IN_FORCE
from podplanner.report.reading import read_folder
from podplanner.whatif.near import Known, plan_near
from podplanner.whatif.parent import read_parent
from podplanner.whatif.scenario import Answer, Scenario, known_duals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from datasets import Given
    from podplanner.whatif.near import Effort
    from podplanner.whatif.parent import Parent
    from solvers.engine import Progress

PLAN_TABLES = ("accounts_plan", "people_plan")


@dataclass(frozen=True)
class InForce:
    """Who has put a plan into force, and from which day on."""

    plan_id: str
    author: str
    effective: str


def adopt(folder: Path, author: str, effective: date) -> InForce:
    """Mark a plan's folder as in force; an earlier mark is replaced."""
    mark = InForce(read_parent(folder).plan_id, author, effective.isoformat())
    draft = folder / f".{IN_FORCE}"
    draft.write_text(json.dumps(mark.__dict__, indent=2) + "\n", encoding="utf-8")
    draft.replace(folder / IN_FORCE)
    return mark


def read_in_force(folder: Path) -> tuple[Parent, InForce]:
    """The plan in force; raises `UnreadableInput` where the folder is none, or has been changed since."""
    parent = read_parent(folder)
    try:
        told = json.loads(folder.joinpath(IN_FORCE).read_text(encoding="utf-8"))
        mark = InForce(**told)
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableInput(f"{folder} is not in force: podplanner adopt puts a plan into force.") from error
    if mark.plan_id != parent.plan_id:
        raise UnreadableInput(f"{folder} is not the plan that was put into force: it was {mark.plan_id}.")
    return parent, mark


def plan_night(
    folder: Path, parent: Parent, tonight: Given, effort: Effort, progress: Progress | None = None
) -> Answer:
    """Plan what is known tonight near the plan in force, against which moves are counted.

    Parameters
    ----------
    folder
        Of the plan in force, for its tables.
    tonight
        The input as it is now; pods, tiers, service, roles and policy that it does not tell are those of the plan.
    """
    given = take(_tables(folder, parent, tonight))
    instance = build_instance(given.tables)
    assumed = dict.fromkeys([*parent.summary["assumed"], *instance.assumed])
    instance = replace(instance, assumed=tuple(assumed))
    before = carried(parent.plan, parent.instance, instance)
    return Answer(
        parent=parent,
        scenario=Scenario(name="night"),
        effort=effort,
        given=given,
        instance=instance,
        before=before,
        result=plan_near(instance, before, effort, progress, Known(duals=known_duals(parent, instance))),
    )


def _tables(folder: Path, parent: Parent, tonight: Given) -> dict[str, Any]:
    now: dict[str, Any] = {name: _rows(table.columns) for name, table in tonight.raw.items()}
    settled = {name: _rows(columns) for name, columns in successor(parent.given, ()).items() if name in SETTLED}
    is_open = Facts(parent.instance, parent.plan).open
    opened = set(parent.instance.pods.ids[is_open].tolist())
    for row in settled["pods"]:
        # A pod of the plan in force is there: who is in it may stay.
        row["origin"] = "given" if row["pod_id"] in opened else row["origin"]
    merged = {name: _merged(name, rows, now.get(name, ())) for name, rows in settled.items()}
    reference = {"key": "reference", "value": "plan"}
    policy = [row for row in merged["policy"] if row["key"] != "reference"]
    plan = {name: [dict(row.cells) for row in rows] for name, rows in read_folder(folder, PLAN_TABLES).items()}
    return {**now, **merged, "policy": [*policy, reference], **plan}


def _rows(columns: Mapping[str, Sequence[object]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _merged(name: str, settled: Sequence[dict[str, Any]], now: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of tonight, and of the plan those that tonight does not tell."""
    key = TABLES[name].key
    told = {tuple(row.get(part) for part in key) for row in now}
    return [*now, *(row for row in settled if tuple(row.get(part) for part in key) not in told)]
