"""The log of a service that tells everything: lines of JSON, and no secret in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.api.services import serving

if TYPE_CHECKING:
    from pathlib import Path


def test_the_log_has_no_secret(tmp_path: Path) -> None:
    """Keys that are right, wrong, in either header, and secrets that are told once: of a key there is only its id."""
    path = tmp_path / "log"
    with (
        path.open("wb") as log,
        serving(f"sqlite:///{tmp_path / 'test.sqlite'}", "--no-worker", log=log, log_level="debug") as service,
        service.http("") as http,
    ):
        wrong = f"{service.key}x"
        for key in (service.key, wrong):
            for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
                assert http.get("/v1/plans", headers=headers).status_code == (401 if key == wrong else 200)
        asked = {"sample": "tiny", "operation": "validate", "name": "quite private"}
        assert http.post("/v1/plans", json=asked, headers={"X-API-Key": service.key}).status_code == 202
    text = path.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    _, key_id, secret = service.key.split("_", maxsplit=2)
    requests = [(line["path"], line["status"], line["key"]) for line in lines if line["message"] == "request"]
    assert requests.count(("/v1/plans", 200, key_id)) == 2
    assert requests.count(("/v1/plans", 401, None)) == 2
    assert secret not in text
    assert "quite private" not in text
