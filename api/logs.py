"""Logs as one JSON object a line on stderr."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

PLAIN = frozenset((*vars(logging.makeLogRecord({})), "message", "taskName", "color_message"))
"""Fields that every record has; what else a record carries was given with it."""


class Lines(logging.Formatter):
    """A record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in PLAIN},
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logs(level: str) -> None:
    """Let everything that this process logs go to stderr, and only there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Alembic tells of each start, dbos of each poll; uvicorn's own lines of requests would come a second time.
    # What httpx calls are webhooks, whose addresses may be secrets.
    for name in ("alembic", "uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(name).setLevel("WARNING")
    logging.getLogger("dbos").setLevel("ERROR")
