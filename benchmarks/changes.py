"""A small change of a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

SHARE = 0.01
"""Of the accounts whose potential changes, and of the people who leave."""
FACTORS = (0.5, 2.0)
"""Least and largest factor of a potential that changes."""


def changed(tables: Mapping[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """Change 1 % of a company: potentials of so many accounts, and so many people leave; at least one of each."""
    random = np.random.default_rng(seed)
    accounts, people = tables["accounts"].copy(), tables["people"]
    chosen = random.choice(len(accounts), max(1, round(SHARE * len(accounts))), replace=False)
    factor = FACTORS[0] * (FACTORS[1] / FACTORS[0]) ** random.random(len(chosen))
    potential = accounts["potential"].to_numpy(dtype=float, copy=True)
    potential[chosen] = np.round(potential[chosen] * factor, -2)
    accounts["potential"] = potential
    leaving = random.choice(len(people), max(1, round(SHARE * len(people))), replace=False)
    return {**tables, "accounts": accounts, "people": people.drop(index=people.index[leaving])}
