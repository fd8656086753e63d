"""The catalogue of business rules: one entry a rule, with its words and its formula.

Each code names the method that adds the rule to the reference engine (``add_<code>``), the check in the verifier
(``check_<code>``) and its tiny test (``test_<code>``); a completeness test holds the four together. Symbols: accounts
a, people s, pods p, tiers t, functions r; z[s,p] share, x[a,p,t] place, own[a,r,s] owner.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BusinessRule:
    """A rule in words and as a formula."""

    code: str
    words: str
    formula: str


RULES = tuple(
    BusinessRule(*entry)
    for entry in (
        (
            "one_place",
            "An account is in one pod at one tier of that pod's coverage.",
            "sum over p, t of x[a,p,t] = 1",
        ),
        (
            "account_place",
            "A local pod takes accounts within max_local_km, a virtual pod those within two hours of its band; a "
            "virtual pod without a band takes those without a zone or whose zone has no band; an account without "
            "a place is not local.",
            "x[a,p,t] = 0 where km[a,p] > max_local_km or |zone[a] - band[p]| > 2 h",
        ),
        (
            "tier_limits",
            "A tier takes accounts from min_potential on (a family that shares is tested by its sum), and at most"
            " max_accounts.",
            "x[a,p,t] = 0 where potential < min_potential[t]; sum over a, p of x[a,p,t] <= max_accounts[t]",
        ),
        (
            "named_team",
            "Each function that the tier serves has exactly one owner, of that role, in the account's pod; the "
            "others none.",
            "sum over s of own[a,r,s] = sum over served t of x[a,p,t]; own[a,r,s] <= [z[s,p] > 0]",
        ),
        (
            "hours",
            "Work of a person in a pod (book, travel, coaching, leading) fits the person's share of plannable hours.",
            "sum over a of (hours + 2 km / speed x visits) + coaching + leading <= z[s,p] x plannable[s]",
        ),
        (
            "people_per_pod",
            "A staffed pod has between min_people and max_people heads, the leader included.",
            "min <= heads[p] <= max",
        ),
        (
            "accounts_per_pod",
            "A pod has at most max_accounts accounts, a staffed one at least min_accounts.",
            "min <= n[p] <= max",
        ),
        (
            "role_minimum",
            "A staffed pod has at least min_per_pod of each role, by shares.",
            "sum over s of role r of z[s,p] >= min_per_pod[r]",
        ),
        (
            "shares",
            "A person's shares are whole steps of the role's share_step (0 or 1 where max_pods is 1), add up to at"
            " most 1, in at most max_pods pods.",
            "z[s,p] in share_step x {0, 1, ...}; sum over p of z[s,p] <= 1; |{p: z[s,p] > 0}| <= max_pods[s]",
        ),
        (
            "leader",
            "Each staffed pod has one leader, of role leader, placed in it; who leads a local pod leads no other.",
            "sum over s of lead[s,p] = staffed[p]; lead[s,p] <= [z[s,p] > 0]",
        ),
        (
            "leader_week",
            "Leading takes base + per member + per account hours, and these fit the leader's week in that pod.",
            "base + per_member x (heads[p] - 1) + per_account x n[p] <= z[s,p] x plannable[s]",
        ),
        (
            "coach",
            "Where coaching is required, a local pod with two or more reps has a coach among those who can, or "
            "pays for the lack; the coach gives coaching hours for each other rep; other pods have none.",
            "coach[s,p] <= can_coach[s] x [z[s,p] > 0]; reps[p] >= 2: sum over s of coach[s,p] + missing[p] = 1",
        ),
        (
            "person_place",
            "Who is of an on-site role works in a local pod only within commute_km of its base, or is in it today"
            " (given pods), or is relocated there and then in that pod only; a hire of an on-site role lives at "
            "one base. Virtual pods take people within two hours of their band, or without a zone; pods without a"
            " band take anyone. Who has no place works in virtual pods only.",
            "z[s,p] = 0 where the person may not join the pod",
        ),
        (
            "skills",
            "An owner holds every skill that the account needs of the function.",
            "own[a,r,s] = 0 where need[a,r] is not a subset of skills[s]",
        ),
        (
            "families",
            "Members of a family share pod and tier, or coverage, by its scope.",
            "x[a,p,t] = x[b,p,t] for members a, b",
        ),
        (
            "family_owner",
            "A family that shares a pod has one owner for each function whose hours for all of it are at most "
            "half of a person's plannable hours.",
            "own[a,r,s] = own[b,r,s] for members a, b",
        ),
        (
            "balance",
            "In a pod, the loads of the non-empty books of a role differ by at most the balance b.",
            "(1 - b) x largest load <= (1 + b) x smallest load",
        ),
        (
            "leavers",
            "Who is absent is not placed; who leaves inside the period has no duty, unless leavers_own.",
            "own, lead, coach [s] = 0",
        ),
        (
            "idle",
            "Nobody is placed in a pod without a book, a lead or a coach duty there, except by pin, or where the "
            "pod's heads equal min_people, or its shares of the role are below min_per_pod + one step; and in no pod, "
            "except by pin, in which nobody owns an account: leading nothing is no duty.",
            "[z[s,p] > 0] <= duties[s,p]; staffed[p] <= accounts with an owner + pinned people",
        ),
        (
            "pin",
            "A pinned account is at that tier, pod or person; a pinned person is in that pod.",
            "x or own or [z > 0] = 1",
        ),
        (
            "forbid",
            "A forbidden combination does not happen.",
            "x or own or [z > 0] = 0",
        ),
        (
            "together",
            "Two accounts share a pod (with a role: an owner); two people share a pod.",
            "equal pods or owners",
        ),
        (
            "apart",
            "Two accounts or people share no staffed pod (with a role: no owner).",
            "different pods or owners",
        ),
        (
            "limit",
            "The sum of an attribute over a pod, a tier, each book of a role, one person's book or the plan is "
            "within limits; minima bind staffed pods and non-empty books only.",
            "minimum <= sum <= maximum",
        ),
        (
            "head_count",
            "At most max_headcount people are paid, hires included.",
            "paid heads <= max_headcount",
        ),
        (
            "hires",
            "Hires stay within each role's and the plan's max_hires; no hire in a role from which somebody is "
            "released.",
            "hires[r] <= max_hires[r]",
        ),
        (
            "max_open_pods",
            "At most max_open_pods local and virtual pods are open.",
            "sum over p of open[p] <= max_open_pods",
        ),
        (
            "moved",
            "Revenue and accounts that change their sales owner, and people who change pod, stay within their caps.",
            "moved revenue <= share x revenue with an owner today",
        ),
        (
            "budget",
            "Pay, hires, fixed cost, cost per account, travel, relocation and release stay within the budget.",
            "sum of these terms <= budget",
        ),
    )
)

RULE_CODES = tuple(rule.code for rule in RULES)
