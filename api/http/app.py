"""The application: routes, limits, headers, and what they share."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from api.http.around import AllowList, Around
from api.http.batches import ROUTER as BATCHES
from api.http.batches import BatchRequest
from api.http.challenges import ROUTER as CHALLENGES
from api.http.challenges import ChallengeRequest
from api.http.compare import ROUTER as COMPARISONS
from api.http.context import Context
from api.http.explain import ROUTER as EXPLANATIONS
from api.http.in_force import ROUTER as IN_FORCE
from api.http.in_force import MarkRequest
from api.http.models import PlanRequest, ProblemBody
from api.http.plans import ROUTER as PLANS
from api.http.problems import MEDIA_TYPE, add_handlers
from api.http.rates import Rates
from api.http.results import ROUTER as RESULTS
from api.http.scenarios import ROUTER as SCENARIOS
from api.http.scenarios import ScenarioRequest
from api.http.schedules import ROUTER as SCHEDULES
from api.http.schedules import ScheduleRequest
from api.http.service import ROUTER as SERVICE
from api.http.watch import Watch
from api.http.webhooks import ROUTER as WEBHOOKS
from api.http.webhooks import WebhookRequest
from api.jobs.queue import Queue
from api.settings import MIB
from api.webhooks.guard import allowed_networks
from podplanner import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.data.database import Database
    from api.settings import Settings

BODIES = (PlanRequest, ScenarioRequest, ChallengeRequest, BatchRequest, ScheduleRequest, WebhookRequest, MarkRequest)
FORM_BYTES = MIB
"""Room for the parts of a form around its file."""
ALLOWED = (
    "Authorization",
    "X-API-Key",
    "Content-Type",
    "Idempotency-Key",
    "Prefer",
    "If-None-Match",
    "Last-Event-ID",
)
EXPOSED = ("ETag", "Location", "Retry-After", "Link", "Idempotent-Replayed", "Preference-Applied")


def create_app(settings: Settings, database: Database) -> FastAPI:
    """The application on a database whose tables are up to date."""
    queue, watch = Queue(database), Watch(database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with watch.running():
            yield
        queue.close()

    problem = {"description": "Any failure", "content": {MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}}}
    app = FastAPI(
        title="podplanner",
        version=__version__,
        summary="Plans pods, tiers and named teams for named accounts, with a proof of how good the plan is.",
        # The pages that FastAPI offers for these load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        # An address with a slash too many is not there: to lead elsewhere would trust the host that the caller named.
        redirect_slashes=False,
        lifespan=lifespan,
        responses={"default": problem},
    )
    rates, networks = Rates(settings.max_requests_per_minute), allowed_networks(settings.webhook_networks)
    app.state.context = Context(database, queue, settings, watch, rates, networks)
    add_handlers(app)
    of_plans = (PLANS, SCENARIOS, CHALLENGES, IN_FORCE, RESULTS, EXPLANATIONS, COMPARISONS)
    for router in (*of_plans, BATCHES, SCHEDULES, WEBHOOKS, SERVICE):
        app.include_router(router)
    if settings.origins:
        app.add_middleware(
            AllowList,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=ALLOWED,
            expose_headers=EXPOSED,
        )
    app.add_middleware(Around, max_body=settings.max_upload_mib * MIB + FORM_BYTES)
    _describe_body(app)
    return app


def _describe_body(app: FastAPI) -> None:
    """Bodies are read by hand, so that OpenAPI learns their shapes by hand."""
    schemas = app.openapi()["components"]["schemas"]
    for model in BODIES:
        shape = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= shape.pop("$defs", {}) | {model.__name__: shape}
