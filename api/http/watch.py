"""Who waits for a plan to change is woken by one look at the database for all of them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from api.data.database import AWAY
from api.data.plans import versions_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from api.data.database import Database

LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 0.1


class Watch:
    """Looks at the versions of all plans that somebody waits for, in one query."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, dict[asyncio.Event, int]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look while the service runs."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()

    @contextmanager
    def waiting_for(self, plan_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at each change of the plan; whoever waits clears it."""
        changed = asyncio.Event()
        self._waiting.setdefault(plan_id, {})[changed] = 0
        try:
            yield changed
        finally:
            del self._waiting[plan_id][changed]
            if not self._waiting[plan_id]:
                del self._waiting[plan_id]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._waiting:
                await self._look(list(self._waiting))

    async def _look(self, plan_ids: list[str]) -> None:
        try:
            versions = await run_in_threadpool(self._versions, plan_ids)
        except AWAY as error:
            LOG.warning("the database does not answer", extra={"reason": str(error.orig)})
            return
        for plan_id, version in versions.items():
            for changed, seen in self._waiting.get(plan_id, {}).items():
                if version != seen:
                    self._waiting[plan_id][changed] = version
                    changed.set()

    def _versions(self, plan_ids: list[str]) -> dict[str, int]:
        with self._database.engine.connect() as connection:
            return versions_of(connection, plan_ids)
