"""The verifier's own arithmetic: everything it needs, recomputed from an instance's raw columns and a plan.

Shares no formula with `podplanner.domain.derived`, `place`, `facts` or `violation`: two ways to the same number are the
proof that either is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.verify.findings import exceeds
from podplanner.domain.verify.kinship import Kinship, kinship
from podplanner.domain.verify.sphere import on_sphere, straight_km
from podplanner.domain.vocabulary import BAND_HOURS, DIRECT, FUNCTIONS, LEADER, LOCAL, NOBODY, SALES, VIRTUAL

if TYPE_CHECKING:
    from podplanner.domain.instance import Instance
    from podplanner.domain.plan import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]

MONTH_DAYS = 365.25 / 12

NOT_ALLOWED, AS_IS, BY_RELOCATION = range(3)
"""How a person is in a pod."""


@dataclass(frozen=True)
class Recount:
    """One plan of one instance, recounted; each number is computed when first asked for."""

    instance: Instance
    plan: Plan

    # -- people ------------------------------------------------------------------------------------------------------

    @cached_property
    def _days(self) -> tuple[Floats, Floats, Floats]:
        """Days from the start of employment to the first and past the last day employed in the period; the period's."""
        people, policy = self.instance.people, self.instance.policy
        if np.isnat(policy.period_start):  # without dates everybody is there, as if on every day of a one-day period
            return np.zeros(len(people)), np.ones(len(people)), np.ones(len(people))
        one_day = np.timedelta64(1, "D")
        opening, closing = policy.period_start, policy.period_end + one_day
        hired = np.where(np.isnat(people.start), opening, people.start)
        gone = np.where(np.isnat(people.end), closing, people.end + one_day)
        first, past = np.maximum(hired, opening), np.minimum(gone, closing)
        past = np.maximum(first, past)
        length = np.full(len(people), (closing - opening) / one_day)
        return (first - hired) / one_day, (past - hired) / one_day, length

    @cached_property
    def employed(self) -> Floats:
        """Part of the period employed (S)."""
        first, past, length = self._days
        return (past - first) / length

    @cached_property
    def presence(self) -> Floats:
        """Useful part of the period: on the ramp the mean of both ends' usefulness, full after it (S)."""
        people = self.instance.people
        first, past, length = self._days
        ramp = np.where(
            np.isnat(people.start) | np.isnat(self.instance.policy.period_start), 0.0, people.ramp_months * MONTH_DAYS
        )
        top = np.clip(ramp, first, past)
        halfway = np.divide(first + top, 2 * ramp, out=np.zeros_like(ramp), where=top > first)
        return np.asarray(((top - first) * halfway + (past - top)) / length)

    @cached_property
    def plannable(self) -> Floats:
        """Hours that may be planned for each person in the period (S)."""
        people = self.instance.people
        return self.presence * people.annual_hours * self.instance.roles.utilisation[people.role]

    @cached_property
    def leaves(self) -> Bools:
        """People who leave inside the period (S)."""
        people = self.instance.people
        return (people.end < self.instance.policy.period_end) & (self.employed > 0)

    @cached_property
    def placed(self) -> Bools:
        """People in any pod (S)."""
        return np.bincount(self.plan.placed_person, minlength=len(self.instance.people)) > 0

    @cached_property
    def released(self) -> Bools:
        """People whom the plan lets go (S)."""
        people = self.instance.people
        if not self.instance.policy.flexible:
            return np.zeros(len(people), bool)
        return ~self.placed & ~people.is_hire & ~self.leaves & (self.employed > 0)

    @cached_property
    def paid(self) -> Bools:
        """People who draw pay: hires when placed, people unless released or absent all period (S)."""
        stays = np.where(self.instance.people.is_hire, self.placed, ~self.released)
        return np.asarray(stays & (self.employed > 0))

    @cached_property
    def changed_pod(self) -> Bools:
        """People in a pod today whom the plan places, but not there (S)."""
        plan, today = self.plan, self.instance.people.pod_today
        at_home = plan.placed_pod == today[plan.placed_person]
        kept = np.bincount(plan.placed_person, weights=at_home, minlength=len(today)) > 0
        return np.asarray((today != NOBODY) & self.placed & ~kept)

    def is_of_role(self, person: Indices, role: int) -> Bools:
        """Whether each person is of the role; nobody is not."""
        return self._of_people(self.instance.people.role == role, person)

    def may_coach(self, person: Indices) -> Bools:
        """Whether each person is a rep who can coach; nobody is not."""
        people = self.instance.people
        return self._of_people(people.can_coach & (people.role == SALES), person)

    @staticmethod
    def _of_people(flag: Bools, person: Indices) -> Bools:
        return np.asarray(np.append(flag, [False])[person])

    # -- placements --------------------------------------------------------------------------------------------------

    @cached_property
    def _placement_keys(self) -> Ints:
        plan = self.plan
        return plan.placed_person.astype(np.int64) * len(self.instance.pods) + plan.placed_pod

    def placement(self, person: Indices, pod: Indices) -> Ints:
        """Position of each (person, pod) among the placements with a share, `NOBODY` where there is none."""
        keys = self._placement_keys
        if not len(keys):
            return np.full(len(person), NOBODY, np.int64)
        wanted = person.astype(np.int64) * len(self.instance.pods) + pod
        position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = (keys[position] == wanted) & (person >= 0) & (self.plan.share[position] > 0)
        return np.where(found, position, NOBODY)

    @cached_property
    def placed_role(self) -> NDArray[np.int32]:
        """Role of each placement (N)."""
        return self.instance.people.role[self.plan.placed_person]

    @cached_property
    def placed_hours(self) -> Floats:
        """Plannable hours of each placement: share x plannable (N)."""
        return self.plan.share * self.plannable[self.plan.placed_person]

    @cached_property
    def owner_placement(self) -> Ints:
        """Placement of each named owner in the account's pod, `NOBODY` where there is none (A x R)."""
        owner = self.plan.owner
        return np.stack([self.placement(owner[:, r], self.plan.pod) for r in range(len(FUNCTIONS))], axis=1)

    def sum_by_placement(self, value: Floats) -> Floats:
        """Sum a value of (account, function) over the book of each placement (A x R -> N)."""
        total = np.zeros(len(self.plan.share))
        for r in range(len(FUNCTIONS)):
            mine = self.owner_placement[:, r] != NOBODY
            total += np.bincount(self.owner_placement[mine, r], weights=value[mine, r], minlength=len(total))
        return total

    @cached_property
    def book_size(self) -> Floats:
        """Accounts on the book of each placement (N)."""
        return self.sum_by_placement(np.ones(self.hours.shape))

    @cached_property
    def book_hours(self) -> Floats:
        """Hours of accounts and travel on the book of each placement (N)."""
        return self.sum_by_placement(self.hours + self.travel_hours)

    @cached_property
    def coaching_hours(self) -> Floats:
        """Coaching of each placement: for each other rep of the pods it coaches (N)."""
        plan = self.plan
        coach = plan.coach[plan.placed_pod] == plan.placed_person
        others = self.reps[plan.placed_pod] - (self.placed_role == SALES)
        return np.asarray(coach * others * self.instance.policy.coaching_hours_per_rep)

    @cached_property
    def how_placed(self) -> Ints:
        """How each placement may be: `NOT_ALLOWED`, `AS_IS` or `BY_RELOCATION` (N)."""
        people, pods, policy = self.instance.people, self.instance.pods, self.instance.policy
        person, pod = self.plan.placed_person, self.plan.placed_pod
        home = on_sphere(people.latitude[person], people.longitude[person])
        base = on_sphere(pods.latitude[pod], pods.longitude[pod])
        near = ~exceeds(straight_km(home, base) * policy.road_factor, policy.commute_km)
        stays = (people.pod_today[person] == pod) & pods.given[pod]
        has_home = ~np.isnan(people.latitude[person])
        from_anywhere = ~self.instance.roles.on_site[people.role[person]]
        as_is = people.is_hire[person] | (has_home & (from_anywhere | near | stays))
        moves_house = has_home & people.relocatable[person]
        local = np.where(as_is, AS_IS, np.where(moves_house, BY_RELOCATION, NOT_ALLOWED))
        hours_apart = np.abs(people.utc_offset[person] - pods.utc_offset[pod])
        coverage = pods.coverage[pod]
        virtual = np.where(hours_apart > BAND_HOURS, NOT_ALLOWED, AS_IS)
        direct = np.where(has_home | people.is_hire[person], AS_IS, NOT_ALLOWED)
        return np.where(coverage == LOCAL, local, np.where(coverage == VIRTUAL, virtual, direct)).astype(np.int64)

    # -- pods --------------------------------------------------------------------------------------------------------

    @cached_property
    def heads(self) -> Ints:
        """People in each pod, the leader included (P)."""
        return np.bincount(self.plan.placed_pod, minlength=len(self.instance.pods))

    @cached_property
    def reps(self) -> Ints:
        """Sales people in each pod (P)."""
        return np.bincount(self.plan.placed_pod[self.placed_role == SALES], minlength=len(self.instance.pods))

    @cached_property
    def accounts_in(self) -> Ints:
        """Accounts in each pod (P)."""
        return np.bincount(self.plan.pod, minlength=len(self.instance.pods))

    @cached_property
    def open(self) -> Bools:
        """Pods that are paid for (P)."""
        return (self.heads + self.accounts_in > 0) | self.instance.pods.keep_open

    @cached_property
    def counted_open(self) -> int:
        """Open pods that are not direct."""
        return int((self.open & (self.instance.pods.coverage != DIRECT)).sum())

    @cached_property
    def lacks_coach(self) -> Bools:
        """Pods that pay for having no coach (P)."""
        return np.asarray(self.wants_coach & (self.plan.coach == NOBODY))

    @cached_property
    def wants_coach(self) -> Bools:
        """Local pods with two or more reps, where coaching is required (P)."""
        needs = (self.instance.pods.coverage == LOCAL) & (self.reps >= 2)
        return np.asarray(needs & self.instance.policy.coach_required)

    # -- accounts ----------------------------------------------------------------------------------------------------

    @cached_property
    def placed_account(self) -> Bools:
        """Accounts with a place (A)."""
        return ~np.isnan(self.instance.accounts.latitude)

    @cached_property
    def served(self) -> Bools:
        """Functions that the account's tier serves (A x R)."""
        return self.instance.tiers.served[self.plan.tier]

    @cached_property
    def _asked_response(self) -> Bools:
        """Rows of ``response`` that speak of the tier at which the plan has their account."""
        response = self.instance.response
        return np.asarray(self.plan.tier[response.account] == response.tier)

    @cached_property
    def hours(self) -> Floats:
        """Hours of each account at its tier by function, travel apart (A x R)."""
        instance, tier = self.instance, self.plan.tier
        hours = self._standard_hours(tier)
        given = instance.accounts.given_hours
        row, function = np.nonzero(~np.isnan(given))
        local_tiers = np.flatnonzero(instance.tiers.coverage == LOCAL)
        first = np.full(len(tier), local_tiers[0] if len(local_tiers) else 0)
        standard = self._standard_hours(first)[row, function]
        factor = np.divide(given[row, function], standard, out=np.ones(len(row)), where=standard > 0)
        hours[row, function] = np.where(standard > 0, factor * hours[row, function], given[row, function])
        asked, response = self._asked_response, instance.response
        own = response.hours[asked]
        account = response.account[asked]
        hours[account] = np.where(np.isnan(own), hours[account], own)
        return self._within_bounds(hours, tier)

    def _standard_hours(self, tier: Indices) -> Floats:
        tiers, millions = self.instance.tiers, self.instance.accounts.potential / 1e6
        hours = tiers.hours_per_million[tier] * millions[:, None] + tiers.hours_per_account[tier]
        return self._within_bounds(hours, tier)

    def _within_bounds(self, hours: Floats, tier: Indices) -> Floats:
        tiers = self.instance.tiers
        bounded = np.minimum(np.maximum(hours, tiers.min_hours[tier]), tiers.max_hours[tier])
        return np.where(tiers.served[tier], bounded, 0.0)

    @cached_property
    def expected(self) -> Floats:
        """Expected revenue of each account at its tier (A)."""
        accounts, tiers, tier = self.instance.accounts, self.instance.tiers, self.plan.tier
        kept = tiers.retain[tier] * accounts.revenue
        won = tiers.capture[tier] * np.maximum(accounts.potential - accounts.revenue, 0.0)
        expected: Floats = kept + won
        asked = self._asked_response & ~np.isnan(self.instance.response.expected_revenue)
        expected[self.instance.response.account[asked]] = self.instance.response.expected_revenue[asked]
        return expected

    @cached_property
    def _way(self) -> tuple[Floats, Floats]:
        instance, pod = self.instance, self.plan.pod
        accounts, pods, given = instance.accounts, instance.pods, instance.distances
        straight = straight_km(
            on_sphere(accounts.latitude, accounts.longitude), on_sphere(pods.latitude, pods.longitude)[pod]
        )
        km = straight * instance.policy.road_factor
        here = pod[given.account] == given.pod
        with_km, with_hours = here & ~np.isnan(given.km), here & ~np.isnan(given.hours)
        km[given.account[with_km]] = given.km[with_km]
        hours = km / instance.policy.travel_speed_kmh
        hours[given.account[with_hours]] = given.hours[with_hours]
        local = pods.coverage[pod] == LOCAL
        return np.where(local, km, 0.0), np.where(local, hours, 0.0)

    @property
    def km(self) -> Floats:
        """One-way road km from each account to its pod, 0 unless the pod is local; nan without a place (A)."""
        return self._way[0]

    @cached_property
    def visits(self) -> Floats:
        """Trips a year to each account by function: on-site roles at local tiers (A x R)."""
        tiers, roles = self.instance.tiers, self.instance.roles
        trips = tiers.visits * tiers.served * roles.on_site[:LEADER]
        trips[tiers.coverage != LOCAL] = 0.0
        return np.asarray(trips[self.plan.tier])

    @cached_property
    def travel_hours(self) -> Floats:
        """Hours on the road for each account by function (A x R)."""
        return np.where(self.visits > 0, 2.0 * self._way[1][:, None] * self.visits, 0.0)

    @cached_property
    def kin(self) -> Kinship:
        """Families that share something."""
        return kinship(self.instance)

    @cached_property
    def handed_over(self) -> Bools:
        """Functions of accounts whose owner of today is not the plan's (A x R)."""
        today = self.instance.owner_today
        return np.asarray((today != NOBODY) & (today != self.plan.owner))

    @cached_property
    def account_moved(self) -> Bools:
        """Accounts that a present sales owner gives up (A)."""
        return np.asarray(self.handed_over[:, SALES] & (self.instance.owner_today[:, SALES] >= 0))
