"""Routes of results: tables as CSV and JSON, workbook, summary, findings."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pyarrow as pa
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pyarrow import csv, parquet

from api.data.artefacts import BEST, artefact_names, read_artefact
from api.data.audit import note
from api.data.keys import Caller
from api.http.bodies import WORKBOOK_TYPE
from api.http.context import Context, InContext, Reader, plan_of
from api.http.plans import PlanId
from api.http.problems import Problem
from api.jobs.messages import CHALLENGES, FINDINGS, MOVED, PLAN, TABLES
from podplanner.report.columns import OUTPUT_TABLES
from podplanner.report.csv_text import guarded
from podplanner.report.duals_file import DUALS
from podplanner.report.files import INPUT, SUMMARY, WORKBOOK
from podplanner.whatif.round_trip import ANSWERED

ROUTER = APIRouter(prefix="/v1/plans/{plan_id}", tags=["results"])

BLOCK_ROWS = 5_000
"""Rows that are turned into text at once: between two blocks other requests have their turn."""

A_WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"content": {WORKBOOK_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}
INTERNAL = (BEST, DUALS, INPUT, PLAN)
"""Files for later attempts, for scenarios, and for wholes of regions; they cannot be fetched."""
TableName = StrEnum("TableName", {name: name for name in (*OUTPUT_TABLES, MOVED, *CHALLENGES)})  # type: ignore[misc]  # names are declared elsewhere


@ROUTER.get("/files", operation_id="listFiles", response_model=list[str])
def get_files(plan_id: PlanId, context: InContext, caller: Reader) -> list[str]:
    """List what a plan has left."""
    with context.database.engine.connect() as connection:
        plan_of(connection, caller, plan_id)
        names = [name for name in artefact_names(connection, plan_id) if name not in INTERNAL]
    return sorted(f"{name.removesuffix('.parquet')}.csv" if name.startswith(TABLES) else name for name in names)


@ROUTER.get(
    "/tables/{table}.csv",
    operation_id="getTableCsv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_table_csv(plan_id: PlanId, table: TableName, context: InContext, caller: Reader) -> Response:
    """Fetch a table as CSV, its text safe to open in a spreadsheet."""
    file = _table(context, caller, plan_id, table)
    return StreamingResponse(_csv_blocks(file), media_type="text/csv; charset=utf-8", headers=_named(f"{table}.csv"))


@ROUTER.get(
    "/tables/{table}.json",
    operation_id="getTableJson",
    response_class=Response,
    responses={200: {"model": list[dict[str, Any]]}},
)
def get_table_json(plan_id: PlanId, table: TableName, context: InContext, caller: Reader) -> Response:
    """Fetch a table as JSON, a list of rows."""
    file = _table(context, caller, plan_id, table)
    return StreamingResponse(_json_blocks(file), media_type="application/json")


@ROUTER.get(
    "/plan.xlsx",
    operation_id="getWorkbook",
    response_class=Response,
    responses=A_WORKBOOK,
)
def get_workbook(plan_id: PlanId, context: InContext, caller: Reader) -> Response:
    """Fetch the plan as a workbook."""
    return Response(_file(context, caller, plan_id, WORKBOOK), media_type=WORKBOOK_TYPE, headers=_named(WORKBOOK))


@ROUTER.get(
    "/answered.xlsx",
    operation_id="getAnsweredWorkbook",
    response_class=Response,
    responses=A_WORKBOOK,
)
def get_answered(plan_id: PlanId, context: InContext, caller: Reader) -> Response:
    """Fetch an edited workbook with the answer at each cell that was typed over."""
    return Response(_file(context, caller, plan_id, ANSWERED), media_type=WORKBOOK_TYPE, headers=_named(ANSWERED))


@ROUTER.get("/summary", operation_id="getSummary", response_class=Response, responses={200: {"model": dict[str, Any]}})
def get_summary(plan_id: PlanId, context: InContext, caller: Reader) -> Response:
    """Fetch how good the plan is, what proves it, and what it is made of."""
    return Response(_file(context, caller, plan_id, SUMMARY), media_type="application/json")


@ROUTER.get(
    "/findings", operation_id="getFindings", response_class=Response, responses={200: {"model": list[dict[str, Any]]}}
)
def get_findings(plan_id: PlanId, context: InContext, caller: Reader) -> Response:
    """Fetch all that is wrong or odd in the input, by table, row and column."""
    return Response(_file(context, caller, plan_id, FINDINGS), media_type="application/json")


def _file(context: Context, caller: Caller, plan_id: str, name: str) -> bytes:
    with context.database.engine.begin() as connection:
        row = plan_of(connection, caller, plan_id)
        content = read_artefact(connection, plan_id, name)
        if content is None:
            raise Problem("no_result", f"The plan has no {name}; its status is {row.status}.")
        note(connection, caller, "fetch", f"{plan_id}/{name}", context.database.now(connection))
    return content


def _table(context: Context, caller: Caller, plan_id: str, table: TableName) -> parquet.ParquetFile:
    content = _file(context, caller, plan_id, f"{TABLES}/{table}.parquet")
    return parquet.ParquetFile(pa.BufferReader(content))


def rows_of(context: Context, caller: Caller, plan_id: str, table: str, **having: str) -> list[dict[str, Any]]:
    """Rows of a table that have these values, all of them where none is asked for."""
    content = _file(context, caller, plan_id, f"{TABLES}/{table}.parquet")
    filters = [(column, "=", value) for column, value in having.items()] or None
    rows: list[dict[str, Any]] = parquet.read_table(pa.BufferReader(content), filters=filters).to_pylist()
    return [_finite(row) for row in rows]


def _csv_blocks(file: parquet.ParquetFile) -> Iterator[bytes]:
    names = [guarded(name) for name in file.schema_arrow.names]
    for number, batch in enumerate(_batches(file)):
        # Whatever is no number and no flag is text, of whichever kind: what is not guarded here goes out unguarded.
        columns = [column if pa.types.is_primitive(column.type) else _guarded(column) for column in batch.columns]
        out = io.BytesIO()
        options = csv.WriteOptions(include_header=number == 0)
        csv.write_csv(pa.table(columns, names=names), out, options)
        yield out.getvalue()


def _batches(file: parquet.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Blocks of rows; one without rows where the table has none, for its header's sake."""
    if file.metadata.num_rows == 0:
        yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
    yield from file.iter_batches(BLOCK_ROWS)


def _guarded(column: pa.Array) -> pa.Array:
    return pa.array([None if text is None else guarded(text) for text in column.to_pylist()], pa.string())


def _json_blocks(file: parquet.ParquetFile) -> Iterator[str]:
    separator = "["
    for batch in file.iter_batches(BLOCK_ROWS):
        rows = [json.dumps(_finite(row), ensure_ascii=False, allow_nan=False) for row in batch.to_pylist()]
        if rows:
            yield separator + ",\n".join(rows)
            separator = ",\n"
    yield "[]" if separator == "[" else "]"


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
