"""What is made to do harm is refused at once, with the one body, and does none."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.http import around
from api.http.around import Around
from api.http.problems import MEDIA_TYPE, MOST_ERRORS, Problem
from tests.api.hostile import TOO_LARGE_ZIPS, WORKBOOKS, ZIPS
from tests.api.services import Service, serving
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Message, Receive, Scope, Send

JSON_TYPE = "application/json"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_GROWTH_MIB = 100
"""Of the service's memory over all that is tried here; each bomb alone would take more."""
OTHER_FILES = (b"", b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"account_id\nA\n")
DEEP = 100_000
BIG = "x" * 100_000
"""Makes a body too large to be understood where it arrives."""

BAD_JSON = {
    "nothing": "",
    "cut off": '{"tables": {',
    "nan": '{"tables": {"accounts": [{"account_id": "A", "revenue": NaN}]}}',
    "infinity": '{"tables": {"accounts": [{"account_id": "A", "revenue": -Infinity}]}}',
    "infinite in the end": '{"tables": {"accounts": [{"account_id": "A", "revenue": 1e999}]}}',
    "huge": f'{{"tables": {{"accounts": [{{"account_id": "A", "revenue": {"9" * 400}}}]}}}}',
    "huge beyond python": f'{{"options": {{"seed": {"9" * 5_000}}}}}',
    "deep": "[" * DEEP,
    "deep objects": '{"batch":' * DEEP,
    "deep cell": f'{{"tables": {{"accounts": [{{"account_id": {"[" * DEEP}',
    "half a character": '{"tables": {"accounts": [{"account_id": "\\ud800"}]}}',
}
MISTAKES: dict[str, tuple[Any, str]] = {
    "no tables": ({"tables": 5}, "/tables"),
    "table of nothing": ({"tables": {"accounts": 5}}, "/tables/accounts"),
    "row that is none": ({"tables": {"accounts": [1]}}, "/tables/accounts/0"),
    "cell in cell": ({"tables": {"accounts": [{"account_id": ["A"]}]}}, "/tables/accounts/0"),
    "column in column": ({"tables": {"accounts": {"account_id": [["A"]]}}}, "/tables/accounts/account_id"),
    "name of two lines": ({"sample": "tiny", "name": "a\n\x00"}, "/name"),
    "half a name": ({"sample": "tiny", "name": "\ud800"}, "/name"),
    "field that is none": ({"sample": "tiny", "time_limit_s": 60}, "/time_limit_s"),
    "unknown sample": ({"sample": "nothing"}, ""),
    "huge seed": ({"sample": "tiny", "options": {"seed": 10**17}}, "/options/seed"),
}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An API with small limits, whose memory never grows by what is sent to it."""
    database = f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'test.sqlite'}"
    limits: dict[str, Any] = {"max_json_mib": 4, "max_upload_mib": 2, "max_rows": 10_000}
    with serving(database, "--no-worker", **limits) as running:
        with running.http() as http:
            http.post("/v1/plans", json={"sample": "tiny"})
        before = peak_mib(running)
        yield running
        assert peak_mib(running) - before < MOST_GROWTH_MIB
        with running.http() as http:
            assert http.post("/v1/plans", json={"sample": "tiny"}).status_code == 202


def peak_mib(service: Service) -> float:
    """Most memory that the service's process ever had."""
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_hostile_workbook_is_refused(limited: Service, name: str) -> None:
    """Bombs, cells far away, parts without number, entities, damage: none of it is read."""
    with limited.http() as http:
        response = http.post("/v1/plans", content=WORKBOOKS[name], headers={"Content-Type": WORKBOOK_TYPE})
        assert_problem(response, "unreadable_input")


@pytest.mark.parametrize("name", ZIPS)
def test_a_hostile_zip_is_refused(limited: Service, name: str) -> None:
    """In a form as well as alone."""
    with limited.http() as http:
        response = http.post("/v1/plans", files={"file": ("input.zip", ZIPS[name])})
        assert_problem(response, "unreadable_input")


@pytest.mark.parametrize("name", TOO_LARGE_ZIPS)
def test_a_table_that_is_too_large_is_refused(limited: Service, name: str) -> None:
    """By its rows and columns, before anybody reads them."""
    with limited.http() as http:
        response = http.post("/v1/plans", content=TOO_LARGE_ZIPS[name], headers={"Content-Type": "application/zip"})
        assert_problem(response, "too_large")


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"account_id\nA\n"]
)
def test_files_of_other_kinds_are_refused(limited: Service, content: bytes) -> None:
    """Whatever they are called: a picture, an old workbook, text, nothing."""
    with limited.http() as http:
        response = http.post("/v1/plans", files={"file": ("input.xlsx", content)})
        assert_problem(response, "unsupported_media_type")
        response = http.post("/v1/plans", content=content, headers={"Content-Type": WORKBOOK_TYPE})
        assert_problem(response, "unsupported_media_type")


@pytest.mark.parametrize("body", [*BAD_JSON.values(), "\udcff"], ids=[*BAD_JSON, "no UTF-8"])
def test_bad_json_is_refused(limited: Service, body: str) -> None:
    """Small bodies and large ones, which another process reads, alike."""
    content = body.encode("utf-8", "surrogateescape")
    large = b'{"name": "' + BIG.encode() + b'", "tables": {}, "options": ' + content
    with limited.http() as http:
        for each in (content, large):
            assert_problem(http.post("/v1/plans", content=each, headers={"Content-Type": JSON_TYPE}), "bad_request")


@pytest.mark.parametrize(("body", "pointer"), MISTAKES.values(), ids=MISTAKES)
def test_wrong_types_are_refused_by_their_place(limited: Service, body: dict[str, Any], pointer: str) -> None:
    """What is no table, row or cell is told at once; wrong cells are findings of the plan."""
    with limited.http() as http:
        for each in (body, {**body, "name": BIG} if "name" not in body else body):
            response = http.post("/v1/plans", content=json.dumps(each), headers={"Content-Type": JSON_TYPE})
            assert_problem(response, "invalid_request")
            assert {error["pointer"] for error in response.json()["errors"]} & {pointer, "/name"}


def test_millions_of_things_are_not_held(limited: Service) -> None:
    """A large body that is no object, or has much besides its tables, is refused by the process that reads it."""
    things = "[" + ",".join(["[]"] * 1_000_000) + "]"
    with limited.http() as http:
        for body, code in ((things, "invalid_request"), (f'{{"changes": {things}}}', "too_large")):
            assert_problem(http.post("/v1/plans", content=body, headers={"Content-Type": JSON_TYPE}), code)
        many = {"base": {"sample": "tiny"}, "grid": [{}] * 1_000}
        response = http.post("/v1/batches", json=many)
        assert_problem(response, "invalid_request")
        assert len(response.json()["errors"]) <= MOST_ERRORS


def test_tables_in_json_have_limits(limited: Service) -> None:
    """Rows, columns and tables."""
    many: dict[str, Any] = {
        "rows": {"accounts": [{"a": 1}] * 20_000},
        "columns": {"accounts": [{f"c{number}": 1 for number in range(1_000)}]},
        "columns in all": {"accounts": [{f"c{number}": 1} for number in range(1_000)]},
        "tables": {f"t{number}": [] for number in range(1_000)},
    }
    with limited.http() as http:
        for tables in many.values():
            assert_problem(http.post("/v1/plans", json={"tables": tables}), "too_large")


def test_packed_requests_are_refused(limited: Service) -> None:
    """Nothing is unpacked that calls itself packed."""
    with limited.http() as http:
        headers = {"Content-Type": JSON_TYPE, "Content-Encoding": "gzip"}
        assert_problem(http.post("/v1/plans", content=b"x", headers=headers), "unsupported_media_type")


def test_a_file_alone_is_a_plan(limited: Service) -> None:
    """Its request stands in the address, with the same checks."""
    with limited.http() as http:
        content = http.get("/v1/samples/tiny").content
        headers = {"Content-Type": "application/zip"}
        asked = {"name": "raw", "operation": "validate", "options.gap": "0.25"}
        for tags in (["night"], ["night", "board"]):
            params = {**asked, "tags": tags}
            state = http.post("/v1/plans", content=content, params=params, headers=headers).json()
            assert (state["name"], state["operation"], state["options"]["gap"]) == ("raw", "validate", 0.25)
            assert state["options"]["tags"] == tags
        assert state["input"]["kind"] == "zip"
        mistakes = ({"speed": "1"}, {"options.gap": "much"}, {"sample": "tiny"}, {"options": "1"}, {"name": ["a", "b"]})
        for wrong in (*mistakes, {"options": "1", "options.gap": "0"}, {"options.gap": "0", "options": "1"}):
            response = http.post("/v1/plans", content=content, params=wrong, headers=headers)
            assert_problem(response, "invalid_request")


def test_a_claim_of_two_gigabytes_is_answered_at_once(limited: Service) -> None:
    """Nobody waits for a body that was only announced."""
    host, port = limited.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        lines = ("POST /v1/plans HTTP/1.1", f"Host: {host}", f"X-API-Key: {limited.key}", f"Content-Length: {2 << 30}")
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 413 " in head.splitlines()[0]
    assert b"X-Content-Type-Options" in head.title().replace(b"Api", b"API")
    assert json.loads(body)["code"] == "too_large"


@pytest.mark.parametrize("sent", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n"])
def test_what_is_no_http_gets_the_one_body(limited: Service, sent: bytes) -> None:
    """A request line or a header that is none."""
    host, port = limited.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(sent)
        head, _, body = b"".join(iter(lambda: connection.recv(65_536), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert MEDIA_TYPE.encode() in head
    assert b"x-content-type-options" in head.lower()
    assert (json.loads(body)["code"], json.loads(body)["status"]) == ("bad_request", 400)


@pytest.mark.parametrize("last", ["9" * 5_000, "1000", "-1"])
def test_numbers_of_events_may_be_anything(limited: Service, last: str) -> None:
    """A last event that the plan does not have is none: the stream begins with the first."""
    with limited.http() as http:
        plan = http.post("/v1/plans", json={"sample": "tiny"}).json()["id"]
        http.post(f"/v1/plans/{plan}/cancel")
        told = http.get(f"/v1/plans/{plan}/events", headers={"Last-Event-ID": last})
        assert "event: end" in told.text


def test_a_body_that_stops_coming_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while without a byte the request has failed; a whole one may wait as long as its answer takes."""
    monkeypatch.setattr(around, "SILENCE_S", 0.01)
    heard: list[Message] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.append(await receive())
        heard.append(await receive())

    async def silence() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(_message: Message) -> None:
        raise AssertionError

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with pytest.raises(Problem) as caught:
        asyncio.run(Around(app, 1)(scope, silence, send))
    assert caught.value.code == "too_slow"
    assert heard == []
