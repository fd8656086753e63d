"""Commands about plans that are there: check, compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from podplanner.cli.exits import ExitCode, Reply
from podplanner.cli.findings import plural
from podplanner.cli.progress import Console
from podplanner.cli.sources import read_instance
from podplanner.domain.verify import verify
from podplanner.report.reading import read_plan

if TYPE_CHECKING:
    from argparse import Namespace

    from podplanner.domain.verify import Verification


def run_check(arguments: Namespace) -> Reply:
    """Verify a plan."""
    with Console(sys.stderr) as console:
        console.begin(f"reading {arguments.input}")
        instance = read_instance(arguments.input)
        console.begin(f"reading {arguments.plan}")
        plan = read_plan(Path(arguments.plan), instance)
        console.begin("checking")
        verification = verify(instance, plan)
    violations = verification.violations
    return Reply(
        code=ExitCode.FAULTS if violations else ExitCode.DONE,
        lines=_check_lines(verification),
        data={
            "valid": not violations,
            "violations": [
                {"code": each.code, "subjects": each.subjects, "amount": each.amount, "message": each.message}
                for each in violations
            ],
            "terms": dict(verification.terms),
            "contribution": verification.contribution,
        },
    )


def _check_lines(verification: Verification) -> tuple[str, ...]:
    width = max(map(len, verification.terms)) + 2
    terms = [f"{name:<{width}}{amount:>18,.2f}" for name, amount in verification.terms.items()]
    found = [f"{each.code}: {each.message} (by {each.amount:,.6g})" for each in verification.violations]
    total = f"{'contribution':<{width}}{verification.contribution:>18,.2f}"
    end = plural(len(found), "broken rule") if found else "every rule holds"
    return (*terms, total, *found, end)
