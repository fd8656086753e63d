"""Commands about plans that are there: check, compare."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from podplanner.cli.comparison_words import comparison_lines
from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.findings import plural
from podplanner.cli.progress import Console
from podplanner.cli.sources import new_path, read_instance
from podplanner.domain.errors import UnreadableInput
from podplanner.domain.verify import verify
from podplanner.report.compare_workbook import write_comparison
from podplanner.report.files import SUMMARY
from podplanner.report.hidden import PAY_TERMS
from podplanner.report.reading import read_tables, to_plan, written_contribution
from podplanner.report.side_by_side import as_data, side_by_side, write_side_by_side

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from podplanner.domain.tables import Table
    from podplanner.domain.verify import Verification

OTHER_FILES = (".csv", ".htm", ".html", ".json", ".ods", ".pdf", ".xls", ".xlsm", ".zip")
"""Endings of files that nobody means as a folder."""

CENTS = 0.02
"""Written terms are rounded so that they add up: each is within two cents of what it was computed from."""


def run_check(arguments: Namespace) -> Reply:
    """Verify a plan."""
    path = Path(arguments.plan)
    with Console(sys.stderr) as console:
        console.begin(f"reading {arguments.input}")
        instance = read_instance(arguments.input)
        console.begin(f"reading {arguments.plan}")
        tables = read_tables(path)
        plan = to_plan(tables, instance)
        console.begin("checking")
        verification = verify(instance, plan)
    written = written_contribution(tables)
    figures = _wrong_figures(path / SUMMARY, verification)
    violations = verification.violations
    return Reply(
        code=ExitCode.FAULTS if violations or figures else ExitCode.DONE,
        lines=_check_lines(verification, written, figures),
        data={
            "valid": not violations and not figures,
            "violations": [
                {"code": each.code, "subjects": each.subjects, "amount": each.amount, "message": each.message}
                for each in violations
            ],
            "figures": figures,
            "terms": dict(verification.terms),
            "contribution": verification.contribution,
            "written_contribution": written,
        },
    )


def _wrong_figures(path: Path, verification: Verification) -> tuple[str, ...]:
    """Terms that the plan's own summary has otherwise; a workbook, or a plan made elsewhere, has none to compare."""
    if not path.is_file():
        return ()
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        told = {name: float(summary["terms"][name]) for name in verification.terms}
        true = _as_told(verification.terms, pay_hidden=bool(summary.get("pay_hidden")))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableInput(f"{path} is no summary of a plan: {error!r}") from error
    return tuple(
        f"{SUMMARY} has {told[name]:,.2f} for {name}, the plan comes to {amount:,.2f}"
        for name, amount in true.items()
        if not abs(told[name] - amount) <= CENTS
    )


def _as_told(terms: Mapping[str, float], *, pay_hidden: bool) -> dict[str, float]:
    """Terms as a summary tells them: where pay is hidden, all that pay causes stands in the first of its terms."""
    if not pay_hidden:
        return dict(terms)
    told = {name: 0.0 if name in PAY_TERMS else amount for name, amount in terms.items()}
    return {**told, PAY_TERMS[0]: sum(terms[name] for name in PAY_TERMS)}


def _check_lines(verification: Verification, written: float | None, figures: tuple[str, ...]) -> tuple[str, ...]:
    width = max(map(len, verification.terms)) + 2
    terms = [f"{name:<{width}}{amount:>18,.2f}" for name, amount in verification.terms.items()]
    total = f"{'contribution':<{width}}{verification.contribution:>18,.2f}"
    difference = 0.0 if written is None else verification.contribution - written
    edited = [f"{'as written':<{width}}{written:>18,.2f}  ({difference:+,.2f} now)"] if abs(difference) > CENTS else []
    broken = [f"{each.code}: {each.message} (by {each.amount:,.6g})" for each in verification.violations]
    counted = [plural(len(broken), "broken rule")] if broken else ["every rule holds"]
    counted += [plural(len(figures), "wrong figure")] if figures else []
    return (*terms, total, *edited, *broken, *figures, ", ".join(counted))


def run_compare(arguments: Namespace) -> Reply:
    """Compare plans."""
    folders = [Path(name) for name in arguments.plans]
    if len(folders) + arguments.today < 2:
        raise UsageError("name two plans or more, or one and --today")
    if arguments.out is not None and Path(arguments.out).suffix.lower() in OTHER_FILES:
        raise UsageError(f"{arguments.out} is neither a workbook (.xlsx) nor a folder: comparisons are those")
    with Console(sys.stderr) as console:
        console.begin("comparing")
        told = side_by_side(folders, with_today=arguments.today)
        if arguments.out is not None:
            path = new_path(arguments.out)
            console.begin(f"writing {path}")
            if path.suffix.lower() == ".xlsx":
                write_comparison(told, path)
            else:
                write_side_by_side(told, path)
    return Reply(code=ExitCode.DONE, lines=comparison_lines(told), data=as_data(told))


def records(table: Table) -> list[dict[str, object]]:
    """Rows of a table by column."""
    columns = {name: column.tolist() for name, column in table.columns.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
