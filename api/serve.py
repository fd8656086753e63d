"""``podplanner serve``: the API, and a worker beside it."""

from __future__ import annotations

import ipaddress
import logging
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn

from api.data.keys import Scope, has_keys, make_key
from api.http.app import create_app
from api.http.protocol import OneBody
from api.settings import PREFIX, BadSetting

if TYPE_CHECKING:
    from api.data.database import Database
    from api.settings import Settings

LOG = logging.getLogger(__name__)
DEFAULT_WORKSPACE = "default"
END_S = 40
"""Longest wait for the worker to give back what it has."""
RESTART_S = 2.0
"""Pause before a worker that died is started again."""


def serve(settings: Settings, database: Database, *, with_worker: bool) -> None:
    """Run the API on a database that is up to date, until a signal ends it."""
    app = create_app(settings, database)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=OneBody,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxy),
        forwarded_allow_ips=settings.trusted_proxy or None,
        timeout_graceful_shutdown=5,
    )
    companion = Companion(settings) if with_worker else None
    uvicorn.Server(config).run()
    if companion is not None:
        companion.end()


def first_key(database: Database) -> str | None:
    """A key with all scopes where there is none at all, so that a new service can be used."""
    with database.engine.begin() as connection:
        if has_keys(connection):
            return None
        now = database.now(connection)
        _, key = make_key(connection, workspace_id=DEFAULT_WORKSPACE, name="first", scopes=Scope, now=now)
    return key


def require_safe(settings: Settings) -> None:
    """Raise `BadSetting` where the API would listen to the world without a proxy that ends TLS."""
    try:
        is_loopback = settings.host == "localhost" or ipaddress.ip_address(settings.host).is_loopback
    except ValueError as error:
        raise BadSetting(f"host {settings.host!r} not understood, must be an IP address or localhost") from error
    if not is_loopback and not settings.trusted_proxy:
        raise BadSetting(
            f"keys would go over the network in the clear: listen on 127.0.0.1, or put a proxy that ends TLS in front "
            f"and name its address as --trusted-proxy ({PREFIX}TRUSTED_PROXY)"
        )


class Companion:
    """The worker beside the API: a process of its own, started again where it dies, ended with the API."""

    def __init__(self, settings: Settings) -> None:
        self._command = [sys.executable, "-P", "-m", "api.worker", "--until-eof"]
        self._environment = {**os.environ, **settings.environment}
        self._ended = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._keep, daemon=True).start()

    def end(self) -> None:
        """Let it give back what it has under way, and wait for that."""
        self._ended.set()
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        # A group of its own: Ctrl-C ends the API, which then ends the worker.
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, env=self._environment, start_new_session=True)

    def _keep(self) -> None:
        while True:
            code = self._process.wait()
            if self._ended.wait(RESTART_S):
                return
            LOG.warning("the worker died and is started again", extra={"exit_code": code})
            self._process = self._start()
