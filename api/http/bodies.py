"""From a request's body to what it holds: JSON, a file as it is, or a form with files; looked at before it is kept.

Every body is untrusted. A file, and any JSON but the smallest, is looked through in a process with little memory and
time (`upload_child`), so that whatever is hidden in it can end that process only. The cells of a workbook are read
later, by the process that plans.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from fastapi import UploadFile
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile as Upload

from api.data.inputs import InputKind
from api.http import upload_child
from api.http.problems import Problem, validation_problem
from api.http.upload_child import JSON, PACKED, SECONDS, Refused, understand
from api.settings import MIB
from datasets import workbook_child

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeVar

    from fastapi import Request
    from pydantic import BaseModel
    from starlette.datastructures import QueryParams

    from api.http.context import Context

    Model = TypeVar("Model", bound=BaseModel)

JSON_TYPE, FORM_TYPE = "application/json", "multipart/form-data"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES = (
    WORKBOOK_TYPE,
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/zip",
    "application/x-zip-compressed",
    "application/octet-stream",
)
FILE = "file"
"""Name of the file where a request has one only."""
MAGIC = b"PK"
SMALL_BYTES = 64 * 1024
"""JSON up to this size is understood where it arrives: in milliseconds, and within a few MiB of memory."""
MAX_FIELD_BYTES = MIB
START_S = 10.0
"""For a process that looks at what was handed in to start and end, beyond its limit of processor time."""


@dataclass(frozen=True)
class Content:
    """An input as it is kept."""

    kind: InputKind
    content: bytes


@dataclass(frozen=True)
class Body:
    """What a body holds.

    Parameters
    ----------
    asked
        The JSON of the request, its ``tables`` emptied.
    tables
        These tables, in order.
    files
        By their names in the form; a file without a form is called ``file``.
    """

    asked: Any
    tables: Sequence[Content] = ()
    files: Mapping[str, Content] = field(default_factory=dict)


async def read_body(request: Request, context: Context, *, max_files: int) -> Body:
    """Read a body, or raise the problem that it has.

    Parameters
    ----------
    max_files
        In a form; a body that is a file is taken where one is, and JSON alone where none is.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("unsupported_media_type", "Send the body as it is, without a Content-Encoding.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == FORM_TYPE and max_files:
        return await _read_form(request, context, max_files)
    if media_type in FILE_TYPES and max_files == 1:
        return await _read_file(request, context)
    if media_type != JSON_TYPE:
        others = f", or a workbook or zip, alone or as {FORM_TYPE}" if max_files else ""
        told = f"the Content-Type says {media_type}" if media_type else "there is no Content-Type"
        raise Problem("unsupported_media_type", f"Send {JSON_TYPE}{others}; {told}.")
    return await _read_json(request, context)


def json_body(name: str) -> dict[str, Any]:
    """The body of a request for OpenAPI, where it is read by hand."""
    content = {JSON_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"requestBody": {"required": True, "content": content}}


def to_model(model: type[Model], asked: object) -> Model:
    """The request as its model, or the problem with all its mistakes."""
    try:
        return model.model_validate(asked)
    except ValidationError as error:
        raise validation_problem(error.errors()) from error


def mistake(pointer: str, text: str) -> Problem:
    """A problem with one mistake in the request."""
    return Problem("invalid_request", text, errors=[{"pointer": pointer, "detail": text}])


async def _read_json(request: Request, context: Context) -> Body:
    most, body = context.settings.max_json_mib * MIB, bytearray()
    too_large = f"A body of JSON may have {most // MIB} MiB; send larger tables as a workbook or zip."
    if int(request.headers.get("content-length", 0)) > most:
        raise Problem("too_large", too_large)
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem("too_large", too_large)
    try:
        if len(body) <= SMALL_BYTES:
            asked, tables = understand(bytes(body), context.settings.max_rows)
        else:
            asked, tables = await _understand_apart(bytes(body), context)
    except Refused as refused:
        raise _problem(refused) from refused
    return Body(asked, [Content(InputKind.JSON, each) for each in tables])


async def _read_file(request: Request, context: Context) -> Body:
    with SpooledTemporaryFile(MIB) as file:
        async for chunk in request.stream():
            file.write(chunk)
        return Body(nested(request.query_params), files={FILE: await _kept(file, context)})


def nested(query: QueryParams) -> dict[str, Any]:
    """Fields of the request that stand in the address: ``options.gap=0.01`` is the field ``gap`` of ``options``.

    One that stands there more than once is a list.
    """
    asked: dict[str, Any] = {}
    for name in sorted(query):
        values = query.getlist(name)
        value = values[0] if len(values) == 1 else values
        holder, _, inner = name.partition(".")
        if not inner:
            asked[name] = value
        elif isinstance(asked.setdefault(holder, {}), dict):
            asked[holder][inner] = value
        else:
            raise mistake(f"/{holder}", f"Give fields of {holder}, as {name}, and not {holder} besides.")
    return asked


async def _read_form(request: Request, context: Context, max_files: int) -> Body:
    async with request.form(max_files=max_files, max_fields=1, max_part_size=MAX_FIELD_BYTES) as form:
        told = form.get("request", "{}")
        if not isinstance(told, str):
            raise mistake("", "The form's field request is JSON text, not a file.")
        files = {name: each for name, each in form.multi_items() if isinstance(each, UploadFile | Upload)}
        if max_files == 1 and FILE not in files:
            raise mistake("", f"The form needs a file, under the name {FILE}.")
        try:
            asked, tables = understand(told.encode("utf-8", "surrogatepass"), context.settings.max_rows)
        except Refused as refused:
            raise _problem(refused) from refused
        kept = {name: await _kept(each.file, context) for name, each in files.items()}
        return Body(asked, [Content(InputKind.JSON, each) for each in tables], kept)


async def _kept(file: IO[bytes], context: Context) -> Content:
    """A packed file, once a process of its own found nothing against it."""
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        text = "The file is neither a workbook (.xlsx, without a password) nor a zip; CSV files go into one."
        raise Problem("unsupported_media_type", text)
    number = file.fileno()
    # On the disk, so that the process can read it: asked for its number, the file has moved there.
    file.flush()
    answer, _ = await _looked_at(PACKED, number, context)
    file.seek(0)
    content = await run_in_threadpool(file.read)
    return Content(InputKind.ZIP if "zip" in answer else InputKind.WORKBOOK, content)


async def _understand_apart(body: bytes, context: Context) -> tuple[Any, list[bytes]]:
    with TemporaryFile() as file:
        file.write(body)
        file.flush()
        answer, inputs = await _looked_at(JSON, file.fileno(), context)
    return answer["request"], inputs


async def _looked_at(kind: str, number: int, context: Context) -> tuple[dict[str, Any], list[bytes]]:
    """What the process answers about an open file."""
    path, reader = f"/proc/self/fd/{number}", str(workbook_child.__file__)
    command = [sys.executable, "-P", str(upload_child.__file__), kind, path, str(context.settings.max_rows), reader]
    async with context.looks:
        try:
            done = await run_in_threadpool(_run, command, number)
        except subprocess.TimeoutExpired as error:
            raise Problem("unreadable_input", "It takes too long to look through.") from error
    if done.returncode != 0:
        raise Problem("unreadable_input", "It cannot be looked through with the memory and time that it may take.")
    first, *inputs = done.stdout.split(b"\n")
    answer: dict[str, Any] = json.loads(first)
    refused = answer.get("refused")
    if isinstance(refused, str):
        raise Problem("unreadable_input", refused)
    if refused is not None:
        raise _problem(Refused(**refused))
    return answer, inputs


def _run(command: Sequence[str], number: int) -> subprocess.CompletedProcess[bytes]:
    """A process that has ended; it may use the open file of this number."""
    seconds = SECONDS + START_S
    return subprocess.run(command, pass_fds=[number], capture_output=True, timeout=seconds, check=False)


def _problem(refused: Refused) -> Problem:
    errors = [] if refused.pointer is None else [{"pointer": refused.pointer, "detail": refused.detail}]
    return Problem(refused.code, refused.detail, errors=errors)
