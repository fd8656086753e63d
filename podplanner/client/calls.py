"""A small client of the service: submit, wait, fetch.

::

    with Client("http://127.0.0.1:8700", key) as client:
        plan = client.wait(client.submit(file="mine.xlsx", time_limit_s=60).id)
        client.save_workbook(plan.id, "plan.xlsx")

It asks again where a connection fails or the service says that it is worth another try: a submission carries an
``Idempotency-Key``, so that no try makes a second plan.
"""

from __future__ import annotations

import json
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import httpx

from podplanner.client.shapes import Event, to_batch, to_error, to_plan, to_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from podplanner.client.shapes import BatchState, PlanState

TRIES = 4
"""Of one request, where the connection fails or the service is away for a moment."""
PAUSE_S = 0.5
"""Before the second try; twice as long before each further one."""
AGAIN = (429, 502, 503, 504)


class Client:
    """One service, one key.

    Parameters
    ----------
    address
        Such as ``http://127.0.0.1:8700``.
    key
        As ``podplanner keys create`` told it.
    timeout_s
        Of one request, beyond what it was asked to wait.
    """

    def __init__(self, address: str, key: str, *, timeout_s: float = 30.0) -> None:
        self._timeout_s = timeout_s
        self._http = httpx.Client(base_url=address, headers={"X-API-Key": key}, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def submit(
        self,
        *,
        file: str | Path | None = None,
        sample: str | None = None,
        tables: Mapping[str, Any] | None = None,
        operation: str = "solve",
        name: str = "",
        tags: Sequence[str] = (),
        priority: str = "interactive",
        changes: Sequence[Mapping[str, Any]] = (),
        accept: Sequence[str] = (),
        on: str | None = None,
        idempotency_key: str | None = None,
        **options: Any,
    ) -> PlanState:
        """Submit a plan, whose input is a workbook or zip, a shipped sample, or tables.

        Parameters
        ----------
        operation
            ``solve``, ``night`` (near the plan in force), ``evaluate`` or ``validate``.
        priority
            ``interactive`` or ``batch``.
        changes
            Rows of the table ``changes``, made to the input.
        accept, on
            Of a night: rules such as ``moved_revenue <= 3%``, and the day whose plan in force it starts from.
        options
            ``engine``, ``time_limit_s``, ``work_limit``, ``gap``, ``seed``, ``hide_pay``.
        """
        asked: dict[str, Any] = {"operation": operation, "name": name, "priority": priority, "options": options}
        asked |= {"tags": list(tags), "changes": list(changes), "accept": list(accept), "on": on}
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        if file is not None:
            path = Path(file)
            form = {"request": json.dumps(asked)}
            files = {"file": (path.name, path.read_bytes())}
            return to_plan(self._ask("POST", "/v1/plans", headers=headers, data=form, files=files))
        given = {"sample": sample} if tables is None else {"tables": tables}
        return to_plan(self._ask("POST", "/v1/plans", headers=headers, json={**asked, **given}))

    def scenario(
        self,
        plan_id: str,
        *sentences: str,
        changes: Sequence[Mapping[str, Any]] = (),
        name: str = "",
        tags: Sequence[str] = (),
        **options: Any,
    ) -> PlanState:
        """Submit a scenario of a plan: what sentences such as ``lose S2`` say, and then rows of ``changes``."""
        asked = {"name": name, "tags": list(tags), "sentences": sentences, "changes": list(changes), "options": options}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return to_plan(self._ask("POST", f"/v1/plans/{plan_id}/scenarios", headers=headers, json=asked))

    def scenario_again(self, plan_id: str) -> PlanState:
        """Submit a scenario as it was asked for, from the plan that it started from."""
        state = self.get(plan_id)
        asked = dict(state.content["options"])
        del asked["hide_pay"]  # as that plan has it
        sentences, changes, tags = (asked.pop(part, []) for part in ("sentences", "changes", "tags"))
        return self.scenario(
            state.content["parent_id"], *sentences, changes=changes, name=state.name, tags=tags, **asked
        )

    def challenge(
        self,
        plan_id: str,
        *wishes: str | Mapping[str, str],
        workbook: str | Path | None = None,
        author: str = "",
        accept_below: float | None = None,
        name: str = "",
        **options: Any,
    ) -> PlanState:
        """Submit challenges to a plan; once it has ended, its tables ``challenges`` and ``knock_on`` are the answers.

        Parameters
        ----------
        wishes
            Sentences such as ``A4 to S1``, or objects with ``wish``, ``author`` and ``note``.
        workbook
            The plan's workbook, edited: what was typed there is answered, too, in the table ``edits`` and cell by cell
            (`save_answered`).
        accept_below
            Cheaper wishes are marked accepted; ``challenge_changes`` has the rows that a scenario grants them with.
        """
        said = [{"wish": each} if isinstance(each, str) else dict(each) for each in wishes]
        asked = {"name": name, "author": author, "wishes": said, "accept_below": accept_below, "options": options}
        headers, path = {"Idempotency-Key": str(uuid.uuid4())}, f"/v1/plans/{plan_id}/challenges"
        if workbook is None:
            return to_plan(self._ask("POST", path, headers=headers, json=asked))
        file = Path(workbook)
        form, files = {"request": json.dumps(asked)}, {"file": (file.name, file.read_bytes())}
        return to_plan(self._ask("POST", path, headers=headers, data=form, files=files))

    def adopt(self, plan_id: str, *, author: str, effective: str) -> dict[str, Any]:
        """Put a plan into force from a day on, such as ``2027-01-01``."""
        asked = {"author": author, "effective": effective}
        return self._object("PUT", f"/v1/plans/{plan_id}/in-force", json=asked)

    def withdraw(self, plan_id: str) -> None:
        """Take back that a plan is in force."""
        self._ask("DELETE", f"/v1/plans/{plan_id}/in-force")

    def in_force(self, on: str | None = None) -> dict[str, Any]:
        """Which plan is in force on a day, today where none is given (``plan_id``), and all ``marks``."""
        return self._object("GET", "/v1/in-force", params={} if on is None else {"on": on})

    def get(self, plan_id: str) -> PlanState:
        """A plan's state."""
        return to_plan(self._ask("GET", f"/v1/plans/{plan_id}"))

    def plans(
        self,
        *,
        status: str | None = None,
        name: str | None = None,
        tags: Sequence[str] = (),
        whole_id: str | None = None,
    ) -> Iterator[PlanState]:
        """All plans, the newest first; with ``tags``, those that have all of them; with ``whole_id``, its regions."""
        wanted = {"status": status, "name": name, "tag": list(tags), "whole_id": whole_id}
        asked: dict[str, Any] = {key: value for key, value in wanted.items() if value is not None}
        cursor: dict[str, str] = {}
        while True:
            page = self._ask("GET", "/v1/plans", params=asked | cursor).json()
            yield from map(to_state, page["plans"])
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def events(self, plan_id: str, after: int = 0) -> Iterator[Event]:
        """A plan's events after one of them, as they happen, until its end."""
        path = f"/v1/plans/{plan_id}/events"
        headers = {"Last-Event-ID": str(after)}
        with self._http.stream("GET", path, headers=headers, timeout=self._timeout_s) as response:
            if response.is_error:
                response.read()
                raise to_error(response)
            told: dict[str, str] = {}
            for line in response.iter_lines():
                field, _, value = line.partition(":")
                told[field] = value.strip()
                if not line and "data" in told:
                    yield Event(int(told["id"]), told["event"], json.loads(told["data"]))
                    told = {}

    def wait(self, plan_id: str) -> PlanState:
        """Wait for a plan's end, however long that takes."""
        seen, state = 0, self.get(plan_id)
        while not state.is_final:
            try:
                for event in self.events(plan_id, seen):
                    seen = event.seq
            except httpx.TransportError:
                # The stream broke off; what the service knows is asked for with the usual tries.
                pass
            state = self.get(plan_id)
        return state

    def stop(self, plan_id: str) -> PlanState:
        """Let a plan stop soon and keep its best."""
        return to_plan(self._ask("POST", f"/v1/plans/{plan_id}/stop"))

    def cancel(self, plan_id: str) -> PlanState:
        """Let a plan end and keep nothing."""
        return to_plan(self._ask("POST", f"/v1/plans/{plan_id}/cancel"))

    def table(self, plan_id: str, table: str) -> list[dict[str, Any]]:
        """Rows of a table of a plan."""
        rows: list[dict[str, Any]] = self._ask("GET", f"/v1/plans/{plan_id}/tables/{table}.json").json()
        return rows

    def summary(self, plan_id: str) -> dict[str, Any]:
        """How good a plan is, what proves it, and what it is made of."""
        return self._object("GET", f"/v1/plans/{plan_id}/summary")

    def findings(self, plan_id: str) -> list[dict[str, Any]]:
        """All that is wrong or odd in the input."""
        content: list[dict[str, Any]] = self._ask("GET", f"/v1/plans/{plan_id}/findings").json()
        return content

    def compare(self, *plan_ids: str, today: bool = False) -> dict[str, Any]:
        """Plans side by side with the first, or with today: ``plans``, ``kpis`` and ``pairs``; see docs/what-if.md."""
        asked = {"plans": ",".join(plan_ids), "today": str(today).lower()}
        return self._object("GET", "/v1/compare", params=asked)

    def explain(self, plan_id: str, account_id: str) -> dict[str, Any]:
        """Why an account is where it is: place, owners, figures, next best place, and ``words``."""
        return self._object("GET", f"/v1/plans/{plan_id}/explain/accounts/{quote(account_id, safe='')}")

    def prices(self, plan_id: str) -> dict[str, list[dict[str, Any]]]:
        """What one more hour of a role in a pod is worth (``hours``), and relaxing a limit by one (``limits``)."""
        content: dict[str, list[dict[str, Any]]] = self._ask("GET", f"/v1/plans/{plan_id}/prices").json()
        return content

    def conflicts(self, plan_id: str) -> dict[str, Any]:
        """Rules that clash (``clashes``) and mistakes in the input (``errors``)."""
        return self._object("GET", f"/v1/plans/{plan_id}/conflicts")

    def save_workbook(self, plan_id: str, path: str | Path) -> None:
        """Write a plan's workbook to a file."""
        Path(path).write_bytes(self._ask("GET", f"/v1/plans/{plan_id}/plan.xlsx").content)

    def save_answered(self, plan_id: str, path: str | Path) -> None:
        """Write an edited workbook, answered cell by cell, to a file."""
        Path(path).write_bytes(self._ask("GET", f"/v1/plans/{plan_id}/answered.xlsx").content)

    def save_template(self, path: str | Path) -> None:
        """Write an empty input workbook to a file."""
        Path(path).write_bytes(self._ask("GET", "/v1/template.xlsx").content)

    def submit_batch(
        self, batch: Mapping[str, Any], *, files: Mapping[str, Path] | None = None, idempotency_key: str | None = None
    ) -> BatchState:
        """Submit many plans at once.

        Parameters
        ----------
        batch
            ``items``, or a ``base`` and a ``grid``, as docs/service.md tells them.
        files
            By the names under which the batch knows them.
        """
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        if not files:
            return to_batch(self._ask("POST", "/v1/batches", headers=headers, json=batch))
        form = {"request": json.dumps(batch)}
        parts = {name: (path.name, path.read_bytes()) for name, path in files.items()}
        return to_batch(self._ask("POST", "/v1/batches", headers=headers, data=form, files=parts))

    def get_batch(self, batch_id: str) -> BatchState:
        """A batch and how each of its plans stands."""
        return to_batch(self._ask("GET", f"/v1/batches/{batch_id}"))

    def cancel_batch(self, batch_id: str) -> BatchState:
        """Cancel all plans of a batch that have not ended."""
        return to_batch(self._ask("POST", f"/v1/batches/{batch_id}/cancel"))

    def wait_for_batch(self, batch_id: str) -> BatchState:
        """Wait until every plan of a batch has ended, however long that takes."""
        for plan in self.get_batch(batch_id).plans:
            self.wait(plan["id"])
        return self.get_batch(batch_id)

    def create_schedule(
        self, cron: str, batch: Mapping[str, Any], *, time_zone: str = "UTC", name: str = ""
    ) -> dict[str, Any]:
        """Let a batch be asked for whenever a cron expression is due."""
        asked = {"cron": cron, "time_zone": time_zone, "name": name, "batch": batch}
        return self._object("POST", "/v1/schedules", json=asked)

    def schedules(self) -> list[dict[str, Any]]:
        """All schedules, the oldest first."""
        return list(self._object("GET", "/v1/schedules")["schedules"])

    def pause_schedule(self, schedule_id: str) -> dict[str, Any]:
        """Let a schedule ask for nothing until it is resumed."""
        return self._object("POST", f"/v1/schedules/{schedule_id}/pause")

    def resume_schedule(self, schedule_id: str) -> dict[str, Any]:
        """Let a schedule go on from its next time."""
        return self._object("POST", f"/v1/schedules/{schedule_id}/resume")

    def run_schedule(self, schedule_id: str) -> BatchState:
        """Ask for a schedule's batch now."""
        state = self._ask("POST", f"/v1/schedules/{schedule_id}/run").json()
        return self.get_batch(state["last_batch_id"])

    def delete_schedule(self, schedule_id: str) -> None:
        """End a schedule; what it has asked for stays."""
        self._ask("DELETE", f"/v1/schedules/{schedule_id}")

    def create_webhook(self, url: str, *, events: Sequence[str] = ()) -> dict[str, Any]:
        """Let messages be sent to an address, all of them where no event is named; the answer tells the ``secret``."""
        return self._object("POST", "/v1/webhooks", json={"url": url, "events": list(events)})

    def webhooks(self) -> list[dict[str, Any]]:
        """All webhooks, without their secrets."""
        return list(self._object("GET", "/v1/webhooks")["webhooks"])

    def rotate_webhook(self, webhook_id: str) -> dict[str, Any]:
        """Give a webhook a new ``secret``; for a day messages are signed with both."""
        return self._object("POST", f"/v1/webhooks/{webhook_id}/rotate")

    def test_webhook(self, webhook_id: str) -> None:
        """Send a message of type ``test``."""
        self._ask("POST", f"/v1/webhooks/{webhook_id}/test")

    def deliveries(self, webhook_id: str) -> list[dict[str, Any]]:
        """What was sent to a webhook last, and what came of it, the newest first."""
        return list(self._object("GET", f"/v1/webhooks/{webhook_id}/deliveries")["deliveries"])

    def resend(self, webhook_id: str, delivery_id: str) -> None:
        """Send a message again."""
        self._ask("POST", f"/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/resend")

    def delete_webhook(self, webhook_id: str) -> None:
        """End a webhook."""
        self._ask("DELETE", f"/v1/webhooks/{webhook_id}")

    def _object(self, method: str, path: str, **asked: Any) -> dict[str, Any]:
        content: dict[str, Any] = self._ask(method, path, **asked).json()
        return content

    def _ask(self, method: str, path: str, **asked: Any) -> httpx.Response:
        """The answer to a request that does no harm when it is repeated."""
        for number in range(TRIES):
            if number:
                threading.Event().wait(PAUSE_S * 2 ** (number - 1))
            try:
                response = self._http.request(method, path, **asked)
            except httpx.TransportError:
                if number == TRIES - 1:
                    raise
                continue
            if not response.is_error:
                return response
            if response.status_code not in AGAIN:
                break
        raise to_error(response)
