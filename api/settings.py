"""What an operator can set, each by an environment variable of the same name."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "PODPLANNER_"
MIB = 1 << 20


class BadSetting(Exception):
    """A setting cannot be used; the message says why and what to do."""


def default_database() -> str:
    """A SQLite file in the user's folder for data."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return f"sqlite:///{Path(home, 'podplanner', 'podplanner.sqlite')}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of all processes of one service.

    Parameters
    ----------
    database
        ``sqlite:///FILE`` or ``postgresql://...``; "" for a file in the user's folder for data.
    host, port
        Where the API listens.
    trusted_proxy
        Address of the proxy that ends TLS in front of the API, whose ``X-Forwarded-*`` headers are believed; needed to
        listen anywhere but on loopback.
    cors_origins
        Comma-separated origins whose pages may call the API.
    slots
        Plans that a worker solves at once; the last worker to begin sets it for all. Where there are several, one of
        them is kept for interactive plans.
    solver_threads
        Threads of one solve; never changes the answer.
    split_accounts
        Accounts from which on an input goes by regions of at most about so many, which are planned as plans of their
        own and then joined; 0 never.
    memory_gib
        Address space of one solve, its reading of the input included.
    max_upload_mib, max_json_mib
        Largest file, and largest JSON body.
    max_rows
        Rows of one table in JSON or in a zip; the sheets of a workbook hold less than a million.
    max_requests_per_minute
        Requests of one workspace that a process of the API answers; a tenth of it may come at once; 0 for no limit.
    max_time_limit_s
        Longest time limit that may be asked for.
    max_unfinished
        Plans of one workspace that may wait or run at once.
    max_wait_s
        Longest wait of ``Prefer: wait``.
    webhook_networks
        Comma-separated networks, as ``10.0.0.0/8``, that webhooks may name besides the public internet; there plain
        http will do.
    dead_after_s
        Silence after which a worker counts as dead.
    max_crashes
        Attempts that may die with their process before the plan fails.
    retention_days
        Days that a plan is kept after its end; 0 keeps all.
    log_level
        ``debug``, ``info``, ``warning`` or ``error``; ``info`` has a line for each request and attempt.
    """

    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8700
    trusted_proxy: str = ""
    cors_origins: str = ""
    slots: int = 2
    solver_threads: int = 1
    split_accounts: int = 200_000
    memory_gib: float = 16.0
    max_upload_mib: int = 100
    max_json_mib: int = 16
    max_rows: int = 5_000_000
    max_requests_per_minute: int = 12_000
    max_time_limit_s: float = 3600.0
    max_unfinished: int = 500
    max_wait_s: float = 60.0
    webhook_networks: str = ""
    dead_after_s: float = 10.0
    max_crashes: int = 3
    retention_days: float = 400.0
    log_level: str = "warning"

    @property
    def database_url(self) -> str:
        """The database, the default one where none is set."""
        return self.database or default_database()

    @property
    def origins(self) -> list[str]:
        """Origins as a list."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]

    @property
    def environment(self) -> dict[str, str]:
        """The same settings as variables, for a process that this one starts."""
        return {PREFIX + each.name.upper(): str(getattr(self, each.name)) for each in fields(self)}


def read_settings(environment: Mapping[str, str], given: Mapping[str, Any]) -> Settings:
    """Settings from the environment, with those of the command line on top.

    Parameters
    ----------
    given
        By name; None where the command line says nothing.

    Raises
    ------
    BadSetting
        A value is not of its kind.
    """
    texts = {each.name: environment.get(PREFIX + each.name.upper(), "") for each in fields(Settings)}
    read: dict[str, Any] = {name: _value(name, text) for name, text in texts.items() if text}
    settings = replace(Settings(), **read)
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _value(name: str, text: str) -> str | int | float:
    kind: type[str] | type[int] | type[float] = type(getattr(Settings(), name))
    try:
        return kind(text)
    except ValueError as error:
        raise BadSetting(
            f"{PREFIX}{name.upper()} = {text!r} not understood, must be of type {kind.__name__}"
        ) from error
