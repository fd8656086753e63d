"""The verifier on planners' rules and caps: a valid plan, one change, exactly that rule broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import LEADER, SALES
from tests.domain.builders import (
    ANN,
    BASE,
    BOB,
    DIRECT_TIER,
    FAR,
    HIRE,
    LEA,
    LEO,
    LOCAL_TIER,
    MIA,
    NEAR,
    NOWHERE,
    ONLINE,
    OTHER,
    OWNERS,
    SMALL,
    SUE,
    broken,
    change,
    policy,
    roles,
    rule,
    tiny,
    tiny_plan,
    without,
)


@pytest.mark.parametrize(
    ("held", "missed"),
    [
        ({"account": NEAR, "pod": BASE}, {"account": NEAR, "pod": OTHER}),
        ({"account": NEAR, "tier": LOCAL_TIER}, {"account": NEAR, "tier": DIRECT_TIER}),
        ({"account": NEAR, "person": ANN}, {"account": NEAR, "person": BOB}),
        ({"person": ANN, "pod": BASE}, {"person": ANN, "pod": OTHER}),
        ({"account": NEAR, "pod": BASE, "person": MIA}, {"account": NEAR, "pod": BASE, "person": BOB}),
    ],
)
class TestPinAndForbid:
    """A pin asks for the combination that a forbid rules out."""

    def test_pin(self, held: dict[str, int], missed: dict[str, int]) -> None:
        """Kept where it holds, broken where any part is missed."""
        assert broken(tiny(rules=(rule("pin", **held),))) == {}
        assert broken(tiny(rules=(rule("pin", **missed),))) == {"pin": 1}
        assert broken(tiny(rules=(rule("pin", **missed, soft_cost=5.0),))) == {}

    def test_forbid(self, held: dict[str, int], missed: dict[str, int]) -> None:
        """Broken only where all parts come together."""
        assert broken(tiny(rules=(rule("forbid", **held),))) == {"forbid": 1}
        assert broken(tiny(rules=(rule("forbid", **missed),))) == {}


def test_pin() -> None:
    """A pinned person who is in no pod at all."""
    assert broken(tiny(rules=(rule("pin", person=LEA, pod=ONLINE),))) == {"pin": 1}


def test_forbid() -> None:
    """A forbidden owner of any function."""
    assert broken(tiny(rules=(rule("forbid", account=FAR, person=SUE),))) == {"forbid": 1}


def test_together() -> None:
    """Accounts by pod and by owner, people by pod."""
    assert broken(tiny(rules=(rule("together", account=NEAR, other_account=SMALL),))) == {"together": 1}
    assert broken(tiny(rules=(rule("together", account=NEAR, other_account=FAR),))) == {}
    assert broken(tiny(rules=(rule("together", account=NEAR, other_account=FAR, role=SALES),))) == {"together": 1}
    assert broken(tiny(rules=(rule("together", person=LEO, other_person=LEA),))) == {"together": 1}
    assert broken(tiny(rules=(rule("together", person=LEA, other_person=HIRE),))) == {}


def test_apart() -> None:
    """As together, the other way round; an unstaffed pod separates nobody and joins nobody."""
    assert broken(tiny(rules=(rule("apart", account=NEAR, other_account=FAR),))) == {"apart": 1}
    assert broken(tiny(rules=(rule("apart", account=SMALL, other_account=NOWHERE),))) == {}
    assert broken(tiny(rules=(rule("apart", account=NEAR, other_account=FAR, role=1),))) == {"apart": 1}
    assert broken(tiny(rules=(rule("apart", account=NEAR, other_account=FAR, role=SALES),))) == {}
    assert broken(tiny(rules=(rule("apart", person=ANN, other_person=BOB),))) == {"apart": 1}


@pytest.mark.parametrize(
    ("limit", "amount"),
    [
        ({"pod": BASE, "attribute": "1", "maximum": 1.0}, 1.0),
        ({"pod": OTHER, "attribute": "1", "minimum": 1.0}, 0.0),
        ({"tier": DIRECT_TIER, "attribute": "revenue", "maximum": 150_000.0}, 50_000.0),
        ({"role": SALES, "attribute": "1", "minimum": 2.0}, 2.0),
        ({"role": LEADER, "attribute": "1", "minimum": 2.0}, 0.0),
        ({"person": MIA, "attribute": "potential", "maximum": 3e6}, 1e6),
        ({"person": LEA, "attribute": "1", "minimum": 1.0}, 0.0),
        ({"attribute": "1", "minimum": 5.0}, 1.0),
    ],
)
def test_limit(limit: dict[str, float], amount: float) -> None:
    """Over a pod, a tier, each book of a role, a book, the plan; minima bind what is staffed and not empty."""
    instance = tiny(rules=(rule("limit", **limit),))
    found = verify(instance, tiny_plan(instance)).violations
    assert [(violation.code, violation.amount) for violation in found] == ([("limit", amount)] if amount else [])


def test_head_count() -> None:
    """Seven are paid, placed or not; under ``flexible`` the six who are placed."""
    assert broken(tiny(policy=policy(max_headcount=6.0))) == {"head_count": 1}
    assert broken(tiny(policy=policy(max_headcount=6.0, flexible=True))) == {}


HIRED = {
    "placed": without("bob") | {("hire-sales-1", "base"): 1.0},
    "owners": OWNERS | {"far": ("hire-sales-1", "mia", "sue", "oli")},
}


def test_hires() -> None:
    """Within the role's and the plan's number, and not where somebody of the role is released."""
    instance = tiny()
    assert broken(instance, tiny_plan(instance, **HIRED)) == {}
    assert broken(replace(instance, policy=policy(max_hires=0.0)), tiny_plan(instance, **HIRED)) == {"hires": 1}
    assert broken(replace(instance, roles=roles(max_hires=[0, 1, 1, 1, 1])), tiny_plan(instance, **HIRED)) == {
        "hires": 1
    }
    assert broken(replace(instance, policy=policy(flexible=True)), tiny_plan(instance, **HIRED)) == {"hires": 1}


def test_max_open_pods() -> None:
    """The base is open; the direct pod does not count; one that is kept open does."""
    instance = tiny(policy=policy(max_open_pods=1.0))
    assert broken(instance) == {}
    assert broken(replace(instance, pods=change(instance.pods, keep_open={OTHER: True}))) == {"max_open_pods": 1}


def test_moved() -> None:
    """Lea sold to near (1,000,000 of 2,000,000 with an owner today); Bob was in the other pod."""
    books = np.full((4, 4), -1, np.int32)
    books[[NEAR, FAR], SALES] = LEA, BOB
    for caps, expected in (
        ({"max_moved_revenue": 0.4}, {"moved": 1}),
        ({"max_moved_revenue": 0.5}, {}),
        ({"max_moved_accounts": 0.0}, {"moved": 1}),
        ({"max_moved_people": 0.0}, {"moved": 1}),
        ({"max_moved_people": 1.0, "max_moved_accounts": 1.0}, {}),
    ):
        instance = tiny(owner_today=books.copy(), policy=policy(**caps))
        assert broken(replace(instance, people=change(instance.people, pod_today={BOB: OTHER}))) == expected


def test_budget() -> None:
    """700,000 pay + 60,000 base + 600 direct + 2 x 0.5 x 55.5975 km x 5 trips = 760,877.99."""
    assert broken(tiny(policy=policy(budget=760_870.0))) == {"budget": 1}
    assert broken(tiny(policy=policy(budget=760_878.0))) == {}
