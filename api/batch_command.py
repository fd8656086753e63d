"""``podplanner batch``: plans many inputs at once with a running service, and fetches what came of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from api.settings import BadSetting, Settings
from podplanner.client import Client, ServiceError

if TYPE_CHECKING:
    import argparse

    from podplanner.client import BatchState

PARTLY = 6
"""Exit code where some plan did not succeed; README lists it."""
KEY = "PODPLANNER_KEY"
SUMMARY, WORKBOOK = "summary.json", "plan.xlsx"


def add_batch_command(parser: argparse.ArgumentParser) -> None:
    """Describe the command."""
    address = f"http://{Settings.host}:{Settings.port}"
    parser.add_argument("file", metavar="FILE", help="JSON: items, or a base and a grid; see docs/service.md")
    parser.add_argument("-o", "--out", metavar="OUT", help="folder for the results of each plan that succeeds")
    parser.add_argument("--service", metavar="URL", default=address, help=f"default: {address}; its key is in {KEY}")
    parser.add_argument("--once", metavar="NAME", help="with the same name a second call waits for the first's batch")


def run_batch(arguments: argparse.Namespace) -> int:
    """Submit, wait, tell, fetch; the exit code.

    Raises
    ------
    BadSetting
        The file or the service cannot be used, or the service refuses the batch.
    """
    key = os.environ.get(KEY)
    if not key:
        raise BadSetting(f"{KEY} is not set: it holds a key of the service")
    batch, files = _read(Path(arguments.file))
    try:
        with Client(arguments.service, key) as client:
            made = client.submit_batch(batch, files=files, idempotency_key=arguments.once)
            ended = client.wait_for_batch(made.id)
            _tell(ended)
            if arguments.out is not None:
                _fetch(client, ended, Path(arguments.out))
    except ServiceError as error:
        raise BadSetting(f"the service answers {error}{_places(error)}") from error
    except httpx.TransportError as error:
        raise BadSetting(f"the service at {arguments.service} cannot be reached: {error}") from error
    return 0 if ended.status == "succeeded" else PARTLY


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """The batch, and the files that it names, which lie beside it."""
    try:
        batch: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        wanted = [batch.get("base") or {}, *batch.get("items", [])]
        names = {item["file"] for item in wanted if "file" in item}
        files = {name: path.parent / name for name in sorted(names)}
        missing = [name for name, file in files.items() if not file.is_file()]
    except OSError as error:
        raise BadSetting(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, AttributeError, TypeError) as error:
        raise BadSetting(f"{path} is no JSON of a batch: {error}") from error
    if missing:
        raise BadSetting(f"{path} names files that are not there: {', '.join(missing)}")
    return batch, files


def _tell(batch: BatchState) -> None:
    for plan in batch.plans:
        words = [plan["outcome"] or plan["status"]]
        if plan["contribution"] is not None:
            words.append(f"{plan['contribution']:,.0f}")
        if plan["passed"] is False:
            words.append("fails its rules of acceptance")
        if plan["problem"] is not None:
            words.append(f"{plan['problem']['code']}: {plan['problem']['detail']}")
        print(f"{plan['name'] or plan['id']}: {', '.join(words)}")
    counts = ", ".join(f"{count:,} {status}" for status, count in batch.counts.items())
    print(f"{batch.status}: {counts} (batch {batch.id})", flush=True)


def _fetch(client: Client, batch: BatchState, out: Path) -> None:
    """Summary and workbook of each plan there is; nothing else leaves both."""
    for number, plan in enumerate(batch.plans, start=1):
        if plan["outcome"] is None or plan["contribution"] is None:
            continue
        plain = "".join(letter if letter.isalnum() or letter in " -_.,%" else "_" for letter in plan["name"])
        folder = out / f"{number} {plain}".strip()
        folder.mkdir(parents=True, exist_ok=True)
        summary = json.dumps(client.summary(plan["id"]), ensure_ascii=False, indent=2)
        folder.joinpath(SUMMARY).write_text(summary, encoding="utf-8")
        client.save_workbook(plan["id"], folder / WORKBOOK)


def _places(error: ServiceError) -> str:
    places = [f"{each['pointer']}: {each['detail']}" for each in error.problem.get("errors", [])]
    return f" ({'; '.join(places)})" if places else ""
