"""The route that puts plans side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from api.data.artefacts import read_artefact
from api.data.audit import note
from api.http.context import InContext, Reader, plan_of
from api.http.problems import Problem
from api.jobs.messages import TABLES
from api.jobs.written import rows_of_table
from podplanner.domain.errors import UnreadableInput
from podplanner.report.compare import TABLES as COMPARED
from podplanner.report.compare import Written, as_written
from podplanner.report.files import SUMMARY
from podplanner.report.side_by_side import as_data, lay_side_by_side

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.data.keys import Caller

ROUTER = APIRouter(prefix="/v1", tags=["results"])
MOST = 10
"""Plans side by side."""
ID = "[0-9a-f]{32}"
Ids = Annotated[
    str, Query(pattern=f"^{ID}(,{ID}){{0,{MOST - 1}}}$", description=f"ids of up to {MOST} plans, separated by commas")
]


@ROUTER.get("/compare", operation_id="comparePlans", response_model=dict[str, Any])
def compare_plans(
    plans: Ids,
    context: InContext,
    caller: Reader,
    today: Annotated[bool, Query(description="against today, as the first plan tells it")] = False,
) -> Mapping[str, Any]:
    """Compare plans with the first of them, or with today: key figures, bridges, and who and what is elsewhere."""
    with context.database.engine.begin() as connection:
        found = [_written(connection, caller, plan_id) for plan_id in plans.split(",")]
        note(connection, caller, "compare", plans, context.database.now(connection))
    try:
        return as_data(lay_side_by_side(found, with_today=today))
    except UnreadableInput as error:
        raise Problem("no_result", str(error)) from error


def _written(connection: Connection, caller: Caller, plan_id: str) -> Written:
    row = plan_of(connection, caller, plan_id)
    summary = read_artefact(connection, plan_id, SUMMARY)
    contents = {name: read_artefact(connection, plan_id, f"{TABLES}/{name}.parquet") for name in COMPARED}
    tables = {name: rows_of_table(content) for name, content in contents.items() if content is not None}
    try:
        return as_written({} if summary is None else json.loads(summary), tables, row.name or plan_id)
    except UnreadableInput as error:
        raise Problem("no_result", f"{error} Its status is {row.status}.") from error
