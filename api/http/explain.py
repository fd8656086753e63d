"""Routes that explain a plan: an account's place, prices, conflicts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.data.artefacts import read_artefact
from api.data.plans import FINAL, Outcome, Status
from api.http.context import InContext, Reader, plan_of
from api.http.plans import PlanId
from api.http.problems import Problem
from api.http.results import rows_of
from api.jobs.messages import FINDINGS
from podplanner.report.columns import UNUSED
from podplanner.report.explanation import explain_account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROUTER = APIRouter(prefix="/v1/plans/{plan_id}", tags=["explanations"])
AccountId = Annotated[str, Path(description="the account's id, as the input has it", min_length=1, max_length=500)]


class Owner(BaseModel):
    """Who is named on the account for a function, for how many hours, and what an hour of the role is worth there."""

    person_id: str
    hours: float | None
    price_of_hour: float | None
    kind_of_price: Annotated[str | None, Field(description="hour: marginal value; average_hour: mean pay")]


class NextBest(BaseModel):
    """Where the account would go if it could not be where it is."""

    pod_id: str
    tier: str
    loss: Annotated[float, Field(description="money a year; below 0 where rules hold the account where it is")]


class Handover(BaseModel):
    """A function whose owner changes or ends."""

    role: str
    from_person_id: str | None
    to_person_id: str | None
    cost: float
    reason: str


class AccountExplanation(BaseModel):
    """Why an account is where it is."""

    account_id: str
    name: str | None
    tier: str
    pod_id: str
    leader_id: str | None
    owners: Annotated[dict[str, Owner], Field(description="by function; those that the tier does not serve have none")]
    figures: Annotated[dict[str, float | None], Field(description="money a year, and the rank in tier_curve")]
    next_best: NextBest | None
    handovers: list[Handover]
    words: Annotated[list[str], Field(description="the same in sentences")]


class HourPrice(BaseModel):
    """What one more hour of a role in a pod is worth."""

    pod_id: str
    role: str
    price: float
    is_marginal: Annotated[bool, Field(description="else the mean pay, where no marginal value is known")]


class LimitPrice(BaseModel):
    """What relaxing a limit by one is worth."""

    limit: str
    price: float


class Prices(BaseModel):
    """Marginal values, with everybody where they are."""

    hours: list[HourPrice]
    limits: list[LimitPrice]


class Conflicts(BaseModel):
    """What cannot be had: rules that clash, or mistakes in the input; both empty where there is a plan."""

    status: Status
    outcome: Outcome | None
    clashes: Annotated[list[str], Field(description="rules that no plan can meet together, with their rows")]
    errors: Annotated[list[dict[str, Any]], Field(description="mistakes in the input, by table, row and column")]


@ROUTER.get("/explain/accounts/{account_id:path}", operation_id="explainAccount", response_model=AccountExplanation)
def get_explanation(plan_id: PlanId, account_id: AccountId, context: InContext, caller: Reader) -> dict[str, Any]:
    """Tell why an account is where it is: its place, owners, money, and the next best place."""
    rows = rows_of(context, caller, plan_id, "accounts_plan", account_id=account_id)
    if not rows or account_id == UNUSED:
        raise Problem("not_found", f"The plan has no account {account_id}.")
    account = rows[0]
    curve = rows_of(context, caller, plan_id, "tier_curve", account_id=account_id)
    handovers = rows_of(context, caller, plan_id, "handovers", account_id=account_id)
    prices = rows_of(context, caller, plan_id, "prices", pod_id=account["pod_id"])
    return explain_account(account, curve[0] if curve else None, handovers, prices)


@ROUTER.get("/prices", operation_id="getPrices", response_model=Prices)
def get_prices(plan_id: PlanId, context: InContext, caller: Reader) -> dict[str, list[dict[str, Any]]]:
    """Tell what one more hour of each role in each pod is worth, and what relaxing each limit is."""
    return _prices(rows_of(context, caller, plan_id, "prices"))


@ROUTER.get("/conflicts", operation_id="getConflicts", response_model=Conflicts)
def get_conflicts(plan_id: PlanId, context: InContext, caller: Reader) -> Conflicts:
    """Tell what stands in the way of a plan: rules that clash, or mistakes in the input."""
    with context.database.engine.connect() as connection:
        row = plan_of(connection, caller, plan_id)
        findings = read_artefact(connection, plan_id, FINDINGS)
    if row.status not in FINAL:
        raise Problem("no_result", f"The plan has not ended; its status is {row.status}.")
    found: list[dict[str, Any]] = json.loads(findings or "[]")
    return Conflicts(
        status=row.status,
        outcome=row.outcome,
        clashes=(row.result or {}).get("clashes") or [],
        errors=[each for each in found if each["severity"] == "error"],
    )


def _prices(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    hours, limits = [], []
    for row in rows:
        if row["kind"] == "limit":
            limits.append({"limit": row["limit"], "price": row["price"]})
        else:
            named = {name: row[name] for name in ("pod_id", "role", "price")}
            hours.append({**named, "is_marginal": row["kind"] == "hour"})
    return {"hours": hours, "limits": limits}
