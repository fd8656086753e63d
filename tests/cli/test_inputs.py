"""validate, template, sample and generate, and how mistakes of the caller are told."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from datasets.samples import sample_descriptions
from podplanner.cli import ExitCode, build_parser, main
from podplanner.cli.command import runner
from podplanner.cli.service_commands import SERVICE_COMMANDS
from tests.cli.processes import TIMEOUT_S, command, write_json
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Call

WRONG = {
    "accounts": [{"account_id": "A1", "revenue": "much"}, {"account_id": "A1", "revenue": 5}],
    "people": [{"person_id": "P1", "role": "seller", "annual_cost": 1}],
}


def test_validate_lists_every_finding(tmp_path: Path, call: Call) -> None:
    """Errors by table, row and column with the way out, and exit code 2."""
    source = write_json(tmp_path / "input.json", WRONG)
    told = call("validate", source)
    assert told.code == ExitCode.INPUT
    assert "accounts row 2, revenue = 'much'" in told.out
    assert "people row 2, role = 'seller'" in told.out
    assert re.search(r"^\d+ errors, \d+ warnings?$", told.out.splitlines()[-1])
    answer = json.loads(call("validate", source, "--json").out)
    assert answer["valid"] is False
    assert {"table", "row", "column", "value", "rule", "message", "way_out"} <= set(answer["findings"][0])


def test_findings_come_as_tables_are_read(tmp_path: Path, call: Call) -> None:
    """By table, errors first, and by row: the order in which a planner mends them."""
    accounts = [{"account_id": "A1", "revenue": 1}, {"account_id": "A2", "revenue": 1, "margin": 7}]
    accounts.append({"account_id": "A1", "revenue": "x"})
    tables = {"accounts": [{**accounts[0], "revenue": -1}, *accounts[1:]], "people": WRONG["people"]}
    lines = call("validate", write_json(tmp_path / "input.json", tables)).out.splitlines()
    rows = [line.split(",")[0] for line in lines if line.startswith("error: accounts row")]
    assert [row.split()[-1] for row in rows] == ["2", "3", "4", "4"]
    kinds = [line.split(":")[0] for line in lines[:-1]]
    assert kinds == sorted(kinds)


def test_validate_accepts_a_sample(call: Call) -> None:
    """Samples are valid inputs."""
    told = call("validate", "tiny")
    assert (told.code, told.out) == (ExitCode.DONE, "no errors, no warnings in tiny\n")


def test_plan_of_a_wrong_input_lists_the_findings(tmp_path: Path, call: Call) -> None:
    """The same findings, on stderr, or as JSON on stdout."""
    source = write_json(tmp_path / "input.json", WRONG)
    told = call("plan", source, "-o", tmp_path / "out")
    assert (told.code, told.out) == (ExitCode.INPUT, "")
    assert "people row 2, role = 'seller'" in told.err
    answer = json.loads(call("plan", source, "-o", tmp_path / "out", "--json").out)
    assert answer["error"] == "invalid_input"
    assert len(answer["findings"]) == len(json.loads(call("validate", source, "--json").out)["findings"])


def test_template_is_not_overwritten(tmp_path: Path, call: Call) -> None:
    """What a planner filled in is safe; the path is the last line."""
    path = tmp_path / "mine.xlsx"
    assert call("template", path).out == f"{path}\n"
    assert call("template", path).code == ExitCode.INPUT
    assert call("template", tmp_path / "mine.csv").code == ExitCode.INPUT


def test_sample_lists_and_copies(tmp_path: Path, call: Call) -> None:
    """Without a name all of them; with one, a folder that is a valid input."""
    lines = call("sample").out.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [list(pair) for pair in sample_descriptions().items()]
    told = call("sample", "tiny", "-o", tmp_path / "copy")
    assert told.out == f"{tmp_path / 'copy'}\n"
    assert call("validate", tmp_path / "copy").code == ExitCode.DONE
    assert call("sample", "tiny", "-o", tmp_path / "copy").code == ExitCode.INPUT
    assert "adventureworks" in call("sample", "huge").err


def test_generate_is_repeatable(tmp_path: Path, call: Call) -> None:
    """The same options give the same bytes, and a valid input."""
    for name in ("one", "two"):
        words = ("--accounts", 20, "--seed", 3, "--people", 6, "--bases", 2, "--with-books")
        assert call("generate", "-o", tmp_path / name, *words).code == ExitCode.DONE
    assert call("validate", tmp_path / "one").code == ExitCode.DONE
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_what_cannot_be_done_is_told_first(tmp_path: Path, call: Call) -> None:
    """Before any work, with exit code 2 and nothing on stdout."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine", encoding="utf-8")
    for words, told in (
        (("plan", "tiny", "-o", tmp_path / "full"), "notes.txt"),
        (("plan", "tiny", "-o", tmp_path / "full" / "notes.txt"), "is a file"),
        (("plan", "tiny", "-o", tmp_path / "full" / "notes.txt" / "out"), "results cannot be written to"),
        (("plan", "nowhere.xlsx", "-o", tmp_path / "out"), "adventureworks"),
        (("plan", "tiny", "-o", tmp_path / "out", "--write-model", "model.txt"), ".lp"),
        (("plan", "tiny", "-o", tmp_path / "out", "--write-model", tmp_path / "m.lp", "--hide-pay"), "pay"),
        (("plan", "tiny", "-o", tmp_path / "out", "--write-model", tmp_path / "no" / "m.lp"), "No such file"),
        (("validate", tmp_path / "full" / "notes.txt"), "notes.txt"),
    ):
        done = call(*words)
        assert (done.code, done.out) == (ExitCode.INPUT, ""), words
        assert told in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("--gap", "1"),
        ("--gap", "nan"),
        ("--time-limit", "-1"),
        ("--time-limit", "soon"),
        ("--work-limit", "1.5"),
        ("--workers", "0"),
        ("--seed", "²"),
        ("--engine", "magic"),
    ],
)
def test_options_outside_their_range(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """The parser names option and value."""
    with pytest.raises(SystemExit) as ended:
        main(["plan", "tiny", "-o", "out", *words])
    assert ended.value.code == ExitCode.INPUT
    assert f"argument {words[0]}: " in capsys.readouterr().err


def test_text_of_the_input_does_not_steer_the_terminal(tmp_path: Path, call: Call) -> None:
    """Escape sequences in a cell are shown, not obeyed."""
    tables = {"accounts": [{"account_id": "A\x1b[2J", "revenue": "x"}], "people": WRONG["people"]}
    assert "\x1b" not in call("validate", write_json(tmp_path / "input.json", tables)).out


def commands_of(parser: argparse.ArgumentParser, *path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each command's words and its help, groups of commands opened."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001  # argparse tells of its commands nowhere else
    if not groups:
        yield path, parser.format_help()
    for group in groups:
        for name, inner in group.choices.items():
            yield from commands_of(inner, *path, name)


def test_every_command_has_examples() -> None:
    """Whose words the parser takes, and a function that runs it; those of the service are its own program's."""
    for path, shown in commands_of(build_parser()):
        if path[0] in SERVICE_COMMANDS:
            continue
        assert "examples:" in shown, path
        examples = re.findall(r"^  podplanner (.+)$", shown.split("examples:")[1], re.MULTILINE)
        assert examples
        for example in examples:
            assert callable(runner(build_parser().parse_args(shlex.split(example, comments=True)).run))


def test_reader_that_has_seen_enough() -> None:
    """A closed pipe is no error."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            command("sample"), cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False
        )
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (ExitCode.DONE, b"")
