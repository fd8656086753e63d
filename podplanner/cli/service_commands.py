"""Commands of the service: handed on, as they are, to the service's own program.

The command line and the service do not know each other; what they share is those programs' names.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVICE_COMMANDS = {
    "serve": "answer over HTTP, and plan what is asked for",
    "worker": "plan what waits in the service's database, beside other workers",
    "keys": "make, list, rotate and revoke keys of the service",
    "batch": "plan many inputs at once with a running service, and fetch what came of them",
    "db": "upgrade, purge, back up or restore the service's database",
}
"""Each with its sentence for the list of commands."""

PROGRAM, WORKER = "api", "api.worker"
"""A worker is a program of its own: it has no use for what the others load."""


def start_service(words: Sequence[str]) -> NoReturn:
    """Become the service's program for a command; signals, exit code and streams are then its own."""
    command, *rest = words
    program = [WORKER, *rest] if command == "worker" else [PROGRAM, *words]
    os.execv(sys.executable, [sys.executable, "-P", "-m", *program])
