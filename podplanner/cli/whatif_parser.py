"""Commands of what-if and their options."""

from __future__ import annotations

import argparse
import os

from podplanner.cli.command import Commands, add_command
from podplanner.cli.options import number, whole
from podplanner.whatif.words import GRAMMAR
from solvers.registry import ENGINE_NAMES

PLAN_HELP = "folder of a plan, or a zip of one; with its input, as podplanner plan writes it"
GRAMMAR_HELP = "sentences:\n" + "".join(f"  {each.form:<26}  {each.meaning}\n" for each in GRAMMAR)


def _add_scenario(commands: Commands) -> None:
    command = add_command(
        commands,
        "scenario",
        "whatif_commands:run_scenario",
        "plan what would be if something changed, near an earlier plan",
        "Only what pays is moved; moved.csv tells for which money. OUT has all that is needed to plan it again, also "
        "as the start of another scenario.",
        'scenario out/mine "lose P-12" "add 3 sales at Dallas" -o out/leaner',
        'scenario out/mine "budget -10%" --name lean --tag board -o out/lean',
        "scenario out/mine --changes changes.csv -o out/changed",
        "scenario --again out/lean -o out/lean-again",
    )
    command.epilog = f"{GRAMMAR_HELP}\n{command.epilog}"
    command.add_argument("plan", metavar="PLAN", nargs="?", help=PLAN_HELP)
    command.add_argument("words", metavar="SENTENCE", nargs="*", help="what changes; see below")
    command.add_argument("--changes", metavar="FILE", help="rows of the table changes: CSV, or any input that has it")
    command.add_argument("--again", metavar="SCENARIO", help="folder of a scenario to plan again, as it was asked for")
    command.add_argument("-o", "--out", metavar="OUT", required=True, help="folder for the results")
    command.add_argument("--name", default="", help="what to call it")
    command.add_argument("--tag", metavar="TAG", action="append", default=[], help="a word to find it by; repeatable")
    add_effort(command)


def _add_challenge(commands: Commands) -> None:
    command = add_command(
        commands,
        "challenge",
        "challenge_command:run_challenge",
        "answer wishes from the field, each by its price and by what else would move",
        "Wishes are sentences of podplanner scenario, answered alone and all together. OUT has challenges.csv, "
        "knock_on.csv, accepted.csv (the accepted ones as rows of changes), log.jsonl, and the plan that grants them.",
        'challenge out/mine "ACC-1 to P-3" "ACC-2 local" "P-5 to POD-2" -o out/heard',
        "challenge out/mine --list wishes.csv --accept-below 5000 -o out/heard",
        "challenge out/mine --workbook edited.xlsx -o out/heard",
    )
    command.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    command.add_argument("wishes", metavar="WISH", nargs="*", help="a sentence, as podplanner scenario takes it")
    command.add_argument("--list", metavar="FILE", help="CSV file with the columns wish, author and note")
    command.add_argument(
        "--workbook", metavar="XLSX", help="PLAN's plan.xlsx, edited by hand; OUT has edits.csv and answered.xlsx"
    )
    command.add_argument("--author", default="", help="who asks for the wishes named here")
    command.add_argument("--note", default="", help="why")
    command.add_argument("--name", default="", help="what to call the plan that grants the accepted wishes")
    command.add_argument(
        "--accept", metavar="N", type=whole(1), action="append", default=[], help="accept this wish; repeatable"
    )
    command.add_argument("--accept-below", metavar="PRICE", type=number(0), help="accept all that cost less")
    command.add_argument("-o", "--out", metavar="OUT", required=True, help="folder for the answers; its log goes on")
    add_effort(command)


def _add_scenarios(commands: Commands) -> None:
    command = add_command(
        commands,
        "scenarios",
        "night_commands:run_scenarios",
        "plan many scenarios of one plan from a file",
        "FILE is CSV: name, words (sentences separated by ;), axis (rows of one axis are options of it, and all "
        "combinations are planned), repeat (so many seeds). Run again, it goes on where it was ended.",
        "scenarios out/mine grid.csv -o out/grid",
    )
    command.add_argument("plan", metavar="PLAN", help=PLAN_HELP)
    command.add_argument("file", metavar="FILE", help="CSV file of scenarios")
    command.add_argument("-o", "--out", metavar="OUT", required=True, help="folder: one for each, and scenarios.csv")
    add_effort(command)


def _add_adopt(commands: Commands) -> None:
    command = add_command(
        commands,
        "adopt",
        "night_commands:run_adopt",
        "put a plan into force",
        "podplanner night plans from it, and counts moves against it.",
        "adopt out/mine --author Ann --effective 2027-01-01",
    )
    command.add_argument("plan", metavar="PLAN", help="folder of a plan")
    command.add_argument("--author", required=True, help="who puts it into force")
    command.add_argument("--effective", metavar="DAY", required=True, help="from when on, as YYYY-MM-DD")


def _add_night(commands: Commands) -> None:
    command = add_command(
        commands,
        "night",
        "night_commands:run_night",
        "plan what is known tonight, near the plan in force",
        "New accounts, leavers and potentials come with INPUT; moves are counted against the plan in force. What INPUT "
        "does not tell of pods, tiers, service, roles and policy stays as in the plan. Exit code 5 where a rule fails.",
        'night out/mine tonight.xlsx --accept "contribution >= 99% of today" -o out/night',
    )
    command.add_argument("plan", metavar="PLAN", help="folder of the plan in force")
    command.add_argument("input", metavar="INPUT", help="the input as it is now")
    command.add_argument("-o", "--out", metavar="OUT", required=True, help="folder for the results")
    command.add_argument(
        "--accept", metavar="RULE", action="append", default=[], help="FIGURE >= or <= NUMBER, or NUMBER%% of today"
    )
    add_effort(command)


def add_effort(command: argparse.ArgumentParser) -> None:
    """Options of how long to search."""
    effort = command.add_argument_group("how long to search")
    effort.add_argument(
        "--time-limit",
        metavar="SECONDS",
        type=number(0),
        help="each search (default: 0.8 a thousand accounts, 1 to 60)",
    )
    effort.add_argument("--work-limit", metavar="W", type=whole(0), help="units of the engine's own work; repeatable")
    effort.add_argument("--gap", metavar="G", type=number(0, 1), help="gap that will do (default: that of PLAN)")
    effort.add_argument("--engine", choices=("auto", *ENGINE_NAMES), default="auto", help="default: auto, by size")
    effort.add_argument("--seed", metavar="N", type=whole(0, 2**31), default=0, help="default: 0")
    effort.add_argument("--workers", metavar="N", type=whole(1), default=os.cpu_count() or 1, help="threads")


WHATIF_COMMANDS = (_add_scenario, _add_scenarios, _add_challenge, _add_adopt, _add_night)
"""Each adds one command."""
