"""Delivers what waits for webhooks: one round at a time, all that is due at once."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import httpx

from api.data.webhooks import claim_errands, disable_webhook, note_delivered, note_failed
from api.webhooks.guard import Forbidden, resolve
from api.webhooks.signing import signed_headers
from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.data.database import Database
    from api.data.webhooks import Errand
    from api.webhooks.guard import Network, Target

LOG = logging.getLogger(__name__)
AT_ONCE = 20
TIMEOUT_S = 15.0
"""Of a whole attempt, its answer included."""
GONE = 410


class Courier:
    """Delivers messages of one database.

    Parameters
    ----------
    networks
        To which messages may go besides the public internet.
    """

    def __init__(self, database: Database, networks: Sequence[Network]) -> None:
        self._database, self._networks = database, networks

    def round(self) -> int:
        """Try all that is due, up to a number; how many."""
        with self._database.engine.begin() as connection:
            now = self._database.now(connection)
            errands = claim_errands(connection, now=now, limit=AT_ONCE)
        if errands:
            asyncio.run(self._all(errands, int(now)))
        return len(errands)

    async def _all(self, errands: Sequence[Errand], now: int) -> None:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S) as http:
            await asyncio.gather(*(self._one(http, errand, now) for errand in errands))

    async def _one(self, http: httpx.AsyncClient, errand: Errand, now: int) -> None:
        answer, error = None, ""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                target = await asyncio.to_thread(resolve, errand.url, self._networks)
                answer = await post(http, target, errand, now)
        except (Forbidden, httpx.HTTPError, httpx.InvalidURL) as failure:
            error = str(failure) or type(failure).__name__
        except TimeoutError:
            error = f"no answer within {TIMEOUT_S:g} seconds"
        await asyncio.to_thread(self._note, errand, answer, error)

    def _note(self, errand: Errand, answer: int | None, error: str) -> None:
        is_taken = answer is not None and 200 <= answer < 300
        # Neither address nor secret: the address may hold what only its owner should know.
        told = {"webhook": errand.webhook_id, "delivery": errand.delivery_id, "attempt": errand.attempts}
        LOG.info("webhook", extra={**told, "answer": answer, "error": error})
        with self._database.engine.begin() as connection:
            now = self._database.now(connection)
            if answer is not None and is_taken:
                note_delivered(connection, errand, answer, now)
                return
            if answer == GONE:
                disable_webhook(connection, errand.webhook_id, now)
            text = error or f"the receiver answered {answer}"
            note_failed(connection, errand, answer=answer, error=text, is_last=answer == GONE, now=now)


async def post(http: httpx.AsyncClient, target: Target, errand: Errand, now: int) -> int:
    """Send to the address that was judged, under the name that was asked for; the status of the answer."""
    url = httpx.URL(errand.url)
    body = errand.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"podplanner/{__version__}",
        "Host": url.netloc.decode("ascii"),
        **signed_headers(errand.delivery_id, now, body, errand.secrets),
    }
    request = http.build_request(
        "POST",
        url.copy_with(host=target.address, port=target.port),
        content=body,
        headers=headers,
        extensions={"sni_hostname": target.host},
    )
    # The answer's body is nobody's business, and may have no end.
    response = await http.send(request, stream=True)
    await response.aclose()
    return response.status_code
