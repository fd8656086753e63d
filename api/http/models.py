"""Shapes of requests and answers, as OpenAPI tells them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.data.plans import FINAL, PLANNED, Operation, Outcome, Priority, Status
from datasets.samples import sample_names
from podplanner.domain.result import DEFAULT_GAP
from podplanner.whatif.acceptance import read_rule
from podplanner.whatif.words import UnknownWords
from solvers.registry import ENGINE_NAMES

if TYPE_CHECKING:
    from sqlalchemy import Row

GAP = (
    "stop when (bound - contribution) / |bound| is at most this; "
    f"{DEFAULT_GAP:g}, or of a night that of the plan in force"
)
TINY = "tiny"
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
"""Text without control characters, which PostgreSQL cannot hold and no list can show."""


ONE_OR_MANY = BeforeValidator(lambda given: [given] if isinstance(given, str) else given)
"""For a list of texts: in an address, one of them is no list."""
MOST_TAGS = 20
Tag = Annotated[str, Field(min_length=1, max_length=100, pattern=ONE_LINE)]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS, description="to find it among others"), ONE_OR_MANY]
Cursor = Annotated[str | None, Query(pattern="^[0-9a-f]{32}$", description="next of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


def _known_rule(words: str) -> str:
    try:
        return read_rule(words).words
    except UnknownWords as error:
        raise ValueError(str(error)) from error


AcceptRule = Annotated[
    str,
    Field(max_length=200, examples=["contribution >= 99% of today", "moved_revenue <= 3%"]),
    AfterValidator(_known_rule),
]


class Options(BaseModel):
    """How to plan; the same options as those of ``podplanner plan``."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    engine: Annotated[str, Field(description="auto, chosen by size, or the name of an engine")] = "auto"
    time_limit_s: Annotated[
        float | None, Field(ge=0, description="seconds of solving; by size, 120 at least, where no limit is given")
    ] = None
    work_limit: Annotated[int | None, Field(ge=0, description="units of the engine's own work; repeatable")] = None
    gap: Annotated[
        float | None,
        Field(ge=0, lt=1, description=GAP),
    ] = None
    seed: Annotated[int, Field(ge=0, lt=2**31, description="of everything random")] = 0
    hide_pay: Annotated[bool, Field(description="leave every single person's pay out of the results")] = False

    @model_validator(mode="after")
    def _check(self) -> Options:
        if self.engine not in ("auto", *ENGINE_NAMES):
            raise ValueError(f"engine = {self.engine!r} not understood, must be auto, {', '.join(ENGINE_NAMES)}")
        return self


class Change(BaseModel):
    """One cell of the input, a new row, or a row that goes: a row of the table ``changes``."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    op: Literal["set", "add", "remove"] = "set"
    table: Annotated[str, Field(max_length=64)]
    id: Annotated[str, Field(max_length=1_000, description="key columns joined by |")]
    column: Annotated[str, Field(max_length=100, description="left out where there is only one, and to remove")] = ""
    value: Annotated[str, Field(max_length=10_000)] | bool | int | float | None = None


class PlanRequest(BaseModel):
    """What to do with which input. The input is a shipped sample, tables in JSON, or a file in a form of its own."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"sample": TINY, "name": "first try"}]})

    operation: Literal[Operation.SOLVE, Operation.NIGHT, Operation.EVALUATE, Operation.VALIDATE] = Operation.SOLVE
    name: Annotated[str, Field(max_length=200, pattern=ONE_LINE, description="to find the plan again")] = ""
    tags: Tags = []
    priority: Annotated[Priority, Field(description="interactive plans go before all that wait in batches")] = (
        Priority.INTERACTIVE
    )
    sample: Annotated[str | None, Field(description="name of a shipped sample")] = None
    tables: Annotated[
        dict[str, Any] | None, Field(description="tables by name, each a list of rows or an object of columns")
    ] = None
    changes: Annotated[
        list[Change], Field(max_length=10_000, description="made to the input before it is planned")
    ] = []
    accept: Annotated[
        list[AcceptRule], Field(max_length=50, description="of a night: what passes or fails its plan"), ONE_OR_MANY
    ] = []
    on: Annotated[date | None, Field(description="of a night: a day when the plan is in force; today, in UTC")] = None
    options: Options = Field(default_factory=Options)

    @model_validator(mode="after")
    def _check(self) -> PlanRequest:
        if self.operation is not Operation.NIGHT and (self.accept or self.on is not None):
            raise ValueError("accept and on are for the operation night")
        if self.sample is not None and self.tables is not None:
            raise ValueError("sample and tables exclude each other")
        if self.sample is not None and self.sample not in sample_names():
            raise ValueError(f"there is no sample {self.sample!r}; there are {', '.join(sample_names())}")
        return self


class InputState(BaseModel):
    """What was handed in."""

    sha256: str
    kind: str
    bytes: int


class Progress(BaseModel):
    """What the engine told last; numbers are null until they are known."""

    step: str
    contribution: float | None = None
    bound: float | None = None
    gap: float | None = None


class PlanProblem(BaseModel):
    """Why there is no answer."""

    code: str
    detail: str
    errors: list[dict[str, Any]] = []


class PlanState(BaseModel):
    """A plan on its way, or at its end. ``status`` says where it is, ``outcome`` what came of it."""

    id: str
    name: str
    operation: Operation
    priority: Priority
    status: Status
    outcome: Outcome | None
    is_final: bool
    attempt: Annotated[int, Field(description="above 1 where a worker died or ended, or regions were joined")]
    wish: Literal["stop", "cancel"] | None
    input: InputState
    options: dict[str, Any]
    progress: Progress | None
    result: Annotated[dict[str, Any] | None, Field(description="contribution, bound, gap, reason, counts of findings")]
    problem: PlanProblem | None
    parent_id: Annotated[str | None, Field(description="of a scenario: the plan that it starts from")]
    origin_id: Annotated[str | None, Field(description="of a scenario: the plan at the head of the line")]
    whole_id: Annotated[str | None, Field(description="of a region: the plan that it is a part of")]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    links: dict[str, str]


class PlanList(BaseModel):
    """Plans, the newest first."""

    plans: list[PlanState]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last")]


class Health(BaseModel):
    """Whether the service does its work."""

    status: str
    version: str


class ProblemBody(BaseModel):
    """Problem details by RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[dict[str, Any]] = []


def to_state(row: Row[Any]) -> PlanState:
    """A plan's row as it is told."""
    path = f"/v1/plans/{row.id}"
    links = {"self": path, "events": f"{path}/events"}
    if row.status == Status.SUCCEEDED:
        links |= {"files": f"{path}/files"}
        if row.operation in PLANNED and row.result.get("contribution") is not None:
            links |= {"workbook": f"{path}/plan.xlsx", "tables": f"{path}/tables/{{table}}.csv"}
        if row.operation == Operation.CHALLENGE:
            links |= {"tables": f"{path}/tables/{{table}}.csv"}
    elif row.status not in FINAL:
        links |= {"stop": f"{path}/stop", "cancel": f"{path}/cancel"}
    return PlanState(
        id=row.id,
        name=row.name,
        operation=row.operation,
        priority=row.priority,
        status=row.status,
        outcome=row.outcome,
        is_final=row.status in FINAL,
        attempt=row.attempt,
        wish=row.wish,
        input=InputState(sha256=row.sha256, kind=row.kind, bytes=row.size),
        options=row.options,
        progress=row.progress,
        result=row.result,
        problem=row.problem,
        parent_id=row.parent_id,
        origin_id=row.origin_id,
        whole_id=row.whole_id,
        created_at=moment(row.created_at),
        started_at=moment(row.started_at) if row.started_at else None,
        finished_at=moment(row.finished_at) if row.finished_at else None,
        links=links,
    )


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as they are told."""
    return datetime.fromtimestamp(seconds, UTC)
