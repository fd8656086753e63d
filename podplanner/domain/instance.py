"""What is asked: accounts, people, pods, tiers, policy and rules as frozen columns with dense indices.

An `Instance` holds the *raw* numbers of the contract, resolved to indices, and nothing computed from them: the
coefficients that score and engines share are in `podplanner.domain.derived` (``instance.derived``), the verifier
computes its own.

Sizes: ``A`` accounts, ``S`` people (hire slots last), ``P`` pods, ``T`` tiers, ``R = 4`` functions. Money is per year,
time in hours per year, distance in one-way road km.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podplanner.domain.derived import Derived, derive
from podplanner.domain.vocabulary import FUNCTIONS, LEADER, NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podplanner.domain.policy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Dates = NDArray[np.datetime64]


class Columns:
    """Base of the column structs: makes every array read-only and checks that the first axes agree."""

    def __post_init__(self) -> None:
        sizes = set()
        for item in fields(self):  # type: ignore[arg-type]  # only dataclasses derive from Columns
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
                sizes.add(len(value))
        if len(sizes) > 1:
            raise ValueError(f"{type(self).__name__}: columns of unequal length {sorted(sizes)}")

    def __len__(self) -> int:
        return len(self.ids)  # type: ignore[attr-defined]  # every struct has ids


@dataclass(frozen=True, kw_only=True)
class Accounts(Columns):
    """The customers.

    Parameters
    ----------
    ids, names
        Text (A).
    parent
        Index of the parent account, `NOBODY` where none is known (A).
    latitude, longitude
        Degrees, nan without a place (A).
    utc_offset
        Hours, nan without a zone (A).
    revenue, potential
        Money, >= 0 (A).
    margin
        0 to 1 (A).
    skill_set
        Index into ``Instance.skill_sets``: what its team needs (A).
    given_hours
        Hours at the first local tier, nan where the service table decides (A x R).
    numeric
        Numeric columns by name (also unknown ones), for ``limit`` rules.
    """

    ids: Texts
    names: Texts
    parent: Ints
    latitude: Floats
    longitude: Floats
    utc_offset: Floats
    revenue: Floats
    potential: Floats
    margin: Floats
    skill_set: Ints
    given_hours: Floats
    numeric: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class People(Columns):
    """The payroll, and after it the slots of possible hires (``is_hire``), role by role.

    Parameters
    ----------
    ids, names
        Text (S); hires are called ``hire-<role>-<number>``.
    role
        Index into `ROLES` (S).
    latitude, longitude, utc_offset
        nan without a place or zone; always nan for hires, who live where they are placed (S).
    annual_cost
        Full-year pay (S).
    annual_hours
        Full-year hours (S).
    skill_set
        Index into ``Instance.skill_sets`` (S).
    can_coach, relocatable, is_hire
        Flags (S).
    pod_today
        Pod index, `NOBODY` without one (S).
    manager
        Text, the manager's id as given (S).
    start, end
        Days; NaT without (S). A hire starts at its role's ``hire_start``.
    ramp_months
        Months from ``start`` over which usefulness grows linearly from 0 to 1 (S).
    max_pods
        Most pods at one time (S).
    """

    ids: Texts
    names: Texts
    role: Ints
    latitude: Floats
    longitude: Floats
    utc_offset: Floats
    annual_cost: Floats
    annual_hours: Floats
    skill_set: Ints
    can_coach: Bools
    relocatable: Bools
    is_hire: Bools
    pod_today: Ints
    manager: Texts
    start: Dates
    end: Dates
    ramp_months: Floats
    max_pods: Ints


@dataclass(frozen=True, kw_only=True)
class Pods(Columns):
    """Existing and candidate pods.

    Parameters
    ----------
    coverage
        Index into `COVERAGES` (P).
    latitude, longitude
        The base of a local pod (P).
    utc_offset
        Band of a virtual pod; nan: it takes the accounts without a zone or whose zone has no band (P).
    fixed_cost
        Money a year while open (P).
    min_people, max_people, min_accounts, max_accounts
        Heads and accounts; minima bind staffed pods only; ``inf`` without maximum (P).
    keep_open
        Stays open (and is paid) even empty (P).
    given
        Has a row in the planner's ``pods`` table: people who are in it today may stay however far they live (P).
    """

    ids: Texts
    names: Texts
    coverage: Ints
    latitude: Floats
    longitude: Floats
    utc_offset: Floats
    fixed_cost: Floats
    min_people: Floats
    max_people: Floats
    min_accounts: Floats
    max_accounts: Floats
    keep_open: Bools
    given: Bools


@dataclass(frozen=True, kw_only=True)
class Tiers(Columns):
    """The levels of coverage, and the service they take.

    Parameters
    ----------
    coverage
        Index into `COVERAGES` (T).
    retain, capture
        0 to 1 (T).
    cost_per_account, min_potential, max_accounts
        Money; money; accounts over the whole plan, ``inf`` without limit (T).
    hours_per_account, hours_per_million, min_hours, max_hours
        Hours by function (T x R).
    visits
        Trips a year by function (T x R).
    served
        Whether the tier names an owner for the function (T x R).
    """

    ids: Texts
    coverage: Ints
    retain: Floats
    capture: Floats
    cost_per_account: Floats
    min_potential: Floats
    max_accounts: Floats
    hours_per_account: Floats
    hours_per_million: Floats
    min_hours: Floats
    max_hours: Floats
    visits: Floats
    served: Bools


@dataclass(frozen=True, kw_only=True)
class Roles(Columns):
    """The five roles, in the order of `ROLES`.

    Parameters
    ----------
    annual_hours, utilisation
        Full-year hours and the plannable share of them (5).
    annual_cost, hire_cost
        Pay of a hire, one-off cost of hiring (5).
    release_cost
        Share of the person's own full-year pay (5).
    max_hires
        Slots (5).
    on_site
        Obeys the commute rule and travels (5).
    share_step
        Smallest step of a shared person's time; 1 for dedicated (5).
    min_per_pod
        Least sum of shares in a staffed pod (5).
    handover_loss
        Share of today's revenue at risk; 0 for leaders (5).
    centre_of_excellence
        Whom the role keeps a dotted line to, text (5).
    """

    ids: Texts
    annual_hours: Floats
    utilisation: Floats
    annual_cost: Floats
    hire_cost: Floats
    release_cost: Floats
    max_hires: Ints
    on_site: Bools
    share_step: Floats
    min_per_pod: Floats
    handover_loss: Floats
    centre_of_excellence: Texts


@dataclass(frozen=True, kw_only=True)
class Response(Columns):
    """The planner's own response model, cell by cell.

    Parameters
    ----------
    account, tier
        Indices (rows of ``response``).
    expected_revenue
        Money, nan as computed.
    hours
        By function, nan as computed (rows x R).
    """

    account: Ints
    tier: Ints
    expected_revenue: Floats
    hours: Floats

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True, kw_only=True)
class Distances(Columns):
    """The planner's own distances: one-way km and hours for (account, local pod), nan as computed."""

    account: Ints
    pod: Ints
    km: Floats
    hours: Floats

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of ``rules``, ids resolved; `NOBODY` (or "") where the row leaves a cell blank.

    Parameters
    ----------
    kind
        ``pin``, ``forbid``, ``together``, ``apart`` or ``limit``.
    account, other_account, person, other_person, pod, tier, role
        Indices; ``other_*`` is the row's ``other_id``.
    attribute
        Column that a ``limit`` sums; ``"1"`` counts accounts.
    minimum, maximum
        Of a ``limit``; infinite where open.
    soft_cost
        Money a unit of violation; None where the rule is hard.
    """

    rule_id: str
    kind: str
    account: int = NOBODY
    other_account: int = NOBODY
    person: int = NOBODY
    other_person: int = NOBODY
    pod: int = NOBODY
    tier: int = NOBODY
    role: int = NOBODY
    attribute: str = ""
    minimum: float = -np.inf
    maximum: float = np.inf
    soft_cost: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One planning problem, valid by existing.

    Parameters
    ----------
    owner_today
        Person index of today's named owner by function, `NOBODY` where the books name nobody, `VACANT` where the owner
        is gone or leaves inside the period (A x R).
    skill_sets
        The distinct sets of ``role:skill``; accounts and people point into it. A person of role r holds skill k as
        ``"r:k"``.
    sha256
        Hash of the canonical tables it was built from.
    assumed, warnings
        Passed on to the result.
    extra
        Unknown columns by table, handed through to the output.
    """

    accounts: Accounts
    people: People
    pods: Pods
    tiers: Tiers
    roles: Roles
    policy: Policy
    owner_today: Ints
    response: Response
    distances: Distances
    rules: tuple[Rule, ...]
    skill_sets: tuple[frozenset[str], ...]
    has_books: bool
    sha256: str
    assumed: tuple[str, ...] = ()
    warnings: tuple[Any, ...] = ()
    extra: Mapping[str, Mapping[str, NDArray[Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.owner_today.shape != (len(self.accounts), len(FUNCTIONS)):
            raise ValueError(f"owner_today has shape {self.owner_today.shape}, must be (accounts, 4)")
        if len(self.roles) != LEADER + 1:
            raise ValueError(f"{len(self.roles)} roles, must be 5")
        self.owner_today.setflags(write=False)

    @cached_property
    def derived(self) -> Derived:
        """Coefficients computed once from the raw columns; see `podplanner.domain.derived`."""
        return derive(self)

    @cached_property
    def account_index(self) -> Mapping[str, int]:
        """Account id -> index."""
        return _index(self.accounts.ids)

    @cached_property
    def person_index(self) -> Mapping[str, int]:
        """Person id (hire slots included) -> index."""
        return _index(self.people.ids)

    @cached_property
    def pod_index(self) -> Mapping[str, int]:
        """Pod id -> index."""
        return _index(self.pods.ids)

    @cached_property
    def tier_index(self) -> Mapping[str, int]:
        """Tier id -> index."""
        return _index(self.tiers.ids)


def _index(ids: Texts) -> Mapping[str, int]:
    return MappingProxyType({name: index for index, name in enumerate(ids.tolist())})
