"""Small companies without any plan, each for one reason, and words of what is told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.vocabulary import DIRECT, LOCAL, NOBODY, SALES
from tests.domain import builders
from tests.domain.builders import policy, rule
from tests.solvers.shop import accounts, hours_of, people, pods, roles, shop, tiers, two_bases

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance

HALF_YEAR, BEFORE = np.datetime64("2026-06-30"), np.datetime64("2025-06-30")
GERMAN = (frozenset[str](), frozenset({"sales:german"}))


def base_only(**given: Any) -> Any:
    """The local pod, and nothing else."""
    return builders.pods(["base"], coverage=[LOCAL], **given)


PLACES: dict[str, tuple[Instance, str]] = {
    "far": (shop(pods=base_only(), accounts=accounts(latitude=2.0)), "account acme: no pod is in reach"),
    "small": (
        shop(pods=base_only(), tiers=tiers(min_potential=np.full(3, 4e5))),
        "account acme: the potential is below min_potential",
    ),
    "tier full": (shop(pods=base_only(max_accounts=0.0)), "these pods and tiers take no accounts"),
    "no leader": (shop(pods=base_only(), people=people(leaders=0)), "account acme: no leader can lead any pod"),
    "leader far": (
        shop(pods=base_only(), people=people(latitude=[0.0, 2.0])),
        "account acme: no leader can lead any pod",
    ),
    "leader's week": (
        shop(pods=base_only(), policy=policy(leader_hours_base=2000.0)),
        "the week is too short for one account",
    ),
    "one head": (shop(pods=base_only(max_people=1.0)), "no pod in reach can be staffed"),
    "min_people": (shop(pods=base_only(min_people=3.0)), "no pod in reach can be staffed"),
    "min_accounts": (shop(pods=base_only(min_accounts=2.0)), "no pod in reach can be staffed"),
    "min_per_pod": (shop(pods=base_only(), roles=roles(min_per_pod=[2.0, 0, 0, 0, 0])), "roles.min_per_pod"),
    "no rep": (shop(pods=base_only(), people=people(reps=0)), "nobody who may join a pod in reach could own it"),
    "no skill": (
        shop(pods=base_only(), accounts=accounts(skill_set=1), skill_sets=GERMAN),
        "a served function lacks people or the skills needed",
    ),
    "rep leaves": (
        shop(pods=base_only(), people=people(end=[HALF_YEAR, builders.NO_DAY])),
        "nobody who may join a pod in reach could own it",
    ),
    "no hours": (
        shop(pods=base_only(), tiers=hours_of(600.0), people=people(annual_hours=[1000.0, 2000.0])),
        "nobody who could own it has enough hours for it alone",
    ),
}


def wish(*rules: Any, **parts: Any) -> Instance:
    """The shop under these rules."""
    return shop(rules=rules, **parts)


ACME_HERE, ACME_ON_WEB = {"account": 0, "pod": 0}, {"account": 0, "pod": 1}
ANN, LEO, BOB = 0, 1, 1
TWO_OF_EACH: dict[str, Any] = {"accounts": accounts(2), "people": people(reps=2)}
TOGETHER = rule("together", account=0, other_account=1, rule_id="T")
APART = rule("apart", account=0, other_account=1, rule_id="S")
ACME_PINNED = rule("pin", account=0, pod=0, rule_id="R1")
BOLT_PINNED = rule("pin", account=1, pod=1, rule_id="R2")

WISHES: dict[str, tuple[Instance, str]] = {
    "out of reach": (
        wish(rule("pin", **ACME_HERE), accounts=accounts(latitude=2.0)),
        "(pin account acme, pod base) cannot hold: that is out of the account's reach",
    ),
    "tier too high": (
        wish(rule("pin", account=0, tier=0), tiers=tiers(min_potential=np.array([4e5, 0, 0]))),
        "(pin account acme, tier local) cannot hold: the potential is below min_potential",
    ),
    "no leader": (wish(rule("pin", **ACME_HERE), people=people(leaders=0)), "no leader can lead that pod"),
    "pin and forbid": (
        wish(rule("pin", **ACME_HERE, rule_id="R1"), rule("forbid", account=0, tier=0, rule_id="R2")),
        "account acme: rule R1 (pin account acme, pod base) and rule R2 (forbid account acme, tier local)",
    ),
    "two places": (
        wish(rule("pin", **ACME_HERE, rule_id="R1"), rule("pin", **ACME_ON_WEB, rule_id="R2")),
        "rule R1 (pin account acme, pod base) and rule R2 (pin account acme, pod web) cannot hold together",
    ),
    "nowhere else": (
        wish(rule("forbid", account=0, tier=2), people=people(leaders=0)),
        "(forbid account acme, tier direct) cannot hold: the account can be nowhere else",
    ),
    "leader owns": (wish(rule("pin", account=0, person=LEO)), "leo is a leader, and leaders own no accounts"),
    "leaver owns": (
        wish(rule("pin", account=0, person=ANN), people=people(end=[HALF_YEAR, builders.NO_DAY])),
        "ann leaves inside the period",
    ),
    "absent owns": (
        wish(rule("pin", account=0, person=ANN), people=people(end=[BEFORE, builders.NO_DAY])),
        "ann is absent all period",
    ),
    "unskilled owns": (
        wish(rule("pin", account=0, person=ANN), accounts=accounts(skill_set=1), skill_sets=GERMAN),
        "ann cannot own the account: skills, hours, or no pod that both can be in",
    ),
    "two owners": (
        wish(
            rule("pin", account=0, person=ANN, rule_id="R1"),
            rule("pin", account=0, person=BOB, rule_id="R2"),
            people=people(reps=2),
        ),
        "rule R1 (pin account acme, person ann) and rule R2 (pin account acme, person bob) cannot hold together",
    ),
    "owner barred": (
        wish(rule("pin", account=0, person=ANN, rule_id="R1"), rule("forbid", person=ANN, pod=0, rule_id="R2")),
        "rule R1 (pin account acme, person ann) and rule R2 (forbid person ann, pod base) cannot hold together",
    ),
    "far person": (
        wish(rule("pin", person=ANN, pod=0), people=people(latitude=[2.0, 0.0])),
        "(pin person ann, pod base) cannot hold: ann cannot work there, or nobody can lead that pod",
    ),
    "absent person": (
        wish(rule("pin", person=ANN, pod=0), people=people(end=[BEFORE, builders.NO_DAY])),
        "ann is absent all period",
    ),
    "person barred": (
        wish(rule("pin", person=ANN, pod=0, rule_id="R1"), rule("forbid", person=ANN, pod=0, rule_id="R2")),
        "person ann: rule R1 (pin person ann, pod base) and rule R2 (forbid person ann, pod base)",
    ),
    "two pods": (
        wish(
            rule("pin", person=ANN, pod=0, rule_id="R1"),
            rule("pin", person=ANN, pod=1, rule_id="R2"),
            people=people(leaders=2),
            pods=two_bases(),
        ),
        "person ann: rule R1 (pin person ann, pod base) and rule R2 (pin person ann, pod second)",
    ),
    "leader of two": (
        wish(
            rule("pin", person=LEO, pod=0, rule_id="R1"),
            rule("pin", person=LEO, pod=1, rule_id="R2"),
            people=people(max_pods=2),
            roles=roles(share_step=0.5),
            pods=two_bases(),
        ),
        "person leo: rule R1 (pin person leo, pod base) and rule R2 (pin person leo, pod second)",
    ),
    "two leaders": (
        wish(
            rule("pin", person=1, pod=0, rule_id="R1"),
            rule("pin", person=2, pod=0, rule_id="R2"),
            people=people(leaders=2),
        ),
        "rules R1, R2 pin 2 leaders to pod base; a pod has one",
    ),
    "full pod": (
        wish(
            rule("pin", person=0, pod=0, rule_id="R1"),
            rule("pin", person=1, pod=0, rule_id="R2"),
            people=people(reps=2),
            pods=pods(max_people=2.0),
        ),
        "rules R1, R2 and a leader make 3 people in pod base, which takes 2",
    ),
    "together but pinned apart": (
        wish(TOGETHER, ACME_PINNED, BOLT_PINNED, **TWO_OF_EACH),
        "accounts acme, bolt: rule R1 (pin account acme, pod base) and rule R2 (pin account bolt, pod web) and "
        "rule T (together account acme, account bolt) cannot hold together",
    ),
    "together and apart": (
        wish(TOGETHER, APART, ACME_PINNED, **TWO_OF_EACH),
        "rule T (together account acme, account bolt) and rule S (apart account acme, account bolt)",
    ),
    "family pinned apart": (
        wish(
            ACME_PINNED,
            BOLT_PINNED,
            accounts=accounts(2, parent=[NOBODY, 0]),
            policy=policy(family_scope="pod"),
        ),
        "rule R1 (pin account acme, pod base) and rule R2 (pin account bolt, pod web) cannot hold together",
    ),
    "family without place": (
        shop(
            accounts=accounts(2, parent=[NOBODY, 0], latitude=[0.0, 1.0]),
            people=people(reps=2, leaders=2, latitude=[0.0, 1.0, 0.0, 1.0]),
            pods=builders.pods(["base", "second"], coverage=LOCAL, latitude=[0.0, 1.0]),
            policy=policy(family_scope="pod"),
        ),
        "accounts acme, bolt are one family and share a pod and a tier, but no place takes all of them",
    ),
}


OWNED_BY_ANN = np.full((1, 4), NOBODY, np.int32)
OWNED_BY_ANN[0, SALES] = 0

SUMS: dict[str, tuple[Instance, str]] = {
    "pod full": (
        shop(accounts=accounts(2), pods=base_only(max_accounts=1.0)),
        "accounts acme, bolt can only go to pod base, which takes 1 accounts",
    ),
    "tier full": (
        shop(accounts=accounts(2), pods=base_only(), tiers=tiers(max_accounts=np.array([1.0, 1.0, 1.0]))),
        "accounts acme, bolt can only go to tier local, which takes 1 accounts",
    ),
    "all pods full": (
        shop(accounts=accounts(2), pods=pods(max_accounts=[1.0, 0.0])),
        "all pods together take 1 accounts, there are 2",
    ),
    "no open pods": (
        shop(pods=base_only(), policy=policy(max_open_pods=0.0)),
        "max_open_pods is 0, but account acme can only go to local and virtual pods",
    ),
    "too many kept open": (
        shop(
            pods=builders.pods(["base", "second", "web"], coverage=[LOCAL, LOCAL, DIRECT], keep_open=True),
            policy=policy(max_open_pods=1.0),
        ),
        "pods base, second must be open by keep_open or pin, but max_open_pods is 1",
    ),
    "sales hours": (
        shop(accounts=accounts(3), pods=base_only(), tiers=hours_of(400.0)),
        "accounts acme, bolt, cask take at least 1,200 hours of sales, its people and hires have 1,000",
    ),
    "leader's hours": (
        shop(accounts=accounts(3), pods=base_only(), policy=policy(leader_hours_per_account=300.0)),
        "need at least 1 people and 1,010 hours of leaders, who have 1,000",
    ),
    "whole plan": (
        shop(rules=(rule("limit", attribute="potential", maximum=2e5, rule_id="R1"),)),
        "rule R1 allows 200,000 of potential, but at least 300,000 is there",
    ),
    "whole plan, minimum": (
        shop(rules=(rule("limit", attribute="1", minimum=2.0, rule_id="R1"),)),
        "rule R1 asks for 2 of 1, but at most 1 is there",
    ),
    "tier, minimum": (
        shop(rules=(rule("limit", attribute="1", tier=1, minimum=1.0, rule_id="R1"),)),
        "rule R1 asks for 1 of 1, but at most 0 is there",
    ),
    "book": (
        shop(
            pods=base_only(),
            rules=(rule("limit", attribute="potential", role=SALES, maximum=2e5, rule_id="R1"),),
        ),
        "rule R1 allows each book 200,000 of potential, but account acme alone has more",
    ),
    "moved accounts": (
        shop(
            owner_today=OWNED_BY_ANN,
            people=people(latitude=[2.0, 0.0]),
            policy=policy(max_moved_accounts=0.0),
        ),
        "account acme cannot stay with today's sales owner",
    ),
    "moved revenue": (
        shop(owner_today=OWNED_BY_ANN, people=people(latitude=[2.0, 0.0]), policy=policy(max_moved_revenue=0.5)),
        "more than policy.max_moved_revenue allows",
    ),
    "head-count": (
        shop(policy=policy(max_headcount=1.0)),
        "2 people are paid in any case, but policy.max_headcount is 1; raise it, or set policy.headcount to flexible",
    ),
    "budget": (
        shop(policy=policy(budget=19_999.0)),
        "pay of today's people costs at least 20,000, but policy.budget is 19,999; raise it, or set policy.headcount",
    ),
    "budget, flexible": (
        shop(policy=policy(budget=9_999.0, flexible=True)),
        "pay or release of today's people costs at least 10,000, but policy.budget is 9,999; raise it",
    ),
    "budget, base kept open": (
        shop(policy=policy(budget=30_000.0), pods=pods(keep_open=[True, False])),
        "costs at least 20,000 and 20,000 for pods that must be open, but policy.budget is 30,000",
    ),
}

HOPELESS = PLACES | WISHES | SUMS
