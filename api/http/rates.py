"""How often a workspace may ask: a bucket of tokens each, filled as time goes by."""

from __future__ import annotations

SHARE_AT_ONCE = 0.1
"""Part of a minute's requests that may come at once."""
MINUTE_S = 60.0


class Rates:
    """Buckets of one process of the API; several processes let so many times as much pass.

    Parameters
    ----------
    per_minute
        Requests that a workspace may make, 0 for as many as it likes.
    """

    def __init__(self, per_minute: int) -> None:
        self._fill = per_minute / MINUTE_S
        self._size = max(1.0, per_minute * SHARE_AT_ONCE)
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, workspace_id: str, now: float) -> float:
        """Count one request at this moment: 0 where it may pass, else the seconds until one may."""
        if not self._fill:
            return 0.0
        left, since = self._buckets.get(workspace_id, (self._size, now))
        left = min(self._size, left + (now - since) * self._fill)
        passes = left >= 1
        self._buckets[workspace_id] = (left - passes, now)
        return 0.0 if passes else (1 - left) / self._fill
