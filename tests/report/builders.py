"""A small company for the tests of reports: local, virtual and direct pods, nine accounts, fourteen people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.build import build_instance
from podplanner.domain.findings import Finding
from podplanner.domain.place import count_allowed
from podplanner.domain.plan import Plan
from podplanner.domain.result import Limit, Outcome, PlanResult, Reason, Termination
from podplanner.domain.score import score
from podplanner.domain.tables import Table, Tables
from podplanner.domain.vocabulary import FUNCTIONS, NOBODY, ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from podplanner.domain.instance import Instance

NAN, INF = float("nan"), float("inf")
HOSTILE = '=HYPERLINK("http://example.test","click")'
WARNING = Finding(
    severity="warning",
    table="accounts",
    row=4,
    column="name",
    value=HOSTILE,
    rule="odd_name",
    message="A name that begins like a formula.",
    way_out="Check it.",
)


def table(names: str, rows: Sequence[tuple[Any, ...]], numbers: str = "", dates: str = "") -> Table:
    """Table from rows; columns not in ``numbers`` or ``dates`` are text."""
    columns: dict[str, np.ndarray[Any, Any]] = {}
    for place, name in enumerate(names.split()):
        values = [row[place] for row in rows]
        if name in numbers.split():
            columns[name] = np.array(values, dtype=np.float64)
        elif name in dates.split():
            columns[name] = np.array(values, dtype="datetime64[D]")
        else:
            columns[name] = np.array(values, dtype=object)
    return Table(columns)


def accounts() -> Table:
    """Nine accounts: six near Dallas and Chicago, three without a place; one name is hostile."""
    rows = [
        ("001", "Acme", "", 32.8, -96.8, -6.0, 900_000.0, 2_000_000.0, 0.3, "sales:german", "gold"),
        ("002", HOSTILE, "", 32.9, -96.9, -6.0, 500_000.0, 1_200_000.0, 0.3, "", "+red"),
        ("003", "Cyan", "", 32.7, -96.7, -6.0, 400_000.0, 900_000.0, 0.3, "", "blue"),
        ("-4", "Dune", "", 41.9, -87.6, -6.0, 800_000.0, 1_500_000.0, 0.35, "", "blue"),
        ("A,5", 'E"quote', "", 41.8, -87.7, -6.0, 300_000.0, 700_000.0, 0.35, "", "blue"),
        ("A6", "Fjord ÆØÅ", "", 41.7, -87.8, -6.0, 200_000.0, 400_000.0, 0.35, "", ""),
        ("A7", "Gobi", "", NAN, NAN, -6.0, 150_000.0, 300_000.0, 0.3, "", ""),
        ("A8", "Hill", "", NAN, NAN, -5.0, 100_000.0, 250_000.0, 0.3, "", ""),
        ("A9", "Isle", "", NAN, NAN, NAN, 20_000.0, 50_000.0, 0.3, "", ""),
    ]
    names = "account_id name parent_id latitude longitude utc_offset revenue potential margin skills colour"
    numbers = "latitude longitude utc_offset revenue potential margin"
    base = dict(table(names, rows, numbers).columns)
    blank = {f"hours_{role}": np.full(len(rows), NAN) for role in FUNCTIONS}
    return Table({**base, **blank})


def people(pay: Mapping[str, float] | None = None, bonus: float = 10.0) -> Table:
    """Fourteen people; ``bonus`` is an unknown column."""
    dallas, chicago, nowhere = (32.8, -96.8, -6.0), (41.9, -87.6, -6.0), (NAN, NAN, -6.0)
    cast: list[tuple[str, str, tuple[float, float, float], float, str, str, str]] = [
        ("s1", "sales", dallas, 120_000.0, "sales:german", "D", ""),
        ("s2", "sales", dallas, 100_000.0, "", "C", ""),
        ("s3", "sales", chicago, 110_000.0, "", "C", ""),
        ("s4", "sales", nowhere, 90_000.0, "", "", ""),
        ("s5", "sales", chicago, 95_000.0, "", "C", "2026-06-30"),
        ("m1", "marketing", dallas, 80_000.0, "", "D", ""),
        ("m2", "marketing", chicago, 82_000.0, "", "C", ""),
        ("u1", "support", dallas, 60_000.0, "", "D", ""),
        ("u2", "support", chicago, 62_000.0, "", "C", ""),
        ("o1", "operations", dallas, 70_000.0, "", "D", ""),
        ("o2", "operations", chicago, 72_000.0, "", "C", ""),
        ("l1", "leader", dallas, 150_000.0, "", "D", ""),
        ("l2", "leader", chicago, 155_000.0, "", "D", ""),
        ("l3", "leader", nowhere, 140_000.0, "", "", ""),
    ]
    rows = []
    for person, role, (latitude, longitude, zone), cost, skills, pod, end in cast:
        shared = 1.0 if role in ("sales", "leader") else 4.0
        who = (person, f"Name of {person}", role, latitude, longitude, zone)
        worth = ((pay or {}).get(person, cost), 1900.0, skills, 1.0, pod, "boss")
        rows.append((*who, *worth, "NaT", end or "NaT", 0.0, 0.0, shared, bonus))
    names = (
        "person_id name role latitude longitude utc_offset annual_cost annual_hours skills can_coach pod_id manager_id "
        "start_date end_date ramp_months relocatable max_pods bonus"
    )
    numbers = "latitude longitude utc_offset annual_cost annual_hours can_coach ramp_months relocatable max_pods bonus"
    return table(names, rows, numbers, "start_date end_date")


def pods() -> Table:
    """Dallas and Chicago (given), a closed base in Boston (given), a virtual and a direct pod."""
    names = (
        "pod_id name coverage latitude longitude utc_offset fixed_cost min_people max_people min_accounts max_accounts "
        "keep_open origin"
    )
    rows = [
        ("D", "Dallas", "local", 32.8, -96.8, -6.0, 50_000.0, 0.0, INF, 0.0, INF, 0.0, "given"),
        ("C", "Chicago: north/south [1]", "local", 41.9, -87.6, -6.0, 60_000.0, 0.0, INF, 0.0, INF, 0.0, "given"),
        ("B", "Boston", "local", 42.4, -71.1, -5.0, 55_000.0, 0.0, INF, 0.0, INF, 0.0, "given"),
        ("V", "Virtual", "virtual", NAN, NAN, -6.0, 5_000.0, 0.0, 30.0, 0.0, INF, 0.0, "default"),
        ("W", "Web", "direct", NAN, NAN, NAN, 1_000.0, 0.0, INF, 0.0, INF, 0.0, "default"),
    ]
    return table(names, rows, " ".join(names.split()[3:12]))


def tiers() -> Table:
    """One tier a coverage."""
    names = "tier coverage retain capture cost_per_account min_potential max_accounts"
    rows = [
        ("gold", "local", 0.95, 0.5, 2_000.0, 0.0, INF),
        ("silver", "virtual", 0.9, 0.3, 800.0, 0.0, INF),
        ("web", "direct", 0.8, 0.1, 50.0, 0.0, INF),
    ]
    return table(names, rows, " ".join(names.split()[2:]))


def service() -> Table:
    """Local serves all functions, virtual all but operations, direct none."""
    names = "tier role hours_per_account hours_per_million min_hours max_hours visits served"
    rows = []
    for tier, hours, visits in (("gold", 120.0, 6.0), ("silver", 60.0, 0.0), ("web", 0.0, 0.0)):
        for role in FUNCTIONS:
            served = float(tier == "gold" or (tier == "silver" and role != "operations"))
            rows.append((tier, role, hours, 20.0, 1.0, 800.0, visits if role == "sales" else 0.0, served))
    return table(names, rows, " ".join(names.split()[2:]))


def roles() -> Table:
    """One marketing hire is possible."""
    rows = []
    for role in ROLES:
        dedicated = role in ("sales", "leader")
        loss = {"sales": 0.05, "marketing": 0.01, "support": 0.02, "operations": 0.01, "leader": 0.0}[role]
        money = (1900.0, 0.8, 81_000.0, 24_300.0, 0.5, float(role == "marketing"), "NaT", 0.0, "")
        most, step = (1.0, 1.0) if dedicated else (4.0, 0.25)
        rows.append((role, *money, float(dedicated), most, step, 0.0, loss, f"CoE {role}"))
    names = (
        "role annual_hours utilisation annual_cost hire_cost release_cost max_hires hire_start hire_ramp_months "
        "hire_skills on_site max_pods share_step min_per_pod handover_loss centre_of_excellence"
    )
    text = {"role", "hire_skills", "hire_start", "centre_of_excellence"}
    numbers = " ".join(name for name in names.split() if name not in text)
    return table(names, rows, numbers, "hire_start")


def books() -> Table:
    """Today's owners: some stay, some do not, one has gone and one leaves."""
    rows = [
        *[("001", role, person) for role, person in zip(FUNCTIONS, ("s1", "m1", "u1", "o1"), strict=True)],
        *[("002", role, person) for role, person in zip(FUNCTIONS, ("s1", "m1", "u1", "o1"), strict=True)],
        ("003", "sales", "s5"),
        *[("-4", role, person) for role, person in zip(FUNCTIONS, ("s3", "m2", "u2", "o2"), strict=True)],
        ("A,5", "sales", "s2"),
        ("A7", "sales", "s4"),
        ("A8", "sales", "gone"),
        ("A8", "operations", "o1"),
    ]
    return table("account_id role person_id since", [(*row, "NaT") for row in rows], dates="since")


def rules() -> Table:
    """A hard pin, a broken soft limit on a pod and one on the whole plan."""
    names = "rule_id rule account_id person_id pod_id tier role other_id attribute minimum maximum soft_cost note"
    rows = [
        ("r1", "pin", "-4", "", "C", "", "", "", "", -INF, INF, NAN, ""),
        ("r2", "limit", "", "", "D", "", "", "", "1", -INF, 2.0, 700.0, ""),
        ("r3", "limit", "", "", "", "web", "", "", "1", 2.0, INF, 300.0, ""),
    ]
    return table(names, rows, "minimum maximum soft_cost")


def policy(**changes: str) -> Table:
    """The company's settings; any may be replaced."""
    settings = {
        "currency": "USD",
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "horizon_years": "1",
        "headcount": "fixed",
        "family_scope": "none",
        "move_cost": "1000",
        "max_local_km": "150",
        "commute_km": "80",
        "relocation_cost": "20000",
        "travel_cost_per_km": "0.5",
        "travel_speed_kmh": "60",
        "road_factor": "1.3",
        "leader_hours_base": "300",
        "leader_hours_per_member": "60",
        "leader_hours_per_account": "10",
        "coaching_hours_per_rep": "80",
        "coach_required": "true",
        "missing_coach_cost": "5000",
        "leavers_own": "false",
        "company_target": "6000000",
        **dict.fromkeys(
            ("budget", "max_headcount", "max_hires", "max_open_pods", "balance_workload", "balance_potential"), ""
        ),
        **dict.fromkeys(("max_moved_revenue", "max_moved_accounts", "max_moved_people"), ""),
        **changes,
    }
    return table("key value", list(settings.items()))


def tables(
    *, pay: Mapping[str, float] | None = None, bonus: float = 10.0, with_books: bool = True, **settings: str
) -> Tables:
    """All canonical tables; policy settings by name."""
    response = table("account_id tier expected_revenue " + " ".join(f"hours_{role}" for role in FUNCTIONS), [], "")
    numbers = "expected_revenue " + " ".join(f"hours_{role}" for role in FUNCTIONS)
    earned = (pay or {}).get("l2", 155_000.0)
    words = {"value": f"{earned:g}", "rule": "pay_outlier", "message": f"The pay is {earned:g}."}
    outlier = replace(WARNING, table="people", row=14, column="annual_cost", **words)
    return Tables(
        {
            "accounts": accounts(),
            "people": people(pay, bonus),
            "books": books() if with_books else table("account_id role person_id since", [], dates="since"),
            "pods": pods(),
            "tiers": tiers(),
            "service": service(),
            "roles": roles(),
            "response": table(" ".join(response.columns), [], numbers),
            "distances": table("account_id pod_id km hours", [], "km hours"),
            "rules": rules(),
            "policy": policy(**settings),
        },
        assumed=("tiers: one a coverage (assumed)", f"roles.annual_cost: leader {earned:.10g}, the median in people"),
        warnings=(WARNING, outlier),
    )


def instance(**options: Any) -> Instance:
    """The company; options as for `tables`."""
    return build_instance(tables(**options))


def plan(given: Instance) -> Plan:
    """A plan by hand: D, C and V are staffed, W is direct; s2 moves to D, l2 to C; m1 has idle time; s5 is unplaced."""
    teams = {
        "001": ("D", "gold", "s1 m1 u1 o1"),
        "002": ("D", "gold", "s2 m1 u1 o1"),
        "003": ("D", "gold", "s2 hire-marketing-1 u1 o1"),
        "-4": ("C", "gold", "s3 m2 u2 o2"),
        "A,5": ("C", "gold", "s3 m2 u2 o2"),
        "A6": ("C", "gold", "s3 m2 u2 o2"),
        "A7": ("V", "silver", "s4 m2 u1"),
        "A8": ("V", "silver", "s4 m2 u1"),
        "A9": ("W", "web", ""),
    }
    placed = {
        "s1": {"D": 1.0},
        "s2": {"D": 1.0},
        "s3": {"C": 1.0},
        "s4": {"V": 1.0},
        "m1": {"D": 0.75},
        "m2": {"C": 0.5, "V": 0.25},
        "u1": {"D": 0.5, "V": 0.5},
        "u2": {"C": 1.0},
        "o1": {"D": 1.0},
        "o2": {"C": 1.0},
        "l1": {"D": 1.0},
        "l2": {"C": 1.0},
        "l3": {"V": 1.0},
        "hire-marketing-1": {"D": 0.25},
    }
    places = [
        (given.person_index[person], given.pod_index[pod], share)
        for person, where in placed.items()
        for pod, share in where.items()
    ]
    owner = np.full((len(given.accounts), len(FUNCTIONS)), NOBODY, np.int32)
    for account, (_, _, names) in teams.items():
        for function, person in enumerate(names.split()):
            owner[given.account_index[account], function] = given.person_index[person]
    team = [teams[account] for account in given.accounts.ids.tolist()]
    return Plan(
        pod=np.array([given.pod_index[pod] for pod, _, _ in team], np.int32),
        tier=np.array([given.tier_index[tier] for _, tier, _ in team], np.int32),
        owner=owner,
        placed_person=np.array([person for person, _, _ in places], np.int32),
        placed_pod=np.array([pod for _, pod, _ in places], np.int32),
        share=np.array([share for _, _, share in places], np.float64),
        leader=_by_pod(given, {"D": "l1", "C": "l2", "V": "l3"}),
        coach=_by_pod(given, {"D": "s1"}),
    )


def result(given: Instance | None = None, *, seconds: float = 1.5) -> PlanResult:
    """A run that ended at a limit with the plan above."""
    given = given if given is not None else instance()
    plan_made = plan(given)
    outcome = Outcome(
        termination=Termination(reason=Reason.FEASIBLE, limit=Limit.WORK, detail="Iteration limit"),
        bound=score(given, plan_made).contribution + 12_345.678,
        plan=plan_made,
        statistics={"candidate_pods": len(given.pods), "pairs": int(count_allowed(given).sum())},
    )
    return PlanResult(
        instance=given,
        outcome=outcome,
        engine="reference",
        engine_reason="asked for",
        score=score(given, plan_made),
        all_direct=-1_000_000.0,
        seed=7,
        work_limit=100,
        versions={"podplanner": "0.1.0"},
        wall_s={"solve": seconds},
    )


def _by_pod(given: Instance, people_of: Mapping[str, str]) -> np.ndarray[Any, Any]:
    column = np.full(len(given.pods), NOBODY, np.int32)
    for pod, person in people_of.items():
        column[given.pod_index[pod]] = given.person_index[person]
    return column
