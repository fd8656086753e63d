"""What a worker does beside its attempts: it delivers messages to webhooks, and fires schedules."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from api.data.database import AWAY
from api.jobs.scheduler import fire_due
from api.webhooks.courier import Courier
from api.webhooks.guard import allowed_networks

if TYPE_CHECKING:
    from api.data.database import Database
    from api.jobs.queue import Queue
    from api.settings import Settings

LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
ENDS_WITHIN_S = 20.0
"""Longer than a round can take."""


class Clerk:
    """A thread that looks now and then for what is due; every worker has one, and none does another's work again.

    Parameters
    ----------
    queue
        For the plans of schedules.
    """

    def __init__(self, database: Database, queue: Queue, settings: Settings) -> None:
        self._database, self._queue, self._settings = database, queue, settings
        self._courier = Courier(database, allowed_networks(settings.webhook_networks))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the round at hand; what is left is for the others."""
        self._ended.set()
        self._thread.join(ENDS_WITHIN_S)

    def _run(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            try:
                self._look()
            except AWAY as error:
                LOG.warning("the database does not answer", extra={"reason": str(error.orig)})

    def _look(self) -> None:
        fire_due(self._database, self._queue, self._settings.max_unfinished)
        while self._courier.round() and not self._ended.is_set():
            pass
