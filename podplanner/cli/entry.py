"""From the command line to an exit code; every error that podplanner raises on purpose ends here."""

from __future__ import annotations

import json
import math
import os
import sys
from typing import TYPE_CHECKING

from podplanner.cli.command import runner
from podplanner.cli.exits import ExitCode, Reply, UsageError
from podplanner.cli.findings import findings_data, findings_lines
from podplanner.cli.parser import build_parser
from podplanner.cli.service_commands import SERVICE_COMMANDS, start_service
from podplanner.domain.errors import InputError, NoStart, PodplannerError, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv
        Words after the program's name; None: those of the process.

    Returns
    -------
    int
        One of `ExitCode`. A mistake in the command line itself exits with `ExitCode.INPUT` by argparse.
    """
    words = sys.argv[1:] if argv is None else argv
    if words and words[0] in SERVICE_COMMANDS:
        start_service(words)
    arguments = build_parser().parse_args(words)
    try:
        reply = runner(arguments.run)(arguments)
    except UsageError as error:
        reply = _failure(error.code, str(error), ExitCode.INPUT)
    except InputError as error:
        reply = _refused(error)
    except PodplannerError as error:
        own = ExitCode.INPUT if isinstance(error, UnreadableInput | NoStart) else ExitCode.OWN_DEFECT
        reply = _failure(error.code, str(error), own)
    except OSError as error:
        # A file or folder that the system does not let us use: the caller's to mend.
        reply = _failure("file", f"{error.filename or 'a file'}: {error.strerror or error}", ExitCode.INPUT)
    except KeyboardInterrupt:
        reply = _failure("cancelled", "cancelled; nothing is kept", ExitCode.CANCELLED)
    _tell(reply, as_json=arguments.json)
    return reply.code


def _failure(error: str, message: str, code: ExitCode) -> Reply:
    data = {"error": error, "message": message}
    return Reply(code=code, lines=(f"podplanner: {message}",), data=data, is_answer=False)


def _refused(error: InputError) -> Reply:
    """All that is wrong with the input."""
    data = {"error": error.code, "message": str(error), "findings": findings_data(error.findings)}
    return Reply(code=ExitCode.INPUT, lines=findings_lines(error.findings), data=data, is_answer=False)


def _tell(reply: Reply, *, as_json: bool) -> None:
    lines = reply.lines
    if as_json:
        lines = (json.dumps(_plain(reply.data), ensure_ascii=False, indent=2, allow_nan=False),)
    stream = sys.stdout if as_json or reply.is_answer else sys.stderr
    try:
        for line in lines:
            print(line if as_json else _printable(line), file=stream)
        stream.flush()
    except BrokenPipeError:
        # Whoever read has seen enough; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _plain(value: object) -> object:
    """Values that JSON knows: what is no finite number becomes null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _printable(line: str) -> str:
    """Text of the input never steers the terminal."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in line)
