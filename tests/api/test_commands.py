"""Commands of the service: keys, database, and what serve refuses."""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING

import pytest

from api.commands import main
from api.data.database import Database
from api.data.keys import Scope, find_caller, list_keys
from api.logs import Lines
from api.serve import first_key
from api.settings import Settings, read_settings
from podplanner.cli import service_commands
from podplanner.cli.entry import main as podplanner
from tests.api.services import upgraded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.data.keys import Caller


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Address of an empty database, set for the commands."""
    url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    monkeypatch.setenv("PODPLANNER_DATABASE", url)
    return url


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs a command: exit code and what it printed."""

    def call(*words: str) -> tuple[int, str]:
        code = main(words)
        told = capsys.readouterr()
        return code, (told.out + told.err).strip()

    return call


def caller_of(url: str, key: str) -> Caller | None:
    """Whom a key lets in now."""
    database = Database(url)
    with database.engine.begin() as connection:
        caller = find_caller(connection, key, database.now(connection))
    database.close()
    return caller


def test_a_key_is_made_rotated_and_revoked(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """Rotation leaves the old key good for a while, and never longer than it was; revocation ends it at once."""
    code, key = run("keys", "create", "--workspace", "sales", "--scopes", "read", "--days", "1")
    caller = caller_of(url, key)
    assert code == 0
    assert caller is not None
    assert (caller.workspace_id, caller.scopes) == ("sales", frozenset({"read"}))
    _, newer = run("keys", "rotate", caller.key_id)
    assert caller_of(url, newer) is not None
    assert caller_of(url, key) is not None
    run("keys", "revoke", caller.key_id)
    assert caller_of(url, key) is None
    assert caller_of(url, newer) is not None
    _, listed = run("keys", "list")
    assert len(listed.splitlines()) == 2
    assert key not in listed
    days = [line.split("expires ")[1].split()[0] for line in listed.splitlines()]
    assert "never" not in days
    assert run("keys", "rotate", caller.key_id)[0] == 2
    assert caller_of(url, key) is None


def test_mistakes_are_told(url: str, run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """Exit code 2 and one sentence."""
    assert url
    taken = tmp_path / "taken"
    taken.touch()
    for words in (
        ("keys", "create", "--scopes", "everything"),
        ("keys", "rotate", "nobody"),
        ("keys", "revoke", "nobody"),
        ("db", "backup", str(taken)),
        ("serve", "--host", "0.0.0.0"),  # the world: refused without a proxy that ends TLS
        ("serve", "--host", "nowhere"),
        ("db", "upgrade", "--database", "mysql://host/name"),
        ("db", "upgrade", "--database", f"sqlite:///{tmp_path}"),
    ):
        code, told = run(*words)
        assert code == 2, words
        assert told.startswith("podplanner: "), words
        assert len(told.splitlines()) == 1, words


def test_purge_tells_how_many(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """Of an empty database: none."""
    assert url
    assert run("db", "purge") == (0, "0 plans forgotten")


def test_the_first_key_is_told_once(url: str) -> None:
    """A new service has a key with all scopes; one that has keys tells none."""
    database = Database(upgraded(url))
    key = first_key(database)
    assert key is not None
    assert first_key(database) is None
    with database.engine.connect() as connection:
        assert len(list_keys(connection)) == 1
    database.close()
    caller = caller_of(url, key)
    assert caller is not None
    assert caller.scopes == frozenset(Scope)


def test_settings_come_from_the_environment_and_the_command_line() -> None:
    """The command line goes before the environment, the environment before the defaults."""
    environment = {"PODPLANNER_SLOTS": "3", "PODPLANNER_PORT": "9000", "PODPLANNER_MEMORY_GIB": "2.5"}
    settings = read_settings(environment, {"port": 9001, "host": None})
    assert settings == Settings(slots=3, port=9001, memory_gib=2.5)
    assert read_settings(settings.environment, {}) == settings


def test_a_setting_of_the_wrong_kind_is_told(
    run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names variable and value."""
    monkeypatch.setenv("PODPLANNER_SLOTS", "many")
    code, told = run("db", "upgrade")
    assert code == 2
    assert "PODPLANNER_SLOTS = 'many'" in told


def test_a_log_line_is_json() -> None:
    """What a record carries stands beside its message."""
    record = logging.makeLogRecord({"msg": "attempt begins", "levelname": "INFO", "plan": "01"})
    line = json.loads(Lines().format(record))
    assert (line["message"], line["level"], line["plan"]) == ("attempt begins", "info", "01")


def test_podplanner_becomes_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line hands the service's commands on as they are."""
    handed: list[list[str]] = []

    def become(_path: str, words: list[str]) -> None:
        handed.append(words)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", become)
    for name in service_commands.SERVICE_COMMANDS:
        with pytest.raises(SystemExit):
            podplanner([name, "--help"])
    programs = [["api.worker"] if name == "worker" else ["api", name] for name in service_commands.SERVICE_COMMANDS]
    assert [words[3:] for words in handed] == [[*program, "--help"] for program in programs]
