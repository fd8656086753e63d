"""Typed tables become the canonical ones: every blank that has a default is filled, and said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from datasets.complete_pods import complete_pods
from datasets.complete_team import complete_people, complete_roles, hires
from datasets.completion import Completion, as_table, places
from datasets.policy import Policy, cell_text, number_text
from datasets.schema import POLICY_KEYS, Kind
from datasets.skills import plain_needs
from datasets.tiers import complete_service, complete_tiers
from datasets.typed import Array, Typed, blank, is_blank
from podplanner.domain.tables import TABLE_NAMES, Table


def complete(given: Mapping[str, Typed], completion: Completion) -> dict[str, Table]:
    """All canonical tables.

    Parameters
    ----------
    given
        Every table of the contract but ``policy``, sound rows only.
    completion
        Carries the policy; collects assumptions and warnings.
    """
    policy = completed_policy(given, completion)
    texts = dict(zip(policy["key"].tolist(), policy["value"].tolist(), strict=True))
    done = {"policy": policy, "rules": complete_rules(given["rules"])}
    done |= {name: as_table(given[name], {}) for name in ("books", "response", "distances")}
    done["tiers"] = complete_tiers(given["tiers"], completion)
    done["roles"] = complete_roles(given["roles"], given["people"], completion)
    done["service"] = complete_service(given["service"], done["tiers"], done["roles"], completion)
    done["accounts"] = complete_accounts(given["accounts"], completion)
    done["people"] = complete_people(given["people"], done["roles"], completion)
    done["pods"] = complete_pods(given["pods"], done, texts, completion)
    done["roles"] = hires(done, texts, completion)
    return {name: done[name] for name in TABLE_NAMES}


def complete_accounts(table: Typed, completion: Completion) -> Table:
    """Accounts with places, revenue, potential and margin."""
    revenue, potential = value_of_accounts(table, completion)
    filled = places(table, completion, "an account can be virtual or direct only")
    filled |= {
        "name": completion.fill(table, "name", table["account_id"]),
        "parent_id": _known_parents(table, completion),
        "revenue": revenue,
        "potential": potential,
        "margin": completion.fill(
            table, "margin", completion.policy.number("margin"), f"{completion.policy.text('margin')} of policy margin"
        ),
        "skills": plain_needs(table["skills"]),
    }
    return as_table(table, filled)


def value_of_accounts(table: Typed, completion: Completion) -> tuple[Array, Array]:
    """Revenue and potential, each filled from the other as the contract says."""
    factor = completion.policy.number("potential_factor")
    revenue, potential = table["revenue"], table["potential"]
    nothing = np.isnan(revenue) & np.isnan(potential)
    for index in np.flatnonzero(nothing):
        completion.found.add("no_value", "accounts", table.rows[index])
    if is_blank(revenue).all():
        revenue = completion.fill(table, "revenue", np.nan_to_num(potential / factor), f"potential / {factor:g}")
    else:
        revenue = completion.fill(table, "revenue", 0, "0")
    usual = factor * revenue
    floor = _half_median(table["segment"], usual)
    usual = np.where(revenue > 0, np.maximum(usual, floor), usual)
    words = f"{factor:g} x revenue, where revenue > 0 at least half the segment's median of that"
    return revenue, completion.fill(table, "potential", usual, words)


def _half_median(segment: Array, value: Array) -> Array:
    """Half the median of the segment's accounts with value; 0 for accounts without a segment."""
    result = np.zeros(len(value))
    earning = value > 0
    names, member = np.unique(segment.astype(str), return_inverse=True)
    order = np.argsort(member, kind="stable")
    bounds = np.searchsorted(member[order], np.arange(len(names) + 1))
    for index, name in enumerate(names):
        rows = order[bounds[index] : bounds[index + 1]]
        counted = rows[earning[rows]]
        if name and len(counted):
            result[rows] = np.median(value[counted]) / 2
    return result


def _known_parents(table: Typed, completion: Completion) -> Array:
    """Parents, blank where unknown."""
    known = set(table["account_id"])
    parents = table["parent_id"].copy()
    for index in np.flatnonzero(~is_blank(parents)):
        if parents[index] not in known:
            completion.found.add("unknown_parent", "accounts", table.rows[index], "parent_id", parents[index])
            parents[index] = ""
    return parents


def complete_rules(table: Typed) -> Table:
    """Rules with open limits."""
    minimum = np.where(np.isnan(table["minimum"]), -np.inf, table["minimum"])
    maximum = np.where(np.isnan(table["maximum"]), np.inf, table["maximum"])
    return as_table(table, {"minimum": minimum, "maximum": maximum})


def completed_policy(given: Mapping[str, Typed], completion: Completion) -> Table:
    """Every key once, in the order of the declaration, as text."""
    policy = completion.policy
    texts = {key: policy.text(key) for key in POLICY_KEYS}
    for key, declared in POLICY_KEYS.items():
        if key in policy.values or declared.default is None:
            continue
        if declared.is_money:
            completion.money_used.append(f"policy {key}")
            texts[key] = number_text(float(texts[key]) * completion.usd_rate)
        completion.assumed.append(f"policy {key}: {texts[key]} ({declared.source})")
    if not texts["usd_rate"] and texts["currency"] == "USD":
        texts["usd_rate"] = "1"
    texts |= _period(given, policy, completion)
    columns = {"key": np.array(list(texts), object), "value": np.array(list(texts.values()), object)}
    return Table(columns)


def _period(given: Mapping[str, Typed], policy: Policy, completion: Completion) -> dict[str, str]:
    """First and last day; "" for both where no date tells them."""
    none = blank(Kind.DATE, 1)
    start = policy.values.get("period_start", none)[0]
    end = policy.values.get("period_end", none)[0]
    if np.isnat(start) and not np.isnat(end):
        start = _same_day(end + 1, -1)
        completion.assumed.append(f"policy period_start: {start}, a year before period_end (assumed)")
    if np.isnat(start):
        days = np.concatenate([given["books"]["since"], given["people"]["start_date"], none])
        days = days[~np.isnat(days)]
        if not len(days):
            return {"period_start": "", "period_end": ""}
        start = np.datetime64(f"{int(str(days.max())[:4]) + 1}-01-01", "D")
        completion.assumed.append(f"policy period_start: {start}, 1 January after the latest since or start_date")
    if np.isnat(end):
        end = _same_day(start, 1) - 1
        completion.assumed.append(f"policy period_end: {end}, a year after period_start (assumed)")
    return {"period_start": cell_text(np.array([start])), "period_end": cell_text(np.array([end]))}


def _same_day(day: np.datetime64, years: int) -> np.datetime64:
    """The day some years on; 29 February becomes 1 March."""
    year, rest = str(day).split("-", 1)
    if rest == "02-29":
        rest = "03-01"
    return np.datetime64(f"{int(year) + years:04d}-{rest}", "D")
