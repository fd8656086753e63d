"""Messages to other services: guarded, signed, tried again, logged; on both databases and over the service."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import select, update

from api.data.keys import Scope, make_key
from api.data.outbox import add_delivery
from api.data.plans import Status, change_plan, ended
from api.data.tables import DELIVERIES, WEBHOOKS
from api.data.webhooks import LEASE_S, PAUSES_S, Errand, add_webhook, claim_errands, rotate_secret
from api.settings import BadSetting
from api.webhooks import courier
from api.webhooks.courier import Courier
from api.webhooks.guard import Forbidden, Target, allowed_networks, check_url, resolve
from tests.api.receivers import Message, Receiver, receiving
from tests.api.test_data import plan_in
from tests.api.test_service import assert_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from api.data.database import Database
    from tests.api.services import Service

LOOPBACK = allowed_networks("127.0.0.0/8")
PRIVATE = (
    "127.0.0.1",
    "localhost",
    "2130706433",  # 127.0.0.1 as one number
    "0x7f.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds tell secrets
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
)
NO_ADDRESSES = (
    "http://93.184.216.34/",
    "ftp://example.com/",
    "//example.com/",
    "example.com",
    "https://",
    "https://user:password@example.com/",
    "https://example.com/#part",
    "https://example.com:port/",
    "https://example.com:0/",
    "https://[::1/",
    "https://exam ple.com/",
    "https://exämple.com/",
    f"https://example.com/{'x' * 2_000}",
    "https://no-such-host.invalid/",
)


@pytest.mark.parametrize("url", [*(f"https://{host}/" for host in PRIVATE), *NO_ADDRESSES])
def test_nothing_is_sent_to_what_is_not_public(url: str) -> None:
    """Private, local and made-up addresses in every spelling, other schemes, passwords."""
    with pytest.raises(Forbidden):
        resolve(url, ())


def test_public_addresses_are_kept_as_they_were_judged() -> None:
    """The address that was judged is the one that is spoken to."""
    assert resolve("https://93.184.216.34:8443/x", ()) == Target("https", "93.184.216.34", 8443, "93.184.216.34")
    assert check_url("https://hooks.example.com/x?y=z", ()) == ("https", "hooks.example.com", 443)


def test_the_operator_may_allow_networks() -> None:
    """There, and only there, plain http will do."""
    assert resolve("http://127.0.0.1:9/", LOOPBACK).address == "127.0.0.1"
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://93.184.216.34/"):
        with pytest.raises(Forbidden):
            resolve(url, LOOPBACK)
    with pytest.raises(BadSetting, match="webhook_networks"):
        allowed_networks("127.0.0.1/8")


def test_a_name_is_not_asked_for_twice() -> None:
    """The connection goes to the judged address under the name that was asked for, whatever that name is by now."""
    with receiving() as receiver:
        url = f"http://other.invalid:{receiver.port}/hook"
        errand = Errand("id", "hook", url, "{}", 1, ("whsec_c2VjcmV0",))
        target = Target("http", "other.invalid", receiver.port, "127.0.0.1")

        async def sent() -> int:
            async with httpx.AsyncClient() as http:
                return await courier.post(http, target, errand, 1)

        assert asyncio.run(sent()) == 204
        assert receiver.next().headers["host"] == f"other.invalid:{receiver.port}"


class Hook:
    """A webhook of a workspace, and a courier."""

    def __init__(self, database: Database, url: str, events: tuple[str, ...] = ()) -> None:
        self.database = database
        self.courier = Courier(database, LOOPBACK)
        with database.engine.begin() as connection:
            now = database.now(connection)
            key_id, _ = make_key(connection, workspace_id="first", name="", scopes=Scope, now=now)
            row = add_webhook(connection, workspace_id="first", key_id=key_id, url=url, events=events, now=now)
        self.id, self.secret = row.id, row.secret

    def send(self) -> str:
        """A message that waits."""
        with self.database.engine.begin() as connection:
            return add_delivery(connection, self.id, "test", {"id": self.id}, self.database.now(connection))

    def make_due(self) -> None:
        """Let whatever waits be due now."""
        with self.database.engine.begin() as connection:
            connection.execute(update(DELIVERIES).values(due_at=0))

    def delivery(self) -> Row[tuple[object, ...]]:
        """The only delivery there is."""
        with self.database.engine.connect() as connection:
            return connection.execute(select(DELIVERIES)).one()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with receiving() as running:
        yield running


def test_an_ended_plan_is_told(database: Database, receiver: Receiver) -> None:
    """In the transaction that ends it, to those who want to know it, signed."""
    hook, other = Hook(database, receiver.url), Hook(database, receiver.url, ("plan.failed",))
    with database.engine.begin() as connection:
        plan_id = plan_in(connection)
        now = database.now(connection)
        change_plan(connection, plan_id, ended(Status.SUCCEEDED, now=now, outcome="optimal"), now=now)
    assert (hook.courier.round(), other.courier.round()) == (1, 0)
    message = receiver.next()
    assert message.is_signed_by(hook.secret)
    assert not message.is_signed_by(other.secret)
    assert message.content["type"] == "plan.succeeded"
    assert message.content["data"]["id"] == plan_id
    assert message.headers["webhook-id"] == hook.delivery().id
    assert (hook.delivery().status, hook.delivery().answer) == ("delivered", 204)


def test_what_is_not_taken_is_tried_again(database: Database) -> None:
    """After a while, under the same id, for days; then it has failed."""
    with receiving(*[500] * len(PAUSES_S), 302) as receiver:
        hook = Hook(database, receiver.url)
        hook.send()
        ids = set()
        for number in range(len(PAUSES_S)):
            assert hook.courier.round() == 1
            assert hook.courier.round() == 0
            row = hook.delivery()
            assert (row.status, row.attempts, row.answer) == ("waiting", number + 1, 500)
            ids.add(receiver.next().headers["webhook-id"])
            hook.make_due()
        hook.courier.round()
        assert (hook.delivery().status, hook.delivery().answer) == ("failed", 302)
        assert ids == {receiver.next().headers["webhook-id"]}
        assert receiver.heard.empty(), "a redirect was followed"


def test_pauses_grow(database: Database) -> None:
    """Each is what Standard Webhooks recommends, a fifth more or less."""
    with receiving(500, 500) as receiver:
        hook = Hook(database, receiver.url)
        hook.send()
        for pause in PAUSES_S[:2]:
            hook.courier.round()
            with database.engine.connect() as connection:
                left = hook.delivery().due_at - database.now(connection)
            assert left <= pause * 1.2
            assert left > pause * 0.8 - 30
            hook.make_due()


def test_a_receiver_that_is_gone_gets_no_more(database: Database) -> None:
    """410 disables the webhook; rotation makes it work again, with both secrets for a while."""
    with receiving(410) as receiver:
        hook = Hook(database, receiver.url)
        hook.send()
        hook.courier.round()
        assert hook.delivery().status == "failed"
        with database.engine.begin() as connection:
            assert connection.execute(select(WEBHOOKS.c.disabled_at)).scalar_one() is not None
            newer = rotate_secret(connection, hook.id, database.now(connection))
        receiver.next()
        hook.send()
        hook.courier.round()
        message = receiver.next()
        assert message.is_signed_by(newer)
        assert message.is_signed_by(hook.secret)


def test_a_worker_that_dies_with_an_errand_loses_it(database: Database, receiver: Receiver) -> None:
    """What it had claimed is due again after its lease; what it says later is not heard."""
    hook = Hook(database, receiver.url)
    hook.send()
    with database.engine.begin() as connection:
        now = database.now(connection)
        assert len(claim_errands(connection, now=now, limit=9)) == 1
        assert claim_errands(connection, now=now + LEASE_S - 1, limit=9) == []
        (second,) = claim_errands(connection, now=now + LEASE_S, limit=9)
        assert second.attempts == 2


@pytest.mark.parametrize("kind", ["silent", "closed", "private"])
def test_a_receiver_that_does_not_answer_is_noted(
    database: Database, kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Silence, a closed port and a forbidden address are errors of the log; no secret is in any line."""
    monkeypatch.setattr(courier, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener, caplog.at_level(logging.DEBUG):
        port = listener.getsockname()[1]
        if kind == "closed":
            listener.close()
        hook = Hook(database, f"http://{'10.0.0.1' if kind == 'private' else '127.0.0.1'}:{port}/?token=mine")
        hook.send()
        hook.courier.round()
    row = hook.delivery()
    assert (row.status, row.answer) == ("waiting", None)
    assert row.error
    told = " ".join(str(vars(record)) for record in caplog.records if record.name.startswith("api"))
    assert hook.id in told
    assert hook.secret not in told
    assert "token" not in told


def test_the_service_tells_what_happened(service: Service) -> None:
    """From the webhook's making to its end, over HTTP."""
    with receiving() as receiver, service.client(service.new_key("hooks")) as client:
        hook = client.create_webhook(receiver.url, events=["plan.succeeded"])
        assert [each["id"] for each in client.webhooks()] == [hook["id"]]
        assert "secret" not in client.webhooks()[0]
        plan = client.submit(sample="tiny", operation="validate", name="told")
        message: Message = receiver.next()
        assert message.is_signed_by(hook["secret"])
        assert message.content["data"]["id"] == plan.id
        (delivery,) = client.deliveries(hook["id"])
        assert (delivery["event"], delivery["subject"]) == ("plan.succeeded", plan.id)
        assert delivery["body"] == message.content
        client.resend(hook["id"], delivery["id"])
        assert receiver.next().headers["webhook-id"] == delivery["id"]
        newer = client.rotate_webhook(hook["id"])
        client.test_webhook(hook["id"])
        assert receiver.next().is_signed_by(newer["secret"])
        client.delete_webhook(hook["id"])
        assert client.webhooks() == []


def test_bad_webhooks_are_refused(service: Service) -> None:
    """Forbidden addresses, unknown events, too many; each with the one body."""
    with service.http(service.new_key("many hooks")) as http:
        for url in ("https://10.0.0.1/", "ftp://example.com/", "https://user@example.com/", "nowhere", ""):
            response = http.post("/v1/webhooks", json={"url": url})
            assert_problem(response, "invalid_request")
            assert response.json()["errors"][0]["pointer"] == "/url"
        assert_problem(http.post("/v1/webhooks", json={"url": "https://a.example", "events": ["x"]}), "invalid_request")
        assert_problem(
            http.post("/v1/webhooks", content=b"x", headers={"Content-Type": "a/b"}), "unsupported_media_type"
        )
        made = [http.post("/v1/webhooks", json={"url": "https://a.example"}) for _ in range(21)]
        assert {each.status_code for each in made[:20]} == {201}
        assert_problem(made[20], "invalid_request")
        path = f"/v1/webhooks/{made[0].json()['id']}"
        assert_problem(http.post(f"{path}/deliveries/{'0' * 32}/resend"), "not_found")
