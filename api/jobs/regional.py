"""A plan that goes by regions, as the solving process sees it: how many, which is whose, and all of them as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.hints import read_hint
from podplanner.planning.regions import joined, regions

if TYPE_CHECKING:
    from pathlib import Path

    from api.jobs.messages import Task
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan


def wanted_regions(instance: Instance, task: Task) -> int:
    """How many regions a plan is to be split into, 0 where it is planned whole."""
    accounts = len(instance.accounts)
    if not task.split_accounts or accounts <= task.split_accounts:
        return 0
    # What cannot be divided as finely as that is divided as finely as it can be.
    found = len(regions(instance, -(-accounts // task.split_accounts)))
    return found if found > 1 else 0


def is_region(task: Task) -> bool:
    """Whether a task is one region of a plan."""
    return "region" in task.options


def region_of(instance: Instance, task: Task) -> Instance:
    """The region that a task is about. The whole is divided anew each time: the same input is divided the same way."""
    parts, number = regions(instance, task.options["regions"]), int(task.options["region"])
    return parts[number].instance


def joined_plan(instance: Instance, task: Task, folder: Path) -> Plan:
    """The plans of a plan's regions as one; the accounts of a region without a plan are all direct."""
    assert task.regions is not None
    plans = [read_hint(folder / f"{number}.npz") for number in range(len(task.regions))]
    return joined(instance, regions(instance, len(plans)), plans)
