"""How often a workspace may ask, which pages may, and what a defect tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.http import service
from api.http.problems import SECURE
from api.http.rates import Rates
from tests.api.inside import asked
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

PAGE, OTHER = "https://sheets.example.com", "https://other.example.com"


def test_a_bucket_fills_as_time_goes_by() -> None:
    """A tenth of a minute's requests at once, then as many as flow in; each workspace by itself."""
    rates = Rates(per_minute=60)
    assert [rates.take("a", 0.0) for _ in range(6)] == [0.0] * 6
    assert rates.take("a", 0.0) == 1.0
    assert rates.take("b", 0.0) == 0.0
    assert rates.take("a", 0.5) == 0.5
    assert rates.take("a", 1.0) == 0.0
    assert [rates.take("a", 1_000.0) for _ in range(7)] == [0.0] * 6 + [1.0]


def test_without_a_limit_everything_passes() -> None:
    """0 stands for as many as anybody likes."""
    assert not any(Rates(0).take("a", 0.0) for _ in range(10_000))


def test_a_workspace_that_asks_too_often_waits(tmp_path: Path) -> None:
    """429 with the seconds to wait; who needs no key is answered still."""
    first, _, third, health = asked(
        tmp_path, [*[("GET", "/v1/plans", {})] * 3, ("GET", "/healthz", {})], max_requests_per_minute=20
    )
    assert first.status_code == health.status_code == 200
    assert_problem(third, "too_many_requests")
    assert int(third.headers["Retry-After"]) >= 1


def test_only_listed_pages_may_call(tmp_path: Path) -> None:
    """A listed origin is told so, any other one gets the one body and no leave."""
    question = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-API-Key, Content-Type"}
    requests = [
        ("OPTIONS", "/v1/plans", {"Origin": PAGE, **question}),
        ("OPTIONS", "/v1/plans", {"Origin": OTHER, **question}),
        ("OPTIONS", "/v1/plans", {"Origin": PAGE, **question, "Access-Control-Request-Method": "PATCH"}),
        ("GET", "/v1/plans", {"Origin": PAGE}),
        ("GET", "/v1/plans", {"Origin": OTHER}),
    ]
    welcome, *refused, mine, foreign = asked(tmp_path, requests, cors_origins=f"{PAGE},https://a.example.com")
    assert welcome.status_code == 200
    assert welcome.headers["Access-Control-Allow-Origin"] == PAGE
    for response in refused:
        assert response.json()["code"] == "forbidden"
    assert mine.headers["Access-Control-Allow-Origin"] == PAGE
    assert "ETag" in mine.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert all(map(is_safe, (welcome, *refused, mine, foreign)))


def test_a_defect_tells_nothing_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 with the one body, the safe headers, and no word of what broke."""
    monkeypatch.delattr(service, "_template")
    (response,) = asked(tmp_path, [("GET", "/v1/template.xlsx", {})])
    assert_problem(response, "internal")
    assert "_template" not in response.text
    assert is_safe(response)


def test_an_address_with_a_slash_too_many_is_not_there(tmp_path: Path) -> None:
    """The service leads nowhere else, whatever host the caller names."""
    (response,) = asked(tmp_path, [("GET", "/v1/plans/", {"Host": "evil.example.com"})])
    assert_problem(response, "not_found")


def is_safe(response: httpx.Response) -> bool:
    """Whether an answer has all the headers that every one has."""
    return all(response.headers.get(name) == value for name, value in SECURE.items())
