"""Today's organisation as an instance and a plan of it, so that whatever judges plans can judge today.

The tables say who owns which account (``books``), who is in which pod (``people.pod_id``), and no more. What they
leave open is settled here, and in case of doubt in favour of today, so that the gain of a plan is never flattered:

*Accounts.* An account is in the pod of its sales owner; where sales has no present owner with a pod, in that of the
next function (marketing, support, operations). Without any such pod it is local where the sales owner lives within
``max_local_km``, virtual where somebody else or farther owns it, and direct where nobody does (whose owners are all
gone is nobody's). It is at the first tier of that coverage in the ``tiers`` table. An account without a place, whose
owner sits in a local pod, is virtual: nobody knows the way to it.

*Made-up pods.* For accounts without a pod of today, pods are made up: one at the home of each such sales owner, one
virtual and one direct one (used only where the input has no direct pod). They cost nothing. Travel starts at the
owner's home.

*People.* Whoever is present and may have duties (a leaver only under ``leavers_own``) is in the pod of today, whole.
A sales owner without one is at home, or online where all of their accounts are virtual. A pod's leader is the first
leader in it. The tables do not say who coaches: today neither pays nor is blamed for the lack of one. Nobody
relocates, moves, is hired or released; everybody is paid, as under ``fixed``.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from podplanner.domain.geography import great_circle_km
from podplanner.domain.place import TOLERANCE_KM
from podplanner.domain.plan import Plan
from podplanner.domain.vocabulary import COVERAGES, DIRECT, LEADER, LOCAL, NOBODY, SALES, VIRTUAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podplanner.domain.instance import Bools, Instance, Ints, Pods


def today(instance: Instance) -> tuple[Instance, Plan]:
    """Today as an instance (made-up pods come after the known ones) and a plan of it."""
    owner = np.where(instance.owner_today >= 0, instance.owner_today, NOBODY).astype(np.int32)
    pod, sellers = _places(instance, owner)
    pods = _with_made_up(instance, sellers)
    home = _homes(instance, owner, pod, sellers)
    placed = np.flatnonzero(home != NOBODY).astype(np.int32)
    plan = Plan(
        pod=pod,
        tier=_first_tiers(instance)[pods.coverage[pod]],
        owner=owner,
        placed_person=placed,
        placed_pod=home[placed],
        share=np.ones(len(placed)),
        leader=_leaders(instance, home, len(pods)),
        coach=np.full(len(pods), NOBODY, np.int32),
    )
    made_up = np.unique(pod[pod >= len(instance.pods)])
    policy = replace(
        instance.policy,
        flexible=False,
        coach_required=False,
        relocation_cost=0.0,
        max_open_pods=instance.policy.max_open_pods + np.count_nonzero(pods.coverage[made_up] != DIRECT),
    )
    return replace(instance, pods=pods, policy=policy), plan


def _first_tiers(instance: Instance) -> Ints:
    """First tier of each coverage; the completed tables hold one of each."""
    coverage = instance.tiers.coverage
    return np.array([np.flatnonzero(coverage == index)[0] for index in range(len(COVERAGES))], np.int32)


def _places(instance: Instance, owner: Ints) -> tuple[Ints, Ints]:
    """Pod of each account, made-up ones counted on from the known (A), and the sales owners with a pod at home."""
    seller = owner[:, SALES]
    pod = _pod_of_owners(instance, owner)
    known_direct = np.flatnonzero(instance.pods.coverage == DIRECT)
    unplaced, owned = pod == NOBODY, (owner != NOBODY).any(axis=1)
    near = unplaced & _lives_near(instance, seller)
    sellers = np.unique(seller[near]).astype(np.int32)
    virtual = len(instance.pods) + len(sellers)
    direct = int(known_direct[0]) if len(known_direct) else virtual + 1
    pod[near] = len(instance.pods) + np.searchsorted(sellers, seller[near])
    pod[unplaced & ~near] = np.where(owned, virtual, direct)[unplaced & ~near]
    return pod, sellers


def _pod_of_owners(instance: Instance, owner: Ints) -> Ints:
    """Today's pod of the first function whose owner has one; `NOBODY` without, or without a way there (A)."""
    pod_of_owner = np.append(instance.people.pod_today, NOBODY)[owner]
    first = np.argmax(pod_of_owner != NOBODY, axis=1)
    pod = pod_of_owner[np.arange(len(owner)), first].astype(np.int32)
    no_way = np.isnan(instance.accounts.latitude) & (instance.pods.coverage[pod] == LOCAL)
    return np.where(no_way, NOBODY, pod).astype(np.int32)


def _lives_near(instance: Instance, seller: Ints) -> Bools:
    """Whether the account has a sales owner who lives within ``max_local_km`` (A)."""
    accounts, people, policy = instance.accounts, instance.people, instance.policy
    latitude, longitude = np.append(people.latitude, np.nan)[seller], np.append(people.longitude, np.nan)[seller]
    km = policy.road_factor * great_circle_km(accounts.latitude, accounts.longitude, latitude, longitude)
    return np.asarray(km <= policy.max_local_km + TOLERANCE_KM)


def _with_made_up(instance: Instance, sellers: Ints) -> Pods:
    """The known pods, a pod at home for each seller, a virtual and a direct one."""
    people, size = instance.people, len(sellers) + 2
    ids = np.array([f"today:{name}" for name in [*people.ids[sellers], "virtual", "direct"]], object)
    nowhere = np.full(2, np.nan)
    added: dict[str, NDArray[Any]] = {
        "ids": ids,
        "names": ids,
        "coverage": np.array([LOCAL] * len(sellers) + [VIRTUAL, DIRECT], np.int32),
        "latitude": np.concatenate([people.latitude[sellers], nowhere]),
        "longitude": np.concatenate([people.longitude[sellers], nowhere]),
        "utc_offset": np.full(size, np.nan),
        "fixed_cost": np.zeros(size),
        "min_people": np.zeros(size),
        "max_people": np.full(size, np.inf),
        "min_accounts": np.zeros(size),
        "max_accounts": np.full(size, np.inf),
        "keep_open": np.zeros(size, bool),
        "given": np.zeros(size, bool),
    }
    columns = {column.name: getattr(instance.pods, column.name) for column in fields(instance.pods)}
    return replace(instance.pods, **{name: np.concatenate([column, added[name]]) for name, column in columns.items()})


def _homes(instance: Instance, owner: Ints, pod: Ints, sellers: Ints) -> Ints:
    """Pod of each person today, made-up ones included; `NOBODY` without (S)."""
    people, first = instance.people, len(instance.pods)
    virtual = first + len(sellers)
    home = np.where(people.is_hire | ~instance.derived.has_duties, NOBODY, people.pod_today).astype(np.int32)
    online = np.unique(owner[pod == virtual, SALES])
    for persons, where in ((online[online != NOBODY], virtual), (sellers, first + np.arange(len(sellers)))):
        free = people.pod_today[persons] == NOBODY
        home[persons[free]] = np.broadcast_to(where, len(persons))[free]
    return home


def _leaders(instance: Instance, home: Ints, pods: int) -> Ints:
    """First leader of each pod, `NOBODY` without (P)."""
    leader = np.full(pods, NOBODY, np.int32)
    leads = np.flatnonzero((instance.people.role == LEADER) & (home != NOBODY))
    led, first = np.unique(home[leads], return_index=True)
    leader[led] = leads[first]
    return leader
