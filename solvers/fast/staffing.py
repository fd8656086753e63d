"""Who works where: heads and time of crews, hours, leaders and their week, coaches, hires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import RELOCATED
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, NOBODY, ROLES, SALES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.fast.draft import Draft

ROUNDING = 1e-9
"""Of a number of steps."""


def add_staffing(draft: Draft) -> None:
    """Variables and rows of people."""
    _seats(draft)
    _pay(draft)
    _moves(draft)
    _pod_people(draft)
    _hours(draft)
    _whole_owners(draft)
    _skills(draft)
    _leaders(draft)
    _coaches(draft)


def _seats(draft: Draft) -> None:
    """Heads and steps of time on each seat; a member's time and pods are limited crew by crew."""
    crews, model, instance = draft.crews, draft.model, draft.instance
    crew, pod = crews.seat_crew, crews.seat_pod
    size = crews.size[crew].astype(float)
    copies = draft.copies[pod].astype(float)
    leads = crews.role[crew] == LEADER
    once = 1.0 / instance.policy.horizon_years
    relocation = np.where(crews.seat_mode == RELOCATED, instance.policy.relocation_cost * once, 0.0)
    draft.heads = model.add_columns(
        len(crew),
        cost=-relocation,
        upper=np.minimum(_most_heads(draft) * copies, size * crews.max_pods[crew]),
        integer=True,
    )
    draft.spend.append((draft.heads, relocation))
    # A leader of a local pod leads no other, so that time there is whole anyway.
    shared = (crews.max_pods[crew] > 1) & ~(leads & (instance.pods.coverage[pod] == LOCAL))
    step = crews.step[crew]
    draft.steps = np.full(len(crew), NOBODY, np.int64)
    draft.steps[shared] = model.add_columns(int(shared.sum()), upper=np.floor(size / step + 1e-9)[shared], integer=True)
    chosen = np.flatnonzero(shared)
    at_least = model.add_rows(len(chosen), upper=0.0)  # a head has a step at least
    model.add_entries(at_least, draft.heads[chosen], 1.0)
    model.add_entries(at_least, draft.steps[chosen], -1.0)
    draft.gate(draft.steps[chosen], draft.heads[chosen], each=step[chosen])  # and no more than the whole person
    draft.used = model.add_columns(len(crews), upper=crews.size, integer=~crews.is_pool)
    draft.time_row = time = model.add_rows(len(crews), upper=0.0)
    column, weight = draft.share(np.arange(len(crew)))
    model.add_entries(time[crew], column, weight)
    model.add_entries(time, draft.used, -1.0)
    _lent(draft)
    is_several = (crews.max_pods > 1) & ~crews.is_pool
    several = np.flatnonzero(is_several)
    pods = model.add_rows(len(several), upper=0.0)
    inside = np.flatnonzero(is_several[crew])
    model.add_entries(pods[np.searchsorted(several, crew[inside])], draft.heads[inside], 1.0)
    model.add_entries(pods, draft.used[several], -crews.max_pods[several].astype(float))
    each = model.add_rows(len(inside), upper=0.0)
    model.add_entries(each, draft.heads[inside], 1.0)
    model.add_entries(each, draft.used[crew[inside]], -copies[inside])


def _lent(draft: Draft) -> None:
    """What a member lends to a pool is of its time, and what a pool uses is lent."""
    crews, model = draft.crews, draft.model
    lends = np.flatnonzero(crews.pool != NOBODY)
    draft.lent = np.full(len(crews), NOBODY, np.int64)
    draft.lent[lends] = model.add_columns(len(lends), upper=1.0)
    model.add_entries(draft.time_row[lends], draft.lent[lends], 1.0)
    rows = model.add_rows(crews.pools, upper=0.0)
    model.add_entries(rows, draft.used[crews.is_pool], 1.0)
    model.add_entries(rows[crews.pool[lends] - (len(crews) - crews.pools)], draft.lent[lends], -1.0)


def _most_heads(draft: Draft) -> NDArray[np.float64]:
    """Heads of each seat's crew in one pod at most: its members, as many as a leader's week and the pod allow (Q).

    Rows say so too; said here it keeps a crew that could be anywhere from being everywhere in a relaxation.
    """
    crews, instance = draft.crews, draft.instance
    leads = crews.role[crews.seat_crew] == LEADER
    policy, pods = instance.policy, instance.pods
    week = np.full(len(pods), -np.inf)
    np.maximum.at(week, crews.seat_pod[leads], crews.plannable[crews.seat_crew[leads]])
    free = np.maximum(week - policy.leader_hours_base, 0.0)
    members = np.full(len(pods), np.inf)
    if policy.leader_hours_per_member > 0:
        members = np.floor(free / policy.leader_hours_per_member + 1e-6)
    members = np.minimum(members, np.floor(pods.max_people + 1e-6))
    others = np.minimum(crews.size[crews.seat_crew], members[crews.seat_pod])
    return np.where(leads, 1.0, others)


def _pay(draft: Draft) -> None:
    """Pay, hiring and release, as far as the plan decides them; the rest is constant."""
    instance, crews, model = draft.instance, draft.crews, draft.model
    people, derived, roles, policy = instance.people, instance.derived, instance.roles, instance.policy
    once = 1.0 / policy.horizon_years
    pay = people.annual_cost * derived.employed
    stays = ~people.is_hire & (derived.employed > 0) & (derived.leaver | (not policy.flexible))
    lets_go = ~people.is_hire & (derived.employed > 0) & ~stays
    release = roles.release_cost[people.role] * people.annual_cost * once
    constant = float(pay[stays].sum() + release[lets_go].sum())
    model.offset -= constant
    draft.spend_constant += constant
    s, used = crews.person[~crews.is_pool], draft.used[~crews.is_pool]
    cost = np.where(people.is_hire[s], pay[s] + roles.hire_cost[people.role[s]] * once, 0.0)
    cost = np.where(lets_go[s], pay[s] - release[s], cost)
    model.charge(used, -cost)
    draft.spend.append((used, cost))
    hired = people.is_hire[s]
    if np.isfinite(policy.max_hires):
        draft.clause(f"policy max_hires = {policy.max_hires:g}", model.add_row(used[hired], upper=policy.max_hires))
    if np.isfinite(policy.max_headcount):
        paid = int(stays.sum())
        row = model.add_row(used[hired | lets_go[s]], upper=policy.max_headcount - paid)
        draft.clause(f"policy max_headcount = {policy.max_headcount:g}", row)
    if policy.flexible:
        _no_hire_where_released(draft, lets_go)


def _no_hire_where_released(draft: Draft, lets_go: NDArray[np.bool_]) -> None:
    crews, model, people = draft.crews, draft.model, draft.instance.people
    for role in range(len(ROLES)):
        hires = np.flatnonzero(people.is_hire[crews.person] & (crews.role == role))
        staff = np.flatnonzero(lets_go[crews.person] & (crews.role == role) & ~crews.is_pool)
        total = int((lets_go & (people.role == role)).sum())
        if not len(hires) or not total:
            continue
        hiring = model.add_columns(1, upper=1.0, integer=True)
        row = model.add_row(draft.used[hires], 1.0, upper=0.0)
        model.add_entries(row, hiring, -float(crews.size[hires].sum()))
        row = model.add_row(draft.used[staff], 1.0, lower=0.0)
        model.add_entries(row, hiring, -float(total))


def _moves(draft: Draft) -> None:
    """Who has a pod today, is used, but not there, has moved."""
    instance, crews, model = draft.instance, draft.crews, draft.model
    today = instance.people.pod_today[crews.person]
    crew = np.flatnonzero((today != NOBODY) & ~crews.is_pool)
    moved = model.add_columns(len(crew), cost=-instance.policy.move_cost, upper=crews.size[crew])
    rows = model.add_rows(len(crew), lower=0.0)
    model.add_entries(rows, moved, 1.0)
    model.add_entries(rows, draft.used[crew], -1.0)
    seat = draft.find_seats(crew, today[crew].astype(np.int64))
    stays = seat != NOBODY
    model.add_entries(rows[stays], draft.heads[seat[stays]], 1.0)
    limit = instance.policy.max_moved_people
    if np.isfinite(limit) and len(crew):
        draft.clause(f"policy max_moved_people = {limit:g}", model.add_row(moved, upper=limit))


def _pod_people(draft: Draft) -> None:
    """Heads only in staffed pods, one leader each, minima and maxima of heads and shares."""
    instance, crews, model = draft.instance, draft.crews, draft.model
    pods = instance.pods
    draft.gate(draft.heads, draft.staffed[crews.seat_pod], most=_most_heads(draft))
    for p in np.flatnonzero(draft.serves & (draft.copies > 0)).tolist():
        staffed, heads = draft.staffed[p], draft.heads[draft.seats(pod=p)]
        leader = model.add_row(draft.heads[draft.seats(role=LEADER, pod=p)], 1.0, lower=0.0, upper=0.0)
        model.add_entries(leader, staffed, -1.0)
        if np.isfinite(pods.max_people[p]):
            row = model.add_row(heads, 1.0, upper=0.0)
            model.add_entries(row, staffed, -pods.max_people[p])
            draft.clause(f"pods {pods.ids[p]}: max_people = {pods.max_people[p]:g}", row)
        row = model.add_row(heads, 1.0, lower=0.0)
        model.add_entries(row, staffed, -max(1.0, pods.min_people[p]))
        draft.clause(f"pods {pods.ids[p]}: min_people = {pods.min_people[p]:g}", row)
        for role in np.flatnonzero(instance.roles.min_per_pod > 0).tolist():
            row = model.add_row(*draft.share(draft.seats(role=role, pod=p)), lower=0.0)
            model.add_entries(row, staffed, -instance.roles.min_per_pod[role])
            draft.clause(f"roles {ROLES[role]}: min_per_pod = {instance.roles.min_per_pod[role]:g}", row)
    _all_functions(draft)


def _all_functions(draft: Draft) -> None:
    """A staffed pod has every function that all of its tiers serve: somebody there owns an account, or is pinned."""
    pinned = {rule.pod for rule in draft.instance.rules if rule.kind == "pin" and rule.account == NOBODY}
    for p in np.flatnonzero(draft.serves & (draft.copies > 0)).tolist():
        if p in pinned:
            continue
        for function in np.flatnonzero(draft.always[p]).tolist():
            seats = draft.seats(role=function, pod=p)
            able = draft.crews.plannable[draft.crews.seat_crew[seats]] > 0
            row = draft.model.add_row(draft.heads[seats[able]], 1.0, lower=0.0)
            draft.model.add_entries(row, draft.staffed[p], -1.0)


def _hours(draft: Draft) -> None:
    """Work of a function in a pod fits the time of its people there."""
    instance, crews, columns, model = draft.instance, draft.crews, draft.columns, draft.model
    draft.hours_row = np.full((len(instance.pods), len(FUNCTIONS)), NOBODY, np.int64)
    for p in np.flatnonzero(draft.serves & (draft.copies > 0)).tolist():
        inside = columns.by_pod[p]
        rows = model.add_rows(len(FUNCTIONS), upper=0.0)
        draft.hours_row[p] = rows
        model.add_entries(rows[None, :], draft.place[inside][:, None], columns.hours[inside])
        for function in range(len(FUNCTIONS)):
            seats = draft.seats(role=function, pod=p)
            column, weight = draft.share(seats)
            model.add_entries(rows[function], column, -weight * crews.plannable[crews.seat_crew[seats]])


def _whole_owners(draft: Draft) -> None:
    """An account that needs more than a step of anybody's time is only where somebody gives more than one.

    Each head gives a step at least: the steps beyond the first of each, of all heads, are at least those of its owner.
    """
    crews, columns, model = draft.crews, draft.columns, draft.model
    alone = columns.size[columns.unit] == 1
    for function in range(len(FUNCTIONS)):
        able = (crews.role == function) & (crews.plannable > 0)
        seats = np.flatnonzero(able[crews.seat_crew])
        most = np.zeros(len(draft.serves))
        np.maximum.at(most, crews.seat_pod[seats], (crews.step * crews.plannable)[crews.seat_crew[seats]])
        step_hours = np.where(most > 0, most, np.inf)
        steps = np.ceil(columns.hours[:, function] / step_hours[columns.pod] - ROUNDING) - 1.0
        for column in np.flatnonzero(alone & (steps >= 1)).tolist():
            inside = draft.seats(role=function, pod=int(columns.pod[column]))
            inside = inside[able[crews.seat_crew[inside]] & (draft.steps[inside] != NOBODY)]
            if len(inside):
                row = model.add_row([draft.place[column]], steps[column], upper=0.0)
                model.add_entries(row, draft.steps[inside], -1.0)
                model.add_entries(row, draft.heads[inside], 1.0)


def _skills(draft: Draft) -> None:
    """Accounts that need a skill fit the time of those who hold it, and are only where somebody does."""
    instance, crews, columns, model = draft.instance, draft.crews, draft.columns, draft.model
    needs_of = [instance.skill_sets[number] for number in np.unique(instance.accounts.skill_set)]
    skills = sorted(frozenset().union(*needs_of))
    needing = [np.array([skill in need for need in instance.skill_sets]) for skill in skills]
    for skill, needs in zip(skills, needing, strict=True):
        function = FUNCTIONS.index(skill.split(":", 1)[0])
        units = np.unique(columns.unit_of[needs[instance.accounts.skill_set]])
        held = np.array([skill in have for have in instance.skill_sets])[instance.people.skill_set[crews.person]]
        served = np.isin(columns.unit, units) & instance.tiers.served[columns.tier, function]
        for p in np.unique(columns.pod[served]).tolist():
            inside = columns.by_pod[p][served[columns.by_pod[p]]]
            seats = draft.seats(role=function, pod=p)
            seats = seats[held[crews.seat_crew[seats]] & (crews.plannable[crews.seat_crew[seats]] > 0)]
            column, weight = draft.share(seats)
            alone = columns.size[columns.unit[inside]] == 1
            row = model.add_row(draft.place[inside[alone]], columns.hours[inside[alone], function], upper=0.0)
            model.add_entries(row, column, -weight * crews.plannable[crews.seat_crew[seats]])
            rows = model.add_rows(len(inside), upper=0.0)
            model.add_entries(rows, draft.place[inside], 1.0)
            model.add_entries(rows[:, None], draft.heads[seats][None, :], -1.0)


def _leaders(draft: Draft) -> None:
    """Base, members and accounts fit the leader's week: the span of control."""
    instance, crews, columns, model = draft.instance, draft.crews, draft.columns, draft.model
    policy = instance.policy
    size = columns.size[columns.unit].astype(float)
    draft.week_row = np.full(len(instance.pods), NOBODY, np.int64)
    for p in np.flatnonzero(draft.serves & (draft.copies > 0)).tolist():
        inside = columns.by_pod[p]
        row = model.add_row(draft.place[inside], policy.leader_hours_per_account * size[inside], upper=0.0)
        draft.week_row[p] = row
        model.add_entries(row, draft.staffed[p], policy.leader_hours_base)
        if not draft.always[p].any():
            # Accounts that need nobody may be in the pod while it has no leader.
            most = policy.leader_hours_per_account * float(size[inside].sum())
            model.add_entries(row, draft.staffed[p], most)
            model.raise_upper(row, most)
        seats = draft.seats(pod=p)
        leads = crews.role[crews.seat_crew[seats]] == LEADER
        model.add_entries(row, draft.heads[seats[~leads]], policy.leader_hours_per_member)
        column, weight = draft.share(seats[leads])
        model.add_entries(row, column, -weight * crews.plannable[crews.seat_crew[seats[leads]]])


def _coaches(draft: Draft) -> None:
    """A coach for each local pod with two or more reps, out of the reps' time, or the price of lacking one."""
    instance, crews, model = draft.instance, draft.crews, draft.model
    draft.missing_coach = np.full(len(instance.pods), NOBODY, np.int64)
    if not instance.policy.coach_required:
        return
    each = instance.policy.coaching_hours_per_rep
    can = instance.people.can_coach[crews.person] & (crews.plannable > 0)
    for p in np.flatnonzero(draft.serves & (instance.pods.coverage == LOCAL)).tolist():
        seats = draft.seats(role=SALES, pod=p)
        reps = float(crews.size[crews.seat_crew[seats]].sum())
        missing = model.add_columns(1, cost=-instance.policy.missing_coach_cost, upper=1.0, integer=True)
        draft.missing_coach[p] = missing[0]
        coaching = model.add_columns(1, upper=each * reps)
        model.add_entries(draft.hours_row[p, SALES], coaching, 1.0)
        row = model.add_row(coaching, 1.0, lower=0.0)
        model.add_entries(row, draft.heads[seats], -each)
        model.add_entries(row, draft.staffed[p], each)
        model.add_entries(row, missing, each * reps)
        row = model.add_row(draft.heads[seats], 1.0, upper=0.0)
        model.add_entries(row, draft.staffed[p], -1.0)
        model.add_entries(row, draft.heads[seats[can[crews.seat_crew[seats]]]], -reps)
        model.add_entries(row, missing, -reps)
