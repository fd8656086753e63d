"""Prices of one run as the start of another: they prove nearly all at once, and never too much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from podplanner.domain.result import Duals
from podplanner.planning.carry import carried_duals
from podplanner.report.duals_file import DUALS, duals_files, read_duals
from solvers.fast.budget import Budget
from solvers.fast.duals import duals_of, row_prices
from solvers.fast.master import build_master
from solvers.fast.relaxing import by_ascent
from solvers.fast.sites import site_of_pods
from solvers.highs import Status, solve
from tests.solvers.random_tables import random_company
from tests.solvers.test_fast_search import company

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

BUDGET = Budget(seed=0, workers=1, tries=None, left=lambda: None, stop_asked=lambda: False)


def program(instance: Instance) -> tuple[Duals, float, Status]:
    """Prices and value of the staffing model's linear program."""
    master = build_master(instance, site_of_pods(instance))
    answer = solve(replace(master.arrays, integer=np.zeros(len(master.arrays.cost), bool)))
    row = np.zeros(len(master.arrays.row_lower)) if answer.duals is None else answer.duals
    return duals_of(master, row), answer.objective, answer.status


def warm_bound(instance: Instance, known: Duals) -> float:
    """What known prices prove after few steps."""
    return by_ascent(build_master(instance, site_of_pods(instance)), BUDGET, None, known).bound


@pytest.mark.parametrize("with_books", [False, True])
def test_known_prices_prove_at_once_what_they_proved(with_books: bool) -> None:
    """The linear program's value but for a rounding of its gates, of the same company and of a richer one."""
    instance = company(150, with_books=with_books)
    known, value, _ = program(instance)
    assert value * (1 - 1e-9) <= warm_bound(instance, known) <= value * 1.002
    richer = replace(instance, accounts=replace(instance.accounts, margin=1.01 * instance.accounts.margin))
    most = program(richer)[1]
    assert most * (1 - 1e-9) <= warm_bound(richer, known) <= most * 1.002


@pytest.mark.parametrize("seed", range(20))
def test_prices_of_another_company_prove_no_more_than_is_true(seed: int) -> None:
    """Ids meet by chance, and every kind of rule is there: the bound is never below the linear program's value."""
    one, other = random_company(seed, accounts=6, people=5), random_company(seed + 1, accounts=6, people=5)
    known, _, _ = program(one)
    _, value, status = program(other)
    if status is Status.OPTIMAL:
        assert warm_bound(other, carried_duals(known, one, other)) >= value - 1e-6 * max(1.0, abs(value))


def test_rows_find_their_prices_again() -> None:
    """Rows have the price that was told, but for gates of places; also from the file; a broken file tells none."""
    instance = company(150, with_books=True)
    master = build_master(instance, site_of_pods(instance))
    price = np.random.default_rng(1).normal(size=len(master.arrays.row_lower))
    written = duals_files(duals_of(master, price))[DUALS]
    found = read_duals(written, instance)
    assert found is not None
    again = row_prices(master, found)
    untold = np.flatnonzero(again == 0)
    assert again[again != 0] == pytest.approx(price[again != 0])
    start, index, _ = master.arrays.matrix
    gates = np.concatenate(master.draft.gates)
    placing = np.isin(index[start[gates]], master.draft.place) | np.isin(index[start[gates] + 1], master.draft.place)
    assert set(untold.tolist()) == set(gates[placing].tolist())
    assert read_duals(written[:-30], instance) is None
    assert read_duals(b"", instance) is None
    assert read_duals(written, company(120, with_books=True)) is None
    assert duals_files(None) == {}
