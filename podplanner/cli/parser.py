"""Commands and their options."""

from __future__ import annotations

import argparse
import os

import podplanner
from benchmarks.contest import PEERS
from benchmarks.sizes import CLASSES
from datasets.public import FAMILIES
from podplanner.cli.command import EXIT_CODES, Commands, add_command
from podplanner.cli.options import DEFAULT_TIME_LIMIT_S, number, whole
from podplanner.cli.service_commands import SERVICE_COMMANDS
from podplanner.cli.whatif_parser import WHATIF_COMMANDS
from podplanner.domain.result import DEFAULT_GAP
from solvers.registry import ENGINE_NAMES

INPUT_HELP = "a workbook (.xlsx), a folder or zip of CSV or Parquet files, a JSON file, or the name of a shipped sample"


def build_parser() -> argparse.ArgumentParser:
    """All commands."""
    parser = argparse.ArgumentParser(
        prog="podplanner",
        description="Plans pods, tiers and named teams for named accounts, with a proof of how good the plan is.",
        epilog=f"podplanner COMMAND --help explains a command.\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"podplanner {podplanner.__version__}")
    commands = parser.add_subparsers(required=True, title="commands")
    for add in (
        _add_plan,
        _add_validate,
        _add_check,
        _add_compare,
        *WHATIF_COMMANDS,
        _add_template,
        _add_sample,
        _add_generate,
        _add_bench,
    ):
        add(commands)
    for name, words in SERVICE_COMMANDS.items():
        commands.add_parser(name, help=words, add_help=False)
    return parser


def _add_plan(commands: Commands) -> None:
    command = add_command(
        commands,
        "plan",
        "plan_command:run_plan",
        "plan an input",
        "Writes plan.xlsx, the same tables as CSV, summary.json and run.json to OUT. Ctrl-C stops and keeps the best "
        "plan found; a second one cancels and keeps nothing.",
        "plan mine.xlsx -o out/mine",
        "plan adventureworks -o out/adventureworks --time-limit 300 --gap 0.01",
        "plan mine.xlsx -o out/mine --work-limit 50 --seed 7     # the same result on every run",
    )
    command.add_argument("input", metavar="INPUT", help=INPUT_HELP)
    command.add_argument("-o", "--out", metavar="OUT", required=True, help="folder for the results")
    stop = command.add_argument_group("when to stop")
    stop.add_argument(
        "--time-limit",
        metavar="SECONDS",
        type=number(0),
        help=f"seconds of solving (default: {DEFAULT_TIME_LIMIT_S:g}, or none with --work-limit)",
    )
    stop.add_argument("--work-limit", metavar="W", type=whole(0), help="units of the engine's own work; repeatable")
    stop.add_argument(
        "--gap",
        metavar="G",
        type=number(0, 1),
        default=DEFAULT_GAP,
        help="stop when (bound - contribution) / |bound| is at most this (default: %(default)s)",
    )
    how = command.add_argument_group("how to solve")
    how.add_argument("--engine", choices=("auto", *ENGINE_NAMES), default="auto", help="default: auto, chosen by size")
    how.add_argument(
        "--seed", metavar="N", type=whole(0, 2**31), default=0, help="seed of everything random (default: 0)"
    )
    how.add_argument(
        "--workers",
        metavar="N",
        type=whole(1),
        default=os.cpu_count() or 1,
        help="threads; they never change the answer of a work limit (default: one a processor)",
    )
    what = command.add_argument_group("what to write")
    what.add_argument("--write-model", metavar="FILE", help="also write the whole mathematical model, as .lp or .mps")
    what.add_argument("--hide-pay", action="store_true", help="leave every single person's pay out of the results")


def _add_validate(commands: Commands) -> None:
    command = add_command(
        commands,
        "validate",
        "input_commands:run_validate",
        "list everything that is wrong or odd in an input",
        "Errors have exit code 2, warnings alone 0.",
        "validate mine.xlsx",
        "validate folder/ --json",
    )
    command.add_argument("input", metavar="INPUT", help=INPUT_HELP)


def _add_check(commands: Commands) -> None:
    command = add_command(
        commands,
        "check",
        "review_commands:run_check",
        "verify a plan by recomputing every rule and every number",
        "The plan may have been made elsewhere, or edited by hand in the workbook: pod, tier and owners are read from "
        "the sheet accounts_plan, pod and share from people_plan, leader and coach from pods_plan, and all figures are "
        "computed again from these.",
        "check mine.xlsx out/mine",
        "check mine.xlsx out/mine/plan.xlsx",
    )
    command.add_argument("input", metavar="INPUT", help=INPUT_HELP)
    command.add_argument("plan", metavar="PLAN", help="folder or workbook of a plan of that input")


def _add_compare(commands: Commands) -> None:
    command = add_command(
        commands,
        "compare",
        "review_commands:run_compare",
        "show what differs between plans",
        "By key figure, account, person, pod, tier and term of the objective, each plan against the first. Edits by "
        "hand in a workbook are seen by check only.",
        "compare out/mine out/mine-with-three-more-reps",
        "compare --today out/mine out/lean out/leaner -o compare.xlsx",
    )
    command.add_argument("plans", metavar="PLAN", nargs="+", help="folder of a plan")
    command.add_argument("--today", action="store_true", help="against today, as the first plan tells it")
    command.add_argument("-o", "--out", metavar="OUT", help="also write a workbook (.xlsx), or a folder of CSV files")


def _add_template(commands: Commands) -> None:
    command = add_command(
        commands,
        "template",
        "input_commands:run_template",
        "write an empty input workbook",
        "It has a note on every column, lists to choose from and an example row. Nothing is overwritten.",
        "template mine.xlsx",
    )
    command.add_argument("out", metavar="FILE", help="workbook to write")


def _add_sample(commands: Commands) -> None:
    command = add_command(
        commands,
        "sample",
        "input_commands:run_sample",
        "list the shipped samples, or write one",
        "A sample's name is also a valid INPUT of every other command.",
        "sample",
        "sample tiny -o tiny",
    )
    command.add_argument("name", metavar="NAME", nargs="?", help="sample to write (default: list them)")
    command.add_argument("-o", "--out", metavar="FOLDER", help="where to (default: a folder of the sample's name)")


def _add_generate(commands: Commands) -> None:
    command = add_command(
        commands,
        "generate",
        "input_commands:run_generate",
        "draw a company of any size by seed, on real geography",
        "The same options give the same tables. The result is a folder of CSV files, a valid INPUT.",
        "generate -o company --accounts 1000 --seed 1 --with-books",
    )
    command.add_argument("-o", "--out", metavar="FOLDER", required=True, help="folder to write")
    command.add_argument("--accounts", metavar="N", type=whole(1), required=True, help="number of accounts")
    command.add_argument("--seed", metavar="N", type=whole(0), default=0, help="default: 0")
    command.add_argument("--bases", metavar="N", type=whole(1), help="local bases (default: by number of accounts)")
    command.add_argument("--people", metavar="N", type=whole(5), help="people (default: by number of accounts)")
    command.add_argument("--with-books", action="store_true", help="accounts have owners today, and people pods")


def _add_bench(commands: Commands) -> None:
    group = commands.add_parser("bench", help="measure podplanner", description="Measure podplanner.")
    what = group.add_subparsers(required=True, title="what to measure")
    _add_bench_classes(what)
    _add_bench_public(what)


def _add_bench_classes(commands: Commands) -> None:
    command = add_command(
        commands,
        "classes",
        "bench_classes:run_classes",
        "plan drawn companies of the size classes beside peers",
        "The peers: HiGHS, CP-SAT and CBC on the staffing model with whole accounts, which is easier than the whole "
        "model, and a plain adaptive large neighbourhood search on whole plans. All have the same time, seed and two "
        "threads, one after the other; figures are medians over the seeds. Needs Linux; CP-SAT needs ortools.",
        "bench classes S M",
        "bench classes S --books --seed 1 --peers none --time-limit 5",
        "bench classes L --page results.md",
    )
    command.add_argument("size", metavar="CLASS", nargs="+", choices=tuple(CLASSES), help=f"of {', '.join(CLASSES)}")
    command.add_argument("--books", action="store_true", help="companies with owners of today (not: paper)")
    command.add_argument(
        "--seed", metavar="N", type=whole(0, 2**31), nargs="+", default=[1, 2, 3], help="default: 1 2 3"
    )
    command.add_argument("--peers", nargs="+", choices=(*PEERS, "none"), default=PEERS, help="default: all")
    command.add_argument(
        "--time-limit", metavar="SECONDS", type=number(0), help="of each contestant (default: the class's goal)"
    )
    command.add_argument("--engine", choices=("auto", *ENGINE_NAMES), default="auto", help="default: auto, by size")
    command.add_argument("--page", metavar="FILE", help="also add the table to this page of Markdown")


def _add_bench_public(commands: Commands) -> None:
    command = add_command(
        commands,
        "public",
        "bench_commands:run_public",
        "solve public benchmark instances, and hold the answers against the best known",
        "Generalised assignment (gap), single-source facility location (sscflp) and capacitated p-median (cpmp) are "
        "the core of planning: accounts to pods within one capacity. FOLDER has a sub-folder of JSON files for each. "
        "Ctrl-C ends the table after the instance under way.",
        "bench public instances --family gap",
        "bench public instances --time-limit 10 --json",
    )
    command.add_argument("folder", metavar="FOLDER", help="folder of the instances; none are shipped")
    command.add_argument("--family", choices=FAMILIES, help="only this family (default: all)")
    command.add_argument("--name", metavar="BEGINNING", default="", help="only instances whose name begins so")
    command.add_argument(
        "--time-limit", metavar="SECONDS", type=number(0), default=60.0, help="of each instance (default: 60)"
    )
    command.add_argument("--seed", metavar="N", type=whole(0, 2**31), default=0, help="default: 0")
    command.add_argument("--workers", metavar="N", type=whole(1), default=2, help="threads (default: 2)")
