"""The application without a server, for what needs no process of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

from api.data.database import Database
from api.http.app import create_app
from api.settings import Settings
from tests.api.services import new_key, upgraded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def asked(folder: Path, requests: Iterable[tuple[str, str, dict[str, str]]], **settings: Any) -> list[httpx.Response]:
    """Answers to requests (method, path, headers), one after the other, to a new application with a key."""
    url = upgraded(f"sqlite:///{folder / 'test.sqlite'}")
    key = new_key(url, "first")
    database = Database(url)
    app = create_app(Settings(**settings), database)

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            return [
                await http.request(method, path, headers={"X-API-Key": key, **headers})
                for method, path, headers in requests
            ]

    answers = asyncio.run(ask())
    database.close()
    return answers
