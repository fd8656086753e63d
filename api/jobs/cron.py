"""When a cron expression is due: the one module that knows croniter."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterBadDateError, CroniterError, croniter

FIELDS = 5


class BadCron(Exception):
    """It is no cron expression, or no time zone: the field, and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def next_time(cron: str, time_zone: str, after: float) -> float:
    """The next time after a moment at which a cron expression is due.

    Parameters
    ----------
    cron
        Minute, hour, day of the month, month, day of the week.
    time_zone
        Name in the IANA database, as ``Europe/Berlin``.
    after
        Seconds since 1970, as is the result.

    Raises
    ------
    BadCron
        Either is not understood, or the time never comes.
    """
    if len(cron.split()) != FIELDS:
        raise BadCron(
            "cron", f"cron = {cron!r} not understood, must have {FIELDS} fields: minute, hour, day, month, weekday"
        )
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadCron("time_zone", f"time_zone = {time_zone!r} is no time zone, as Europe/Berlin is one") from error
    try:
        following = croniter(cron, datetime.fromtimestamp(after, zone)).get_next(datetime)
    except CroniterBadDateError as error:
        raise BadCron("cron", f"cron = {cron!r} never comes") from error
    except (CroniterError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCron("cron", f"cron = {cron!r} not understood: {error}") from error
    return float(following.timestamp())
