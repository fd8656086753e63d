"""What moves are counted against where that is a plan: its owners become the books, its pods those of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from datasets.found import Found
from datasets.schema import Kind
from datasets.typed import Array, Typed, blank
from podplanner.domain.vocabulary import FUNCTIONS

PLAN = "plan"


def counted_from_plan(given: Mapping[str, Typed], found: Found) -> dict[str, Typed]:
    """The tables with ``books`` and ``people.pod_id`` as the plan has them.

    Accounts and people of the plan that are gone are left out; people whom it does not know stay where they are.
    """
    for name in ("accounts_plan", "people_plan"):
        if not len(given[name]):
            found.add("no_reference_plan", name)
    people = given["people"]
    pod = _pods(given["people_plan"])
    today = [pod.get(person, own) for person, own in zip(people["person_id"], people["pod_id"], strict=True)]
    moved = replace(people, columns={**people.columns, "pod_id": np.array(today, object)})
    return {**given, "books": _books(given), "people": moved}


def _pods(plan: Typed) -> dict[str, str]:
    """Pod of each person of the plan, that of the largest share; "" where there is none."""
    share = np.where(np.isnan(plan["share"]), 1.0, plan["share"])
    order = np.argsort(share, kind="stable").tolist()
    return {plan["person_id"][row]: plan["pod_id"][row] for row in order}


def _books(given: Mapping[str, Typed]) -> Typed:
    plan, books = given["accounts_plan"], given["books"]
    known = set(given["accounts"]["account_id"])
    cells = zip(books["account_id"], books["role"], books["person_id"], strict=True)
    since = dict(zip(cells, books["since"], strict=True))
    rows = [
        (number, account, function, plan[f"owner_{function}"][place])
        for place, (number, account) in enumerate(zip(plan.rows, plan["account_id"], strict=True))
        if account in known
        for function in FUNCTIONS
        if plan[f"owner_{function}"][place]
    ]
    columns: dict[str, Array] = {
        name: np.array([row[part] for row in rows], object)
        for part, name in enumerate(("account_id", "role", "person_id"), start=1)
    }
    never = blank(Kind.DATE, 1)[0]
    columns["since"] = np.array([since.get(row[1:], never) for row in rows], "datetime64[D]")
    return Typed("books", columns, [row[0] for row in rows], frozenset(columns), {})
