"""Commands of the service but the worker: serve, keys, db. They print; the rest of the service logs."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.batch_command import add_batch_command, run_batch
from api.copies import back_up, restore
from api.data.hold import only_one
from api.data.keys import Scope, expire_key, list_keys, make_key
from api.data.purge import purge
from api.jobs.queue import Queue
from api.program import add_common, add_slots, opened, run_program
from api.serve import DEFAULT_WORKSPACE, first_key, require_safe, serve
from api.settings import BadSetting, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY_S = 86_400.0


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    return run_program(build_parser(), words)


def build_parser() -> argparse.ArgumentParser:
    """All commands."""
    parser = argparse.ArgumentParser(prog="podplanner", description="The service.")
    commands = parser.add_subparsers(required=True, title="commands")
    _add_serve(commands.add_parser("serve", help="answer over HTTP, and plan"))
    _add_keys(commands.add_parser("keys", help="make, list and end keys").add_subparsers(required=True))
    _add_database(
        commands.add_parser("db", help="upgrade, purge, back up or restore the database").add_subparsers(required=True)
    )
    batch = commands.add_parser("batch", help="plan many inputs at once with a running service")
    add_batch_command(batch)
    batch.set_defaults(run=lambda arguments, _settings: run_batch(arguments))
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    add_common(parser)
    parser.add_argument("--host", help=f"address to listen on (default: {Settings.host})")
    parser.add_argument("--port", type=int, help=f"default: {Settings.port}; 0 takes a free one")
    parser.add_argument("--trusted-proxy", metavar="ADDRESS", help="proxy that ends TLS in front of the API")
    parser.add_argument("--cors-origins", metavar="ORIGINS", help="comma-separated origins whose pages may call")
    add_slots(parser)
    parser.add_argument("--no-worker", action="store_true", help="only answer; podplanner worker plans elsewhere")
    parser.set_defaults(run=_run_serve)


def _run_serve(arguments: argparse.Namespace, settings: Settings) -> None:
    require_safe(settings)
    with opened(settings) as database, only_one(database):
        key = first_key(database)
        address = f"http://{settings.host}:{settings.port}"
        print(f"podplanner answers on {address}; Ctrl-C ends it", flush=True)
        if key is not None:
            print(f"the first key, told this once:\n\n    export PODPLANNER_KEY={key}\n", flush=True)
        serve(settings, database, with_worker=not arguments.no_worker)


def _add_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    create = commands.add_parser("create", help="make a key and tell it, once")
    add_common(create)
    create.add_argument("--workspace", default=DEFAULT_WORKSPACE, help=f"default: {DEFAULT_WORKSPACE}; made where new")
    create.add_argument("--name", default="", help="whose it is, or what for")
    create.add_argument("--scopes", default=",".join(Scope), help=f"default: {','.join(Scope)}")
    create.add_argument("--days", type=float, help="days until it expires (default: never)")
    create.set_defaults(run=_run_create_key)
    shown = commands.add_parser("list", help="list keys, without their secrets")
    add_common(shown)
    shown.set_defaults(run=_run_list_keys)
    rotate = commands.add_parser("rotate", help="make a key like another, which then expires")
    add_common(rotate)
    rotate.add_argument("key_id", metavar="ID")
    rotate.add_argument("--overlap-days", type=float, default=1.0, help="days that both are good (default: 1)")
    rotate.set_defaults(run=_run_rotate_key)
    revoke = commands.add_parser("revoke", help="end a key now")
    add_common(revoke)
    revoke.add_argument("key_id", metavar="ID")
    revoke.set_defaults(run=_run_revoke_key)


def _run_create_key(arguments: argparse.Namespace, settings: Settings) -> None:
    try:
        scopes = [Scope(scope) for scope in arguments.scopes.split(",")]
    except ValueError as error:
        raise BadSetting(f"scopes {arguments.scopes!r} not understood, there are {', '.join(Scope)}") from error
    with opened(settings) as database, database.engine.begin() as connection:
        now = database.now(connection)
        expires_at = None if arguments.days is None else now + arguments.days * DAY_S
        _, key = make_key(
            connection,
            workspace_id=arguments.workspace,
            name=arguments.name,
            scopes=scopes,
            now=now,
            expires_at=expires_at,
        )
    print(key)


def _run_list_keys(_arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings) as database, database.engine.connect() as connection:
        for row in list_keys(connection):
            expires = "never" if row.expires_at is None else _day(row.expires_at)
            used = "never" if row.used_at is None else _day(row.used_at)
            scopes = ",".join(row.scopes)
            print(f"{row.id}  {row.workspace_id}  {scopes}  expires {expires}  used {used}  {row.name}")


def _run_rotate_key(arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings) as database, database.engine.begin() as connection:
        old = next((row for row in list_keys(connection) if row.id == arguments.key_id), None)
        if old is None:
            raise BadSetting(f"there is no key {arguments.key_id}")
        now = database.now(connection)
        if old.expires_at is not None and old.expires_at <= now:
            raise BadSetting(f"the key {old.id} is no longer good: make a new one with podplanner keys create")
        _, key = make_key(
            connection,
            workspace_id=old.workspace_id,
            name=old.name,
            scopes=old.scopes,
            now=now,
            expires_at=None if old.expires_at is None else now + old.expires_at - old.created_at,
        )
        expire_key(connection, old.id, now + arguments.overlap_days * DAY_S)
    print(key)


def _run_revoke_key(arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings) as database, database.engine.begin() as connection:
        if not expire_key(connection, arguments.key_id, database.now(connection)):
            raise BadSetting(f"there is no key {arguments.key_id}")
    print(f"{arguments.key_id} is no longer good")


def _add_database(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    up = commands.add_parser("upgrade", help="bring the tables to the present version; serve and worker do so too")
    add_common(up)
    up.set_defaults(run=_run_upgrade)
    old = commands.add_parser("purge", help="forget plans that ended long ago")
    add_common(old)
    old.add_argument("--days", type=float, default=90.0, help="days since their end (default: 90)")
    old.set_defaults(run=_run_purge)
    copy = commands.add_parser("backup", help="copy all rows into one file, while the service goes on")
    add_common(copy)
    copy.add_argument("file", metavar="FILE", type=Path, help="a new file")
    copy.set_defaults(run=_run_backup)
    back = commands.add_parser("restore", help="copy all rows of a backup into a new database of either kind")
    add_common(back)
    back.add_argument("file", metavar="FILE", type=Path)
    back.set_defaults(run=_run_restore)


def _run_upgrade(_arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings):
        print("the tables are of the present version")


def _run_purge(arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings) as database:
        queue = Queue(database)
        count = purge(database, queue.forget, arguments.days * DAY_S)
        queue.close()
    print(f"{count:,} plans forgotten")


def _run_backup(arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings) as database:
        print(f"{back_up(database, arguments.file):,} plans copied")


def _run_restore(arguments: argparse.Namespace, settings: Settings) -> None:
    with opened(settings) as database:
        print(f"{restore(database, arguments.file):,} plans restored")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
