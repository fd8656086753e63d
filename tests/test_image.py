"""Dockerfile and compose.yaml say what the program does: commands, settings, targets, addresses that fit together."""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import fields
from typing import Any

import yaml

from api.serve import END_S
from api.settings import PREFIX, Settings, read_settings
from podplanner.cli.service_commands import SERVICE_COMMANDS
from tests.source_tree import PACKAGES, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
VARIABLES = {PREFIX + each.name.upper() for each in fields(Settings)}


def environment(service: str) -> dict[str, str]:
    """Settings of a service of compose."""
    told: dict[str, str] = SERVICES[service]["environment"]
    return told


def test_the_image_has_all_packages() -> None:
    """What is left out of the build cannot be imported there."""
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    assert let_in >= {*PACKAGES, "Makefile", "pyproject.toml", "requirements.lock", "README.md", "LICENSE"}


def test_the_image_is_made_by_the_tested_targets() -> None:
    """Its one step of ours is a target of make, and what it starts is a command of the service."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert re.findall(r"^RUN make (.+)$", DOCKERFILE, flags=re.MULTILINE) == ["install"]
    assert {"install", *SERVICE_COMMANDS} & targets == {"install", "serve", "worker"}
    commands = [json.loads(re.findall(r"^CMD (.+)$", DOCKERFILE, flags=re.MULTILINE)[0])]
    commands += [SERVICES[name]["command"] for name in ("api", "worker")]
    for program, command, *_ in commands:
        assert program == ".venv/bin/podplanner"
        assert command in SERVICE_COMMANDS
    assert f"EXPOSE {Settings.port}" in DOCKERFILE


def test_compose_sets_what_there_is_to_set() -> None:
    """Every setting is known and of its kind; API and worker have the same database, which has its user and name."""
    for name in ("api", "worker"):
        told = {key: value for key, value in environment(name).items() if key.startswith(PREFIX)}
        assert set(told) <= VARIABLES
        assert read_settings(told, {}).database_url == "postgresql://podplanner@database/podplanner"
        assert environment(name)["PGPASSWORD"] == environment("database")["POSTGRES_PASSWORD"]
    assert environment("database")["POSTGRES_USER"] == "podplanner"


def test_compose_lets_only_this_machine_in() -> None:
    """The API is published on loopback alone, trusts only what comes from there; nothing else is published."""
    assert SERVICES["api"]["ports"] == [f"127.0.0.1:{Settings.port}:{Settings.port}"]
    assert all("ports" not in SERVICES[name] for name in ("worker", "database"))
    (inside,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert environment("api")["PODPLANNER_TRUSTED_PROXY"] == inside["gateway"]
    assert ipaddress.ip_address(inside["gateway"]) in ipaddress.ip_network(inside["subnet"])
    assert {name: SERVICES[name]["networks"] for name in SERVICES} == {name: ["inside"] for name in SERVICES}


def test_compose_starts_and_ends_in_order() -> None:
    """The database answers before anything asks it; a worker has the time to give back what it has; rows are kept."""
    for name in ("api", "worker"):
        assert SERVICES[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
        assert SERVICES[name]["build"] == "."
    assert SERVICES["database"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > END_S
    (volume,) = SERVICES["database"]["volumes"]
    assert volume.split(":")[0] in COMPOSE["volumes"]
