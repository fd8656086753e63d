"""Small instances and plans for tests, on the equator, where a degree is 111.195 km and roads are straight.

`tiny` is a company of four accounts and a valid plan of it; a test changes one thing and looks at what follows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.instance import Accounts, Distances, Instance, People, Pods, Response, Roles, Rule, Tiers
from podplanner.domain.plan import Plan
from podplanner.domain.policy import Policy
from podplanner.domain.verify import verify
from podplanner.domain.vocabulary import DIRECT, FUNCTIONS, LEADER, LOCAL, NOBODY, ROLES, VIRTUAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAN, INF = float("nan"), float("inf")
NO_DAY = np.datetime64("NaT", "D")

# Indices in `tiny`.
ANN, BOB, MIA, SUE, OLI, LEO, LEA, HIRE = range(8)
NEAR, FAR, SMALL, NOWHERE = range(4)
BASE, OTHER, ONLINE, WEB = range(4)
LOCAL_TIER, VIRTUAL_TIER, DIRECT_TIER = range(3)

ACCOUNT_DEFAULTS: Mapping[str, Any] = {
    "parent": NOBODY,
    "latitude": 0.0,
    "longitude": 0.0,
    "utc_offset": 0.0,
    "revenue": 1_000_000.0,
    "potential": 2_000_000.0,
    "margin": 0.5,
    "skill_set": 0,
}
PERSON_DEFAULTS: Mapping[str, Any] = {
    "role": 0,
    "latitude": 0.0,
    "longitude": 0.0,
    "utc_offset": 0.0,
    "annual_cost": 100_000.0,
    "annual_hours": 2000.0,
    "skill_set": 0,
    "can_coach": True,
    "relocatable": False,
    "is_hire": False,
    "pod_today": NOBODY,
    "manager": "",
    "start": NO_DAY,
    "end": NO_DAY,
    "ramp_months": 0.0,
    "max_pods": 4,
}
POD_DEFAULTS: Mapping[str, Any] = {
    "coverage": LOCAL,
    "latitude": 0.0,
    "longitude": 0.0,
    "utc_offset": NAN,
    "fixed_cost": 0.0,
    "min_people": 0.0,
    "max_people": INF,
    "min_accounts": 0.0,
    "max_accounts": INF,
    "keep_open": False,
    "given": True,
}
INDICES = {"parent", "skill_set", "role", "pod_today", "max_pods", "coverage"}


def columns(ids: Sequence[str], defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of equal length from scalars or sequences."""
    result: dict[str, Any] = {"ids": np.array(ids, object), "names": np.array(ids, object)}
    for name, value in {**defaults, **given}.items():
        kind: Any = np.int32 if name in INDICES else object if name == "manager" else np.asarray(value).dtype
        kind = "datetime64[D]" if name in ("start", "end") else kind
        result[name] = np.broadcast_to(np.asarray(value, dtype=kind), len(ids)).copy()
    return result


def accounts(ids: Sequence[str], **given: Any) -> Accounts:
    """Accounts at the origin unless said otherwise; ``numeric`` holds revenue and potential."""
    made = columns(ids, ACCOUNT_DEFAULTS, {name: value for name, value in given.items() if name != "given_hours"})
    hours = np.array(given.get("given_hours", np.full((len(ids), len(FUNCTIONS)), NAN)), float)
    numeric = {name: made[name].copy() for name in ("revenue", "potential")}
    return Accounts(**made, given_hours=hours, numeric=numeric)


def people(ids: Sequence[str], **given: Any) -> People:
    """People of sales at the origin unless said otherwise."""
    return People(**columns(ids, PERSON_DEFAULTS, given))


def pods(ids: Sequence[str], **given: Any) -> Pods:
    """Local pods at the origin unless said otherwise."""
    return Pods(**columns(ids, POD_DEFAULTS, given))


def tiers(**given: Any) -> Tiers:
    """Three tiers: ``local`` serves all functions, ``virtual`` sales and support, ``direct`` none."""
    grid = {
        "hours_per_account": [[100, 20, 30, 10], [40, 20, 10, 10], [0, 0, 0, 0]],
        "hours_per_million": 0.0,
        "min_hours": 1.0,
        "max_hours": 1000.0,
        "visits": [[5, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
    }
    made: dict[str, Any] = {
        "ids": np.array(["local", "virtual", "direct"], object),
        "coverage": np.array([LOCAL, VIRTUAL, DIRECT], np.int32),
        "retain": np.array([1.0, 0.9, 0.8]),
        "capture": np.array([0.5, 0.25, 0.1]),
        "cost_per_account": np.array([0.0, 0.0, 300.0]),
        "min_potential": np.zeros(3),
        "max_accounts": np.full(3, INF),
        "served": np.array([[True] * 4, [True, False, True, False], [False] * 4]),
    }
    made |= {name: np.broadcast_to(np.asarray(value, float), (3, 4)).copy() for name, value in grid.items()}
    return Tiers(**(made | given))


def roles(**given: Any) -> Roles:
    """Sales and leaders dedicated and on site, the others shared in quarters from where they are."""
    made: dict[str, Any] = {
        "annual_hours": 2000.0,
        "utilisation": 0.5,
        "annual_cost": 80_000.0,
        "hire_cost": 20_000.0,
        "release_cost": 0.5,
        "on_site": [True, False, False, False, True],
        "share_step": [1.0, 0.25, 0.25, 0.25, 0.25],
        "min_per_pod": 0.0,
        "handover_loss": [0.04, 0.01, 0.02, 0.01, 0.0],
        "max_hires": 1,
    } | given
    filled = {name: np.broadcast_to(np.asarray(value), 5).copy() for name, value in made.items()}
    filled["max_hires"] = filled["max_hires"].astype(np.int32)
    words = {"ids": np.array(ROLES, object), "centre_of_excellence": np.array(["centre"] * 5, object)}
    return Roles(**words, **filled)


def policy(**given: Any) -> Policy:
    """Nothing capped; the year 2026; everybody is paid."""
    made: dict[str, Any] = {
        "currency": "USD",
        "period_start": np.datetime64("2026-01-01"),
        "period_end": np.datetime64("2026-12-31"),
        "horizon_years": 1.0,
        "budget": INF,
        "flexible": False,
        "max_headcount": INF,
        "max_hires": INF,
        "max_open_pods": INF,
        "family_scope": "auto",
        "max_moved_revenue": INF,
        "max_moved_accounts": INF,
        "max_moved_people": INF,
        "move_cost": 1000.0,
        "max_local_km": 100.0,
        "commute_km": 50.0,
        "relocation_cost": 30_000.0,
        "travel_cost_per_km": 0.5,
        "travel_speed_kmh": 50.0,
        "road_factor": 1.0,
        "leader_hours_base": 100.0,
        "leader_hours_per_member": 10.0,
        "leader_hours_per_account": 1.0,
        "coaching_hours_per_rep": 50.0,
        "coach_required": True,
        "missing_coach_cost": 20_000.0,
        "leavers_own": False,
        "balance_workload": None,
        "balance_potential": None,
        "company_target": None,
    }
    return Policy(**(made | given))


def no_response() -> Response:
    """No response model of the planner's own."""
    nothing = np.zeros(0, np.int32)
    return Response(account=nothing, tier=nothing, expected_revenue=np.zeros(0), hours=np.zeros((0, 4)))


def no_distances() -> Distances:
    """No distances of the planner's own."""
    nothing = np.zeros(0, np.int32)
    return Distances(account=nothing, pod=nothing, km=np.zeros(0), hours=np.zeros(0))


def instance(**given: Any) -> Instance:
    """An instance of the parts given; no books, rules or skills unless given."""
    made: dict[str, Any] = {
        "tiers": tiers(),
        "roles": roles(),
        "policy": policy(),
        "response": no_response(),
        "distances": no_distances(),
        "rules": (),
        "skill_sets": (frozenset(),),
        "has_books": "owner_today" in given,
        "sha256": "",
    } | given
    made.setdefault("owner_today", np.full((len(made["accounts"]), len(FUNCTIONS)), NOBODY, np.int32))
    return Instance(**made)


def plan(
    of: Instance,
    *,
    place: Mapping[str, tuple[str, str]],
    owners: Mapping[str, Sequence[str]],
    placed: Mapping[tuple[str, str], float],
    leader: Mapping[str, str],
    coach: Mapping[str, str] | None = None,
) -> Plan:
    """A plan written in ids.

    Parameters
    ----------
    place
        Account -> pod and tier, all accounts.
    owners
        Account -> four owners, "" where there is none.
    placed
        (Person, pod) -> share.
    leader, coach
        Pod -> person.
    """
    person = {**of.person_index, "": NOBODY}
    owner = np.full((len(of.accounts), len(FUNCTIONS)), NOBODY, np.int32)
    for account, names in owners.items():
        owner[of.account_index[account]] = [person[name] for name in names]
    return Plan(
        pod=np.array([of.pod_index[place[name][0]] for name in of.accounts.ids], np.int32),
        tier=np.array([of.tier_index[place[name][1]] for name in of.accounts.ids], np.int32),
        owner=owner,
        placed_person=np.array([person[name] for name, _ in placed], np.int32),
        placed_pod=np.array([of.pod_index[name] for _, name in placed], np.int32),
        share=np.array(list(placed.values()), float),
        leader=np.array([person[leader.get(name, "")] for name in of.pods.ids], np.int32),
        coach=np.array([person[(coach or {}).get(name, "")] for name in of.pods.ids], np.int32),
    )


PLACE = {
    "near": ("base", "local"),
    "far": ("base", "local"),
    "small": ("web", "direct"),
    "nowhere": ("web", "direct"),
}
OWNERS = {"near": ("ann", "mia", "sue", "oli"), "far": ("bob", "mia", "sue", "oli")}
PLACED = {
    ("ann", "base"): 1.0,
    ("bob", "base"): 1.0,
    ("mia", "base"): 0.25,
    ("sue", "base"): 0.25,
    ("oli", "base"): 0.25,
    ("leo", "base"): 1.0,
}
LEADER_OF = {"base": "leo"}
COACH_OF = {"base": "ann"}


def tiny_plan(of: Instance, **changed: Any) -> Plan:
    """The valid plan of `tiny`: two accounts in the base with all its people, two direct."""
    parts: dict[str, Any] = {"place": PLACE, "owners": OWNERS, "placed": PLACED, "leader": LEADER_OF, "coach": COACH_OF}
    return plan(of, **(parts | changed))


def tiny(**changed: Any) -> Instance:
    """Four accounts, seven people, five hire slots; two local pods 111 km apart, a virtual and a direct pod.

    ``near`` is 0 km and ``far`` 0.5 degrees (55.6 km) from ``base``; ``small`` has a tenth of their size;
    ``nowhere`` has no place. ``lea`` is a leader without a pod. Everybody has 1,000 plannable hours.
    """
    names = ["ann", "bob", "mia", "sue", "oli", "leo", "lea"]
    hires = [f"hire-{role}-1" for role in ROLES]
    made: dict[str, Any] = {
        "accounts": accounts(
            ["near", "far", "small", "nowhere"],
            latitude=[0.0, 0.0, 0.0, NAN],
            longitude=[0.0, 0.5, 0.0, NAN],
            revenue=[1e6, 1e6, 1e5, 1e5],
            potential=[2e6, 2e6, 2e5, 2e5],
        ),
        "people": people(
            names + hires,
            role=[0, 0, 1, 2, 3, LEADER, LEADER, *range(5)],
            latitude=[0.0] * 7 + [NAN] * 5,
            longitude=[0.0] * 7 + [NAN] * 5,
            utc_offset=[0.0] * 7 + [NAN] * 5,
            annual_cost=[100_000.0] * 7 + [80_000.0] * 5,
            is_hire=[False] * 7 + [True] * 5,
            max_pods=[1, 1, 4, 4, 4, 4, 4, 1, 4, 4, 4, 4],
        ),
        "pods": pods(
            ["base", "other", "online", "web"],
            coverage=[LOCAL, LOCAL, VIRTUAL, DIRECT],
            latitude=[0.0, 0.0, NAN, NAN],
            longitude=[0.0, 1.0, NAN, NAN],
            utc_offset=[NAN, NAN, 0.0, NAN],
            fixed_cost=[60_000.0, 50_000.0, 5_000.0, 0.0],
        ),
    }
    return instance(**(made | changed))


def change(struct: Any, **at: Mapping[int, Any]) -> Any:
    """A column struct with some cells changed: ``change(people, end={0: day})``."""
    fresh = {}
    for name, cells in at.items():
        column = getattr(struct, name).copy()
        for index, value in cells.items():
            column[index] = value
        fresh[name] = column
    return replace(struct, **fresh)


def rule(kind: str, **given: Any) -> Rule:
    """A hard rule unless ``soft_cost`` is given."""
    return Rule(**({"rule_id": "R1", "kind": kind} | given))


def broken(of: Instance, plan: Plan | None = None) -> Counter[str]:
    """Codes of the violations, counted."""
    found = verify(of, plan if plan is not None else tiny_plan(of)).violations
    for violation in found:
        assert violation.message
        assert violation.subjects
        assert not violation.amount <= 0
    return Counter(violation.code for violation in found)


def without(person: str) -> dict[tuple[str, str], float]:
    """The placements of `tiny_plan` without one person."""
    return {key: share for key, share in PLACED.items() if key[0] != person}
