"""Why an account is where it is, in figures and words, from the tables of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podplanner.domain.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = Mapping[str, Any]

FIGURES = ("expected_revenue", "margin", "people_cost", "direct_cost", "travel_cost", "handover_cost", "contribution")
CURVE = ("rank", "potential", "priced_contribution", "gain_over_direct")


def explain_account(account: Row, curve: Row | None, handovers: Sequence[Row], prices: Sequence[Row]) -> dict[str, Any]:
    """All that the tables of a plan tell about one account.

    Parameters
    ----------
    account
        Its row of accounts_plan.
    curve
        Its row of tier_curve.
    handovers
        Its rows of handovers.
    prices
        Rows of prices, of its pod at least.

    Returns
    -------
    dict
        Place, owners, figures, next best place, handovers, and ``words`` that tell it in sentences.
    """
    hours = {row["role"]: row for row in prices if row["pod_id"] == account["pod_id"]}
    owners = {role: _owner(account, role, hours) for role in FUNCTIONS if account[f"owner_{role}"]}
    next_best = None
    if account["next_best_pod_id"]:
        next_best = {
            "pod_id": account["next_best_pod_id"],
            "tier": account["next_best_tier"],
            "loss": account["next_best_loss"],
        }
    told = [
        {name: row[name] for name in ("role", "from_person_id", "to_person_id", "cost", "reason")} for row in handovers
    ]
    return {
        "account_id": account["account_id"],
        "name": account["name"],
        "tier": account["tier"],
        "pod_id": account["pod_id"],
        "leader_id": account["leader_id"],
        "owners": owners,
        "figures": {name: account[name] for name in FIGURES} | {name: (curve or {}).get(name) for name in CURVE},
        "next_best": next_best,
        "handovers": told,
        "words": _words(account, curve, next_best, told),
    }


def _owner(account: Row, role: str, hours: Mapping[str, Row]) -> dict[str, Any]:
    price = hours.get(role)
    return {
        "person_id": account[f"owner_{role}"],
        "hours": account[f"hours_{role}"],
        "price_of_hour": None if price is None else price["price"],
        "kind_of_price": None if price is None else price["kind"],
    }


def _words(
    account: Row, curve: Row | None, next_best: Mapping[str, Any] | None, handovers: Sequence[Mapping[str, Any]]
) -> list[str]:
    lines = [
        f"It is covered by pod {account['pod_id']} at tier {account['tier']} and contributes "
        f"{account['contribution']:,.0f} a year: margin {account['margin']:,.0f}, less {account['cost_to_serve']:,.0f} "
        f"to serve it and {account['handover_cost']:,.0f} for handovers."
    ]
    if next_best is None:
        lines.append("No other open pod may take it.")
    else:
        place = f"pod {next_best['pod_id']} at tier {next_best['tier']}"
        loss = next_best["loss"]
        lines.append(
            f"The next best place is {place}: there the plan would lose {loss:,.0f} a year."
            if loss >= 0
            else f"Taken alone it would bring {-loss:,.0f} a year more in {place}: rules or room hold it where it is."
        )
    gain = None if curve is None else curve["gain_over_direct"]
    if gain is not None and account["leader_id"]:
        lines.append(
            f"Its coverage brings {gain:,.0f} a year more than covering it directly, with hours at their prices."
        )
    lines += [f"Handover for {each['role']}: {each['reason']}." for each in handovers]
    return lines
