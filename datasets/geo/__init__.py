"""Places and time zones, offline, from shipped tables."""

from datasets.geo.cities import names_of_places
from datasets.geo.places import resolve_places
from datasets.geo.regions import names_of_regions, same_country, same_region
from datasets.geo.zones import utc_offset_at, utc_offset_of_zone

__all__ = [
    "names_of_places",
    "names_of_regions",
    "resolve_places",
    "same_country",
    "same_region",
    "utc_offset_at",
    "utc_offset_of_zone",
]
