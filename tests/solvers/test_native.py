"""What is made of HiGHS's own endings."""

from __future__ import annotations

import highspy

from solvers.reference.native import is_infeasible


class Failing:
    """A native solver that fails on every run."""

    def setOptionValue(self, name: str, value: float) -> None:  # noqa: N802  # the library's name
        """Take any option."""

    def run(self) -> None:
        """Do nothing."""

    def getModelStatus(self) -> highspy.HighsModelStatus:  # noqa: N802  # the library's name
        """Failed."""
        return highspy.HighsModelStatus.kSolveError


def test_a_failed_question_accuses_no_rule() -> None:
    """HiGHS failing on one question of the search for clashes is no proof, and no end of a run that has its answer."""
    assert not is_infeasible(Failing(), 1.0)
