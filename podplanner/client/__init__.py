"""A small client of the service."""

from podplanner.client.calls import Client
from podplanner.client.shapes import BatchState, Event, PlanState, ServiceError

__all__ = ["BatchState", "Client", "Event", "PlanState", "ServiceError"]
