"""Routes of plans: submit, list, look, stream, stop, cancel."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from api.data.audit import note
from api.data.keys import Caller
from api.data.plans import FINAL, EventKind, Status, Wish, events_after, list_plans, wish_for
from api.http.context import Context, InContext, Reader, Writer, plan_of
from api.http.models import MOST_TAGS, ONE_LINE, Cursor, Limit, PlanList, PlanState, Tag, to_state
from api.http.submission import BODY, read_submission, submit

ROUTER = APIRouter(prefix="/v1/plans", tags=["plans"])
ID = "^[0-9a-f]{32}$"
PlanId = Annotated[str, Path(pattern=ID, description="the plan's id")]
Prefer = Annotated[str, Header(description="wait=SECONDS: answer when it has ended, or after so long")]
IdempotencyKey = Annotated[
    str | None, Header(max_length=255, min_length=1, description="a repeated request makes no second plan")
]
EVENT_ID = re.compile("[0-9]{1,9}")
WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")
POLL_AGAIN_S = "1"
ENDED_MEANWHILE: dict[int | str, dict[str, Any]] = {
    200: {"model": PlanState, "description": "It ended while the request waited for it"}
}
"""What a route that submits may answer beside 202."""


@ROUTER.post(
    "",
    operation_id="submitPlan",
    status_code=202,
    response_model=PlanState,
    responses=ENDED_MEANWHILE,
    openapi_extra={"requestBody": BODY},
)
async def submit_plan(
    request: Request,
    context: InContext,
    caller: Writer,
    prefer: Prefer = "",
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit a plan; the answer is its state, with its address in ``Location``."""
    asked = await read_submission(request, context)
    row, is_repeated = await run_in_threadpool(submit, context, caller, asked, idempotency_key)
    return await submitted(context, caller, row, prefer, is_repeated=is_repeated)


async def submitted(context: Context, caller: Caller, row: Row[Any], prefer: str, *, is_repeated: bool) -> Response:
    """The answer to whoever submitted a plan, after as long as they prefer to wait."""
    wait_s = _wait_s(prefer, context)
    if wait_s and row.status not in FINAL:
        row = await _ended(context, caller, row, wait_s)
    headers = {"Location": f"/v1/plans/{row.id}"} | ({"Idempotent-Replayed": "true"} if is_repeated else {})
    if wait_s:
        headers["Preference-Applied"] = f"wait={wait_s:g}"
    if row.status not in FINAL:
        headers["Retry-After"] = POLL_AGAIN_S
    return _state(row, headers, status_code=200 if row.status in FINAL else 202)


@ROUTER.get("", operation_id="listPlans", response_model=PlanList)
def get_plans(
    request: Request,
    response: Response,
    context: InContext,
    caller: Reader,
    status: Status | None = None,
    name: Annotated[str | None, Query(max_length=200, pattern=ONE_LINE)] = None,
    tag: Annotated[tuple[Tag, ...], Query(max_length=MOST_TAGS, description="only plans that have all of them")] = (),
    whole_id: Annotated[str | None, Query(pattern=ID, description="only the regions of this plan")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PlanList:
    """List plans, the newest first."""
    with context.database.engine.connect() as connection:
        rows = list_plans(
            connection,
            caller.workspace_id,
            status=status,
            name=name,
            whole_id=whole_id,
            tags=tag,
            before=cursor,
            limit=limit + 1,
        )
    page = rows[:limit]
    following = page[-1].id if len(rows) > limit else None
    if following is not None:
        asked = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{asked.path}?{asked.query}>; rel="next"'
    return PlanList(plans=[to_state(row) for row in page], next=following)


@ROUTER.get(
    "/{plan_id}",
    operation_id="getPlan",
    response_model=PlanState,
    responses={304: {"description": "It is as it was: If-None-Match has its ETag"}},
)
def get_plan(
    plan_id: PlanId,
    context: InContext,
    caller: Reader,
    if_none_match: Annotated[str, Header(description="ETag of the state known")] = "",
) -> Response:
    """Look how far a plan is; polling with ``If-None-Match`` costs next to nothing."""
    with context.database.engine.connect() as connection:
        row = plan_of(connection, caller, plan_id)
    if _etag(row) in if_none_match:
        return Response(status_code=304, headers={"ETag": _etag(row)})
    return _state(row, {} if row.status in FINAL else {"Retry-After": POLL_AGAIN_S})


@dataclass(frozen=True)
class Followed:
    """A plan whose events are streamed, and what whoever follows it knows.

    Parameters
    ----------
    seen
        Number of the last event that is known, 0 for none.
    is_over
        Whether no further event will ever come.
    """

    plan_id: str
    seen: int
    is_over: bool


def followed(
    plan_id: PlanId,
    context: InContext,
    caller: Reader,
    response: Response,
    last_event_id: Annotated[str, Header(description="the last event known; the stream goes on after it")] = "",
) -> Followed:
    """What a stream needs, looked up before it begins: from then on it cannot fail any more."""
    row = _find(context, caller, plan_id)
    seen = int(last_event_id) if EVENT_ID.fullmatch(last_event_id) else 0
    if seen > row.version:
        # No event of this plan: it would be waited for in vain.
        seen = 0
    is_over = row.status in FINAL and seen == row.version
    if is_over:
        # Upon this a page's EventSource asks no more; an empty stream it would ask for again and again.
        response.status_code = HTTPStatus.NO_CONTENT
    return Followed(plan_id, seen, is_over)


@ROUTER.get(
    "/{plan_id}/events",
    operation_id="streamEvents",
    response_class=EventSourceResponse,
    responses={204: {"description": "The last event known is the end"}},
)
async def stream_events(
    plan: Annotated[Followed, Depends(followed)], context: InContext
) -> AsyncIterator[ServerSentEvent]:
    """Stream a plan's events, all of them from the first on, until its end."""
    if plan.is_over:
        return
    seen = plan.seen
    with context.watch.waiting_for(plan.plan_id) as changed:
        while True:
            for each in await run_in_threadpool(_events, context, plan.plan_id, seen):
                seen = each.seq
                data = {**each.data, "at": each.at}
                yield ServerSentEvent(data=data, event=each.kind, id=str(each.seq))
                if each.kind == EventKind.END:
                    return
            changed.clear()
            await changed.wait()


@ROUTER.post("/{plan_id}/stop", operation_id="stopPlan", status_code=202, response_model=PlanState)
def stop_plan(plan_id: PlanId, context: InContext, caller: Writer) -> Response:
    """Let a plan stop soon, and keep the best that it has found. One that has ended stays as it is."""
    return _wish(context, caller, plan_id, Wish.STOP)


@ROUTER.post("/{plan_id}/cancel", operation_id="cancelPlan", status_code=202, response_model=PlanState)
def cancel_plan(plan_id: PlanId, context: InContext, caller: Writer) -> Response:
    """Let a plan end and keep nothing. One that has ended stays as it is."""
    return _wish(context, caller, plan_id, Wish.CANCEL)


def _wish(context: Context, caller: Caller, plan_id: str, wish: Wish) -> Response:
    with context.database.engine.begin() as connection:
        plan_of(connection, caller, plan_id)
        now = context.database.now(connection)
        if wish_for(connection, plan_id, wish, now):
            note(connection, caller, str(wish), plan_id, now)
        return _state(plan_of(connection, caller, plan_id), {}, status_code=202)


def _find(context: Context, caller: Caller, plan_id: str) -> Row[Any]:
    with context.database.engine.connect() as connection:
        return plan_of(connection, caller, plan_id)


def _events(context: Context, plan_id: str, seen: int) -> list[Row[Any]]:
    with context.database.engine.connect() as connection:
        return list(events_after(connection, plan_id, seen))


async def _ended(context: Context, caller: Caller, row: Row[Any], wait_s: float) -> Row[Any]:
    """The plan's row once it has ended, or after so long."""
    with context.watch.waiting_for(row.id) as changed:
        try:
            async with asyncio.timeout(wait_s):
                while row.status not in FINAL:
                    await changed.wait()
                    changed.clear()
                    row = await run_in_threadpool(_find, context, caller, row.id)
        except TimeoutError:
            pass
    return row


def _wait_s(prefer: str, context: Context) -> float:
    found = WAIT.search(prefer)
    return min(float(found[1]), context.settings.max_wait_s) if found else 0.0


def _state(row: Row[Any], headers: dict[str, str], *, status_code: int = 200) -> Response:
    body = to_state(row).model_dump(mode="json")
    return JSONResponse(body, status_code=status_code, headers={"ETag": _etag(row), **headers})


def _etag(row: Row[Any]) -> str:
    return f'"{row.id}-{row.version}"'
