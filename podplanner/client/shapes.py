"""What the service tells, as the client gives it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx


class ServiceError(Exception):
    """The service refused a request.

    Parameters
    ----------
    status
        Of HTTP.
    code
        The service's stable code of the problem; "" where something else answered.
    problem
        The whole body.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.problem = status, dict(problem)
        self.code = str(problem.get("code", ""))
        super().__init__(f"{status} {self.code}: {problem.get('detail', 'no detail')}")


@dataclass(frozen=True, kw_only=True)
class PlanState:
    """A plan on its way, or at its end; docs/service.md tells the fields.

    Parameters
    ----------
    result, problem
        Figures of the answer, or why there is none; None until it has ended.
    content
        All that the service told.
    """

    id: str
    name: str
    status: str
    outcome: str | None
    is_final: bool
    attempt: int
    progress: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None
    content: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class BatchState:
    """A batch: ``running``, ``succeeded``, ``partial``, ``failed`` or ``cancelled``, and each of its plans.

    Parameters
    ----------
    counts
        Plans by status.
    plans
        In its order, each with ``id``, ``name``, ``label``, ``status``, ``outcome``, ``contribution``, ``problem``, and
        of a night ``passed``.
    """

    id: str
    name: str
    status: str
    counts: Mapping[str, int]
    plans: list[dict[str, Any]]


@dataclass(frozen=True)
class Event:
    """One thing that happened to a plan: its number, kind and data."""

    seq: int
    kind: str
    data: Mapping[str, Any]


def to_error(response: httpx.Response) -> ServiceError:
    """Why a request was refused."""
    is_problem = response.headers.get("content-type", "").startswith("application/problem+json")
    return ServiceError(response.status_code, response.json() if is_problem else {"detail": response.text[:200]})


def to_batch(response: httpx.Response) -> BatchState:
    """The batch that an answer tells."""
    content = response.json()
    return BatchState(**{name: content[name] for name in BatchState.__dataclass_fields__})


def to_plan(response: httpx.Response) -> PlanState:
    """The plan that an answer tells."""
    return to_state(response.json())


def to_state(content: Mapping[str, Any]) -> PlanState:
    """A plan as the service told it."""
    told = {name: content[name] for name in PlanState.__dataclass_fields__ if name != "content"}
    return PlanState(**told, content=content)
