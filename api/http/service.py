"""Routes about the service itself: template, samples, health, readiness, metrics."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Response

from api.data.chores import note_readiness
from api.data.database import AWAY
from api.data.workers import list_workers
from api.http.bodies import WORKBOOK_TYPE
from api.http.context import InContext, Operator, Reader
from api.http.metrics import CONTENT_TYPE, metrics_text
from api.http.models import Health
from api.http.problems import Problem
from datasets.samples import sample_descriptions, sample_names, sample_path
from datasets.template import write_template
from podplanner import __version__

ROUTER = APIRouter(tags=["service"])
TEMPLATE = "template.xlsx"


@ROUTER.get(
    "/v1/template.xlsx",
    operation_id="getTemplate",
    response_class=Response,
    responses={200: {"content": {WORKBOOK_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_template(_caller: Reader) -> Response:
    """Fetch an empty input workbook."""
    headers = {"Content-Disposition": f'attachment; filename="{TEMPLATE}"'}
    return Response(_template(), media_type=WORKBOOK_TYPE, headers=headers)


@ROUTER.get("/v1/samples", operation_id="listSamples", response_model=dict[str, str])
def get_samples(_caller: Reader) -> dict[str, str]:
    """List the shipped samples, each with a sentence."""
    return dict(sample_descriptions())


@ROUTER.get(
    "/v1/samples/{name}",
    operation_id="getSample",
    response_class=Response,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_sample(name: str, _caller: Reader) -> Response:
    """Fetch a shipped sample as a zip, which can be handed in again."""
    if name not in sample_names():
        raise Problem("not_found", f"There is no sample {name}; there are {', '.join(sample_names())}.")
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(_sample(name), media_type="application/zip", headers=headers)


@ROUTER.get("/healthz", operation_id="getHealth", response_model=Health)
def get_health() -> Health:
    """Tell that the process answers."""
    return Health(status="ok", version=__version__)


@ROUTER.get("/readyz", operation_id="getReadiness", response_model=Health)
def get_readiness(context: InContext) -> Health:
    """Tell whether the database answers and takes changes: plans that are submitted are then kept."""
    with context.database.engine.connect() as connection:
        workers = list_workers(connection)
    try:
        with context.database.engine.begin() as connection:
            note_readiness(connection, context.database.now(connection))
    except AWAY as error:
        text = "The database answers, but takes no changes: its disk is full, or it only reads."
        raise Problem("database_away", text) from error
    return Health(status="ok" if workers else "no worker", version=__version__)


@ROUTER.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_metrics(context: InContext, _caller: Operator) -> Response:
    """Tell figures of operation in Prometheus' format."""
    return Response(metrics_text(context.database), media_type=CONTENT_TYPE)


@cache
def _template() -> bytes:
    with TemporaryDirectory(prefix="podplanner-") as folder:
        path = Path(folder, TEMPLATE)
        write_template(path)
        return path.read_bytes()


@cache
def _sample(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(sample_path(name).glob("*.csv")):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()
