"""A plan that goes by regions, as the solving process sees it: how many, which is whose, and all of them as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.hints import read_hint
from podplanner.domain.score import score
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


def start_of_whole(instance: Instance, folder: Path, count: int, hint: Plan | None) -> Plan:
    """The plans of so many regions as one, or the best plan of an attempt before, whichever is better.

    Accounts of a region that left no plan are all direct.
    """
    plans = [read_hint(folder / f"{number}.npz") for number in range(count)]
    together = joined(instance, regions(instance, count), plans)
    if hint is None or not hint.fits(instance):
        return together
    # An attempt that died early may have left a plan that is worse than what the regions found.
    return max(hint, together, key=lambda each: score(instance, each).contribution)
