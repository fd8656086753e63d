"""What the desk looks at and never changes: units, places, people, rules, as flat arrays for compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.place import way
from podplanner.domain.vocabulary import DIRECT, FUNCTIONS, LEADER, LOCAL, NOBODY, SALES
from solvers.fast.desk_caps import Caps, make_caps
from solvers.fast.desk_wishes import Wishes, make_wishes

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from solvers.fast.draft import Draft
    from solvers.fast.roster import Roster

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Places(NamedTuple):
    """Units and the account columns where they may go; see `columns.Columns`.

    Parameters
    ----------
    first
        First column of each unit, and the end of the last (U + 1).
    pod, tier, value, hours
        Of each column; the pod is the one that stands for its site (K, hours K x R).
    usable
        Whether the rules and the people who are there leave the column (K).
    size, member_first, member
        Accounts of each unit (U, U + 1, A).
    unit_of
        Unit of each account (A).
    group
        Units that must share the coverage have the same number, `NOBODY` otherwise (U).
    frozen
        Whether the unit stays where the staffing put it (U).
    drawn
        Units that a move may begin with (at most U).
    one_owner
        Whether all members of a unit have one owner, by family unit, tier and function (F x T x R).
    family
        Row of a unit with several members in ``one_owner``, `NOBODY` for a single account (U).
    way_first, way
        Where the one-way hours of a family's members begin, by unit; column by column, member by member (U, W).
    account_hours
        Of each member at a tier, without travel (A x T x R).
    visits, served
        By tier and function (T x R).
    coverage
        Of each tier (T).
    """

    first: Ints
    pod: Ints
    tier: Ints
    value: Floats
    hours: Floats
    usable: Flags
    size: Ints
    member_first: Ints
    member: Ints
    unit_of: Ints
    group: Ints
    frozen: Flags
    drawn: Ints
    one_owner: Flags
    family: Ints
    way_first: Ints
    way: Floats
    account_hours: Floats
    visits: Floats
    served: Flags
    coverage: Ints


class Team(NamedTuple):
    """People by pod: a *slot* is a person in a pod who may own accounts there.

    Parameters
    ----------
    site
        The pod that stands for each pod, `NOBODY` where it is out of bounds (P).
    copy_first, copy
        Pods of each site that may take accounts (P + 1, P or fewer).
    staffed
        Whether the pod has people (P).
    most, least
        Accounts that a pod may, a staffed pod must have (P).
    each
        Hours of a leader's week for one account.
    first
        First slot of each pod and function, and the end of the last (4 P + 1).
    person, pod, can_coach
        Of each slot (N).
    of_first, of
        Slots of each person (S + 1, N).
    coaching
        Hours that a coach gives, 0 in a pod that needs none (P).
    no_coach
        Price of lacking a coach.
    """

    site: Ints
    copy_first: Ints
    copy: Ints
    staffed: Flags
    most: Floats
    least: Floats
    each: float
    first: Ints
    person: Ints
    pod: Ints
    can_coach: Flags
    of_first: Ints
    of: Ints
    coaching: Floats
    no_coach: float


class Board(NamedTuple):
    """All of it.

    Parameters
    ----------
    today, price
        Today's owner and what it costs to change it (A x R).
    keep
        Most that naming can add to a unit's value: handovers kept, wishes met (U).
    need, have, holds
        Skill set of each account and of each slot's person, and whether the one asks for nothing more than the other
        has, by function (A, N, R x N x N).
    """

    places: Places
    team: Team
    today: NDArray[np.int32]
    price: Floats
    keep: Floats
    need: NDArray[np.int32]
    have: NDArray[np.int32]
    holds: Flags
    wishes: Wishes
    caps: Caps


def make_board(draft: Draft, roster: Roster, allowed: Flags, frozen: Flags, used: Flags) -> Board:
    """The board of a roster.

    Parameters
    ----------
    allowed
        Account columns that the planner's rules leave (K).
    frozen
        Units that stay where the staffing put them (U).
    used
        Sites that the staffing puts accounts in (P).
    """
    instance = draft.instance
    team = _team(draft, roster, used)
    wishes = make_wishes(instance)
    opened = instance.pods.keep_open.copy()
    opened[team.copy] = True
    price = instance.derived.handover_price
    kept = np.where(instance.owner_today >= 0, price, 0.0).sum(axis=1)
    np.add.at(kept, wishes.account, np.where(np.isfinite(wishes.money), np.maximum(wishes.money, 0.0), 0.0))
    return Board(
        places=_places(draft, allowed, frozen, team),
        team=team,
        today=instance.owner_today,
        price=price,
        keep=np.bincount(draft.columns.unit_of, weights=kept, minlength=len(draft.columns.size)).astype(float),
        need=instance.accounts.skill_set,
        have=instance.people.skill_set[team.person],
        holds=_holds(instance),
        wishes=wishes,
        caps=make_caps(draft, roster, team.staffed, opened),
    )


def _places(draft: Draft, allowed: Flags, frozen: Flags, team: Team) -> Places:
    instance, columns = draft.instance, draft.columns
    families = instance.derived.families
    order = np.argsort(columns.unit_of, kind="stable")
    member_first = _starts(columns.size)
    lead = order[member_first[:-1]]
    family = np.where(columns.size > 1, families.of[lead], NOBODY).astype(np.int64)
    group = np.where(columns.size == 1, families.of[lead], NOBODY).astype(np.int64)
    way_first, hours = _ways(draft, order, member_first)
    needs_people = np.asarray(instance.tiers.served.any(axis=1))[columns.tier]
    has_pod = np.diff(team.copy_first)[columns.pod] > 0
    staffed = np.zeros(len(has_pod), bool)
    staffed[has_pod] = team.staffed[team.copy[team.copy_first[columns.pod[has_pod]]]]
    return Places(
        first=columns.start,
        pod=columns.pod,
        tier=columns.tier,
        value=columns.value,
        hours=columns.hours,
        usable=allowed & has_pod & (staffed | ~needs_people),
        size=columns.size,
        member_first=member_first,
        member=order,
        unit_of=columns.unit_of,
        group=group,
        frozen=frozen,
        drawn=np.flatnonzero(~frozen),
        one_owner=families.one_owner,
        family=family,
        way_first=way_first,
        way=hours,
        account_hours=instance.derived.hours,
        visits=instance.derived.visits,
        served=instance.tiers.served,
        coverage=instance.tiers.coverage.astype(np.int64),
    )


def _ways(draft: Draft, member: Ints, member_first: Ints) -> tuple[Ints, Floats]:
    """One-way hours of families' members, column by column: where those of a unit begin, and the hours."""
    columns = draft.columns
    size = columns.size[columns.unit]
    wide = np.flatnonzero(size > 1)
    repeat = size[wide]
    column = np.repeat(wide, repeat)
    within = np.arange(len(column)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    account = member[member_first[columns.unit[column]] + within]
    _, hours = way(draft.instance, account.astype(np.int32), columns.pod[column].astype(np.int32))
    first = _starts(np.where(columns.size > 1, columns.size * np.diff(columns.start), 0))
    return first, hours


def _starts(count: Ints) -> Ints:
    return np.concatenate(([0], np.cumsum(count))).astype(np.int64)


def _team(draft: Draft, roster: Roster, used: Flags) -> Team:
    instance = draft.instance
    people, pods, policy = instance.people, instance.pods, instance.policy
    count = len(pods)
    staffed = np.zeros(count, bool)
    staffed[roster.pod] = True
    copy_first, copy = _copies(draft, staffed, used)
    role = people.role[roster.person].astype(np.int64)
    owns = np.flatnonzero((role != LEADER) & instance.derived.has_duties[roster.person])
    key = roster.pod[owns] * LEADER + role[owns]
    slot = owns[np.lexsort((roster.person[owns], key))]
    person, pod = roster.person[slot], roster.pod[slot]
    reps = np.bincount(roster.pod[role == SALES], minlength=count)
    coached = policy.coach_required & (pods.coverage == LOCAL) & (reps >= 2)
    return Team(
        site=draft.site,
        copy_first=copy_first,
        copy=copy,
        staffed=staffed,
        most=pods.max_accounts,
        least=np.where(staffed, np.maximum(1.0, pods.min_accounts), 0.0),
        each=policy.leader_hours_per_account,
        first=_starts(np.bincount(key, minlength=count * LEADER)),
        person=person,
        pod=pod,
        can_coach=people.can_coach[person] & (role[slot] == SALES),
        of_first=_starts(np.bincount(person, minlength=len(people))),
        of=np.argsort(person, kind="stable"),
        coaching=np.where(coached, policy.coaching_hours_per_rep * (reps - 1), 0.0),
        no_coach=policy.missing_coach_cost,
    )


def _copies(draft: Draft, staffed: Flags, used: Flags) -> tuple[Ints, Ints]:
    """The staffed pods of each site; of a site without people the pod that stands for it, where that costs no more."""
    pods = draft.instance.pods
    site_staffed = np.zeros(len(staffed), bool)
    site_staffed[draft.site[staffed]] = True
    stands = draft.site == np.arange(len(staffed))
    free = pods.keep_open | ((pods.coverage == DIRECT) & (pods.fixed_cost == 0)) | used
    chosen = np.flatnonzero(staffed | (stands & ~site_staffed & free))
    chosen = chosen[np.argsort(draft.site[chosen], kind="stable")]
    return _starts(np.bincount(draft.site[chosen], minlength=len(staffed))), chosen


def share_of(draft: Draft, roster: Roster, team: Team) -> Floats:
    """Share of each slot's person in its pod (N)."""
    order = np.lexsort((roster.pod, roster.person))
    wide = len(draft.instance.pods)
    key = (roster.person * wide + roster.pod)[order]
    entry = order[np.searchsorted(key, team.person * wide + team.pod)]
    share: Floats = roster.share[entry]
    return share


def _holds(instance: Instance) -> Flags:
    """Whether a set of skills has all that another asks of a function (R x N x N)."""
    sets = instance.skill_sets
    skills = sorted(frozenset().union(*sets))
    has = np.array([[skill in held for skill in skills] for held in sets], dtype=np.float64).reshape(len(sets), -1)
    result = np.ones((len(FUNCTIONS), len(sets), len(sets)), bool)
    for f, function in enumerate(FUNCTIONS):
        of_function = [k for k, skill in enumerate(skills) if skill.split(":", 1)[0] == function]
        result[f] = has[:, of_function] @ (1.0 - has[:, of_function]).T < 0.5
    return result
