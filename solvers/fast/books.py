"""What has to be named in one pod and function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Item:
    """Accounts that one person must own together in a function: a single account, or a family with one owner.

    Parameters
    ----------
    accounts
        Their indices.
    hours
        Book and travel hours in the function.
    """

    accounts: tuple[int, ...]
    hours: float


@dataclass(frozen=True, kw_only=True)
class Book:
    """One pod and function to be named.

    Parameters
    ----------
    items
        What needs an owner.
    people
        Who may own.
    room
        Hours of each person.
    fits
        Whether person j may own item i (I x J).
    price
        What is kept when person j owns item i (I x J).
    full
        Share of the person's time in the pod and all plannable hours of it, for balance (J x 2).
    conflicts
        Pairs of items that need different owners.
    coaching
        Hours that one of ``can_coach`` has to give, None without a coach.
    can_coach
        By person (J).
    """

    items: tuple[Item, ...]
    people: tuple[int, ...]
    room: NDArray[np.float64]
    fits: NDArray[np.bool_]
    price: NDArray[np.float64]
    full: NDArray[np.float64]
    conflicts: tuple[tuple[int, int], ...]
    coaching: float | None
    can_coach: NDArray[np.bool_]
