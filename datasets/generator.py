"""Companies drawn by seed on real geography, of any size: for trying podplanner out and for its benchmarks.

Accounts are where people live (US zips by population), their potentials are lognormal; people live around bases found
where the accounts are, and earn what their role earns in the nearest metro. All names are made up. Where no source is
named, numbers are assumed, and chosen so that sales hours are scarce and all three coverages pay for some accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from datasets.generator_books import draw_books
from datasets.geo.nearest import nearest_places
from datasets.geo.wages import metro_wages
from datasets.geo.zips import us_zips
from datasets.tablefiles import write_tables
from podplanner.domain.bases import Crew, Points, Reach, find_bases

__all__ = ["generate", "write_tables"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIZES = ((1_000, 10, 80), (10_000, 60, 770), (100_000, 400, 7_600), (1_000_000, 1_000, 76_000))
"""Accounts, bases, people of the published size classes; between them, straight lines on logarithmic axes."""
ROLE_SHARES = {"marketing": 0.11, "support": 0.21, "operations": 0.13, "leader": 0.11}
"""Shares of the people, the functions' as their default hours are; the rest, 44 %, are sales people."""
MEDIAN_POTENTIAL, SPREAD = 220_000.0, 1.1
"""US dollars, and the standard deviation of the logarithm: the top tenth holds about half."""
NEW_SHARE = 0.2
"""Share of the accounts that buy nothing today."""
MARGINS = (0.25, 0.45)
SEGMENTS = ("small", "middle", "large")
SEGMENTS_FROM = (0.0, 150_000.0, 600_000.0)
"""Least potential of each segment."""
INDUSTRIES = ("Construction", "Finance", "Food", "Health", "Logistics", "Manufacturing", "Retail", "Technology")
REACH = Reach(accounts_km=115.0, commute_km=60.0, spacing_km=30.0)
"""The default limits of local pods, as the crow flies."""
HOME_SPREAD_KM, PLACE_SPREAD_KM, KM_PER_DEGREE = 15.0, 2.0, 111.2
REMOTE_SHARE = 0.1
"""Share of the people who live anywhere."""
LOADING = 1.3
"""Benefits, employer taxes and overhead on top of the wage."""
QUARTILE = 0.6745
"""Upper quartile of the standard normal distribution."""


@dataclass(frozen=True)
class _Places:
    """Positions with their zips' rows."""

    row: Ints
    latitude: Floats
    longitude: Floats


def generate(
    accounts: int, *, seed: int, bases: int | None = None, people: int | None = None, with_books: bool = False
) -> dict[str, pd.DataFrame]:
    """Draw a company.

    Parameters
    ----------
    accounts
        Number of accounts, at least 1.
    seed
        The same numbers and seed give the same tables.
    bases, people
        Local bases and people, at least 1 and 5; by default as the size classes have them.
    with_books
        Whether accounts have owners and people pods today.

    Returns
    -------
    dict
        Tables ``accounts``, ``people``, ``pods`` (local bases; the other coverages are left to the defaults) and, with
        books, ``books``.

    Raises
    ------
    ValueError
        A number is too small.
    """
    usual_bases, usual_people = _usual_sizes(accounts)
    bases, people = usual_bases if bases is None else bases, usual_people if people is None else people
    if accounts < 1 or bases < 1 or people < len(ROLE_SHARES) + 1:
        raise ValueError(f"needs at least 1 account, 1 base and 5 people, not {accounts}, {bases}, {people}")
    random = np.random.default_rng(seed)
    places = _drawn_places(accounts, PLACE_SPREAD_KM, random)
    customers = _accounts(places, random)
    pods = _pods(places, customers["potential"].to_numpy(), bases, random)
    nearest, _ = nearest_places(places.latitude, places.longitude, _positions(pods))
    around = np.bincount(nearest[:, 0], weights=customers["potential"], minlength=bases).astype(np.float64)
    staff, home = _people(people, around, pods, random)
    tables = {"accounts": customers, "people": staff, "pods": pods}
    if with_books:
        tables["books"], base = draw_books(customers, staff, pods, home, random)
        staff["pod_id"] = np.where(base >= 0, pods["pod_id"].to_numpy()[base], "")
    return tables


def _usual_sizes(accounts: int) -> tuple[int, int]:
    """Bases and people of a company of so many accounts."""
    known = np.log(np.array(SIZES, dtype=float))
    at = np.log(max(accounts, 1))
    if at < known[0, 0]:
        scale = accounts / SIZES[0][0]
        return max(1, round(SIZES[0][1] * scale)), max(len(ROLE_SHARES) + 1, round(SIZES[0][2] * scale))
    usual = np.exp([np.interp(at, known[:, 0], known[:, column]) for column in (1, 2)])
    return round(float(usual[0])), round(float(usual[1]))


def _drawn_places(count: int, spread_km: float, random: np.random.Generator) -> _Places:
    """Zips drawn by population, each position a little off the zip's centre."""
    zips = us_zips()
    weight = zips["population"].to_numpy(dtype=float)
    row = random.choice(len(zips), count, p=weight / weight.sum())
    latitude, longitude = zips["latitude"].to_numpy()[row], zips["longitude"].to_numpy()[row]
    return _Places(row, *_shifted(latitude, longitude, spread_km, random))


def _shifted(
    latitude: Floats, longitude: Floats, spread_km: float, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Positions moved by normal errors, to four decimals (11 m)."""
    north, east = random.normal(0.0, spread_km / KM_PER_DEGREE, (2, len(latitude)))
    return np.round(latitude + north, 4), np.round(longitude + east / np.cos(np.radians(latitude)), 4)


def _accounts(places: _Places, random: np.random.Generator) -> pd.DataFrame:
    count, zips = len(places.row), us_zips()
    potential = np.round(np.exp(random.normal(np.log(MEDIAN_POTENTIAL), SPREAD, count)), -2)
    share = random.beta(3, 3, count) * (random.random(count) >= NEW_SHARE)
    return pd.DataFrame(
        {
            "account_id": _ids("A", count),
            "name": [f"Account {number}" for number in range(1, count + 1)],
            "industry": np.array(INDUSTRIES, dtype=object)[random.integers(len(INDUSTRIES), size=count)],
            "segment": np.array(SEGMENTS, dtype=object)[np.digitize(potential, SEGMENTS_FROM) - 1],
            "latitude": places.latitude,
            "longitude": places.longitude,
            "postal_code": zips["zip"].to_numpy()[places.row],
            "city": zips["city"].to_numpy()[places.row],
            "region": zips["state"].to_numpy()[places.row],
            "country": "US",
            "revenue": np.round(potential * share, -2),
            "potential": potential,
            "margin": np.round(random.uniform(*MARGINS, count), 2),
        }
    )


def _pods(places: _Places, potential: Floats, bases: int, random: np.random.Generator) -> pd.DataFrame:
    """Bases found where the accounts are; where more are asked for, others in zips drawn by population."""
    nobody = Points(np.zeros(0), np.zeros(0), np.zeros(0))
    crew = Crew(sales=nobody, leaders=nobody, mobile_sales=None, leaders_anywhere=True)
    latitude, longitude = find_bases(Points(places.latitude, places.longitude, potential), crew, REACH, nobody)
    more = _drawn_places(bases, PLACE_SPREAD_KM, random)
    return pd.DataFrame(
        {
            "pod_id": _ids("B", bases),
            "coverage": "local",
            "latitude": np.round(np.concatenate([latitude, more.latitude])[:bases], 4),
            "longitude": np.round(np.concatenate([longitude, more.longitude])[:bases], 4),
        }
    )


def _people(count: int, weight: Floats, pods: pd.DataFrame, random: np.random.Generator) -> tuple[pd.DataFrame, Ints]:
    """People around the bases, drawn by the potential nearest to each; also each one's base (-1: lives anywhere)."""
    heads = {role: max(1, round(share * count)) for role, share in ROLE_SHARES.items()}
    heads = {"sales": count - sum(heads.values())} | heads
    role = np.repeat(list(heads), list(heads.values())).astype(object)
    home = random.choice(len(pods), count, p=weight / weight.sum())
    # A base without a leader cannot open: leaders go round the bases, largest first.
    leads = role == "leader"
    home[leads] = np.argsort(-weight, kind="stable")[np.arange(leads.sum()) % len(pods)]
    latitude, longitude = _shifted(
        pods["latitude"].to_numpy()[home], pods["longitude"].to_numpy()[home], HOME_SPREAD_KM, random
    )
    remote = (random.random(count) < REMOTE_SHARE) & ~leads
    anywhere = _drawn_places(int(remote.sum()), PLACE_SPREAD_KM, random)
    latitude[remote], longitude[remote], home[remote] = anywhere.latitude, anywhere.longitude, -1
    staff = pd.DataFrame(
        {
            "person_id": _ids("P", count),
            "name": [f"{title.title()} {number}" for number, title in enumerate(role, start=1)],
            "role": role,
            "latitude": latitude,
            "longitude": longitude,
            "annual_cost": _pay(role, latitude, longitude, random),
        }
    )
    return staff, home


def _pay(role: NDArray[np.object_], latitude: Floats, longitude: Floats, random: np.random.Generator) -> Floats:
    """What the role earns in the nearest metro, lognormal with the metro's quartiles, loaded."""
    wages = metro_wages()
    metros = wages.drop_duplicates("metro")
    row, _ = nearest_places(latitude, longitude, _positions(metros))
    nearest = metros["metro"].to_numpy()[row[:, 0]]
    at = pd.MultiIndex.from_arrays([nearest, role])
    found = wages.set_index(["metro", "role"]).loc[at]
    spread = np.log(found["high"].to_numpy() / found["low"].to_numpy()) / (2 * QUARTILE)
    wage = found["median"].to_numpy() * np.exp(spread * random.normal(0.0, 1.0, len(role)).clip(-1.5, 1.5))
    return np.asarray(np.round(LOADING * wage, -1))


def _positions(places: pd.DataFrame) -> tuple[Floats, Floats]:
    return places["latitude"].to_numpy(), places["longitude"].to_numpy()


def _ids(letter: str, count: int) -> NDArray[Any]:
    """Numbered ids of equal length."""
    digits = len(str(count))
    return np.array([f"{letter}{number:0{digits}d}" for number in range(1, count + 1)], dtype=object)
