"""Routes of schedules: a batch that is asked for again and again, at times that a cron expression tells."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.data.audit import note
from api.data.keys import Caller
from api.data.schedules import (
    MOST_SCHEDULES,
    add_schedule,
    count_schedules,
    drop_schedule,
    find_schedule,
    list_schedules,
    pause_schedule,
    resume_schedule,
)
from api.http.batches import EXAMPLES, LONGEST_NAME, MOST_FILES, BatchRequest, form_body, read_plans
from api.http.bodies import mistake, read_body, to_model
from api.http.context import Context, InContext, Reader, Writer
from api.http.models import ONE_LINE, moment
from api.http.problems import Problem
from api.http.submission import Wanted, order_for
from api.jobs.cron import BadCron, next_time
from api.jobs.scheduler import NoRoom, fire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

ROUTER = APIRouter(prefix="/v1/schedules", tags=["schedules"])
ScheduleId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="the schedule's id")]


class ScheduleRequest(BaseModel):
    """What to ask for, and when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "nightly", "cron": "0 2 * * 1-5", "time_zone": "Europe/Berlin", "batch": EXAMPLES[0]}]
        },
    )

    name: Annotated[str, Field(max_length=LONGEST_NAME, pattern=ONE_LINE, description="of its batches, too")] = ""
    cron: Annotated[str, Field(max_length=100, description="minute, hour, day of the month, month, weekday")]
    time_zone: Annotated[str, Field(max_length=64, description="of the IANA database")] = "UTC"
    batch: BatchRequest


class ScheduleState(BaseModel):
    """A schedule: when it is due next, and what came of it last."""

    id: str
    name: str
    cron: str
    time_zone: str
    is_paused: bool
    due_at: Annotated[datetime | None, Field(description="null while it is paused")]
    created_at: datetime
    last_at: datetime | None
    last_batch_id: str | None
    last_error: Annotated[str | None, Field(description="why nothing came of the last time")]


class ScheduleList(BaseModel):
    """A workspace's schedules."""

    schedules: list[ScheduleState]


@ROUTER.post(
    "",
    operation_id="createSchedule",
    status_code=201,
    response_model=ScheduleState,
    openapi_extra=form_body("ScheduleRequest"),
)
async def create_schedule(request: Request, context: InContext, caller: Writer) -> ScheduleState:
    """Make a schedule; its inputs are kept as they are now."""
    body = await read_body(request, context, max_files=MOST_FILES)
    asked = to_model(ScheduleRequest, body.asked)
    wanted = read_plans(context, asked.batch, body, "/batch")
    return await run_in_threadpool(_create, context, caller, asked, wanted)


def _create(context: Context, caller: Caller, asked: ScheduleRequest, wanted: Sequence[Wanted]) -> ScheduleState:
    with context.database.engine.begin() as connection:
        if count_schedules(connection, caller.workspace_id) >= MOST_SCHEDULES:
            raise mistake("", f"A workspace may have {MOST_SCHEDULES} schedules; delete one.")
        now = context.database.now(connection)
        orders = [order_for(connection, caller, each, now) for each in wanted]
        row = add_schedule(
            connection,
            [{**vars(order), "operation": str(order.operation), "priority": str(order.priority)} for order in orders],
            workspace_id=caller.workspace_id,
            now=now,
            key_id=caller.key_id,
            name=asked.name,
            cron=asked.cron,
            time_zone=asked.time_zone,
            due_at=_due_at(asked.cron, asked.time_zone, now),
        )
        note(connection, caller, "create schedule", row.id, now)
    return _state(row)


@ROUTER.get("", operation_id="listSchedules", response_model=ScheduleList)
def get_schedules(context: InContext, caller: Reader) -> ScheduleList:
    """List schedules, the oldest first."""
    with context.database.engine.connect() as connection:
        return ScheduleList(schedules=[_state(row) for row in list_schedules(connection, caller.workspace_id)])


@ROUTER.get("/{schedule_id}", operation_id="getSchedule", response_model=ScheduleState)
def get_schedule(schedule_id: ScheduleId, context: InContext, caller: Reader) -> ScheduleState:
    """Look at a schedule."""
    with context.database.engine.connect() as connection:
        return _state(_find(connection, caller, schedule_id))


@ROUTER.delete("/{schedule_id}", operation_id="deleteSchedule", status_code=204, response_class=Response)
def delete_schedule(schedule_id: ScheduleId, context: InContext, caller: Writer) -> Response:
    """End a schedule; what it has asked for stays."""
    with context.database.engine.begin() as connection:
        _find(connection, caller, schedule_id)
        drop_schedule(connection, schedule_id)
        note(connection, caller, "delete schedule", schedule_id, context.database.now(connection))
    return Response(status_code=204)


@ROUTER.post("/{schedule_id}/pause", operation_id="pauseSchedule", response_model=ScheduleState)
def pause(schedule_id: ScheduleId, context: InContext, caller: Writer) -> ScheduleState:
    """Let a schedule ask for nothing until it is resumed."""
    with context.database.engine.begin() as connection:
        _find(connection, caller, schedule_id)
        pause_schedule(connection, schedule_id)
        return _state(_find(connection, caller, schedule_id))


@ROUTER.post("/{schedule_id}/resume", operation_id="resumeSchedule", response_model=ScheduleState)
def resume(schedule_id: ScheduleId, context: InContext, caller: Writer) -> ScheduleState:
    """Let a schedule go on, from its next time; what it missed is not made up for."""
    with context.database.engine.begin() as connection:
        row = _find(connection, caller, schedule_id)
        now = context.database.now(connection)
        resume_schedule(connection, schedule_id, _due_at(row.cron, row.time_zone, now))
        return _state(_find(connection, caller, schedule_id))


@ROUTER.post("/{schedule_id}/run", operation_id="runSchedule", status_code=202, response_model=ScheduleState)
def run(schedule_id: ScheduleId, context: InContext, caller: Writer) -> ScheduleState:
    """Ask for a schedule's batch now, besides its times; ``last_batch_id`` is what came of it."""
    with context.database.engine.begin() as connection:
        row = _find(connection, caller, schedule_id)
        now = context.database.now(connection)
        try:
            batch_id = fire(connection, context.queue, row, max_unfinished=context.settings.max_unfinished, now=now)
        except NoRoom as error:
            raise Problem("too_many_plans", f"{error}: wait for some to end.".capitalize()) from error
        note(connection, caller, "submit batch", batch_id, now)
        return _state(_find(connection, caller, schedule_id))


def _due_at(cron: str, time_zone: str, now: float) -> float:
    try:
        return next_time(cron, time_zone, now)
    except BadCron as error:
        raise mistake(f"/{error.field}", str(error)) from error


def _find(connection: Connection, caller: Caller, schedule_id: str) -> Row[Any]:
    row = find_schedule(connection, caller.workspace_id, schedule_id)
    if row is None:
        raise Problem("not_found", f"There is no schedule {schedule_id}.")
    return row


def _state(row: Row[Any]) -> ScheduleState:
    return ScheduleState(
        id=row.id,
        name=row.name,
        cron=row.cron,
        time_zone=row.time_zone,
        is_paused=row.is_paused,
        due_at=None if row.is_paused else moment(row.due_at),
        created_at=moment(row.created_at),
        last_at=None if row.last_at is None else moment(row.last_at),
        last_batch_id=row.last_batch_id,
        last_error=row.last_error,
    )
