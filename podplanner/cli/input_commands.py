"""Commands about input: validate, template, sample, generate."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from datasets import validate
from datasets.generator import generate, write_tables
from datasets.samples import sample_descriptions, sample_names, sample_path
from datasets.template import write_template
from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.findings import findings_data, findings_lines
from podplanner.cli.progress import Console
from podplanner.cli.sources import new_path, source_path

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def run_validate(arguments: Namespace) -> Reply:
    """List everything that is wrong or odd."""
    path = source_path(arguments.input)
    with Console(sys.stderr) as console:
        console.begin(f"reading {path}")
        findings = validate(path)
    wrong = any(finding.is_error for finding in findings)
    return Reply(
        code=ExitCode.INPUT if wrong else ExitCode.DONE,
        lines=findings_lines(findings) if findings else (f"no errors, no warnings in {arguments.input}",),
        data={"input": arguments.input, "valid": not wrong, "findings": findings_data(findings)},
    )


def run_template(arguments: Namespace) -> Reply:
    """Write an empty input workbook."""
    path = new_path(arguments.out)
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"{arguments.out} is no .xlsx file: the template is a workbook")
    write_template(path)
    return _written(path)


def run_sample(arguments: Namespace) -> Reply:
    """List the shipped samples, or copy one."""
    if arguments.name is None:
        told = sample_descriptions()
        width = max(map(len, told))
        return Reply(
            code=ExitCode.DONE,
            lines=tuple(f"{name:<{width}}  {sentence}" for name, sentence in told.items()),
            data={"samples": sample_names(), "descriptions": dict(told)},
        )
    if arguments.name not in sample_names():
        raise UsageError(f"there is no sample {arguments.name}; there are {', '.join(sample_names())}")
    path = new_path(arguments.out or arguments.name)
    shutil.copytree(sample_path(arguments.name), path, dirs_exist_ok=True)
    return _written(path)


def run_generate(arguments: Namespace) -> Reply:
    """Draw a company by seed and write its tables."""
    path = new_path(arguments.out)
    with Console(sys.stderr) as console:
        console.begin("drawing a company")
        tables = generate(
            arguments.accounts,
            seed=arguments.seed,
            bases=arguments.bases,
            people=arguments.people,
            with_books=arguments.with_books,
        )
        console.begin(f"writing {path}")
        write_tables(tables, path)
    return _written(path)


def _written(path: Path) -> Reply:
    return Reply(code=ExitCode.DONE, lines=(str(path),), data={"written": str(path)})
