"""Columns that say where something is; accounts, people and pods share them."""

from __future__ import annotations

from datasets.schema.kinds import Column, Kind, Range

COORDINATES = (
    Column(
        name="latitude",
        kind=Kind.NUMBER,
        unit="degrees north",
        range=Range(low=-90, high=90),
        meaning="Where it is; give latitude and longitude, or a postal code, or a city.",
        default_words="found offline from postal_code, city, region and country",
        source="GeoNames, US Census",
        blank="no place",
        example=32.78,
    ),
    Column(
        name="longitude",
        kind=Kind.NUMBER,
        unit="degrees east",
        range=Range(low=-180, high=180),
        meaning="See latitude; west is negative.",
        default_words="found offline from postal_code, city, region and country",
        source="GeoNames, US Census",
        blank="no place",
        example=-96.8,
    ),
)

PLACE_TEXTS = (
    Column(
        name="postal_code",
        kind=Kind.TEXT,
        meaning="Postal code, kept as text so that leading zeros stay; it goes before the city.",
        example="75201",
        canonical=False,
    ),
    Column(name="city", kind=Kind.TEXT, meaning="City, in its usual spelling.", example="Dallas", canonical=False),
    Column(
        name="region",
        kind=Kind.TEXT,
        meaning="State or province, by its code or its name.",
        example="TX",
        canonical=False,
    ),
    Column(
        name="country",
        kind=Kind.TEXT,
        meaning="Country, by its two-letter code or its English name.",
        default_words="US where a US postal code or state is given, else the largest city of that name",
        example="US",
        canonical=False,
    ),
)

ZONE = Column(
    name="time_zone",
    kind=Kind.TEXT,
    meaning="Zone of the IANA database; it becomes the standard-time offset from UTC in hours.",
    default_words="the zone of the place",
    source="IANA time zone database",
    blank="no zone",
    example="America/Chicago",
    canonical=False,
)

UTC_OFFSET = "utc_offset"
"""The completed tables' column that replaces `ZONE`."""

PLACE_NAMES = tuple(column.name for column in PLACE_TEXTS)
