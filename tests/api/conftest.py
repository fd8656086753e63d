"""What the tests of the service share: a PostgreSQL server, empty databases of both kinds, a running service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.data.database import Database
from api.program import upgrade
from tests.api.fleet import Fleet, fleet_on
from tests.api.postgres import Postgres, running_postgres
from tests.api.services import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL: dict[str, Any] = {"max_json_mib": 1, "max_upload_mib": 1}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def fleet(postgres: Postgres) -> Iterator[Fleet]:
    """An API on PostgreSQL, and the workers that each test asks for."""
    with fleet_on(postgres.new_database()) as fleet:
        yield fleet


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of either kind, its tables of the present version."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").new_database()
    made = Database(url)
    upgrade(made)
    yield made
    made.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """``podplanner serve`` and nothing else, on SQLite; with one slot, so that what waits is sure to wait."""
    folder = tmp_path_factory.mktemp("service")
    url = f"sqlite:///{folder / 'test.sqlite'}"
    with serving(url, program="podplanner", slots=1, webhook_networks="127.0.0.0/8", **SMALL) as running:
        yield running
