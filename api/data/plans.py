"""Plans' rows: how they come, change and end. Whoever changes one writes its event in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from api.data.outbox import announce_end
from api.data.tables import EVENTS, INPUTS, PLAN_TAGS, PLANS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    Rows = Sequence[Row[Any]]


class Status(StrEnum):
    """Where a plan is on its way."""

    QUEUED = "queued"
    VALIDATING = "validating"
    SOLVING = "solving"
    FINISHING = "finishing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INVALID = "invalid"


FORM = 4
"""Form of what a plan's row asks and a worker does. It grows with each version that asks what an older worker cannot
do; a worker does all forms up to its own."""

FINAL = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.INVALID)
RUNNING = (Status.VALIDATING, Status.SOLVING, Status.FINISHING)
UNFINISHED = (Status.QUEUED, *RUNNING)


class Outcome(StrEnum):
    """What came of it: null until known, and where nothing was solved."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION = "no_solution"
    STOPPED_EARLY = "stopped_early"


class Operation(StrEnum):
    """What is asked for: a plan, one near that in force, today's organisation scored, mistakes, or wishes priced."""

    SOLVE = "solve"
    NIGHT = "night"
    EVALUATE = "evaluate"
    VALIDATE = "validate"
    CHALLENGE = "challenge"


PLANNED = (Operation.SOLVE, Operation.NIGHT)
"""What leaves a plan."""


class Priority(StrEnum):
    """Somebody waits for interactive plans; they go before all that wait in batches."""

    INTERACTIVE = "interactive"
    BATCH = "batch"


class Wish(StrEnum):
    """What was asked of a running plan: to stop and keep the best, or to end and keep nothing."""

    STOP = "stop"
    CANCEL = "cancel"


class EventKind(StrEnum):
    """What a plan's event tells; ``end`` is the last."""

    STATUS = "status"
    PROGRESS = "progress"
    WISH = "wish"
    RETRY = "retry"
    END = "end"


@dataclass(frozen=True)
class Change:
    """New values of a row, and the event that tells of them."""

    kind: EventKind
    values: Mapping[str, Any]
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One attempt at a plan."""

    plan_id: str
    attempt: int


def add_plan(connection: Connection, **values: Any) -> None:
    """A new plan, waiting, with its first event."""
    row = {**values, "status": str(Status.QUEUED), "version": 1, "attempt": 1, "crashes": 0, "form": FORM}
    connection.execute(insert(PLANS).values(queued_at=values["created_at"], **row))
    for tag in dict.fromkeys(values["options"].get("tags", ())):
        connection.execute(insert(PLAN_TAGS).values(plan_id=values["id"], tag=tag))
    _tell(connection, values["id"], 1, values["created_at"], EventKind.STATUS, {"status": str(Status.QUEUED)})


def change_plan(
    connection: Connection,
    plan_id: str,
    change: Change,
    *,
    now: float,
    attempt: int | None = None,
    among: Sequence[Status] = UNFINISHED,
    only_idle: bool = False,
) -> bool:
    """Change a plan that is in one of some states, and tell; whether it was so.

    Parameters
    ----------
    attempt
        Only while this is the attempt under way: the fence against a worker that was given up.
    only_idle
        Only while no worker has it: it waits for one, or for its regions.
    """
    where = [PLANS.c.id == plan_id, PLANS.c.status.in_(map(str, among))]
    if attempt is not None:
        where.append(PLANS.c.attempt == attempt)
    if only_idle:
        where.append(PLANS.c.worker_id.is_(None))
    statement = update(PLANS).where(*where).values(version=PLANS.c.version + 1, **change.values)
    row = connection.execute(statement.returning(PLANS.c.version, PLANS.c.whole_id)).first()
    if row is None:
        return False
    _tell(connection, plan_id, row.version, now, change.kind, {**change.told})
    if change.kind is EventKind.END and row.whole_id is not None:
        tell_regions(connection, row.whole_id, now)
    elif change.kind is EventKind.END:
        announce_end(connection, plan_id, now)
    return True


def tell_regions(connection: Connection, whole_id: str, now: float) -> None:
    """Tell, as the progress of a plan that waits for its regions, how many of them have ended."""
    counts = select(func.count(), func.count(PLANS.c.finished_at)).where(PLANS.c.whole_id == whole_id)
    count, done = connection.execute(counts).one()
    told = {"step": f"{done} of {count} regions are planned"}
    change = Change(EventKind.PROGRESS, {"progress": told}, told)
    change_plan(connection, whole_id, change, now=now, among=(Status.SOLVING,), only_idle=True)


def regions_of(connection: Connection, whole_id: str) -> Rows:
    """A plan's regions, which are plans, by their numbers; none where it is not split."""
    rows = connection.execute(select(PLANS).where(PLANS.c.whole_id == whole_id)).all()
    return sorted(rows, key=lambda row: row.options["region"])


def ended(status: Status, *, now: float, **values: Any) -> Change:
    """The last change of a plan."""
    told = {"status": str(status), "outcome": values.get("outcome")}
    row = {"status": str(status), "finished_at": now, "worker_id": None, "progress": None, **values}
    return Change(EventKind.END, row, told)


def wish_for(connection: Connection, plan_id: str, wish: Wish, now: float) -> bool:
    """Ask something of a plan and its regions; whether it was unfinished. One that only waits is cancelled at once."""
    # The regions first: whoever ends one then changes the whole, and two who change both must do so in one order.
    for region in regions_of(connection, plan_id):
        wish_for(connection, region.id, wish, now)
    if wish is Wish.CANCEL and change_plan(
        connection, plan_id, ended(Status.CANCELLED, now=now), now=now, only_idle=True
    ):
        return True
    told = {"wish": str(wish)}
    return change_plan(connection, plan_id, Change(EventKind.WISH, {"wish": str(wish)}, told), now=now)


def again(
    connection: Connection,
    job: Job,
    *,
    has_crashed: bool,
    max_crashes: int,
    now: float,
    among: Sequence[Status] = UNFINISHED,
) -> Job | None:
    """Give an attempt up and make the next one, which the caller puts into the queue.

    Parameters
    ----------
    among
        Only while the plan is in one of these states.

    Returns
    -------
    Job or None
        None where the attempt was over already, or one crash too many has ended the plan.
    """
    row = connection.execute(select(PLANS.c.crashes).where(PLANS.c.id == job.plan_id)).first()
    crashes = 0 if row is None else int(row.crashes) + has_crashed
    if has_crashed and crashes >= max_crashes:
        text = f"The process that worked on the plan died {crashes} times, for want of memory perhaps."
        lost = ended(Status.FAILED, now=now, crashes=crashes, problem={"code": "worker_lost", "detail": text})
        change_plan(connection, job.plan_id, lost, now=now, attempt=job.attempt)
        return None
    following = job.attempt + 1
    values = {
        "status": str(Status.QUEUED),
        "attempt": following,
        "crashes": crashes,
        "worker_id": None,
        "progress": None,
        "queued_at": now,
        "form": FORM,
    }
    told = {"status": str(Status.QUEUED), "attempt": following}
    change = Change(EventKind.RETRY, values, told)
    return (
        Job(job.plan_id, following)
        if change_plan(connection, job.plan_id, change, now=now, attempt=job.attempt, among=among)
        else None
    )


def find_plan(connection: Connection, workspace_id: str, plan_id: str) -> Row[Any] | None:
    """A workspace's plan with its input's hash, kind and size; None where that workspace has none of this id."""
    statement = _with_input().where(PLANS.c.id == plan_id, PLANS.c.workspace_id == workspace_id)
    return connection.execute(statement).first()


def find_repeated(connection: Connection, workspace_id: str, idempotency_key: str) -> Row[Any] | None:
    """The plan that this key was used for."""
    same = (PLANS.c.workspace_id == workspace_id, PLANS.c.idempotency_key == idempotency_key)
    return connection.execute(_with_input().where(*same)).first()


def list_plans(
    connection: Connection,
    workspace_id: str,
    *,
    status: Status | None,
    name: str | None,
    whole_id: str | None,
    tags: Sequence[str],
    before: str | None,
    limit: int,
) -> Rows:
    """A workspace's plans, the newest first, from before an id on.

    Parameters
    ----------
    tags
        Plans that have all of these.
    """
    where: list[ColumnElement[bool]] = [PLANS.c.workspace_id == workspace_id]
    if status is not None:
        where.append(PLANS.c.status == str(status))
    if name is not None:
        where.append(PLANS.c.name == name)
    if whole_id is not None:
        where.append(PLANS.c.whole_id == whole_id)
    where += [PLANS.c.id.in_(select(PLAN_TAGS.c.plan_id).where(PLAN_TAGS.c.tag == tag)) for tag in tags]
    if before is not None:
        where.append(PLANS.c.id < before)
    return connection.execute(_with_input().where(*where).order_by(PLANS.c.id.desc()).limit(limit)).all()


def versions_of(connection: Connection, plan_ids: Sequence[str]) -> dict[str, int]:
    """Versions of plans by id."""
    rows = connection.execute(select(PLANS.c.id, PLANS.c.version).where(PLANS.c.id.in_(plan_ids)))
    return {row.id: row.version for row in rows}


def events_after(connection: Connection, plan_id: str, seq: int) -> Rows:
    """Events of a plan after one of them."""
    where = (EVENTS.c.plan_id == plan_id, EVENTS.c.seq > seq)
    return connection.execute(select(EVENTS).where(*where).order_by(EVENTS.c.seq)).all()


def count_unfinished(connection: Connection, workspace_id: str) -> int:
    """How many plans of a workspace wait or run."""
    where = (PLANS.c.workspace_id == workspace_id, PLANS.c.status.in_(map(str, UNFINISHED)))
    return int(connection.execute(select(func.count()).select_from(PLANS).where(*where)).scalar_one())


def _with_input() -> Any:
    told = (INPUTS.c.sha256, INPUTS.c.kind, INPUTS.c.size)
    return select(PLANS, *told).join(INPUTS, INPUTS.c.id == PLANS.c.input_id)


def _tell(connection: Connection, plan_id: str, seq: int, now: float, kind: EventKind, data: Mapping[str, Any]) -> None:
    connection.execute(insert(EVENTS).values(plan_id=plan_id, seq=seq, at=now, kind=str(kind), data=dict(data)))
