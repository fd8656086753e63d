"""Places and time zones, offline, from shipped tables."""

from datasets.geo.cities import names_of_places
from datasets.geo.places import resolve_places
from datasets.geo.zones import utc_offset_at, utc_offset_of_zone

__all__ = ["names_of_places", "resolve_places", "utc_offset_at", "utc_offset_of_zone"]
