"""The fast engine on companies of its own size: sites, search, dealing out and polishing."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import datasets
from datasets.generator import generate
from podplanner.domain.build import build_instance
from podplanner.domain.direct import all_direct_plan
from podplanner.domain.instance import Instance
from podplanner.domain.score import score
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import LEADER
from solvers.engine import Limits, Progress
from solvers.registry import get_engine
from solvers.fast.fixing import fixed_by
from solvers.fast.master import Master, build_master
from solvers.fast.roster import nobody
from solvers.fast.rosters import make_roster
from solvers.fast.search import Staffing, improve_staffing
from solvers.fast.sites import site_of_pods


@cache
def company(accounts: int, *, with_books: bool) -> Instance:
    """A generated company with three equal virtual pods, so that there is a site to deal out."""
    tables = generate(accounts, seed=4, with_books=with_books)
    rows: dict[str, Any] = {name: table.to_dict("records") for name, table in tables.items()}
    local = [row for row in rows["pods"] if row["coverage"] == "local"]
    sky = [
        {"pod_id": f"sky-{copy}", "coverage": "virtual", "fixed_cost": 5000.0, "max_people": 9.0} for copy in (1, 2, 3)
    ]
    return build_instance(datasets.from_tables(rows | {"pods": [*local, *sky]}))


@pytest.mark.parametrize(("accounts", "with_books", "least_copies"), [(240, False, 2), (150, True, 1)])
def test_a_company_with_a_site_is_planned(accounts: int, with_books: bool, least_copies: int) -> None:
    """The plan is clean, within its bound, better than all direct, and uses as many copies of the site as it needs."""
    instance = company(accounts, with_books=with_books)
    outcome = get_engine("fast").solve(instance, Limits(gap=0.001, work_limit=2), hint=None, progress=Progress())
    direct = all_direct_plan(instance)
    assert outcome.plan is not None
    assert direct is not None
    assert not verify(instance, outcome.plan).violations
    contribution = score(instance, outcome.plan).contribution
    assert score(instance, direct).contribution < contribution <= outcome.bound + 0.01
    copies = [index for index, name in enumerate(instance.pods.ids) if name.startswith("sky")]
    assert len(set(outcome.plan.pod.tolist()) & set(copies)) >= least_copies


def start_of(instance: Instance) -> tuple[Master, Staffing]:
    """The staffing model by sites, and the staffing that places nobody."""
    master = build_master(instance, site_of_pods(instance))
    arrays, draft = master.arrays, master.draft
    values = arrays.lower.copy()
    column, fixed = fixed_by(draft, nobody(len(instance.pods)))
    values[column] = fixed
    direct = np.flatnonzero(~draft.serves[draft.columns.pod])
    values[draft.place[direct]] = 1.0
    return master, Staffing(values=values, objective=float(arrays.offset + arrays.cost @ values))


def test_search_starts_from_nobody_and_only_ever_improves() -> None:
    """From all direct, a few neighbourhoods bring people in; the same seed brings the same staffing."""
    master, start = start_of(company(240, with_books=False))
    first, again = (
        improve_staffing(master, start, seed=7, tries=5, left=lambda: None, stop_asked=lambda: False) for _ in range(2)
    )
    assert first.objective > start.objective
    assert np.array_equal(first.values, again.values)


def test_a_stopped_search_returns_what_it_was_given() -> None:
    """Asked to stop, or out of time, it looks at nothing."""
    master, start = start_of(company(240, with_books=False))
    stopped = improve_staffing(master, start, seed=7, tries=None, left=lambda: None, stop_asked=lambda: True)
    late = improve_staffing(master, start, seed=7, tries=None, left=lambda: 0.0, stop_asked=lambda: False)
    assert stopped is start
    assert late is start


def test_dealing_out_keeps_everybody_and_gives_each_pod_a_leader() -> None:
    """Time before and after is the same person by person; each staffed copy has one leader, and nobody is doubled."""
    instance = company(240, with_books=False)
    master, start = start_of(instance)
    found = improve_staffing(master, start, seed=1, tries=12, left=lambda: None, stop_asked=lambda: False)
    roster = make_roster(master.draft, found.values)
    total = np.bincount(roster.person, weights=roster.share)
    assert (total <= 1 + 1e-9).all()
    role = instance.people.role[roster.person]
    for pod in np.unique(roster.pod):
        leaders = roster.person[(roster.pod == pod) & (role == LEADER)]
        assert leaders.tolist() == [roster.leader[pod]]
    keys = list(zip(roster.person.tolist(), roster.pod.tolist(), strict=True))
    assert len(keys) == len(set(keys))
