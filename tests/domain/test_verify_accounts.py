"""The verifier on accounts, rule by rule: a valid plan, one change, exactly that rule broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from podplanner.domain.instance import Instance
from tests.domain.builders import (
    ANN,
    BASE,
    FAR,
    NAN,
    NEAR,
    NOWHERE,
    ONLINE,
    OWNERS,
    PLACE,
    SMALL,
    SUE,
    WEB,
    broken,
    change,
    no_distances,
    policy,
    tiers,
    tiny,
    tiny_plan,
    without,
)


def test_one_place() -> None:
    """A tier of another coverage than the pod's."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, place=PLACE | {"small": ("online", "direct")})) == {"one_place": 1}


def test_account_place() -> None:
    """111 km from the base, where 100 are allowed."""
    instance = tiny()
    assert broken(replace(instance, accounts=change(instance.accounts, longitude={FAR: 1.0}))) == {"account_place": 1}


def test_account_place_of_virtual_pods() -> None:
    """An account three hours from the band; and one with a band in the pod for those without."""
    served_by_none = tiers(served=np.zeros((3, 4), bool))
    at_online = PLACE | {"small": ("online", "virtual"), "near": ("web", "direct"), "far": ("web", "direct")}
    parts = {"place": at_online, "owners": {}, "placed": {}, "leader": {}, "coach": {}}
    instance = tiny(tiers=served_by_none)
    assert broken(instance, tiny_plan(instance, **parts)) == {}
    away = replace(instance, accounts=change(instance.accounts, utc_offset={SMALL: 3.0}))
    assert broken(away, tiny_plan(away, **parts)) == {"account_place": 1}
    any_band = replace(away, pods=change(away.pods, utc_offset={ONLINE: NAN}))
    assert broken(any_band, tiny_plan(any_band, **parts)) == {}


def test_tier_limits() -> None:
    """Too small for the tier; and too many in the tier."""
    assert broken(tiny(tiers=tiers(min_potential=np.array([0.0, 0.0, 3e5])))) == {"tier_limits": 2}
    assert broken(tiny(tiers=tiers(max_accounts=np.array([1.0, 9.0, 9.0])))) == {"tier_limits": 1}


@pytest.mark.parametrize(
    "owners",
    [
        {"far": ("bob", "", "sue", "oli")},
        {"small": ("ann", "", "", "")},
        {"far": ("bob", "sue", "sue", "oli")},
    ],
)
def test_named_team(owners: dict[str, tuple[str, ...]]) -> None:
    """No owner, one too many, and one of another role."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, owners=OWNERS | owners)) == {"named_team": 1}


def test_named_team_is_in_the_pod() -> None:
    """Whoever is named works in the account's pod."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, placed=without("oli"))) == {"named_team": 2}


def test_accounts_per_pod() -> None:
    """Two accounts in the base; minima bind staffed pods only."""
    instance = tiny()
    assert broken(replace(instance, pods=change(instance.pods, max_accounts={BASE: 1.0}))) == {"accounts_per_pod": 1}
    assert broken(replace(instance, pods=change(instance.pods, min_accounts={BASE: 3.0}))) == {"accounts_per_pod": 1}
    assert broken(replace(instance, pods=change(instance.pods, min_accounts={WEB: 3.0}))) == {}


def test_skills() -> None:
    """German is asked of sales; French of support does not concern sales."""
    both, french = frozenset({"sales:german", "support:french"}), frozenset({"support:french"})
    instance = tiny(skill_sets=(frozenset[str](), both, french))
    asking = change(instance.accounts, skill_set={NEAR: 1})
    speaking = change(instance.people, skill_set={ANN: 1, SUE: 2})
    assert broken(replace(instance, accounts=asking, people=speaking)) == {}
    lacking = change(instance.people, skill_set={ANN: 2, SUE: 2})
    assert broken(replace(instance, accounts=asking, people=lacking)) == {"skills": 1}


def family(scope: str = "auto", longitude: float = 0.5, **hours: Any) -> Instance:
    """A tiny company whose ``far`` (at that longitude) is a daughter of ``near``, as is ``nowhere``."""
    instance = tiny(policy=policy(family_scope=scope), **({"tiers": tiers(**hours)} if hours else {}))
    return replace(
        instance, accounts=change(instance.accounts, parent={FAR: NEAR, NOWHERE: FAR}, longitude={FAR: longitude})
    )


SPREAD = {"place": PLACE | {"far": ("web", "direct")}, "owners": {"near": OWNERS["near"]}, "placed": without("bob")}


def test_families() -> None:
    """A family that one base reaches shares pod and tier; its member without a place is exempt."""
    instance = family()
    assert broken(instance, tiny_plan(instance, **SPREAD, coach={})) == {"families": 1}
    instance = family("coverage")
    assert broken(instance, tiny_plan(instance, **SPREAD, coach={})) == {"families": 1}
    instance = family("none")
    assert broken(instance, tiny_plan(instance, **SPREAD, coach={})) == {}


def test_families_out_of_reach_share_nothing_by_default() -> None:
    """No base is within 100 km of 0 and of 3 degrees; the planner's own distances may bring one near."""
    instance = family(longitude=3.0)
    plan = tiny_plan(instance, **SPREAD, coach={})
    assert broken(instance, plan) == {}
    near = np.array([BASE], np.int32)
    distances = replace(
        no_distances(), account=np.array([FAR], np.int32), pod=near, km=np.array([90.0]), hours=np.array([1.0])
    )
    assert broken(replace(instance, distances=distances), plan) == {"families": 1}


def test_family_owner() -> None:
    """200 sales hours for both are at most 500: one owner; 300 each are more: free."""
    instance = family()
    assert broken(instance) == {"family_owner": 1}
    one_owner = OWNERS | {"far": OWNERS["near"]}
    assert broken(instance, tiny_plan(instance, owners=one_owner, placed=without("bob"), coach={})) == {}
    grid = np.array([[300.0, 20, 30, 10], [40, 20, 10, 10], [0, 0, 0, 0]])
    assert broken(family(hours_per_account=grid)) == {}
