"""Every error podplanner raises on purpose.

::

    PodplannerError             stable ``code``, message for people
    ├── InputError              the tables break the contract: carries *all* findings     exit code 2
    ├── UnreadableInput         the file cannot be read at all (size, format, hostile)    exit code 2
    ├── NoStart                 an earlier plan cannot be carried over to an input        exit code 2
    ├── NoPlan                  a plan was asked for where there is none
    ├── PlanRejected            the independent verifier or the score disagrees            a defect of ours
    └── EngineError             a solver library failed or lied                            a defect of ours
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podplanner.domain.findings import Finding


class PodplannerError(Exception):
    """Base of the tree; ``code`` is stable and documented in ``docs/errors.md``."""

    code = "podplanner_error"


class InputError(PodplannerError):
    """The tables break the contract.

    Parameters
    ----------
    findings
        All of them, errors and warnings, never only the first.
    """

    code = "invalid_input"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.is_error]
        super().__init__(f"{len(errors)} error(s) in the input; first: {errors[0] if errors else 'none'}")


class UnreadableInput(PodplannerError):
    """The file cannot be opened as tables: wrong format, too large, or hostile."""

    code = "unreadable_input"


class NoStart(PodplannerError):
    """An earlier plan cannot be carried over: the input has no direct pod for accounts that are new."""

    code = "no_start"


class NoPlan(PodplannerError):
    """A plan was asked for, but the run ended without one."""

    code = "no_plan"


class PlanRejected(PodplannerError):
    """A plan failed the independent verifier, or its recomputed terms differ from the score."""

    code = "plan_rejected"


class EngineError(PodplannerError):
    """A solver library failed, or claimed something that did not hold."""

    code = "engine_error"
