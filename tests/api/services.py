"""The service as operators run it: in processes of its own, on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, TypeVar

import httpx

from api.data.database import Database
from api.data.keys import Scope, make_key
from api.program import upgrade
from podplanner.client import Client
from tests.api.postgres import free_port
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

STARTS_WITHIN_S = 120
ENDS_WITHIN_S = 60
"""Only so that a process that hangs fails."""
PAUSE_S = 0.1


def start(
    *words: object, program: str = "api", log: IO[bytes] | None = None, **settings: object
) -> subprocess.Popen[bytes]:
    """A process of the service with settings in its environment.

    Parameters
    ----------
    log
        Where its log goes; among the test's own where none is given.
    program
        ``podplanner``, as operators type it, takes longer to begin: it becomes ``api``.
    """
    told = {f"PODPLANNER_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-m", program, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **told},
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    """End a process by a signal; its exit code. One that has ended gets no signal."""
    process.send_signal(number)
    code = process.wait(ENDS_WITHIN_S)
    if process.stdout is not None:
        process.stdout.close()
    return code


def until(look: Callable[[], T | None]) -> T:
    """What a look gives once it gives anything."""
    for _ in range(int(STARTS_WITHIN_S / PAUSE_S)):
        found = look()
        if found is not None:
            return found
        threading.Event().wait(PAUSE_S)
    raise AssertionError("what was waited for did not come")


@dataclass(frozen=True)
class Service:
    """A service that answers.

    Parameters
    ----------
    database
        Its address.
    address
        Of the API.
    key
        With all scopes, of the workspace ``first``.
    """

    database: str
    address: str
    key: str
    process: subprocess.Popen[bytes]

    def client(self, key: str | None = None) -> Client:
        """A client, of the first workspace where no key is given."""
        return Client(self.address, key or self.key)

    def http(self, key: str | None = None) -> httpx.Client:
        """Plain HTTP, for what the client does not show; with "" for a key, without any."""
        headers = {"X-API-Key": self.key if key is None else key}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60)

    def open_database(self) -> Database:
        """Its database, to be closed."""
        return Database(self.database)

    def new_key(self, workspace: str, *scopes: Scope) -> str:
        """Another key."""
        return new_key(self.database, workspace, *scopes)


def new_key(database_url: str, workspace: str, *scopes: Scope) -> str:
    """A key of a workspace, with all scopes where none is named."""
    database = Database(database_url)
    with database.engine.begin() as connection:
        now = database.now(connection)
        _, key = make_key(connection, workspace_id=workspace, name="", scopes=scopes or Scope, now=now)
    database.close()
    return key


def upgraded(database_url: str) -> str:
    """The address of a database, now with its tables."""
    database = Database(database_url)
    upgrade(database)
    database.close()
    return database_url


@contextmanager
def serving(
    database: str, *words: str, program: str = "api", log: IO[bytes] | None = None, **settings: object
) -> Iterator[Service]:
    """``podplanner serve`` on a free port."""
    port = free_port()
    key = new_key(upgraded(database), "first")
    process = start("serve", "--port", port, *words, program=program, log=log, database=database, **settings)
    service = Service(database, f"http://127.0.0.1:{port}", key, process)
    try:
        until(lambda: answers(service) or None)
        yield service
    finally:
        end(process)


def answers(service: Service) -> bool:
    """Whether the API and its database answer."""
    try:
        return httpx.get(f"{service.address}/readyz").status_code == 200
    except httpx.TransportError:
        return False
