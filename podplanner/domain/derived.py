"""Coefficients that score and engines share, computed once from an instance's raw columns.

The verifier does not use this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from podplanner.domain.place import Pairs, Zones, local_pairs, make_zones
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, LOCAL, NOBODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Instance

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Families:
    """Families whose members share something; members that may not be local, and lone members, are in none.

    Parameters
    ----------
    of
        Family index of each account, `NOBODY` without (A).
    shares_pod
        True: members share pod and tier; False: they share the coverage (F).
    one_owner
        Whether the family has one owner at tier t for function r (F x T x R); False where it only shares the coverage.
    """

    of: NDArray[np.int32]
    shares_pod: NDArray[np.bool_]
    one_owner: NDArray[np.bool_]

    def members(self, family: int) -> NDArray[np.int64]:
        """Account indices of one family, ascending."""
        return np.flatnonzero(self.of == family)

    def __len__(self) -> int:
        return len(self.shares_pod)


@dataclass(frozen=True)
class Derived:
    """What follows from the raw columns.

    Parameters
    ----------
    hours
        Hours of a served account by tier and function, within min and max; 0 where not served (A x T x R).
    expected
        Expected revenue by tier (A x T).
    employed, presence
        Share of the period paid; share of it useful, ramp included (S).
    plannable
        Hours that may be planned in the period (S).
    present, leaver
        Useful at some time in the period; leaves inside it (S).
    has_duties
        May own, lead and coach: present, and no leaver unless ``leavers_own`` (S).
    """

    instance: Instance
    hours: NDArray[np.float64]
    expected: NDArray[np.float64]
    employed: NDArray[np.float64]
    presence: NDArray[np.float64]
    plannable: NDArray[np.float64]
    present: NDArray[np.bool_]
    leaver: NDArray[np.bool_]
    has_duties: NDArray[np.bool_]

    @cached_property
    def local_pairs(self) -> Pairs:
        """Allowed (account, local pod) pairs; see `allowed_pairs` and `allowed` for other pods."""
        return local_pairs(self.instance)

    @cached_property
    def zones(self) -> Zones:
        """Accounts by the virtual and direct pods that they may be in."""
        return make_zones(self.instance)

    @cached_property
    def families(self) -> Families:
        """Families that share."""
        return _families(self.instance, self.hours, self.local_pairs)

    @cached_property
    def tier_allowed(self) -> NDArray[np.bool_]:
        """Whether the account's (or its sharing family's) potential reaches the tier's ``min_potential`` (A x T)."""
        potential = self.instance.accounts.potential.copy()
        of = self.families.of
        inside = of != NOBODY
        potential[inside] = np.bincount(of[inside], weights=potential[inside], minlength=len(self.families))[of[inside]]
        allowed: NDArray[np.bool_] = potential[:, None] >= self.instance.tiers.min_potential[None, :]
        return allowed

    @cached_property
    def visits(self) -> NDArray[np.float64]:
        """Trips a year by tier and function; 0 where not served, not local, or the role not on site (T x R)."""
        tiers, roles = self.instance.tiers, self.instance.roles
        travels = roles.on_site[:LEADER][None, :] & tiers.served & (tiers.coverage == LOCAL)[:, None]
        return np.where(travels, tiers.visits, 0.0)

    @cached_property
    def share_step(self) -> NDArray[np.float64]:
        """Smallest step of a person's time: the role's where the person is shared, 1 for who is in one pod only (S)."""
        people = self.instance.people
        return np.where(people.max_pods > 1, self.instance.roles.share_step[people.role], 1.0)

    @cached_property
    def handover_price(self) -> NDArray[np.float64]:
        """What it costs when the owner of a function changes or ends (A x R)."""
        accounts = self.instance.accounts
        return (accounts.margin * accounts.revenue)[:, None] * self.instance.roles.handover_loss[None, :LEADER]


def derive(instance: Instance) -> Derived:
    """Compute the coefficients of an instance."""
    employed, presence = _presence(instance)
    people = instance.people
    leaver = ~np.isnat(people.end) & (people.end < instance.policy.period_end) & (employed > 0)
    present = presence > 0
    return Derived(
        instance=instance,
        hours=_hours(instance),
        expected=_expected(instance),
        employed=employed,
        presence=presence,
        plannable=people.annual_hours * instance.roles.utilisation[people.role] * presence,
        present=present,
        leaver=leaver,
        has_duties=present & (~leaver | instance.policy.leavers_own),
    )


def _hours(instance: Instance) -> NDArray[np.float64]:
    accounts, tiers = instance.accounts, instance.tiers
    clip = (np.where(tiers.served, tiers.min_hours, 0.0), np.where(tiers.served, tiers.max_hours, 0.0))
    raw = tiers.hours_per_account[None] + tiers.hours_per_million[None] * (accounts.potential / 1e6)[:, None, None]
    hours = np.clip(raw, *clip)
    first_local = int(np.argmax(tiers.coverage == LOCAL)) if (tiers.coverage == LOCAL).any() else 0
    reference = hours[:, first_local, :].copy()
    given = accounts.given_hours
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(reference > 0, given / reference, np.nan)
    scaled = np.where(np.isnan(scale)[:, None, :], given[:, None, :], hours * scale[:, None, :])
    hours = np.where(np.isnan(given)[:, None, :], hours, scaled)
    response = instance.response
    row, function = np.nonzero(~np.isnan(response.hours))
    hours[response.account[row], response.tier[row], function] = response.hours[row, function]
    clipped: NDArray[np.float64] = np.clip(hours, *clip)
    return clipped


def _expected(instance: Instance) -> NDArray[np.float64]:
    accounts, tiers, response = instance.accounts, instance.tiers, instance.response
    rest = np.maximum(0.0, accounts.potential - accounts.revenue)
    expected: NDArray[np.float64] = accounts.revenue[:, None] * tiers.retain + rest[:, None] * tiers.capture
    row = np.flatnonzero(~np.isnan(response.expected_revenue))
    expected[response.account[row], response.tier[row]] = response.expected_revenue[row]
    return expected


def _presence(instance: Instance) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Paid and useful share of the period; usefulness grows linearly over the ramp, integrated in closed form."""
    people, policy = instance.people, instance.policy
    if np.isnat(policy.period_start):  # no dates in the input: everybody is there all the time
        return np.ones(len(people)), np.ones(len(people))
    first, last = policy.period_start.astype(np.int64), policy.period_end.astype(np.int64) + 1
    start = np.where(np.isnat(people.start), first, people.start.astype(np.int64)).astype(float)
    end = np.where(np.isnat(people.end), last, people.end.astype(np.int64) + 1).astype(float)
    begin, finish = np.clip(start, first, last), np.clip(end, first, last)
    finish = np.maximum(finish, begin)
    days = float(last - first)
    ramp = np.where(np.isnat(people.start), 0.0, people.ramp_months * DAYS_PER_MONTH)
    useful = _ramped(finish - start, ramp) - _ramped(begin - start, ramp)
    return (finish - begin) / days, useful / days


def _ramped(elapsed: NDArray[np.float64], ramp: NDArray[np.float64]) -> NDArray[np.float64]:
    """Integral from 0 to ``elapsed`` of min(1, day / ramp)."""
    elapsed = np.maximum(elapsed, 0.0)
    safe = np.where(ramp > 0, ramp, 1.0)
    rising = np.where(ramp > 0, np.minimum(elapsed, ramp) ** 2 / (2 * safe), 0.0)
    return rising + np.maximum(elapsed - ramp, 0.0)


def _families(instance: Instance, hours: NDArray[np.float64], pairs: Pairs) -> Families:
    accounts, tiers = instance.accounts, instance.tiers
    root = _roots(accounts.parent)
    placed = ~np.isnan(accounts.latitude)
    size = np.bincount(root[placed], minlength=len(accounts))
    sharing = placed & (size[root] > 1)
    scope = _scopes(instance, root, sharing, pairs)
    sharing &= np.isin(scope[root], ("pod", "coverage"))
    roots, family = np.unique(root[sharing], return_inverse=True)
    of = np.full(len(accounts), NOBODY, np.int32)
    of[sharing] = family
    shares_pod = scope[roots] == "pod"
    total = np.zeros((len(roots), len(tiers), len(FUNCTIONS)))
    np.add.at(total, family, hours[sharing])
    half = 0.5 * (instance.roles.annual_hours * instance.roles.utilisation)[:LEADER]
    one_owner = (total <= half[None, None, :] + 1e-9) & shares_pod[:, None, None] & tiers.served[None]
    return Families(of=of, shares_pod=shares_pod, one_owner=one_owner)


def _scopes(instance: Instance, root: NDArray[np.int64], sharing: NDArray[np.bool_], pairs: Pairs) -> NDArray[np.str_]:
    """Scope by root account: the policy's, or by default ``pod`` where one local base reaches all placed members."""
    given = instance.policy.family_scope
    if given != "auto":
        return np.full(len(root), given)
    local = sharing[pairs.account]
    reach = np.stack([root[pairs.account[local]], pairs.pod[local]], axis=1)
    distinct, reached = np.unique(reach, axis=0, return_counts=True)
    members = np.bincount(root[sharing], minlength=len(root))
    scope = np.full(len(root), "none", dtype="<U8")
    scope[distinct[reached == members[distinct[:, 0]], 0]] = "pod"
    return scope


def _roots(parent: NDArray[np.int32]) -> NDArray[np.int64]:
    """Topmost known parent of each account, by pointer doubling (the input has no cycles)."""
    above = np.where(parent == NOBODY, np.arange(len(parent)), parent)
    while True:
        higher = above[above]
        if np.array_equal(higher, above):
            return above.astype(np.int64)
        above = higher
