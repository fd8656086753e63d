"""Places and time zones, offline, from shipped tables."""

from datasets.geo.places import resolve_places
from datasets.geo.zones import utc_offset_at, utc_offset_of_zone

__all__ = ["resolve_places", "utc_offset_at", "utc_offset_of_zone"]
