"""Tables about accounts: accounts, books, response, distances."""

from __future__ import annotations

from datasets.schema.kinds import NOT_NEGATIVE, SHARE, Column, Kind, TableSchema
from datasets.schema.places import COORDINATES, PLACE_TEXTS, ZONE
from podplanner.domain.vocabulary import FUNCTIONS


def hours_columns(meaning: str, blank: str) -> tuple[Column, ...]:
    """``hours_<role>`` for the four functions."""
    return tuple(
        Column(
            name=f"hours_{function}",
            kind=Kind.NUMBER,
            unit="hours/year",
            range=NOT_NEGATIVE,
            meaning=meaning.format(function=function),
            blank=blank,
        )
        for function in FUNCTIONS
    )


ACCOUNTS = TableSchema(
    name="accounts",
    meaning="The named accounts: one row for each customer company.",
    key=("account_id",),
    required=True,
    columns=(
        Column(
            name="account_id",
            kind=Kind.TEXT,
            required=True,
            meaning="The account's id; any text, kept as it is.",
            example="A-0001",
        ),
        Column(
            name="name",
            kind=Kind.TEXT,
            meaning="The account's name.",
            default_words="the account_id",
            example="Acme Dallas",
        ),
        Column(
            name="parent_id",
            kind=Kind.TEXT,
            meaning="The account_id of the company it belongs to; a family of accounts stays together.",
            blank="head of its family",
        ),
        Column(
            name="industry", kind=Kind.TEXT, meaning="Industry, handed through to the plan.", example="Manufacturing"
        ),
        Column(
            name="segment",
            kind=Kind.TEXT,
            meaning="Segment; a blank potential is held against the segment's median.",
            example="Enterprise",
        ),
        *COORDINATES,
        *PLACE_TEXTS,
        ZONE,
        Column(
            name="revenue",
            kind=Kind.NUMBER,
            unit="money/year",
            range=NOT_NEGATIVE,
            meaning="Revenue of today; give revenue or potential or both.",
            default_words="0; where the column has no value at all, potential / potential_factor",
            example=250000,
        ),
        Column(
            name="potential",
            kind=Kind.NUMBER,
            unit="money/year",
            range=NOT_NEGATIVE,
            meaning="Revenue that the account could bring under perfect coverage.",
            default_words="potential_factor x revenue, where revenue > 0 at least half the segment's median of that",
            example=400000,
        ),
        Column(
            name="margin",
            kind=Kind.NUMBER,
            unit="share",
            range=SHARE,
            meaning="Share of the revenue that is left before the costs that podplanner counts.",
            default_words="the policy's margin",
            example=0.35,
        ),
        Column(
            name="skills",
            kind=Kind.TEXT,
            meaning="What its team needs, role:skill separated by semicolons.",
            blank="no needs",
            example="sales:german;support:aviation",
        ),
        *hours_columns("Hours of {function} at the first local tier; other tiers scale in proportion.", "by service"),
    ),
)

BOOKS = TableSchema(
    name="books",
    meaning="Today's named owners: who is accountable for which account in which function.",
    key=("account_id", "role"),
    columns=(
        Column(name="account_id", kind=Kind.TEXT, required=True, meaning="The account.", example="A-0001"),
        Column(
            name="role",
            kind=Kind.CHOICE,
            choices=FUNCTIONS,
            required=True,
            meaning="The function that the person is named for.",
            example="sales",
        ),
        Column(
            name="person_id",
            kind=Kind.TEXT,
            required=True,
            meaning="The owner of today; somebody who is not in people makes the book a vacancy.",
            example="P-001",
        ),
        Column(
            name="since",
            kind=Kind.DATE,
            meaning="Since when the person is named.",
            blank="unknown",
            example="2024-01-01",
        ),
    ),
)

RESPONSE = TableSchema(
    name="response",
    meaning="An own response model: each cell given replaces what the tiers and services would say.",
    key=("account_id", "tier"),
    columns=(
        Column(name="account_id", kind=Kind.TEXT, required=True, meaning="The account.", example="A-0001"),
        Column(name="tier", kind=Kind.TEXT, required=True, meaning="The tier that the row is about.", example="local"),
        Column(
            name="expected_revenue",
            kind=Kind.NUMBER,
            unit="money/year",
            range=NOT_NEGATIVE,
            meaning="Revenue expected from the account under the tier.",
            blank="as computed",
            example=310000,
        ),
        *hours_columns("Hours of {function} that the account takes under the tier.", "as computed"),
    ),
)

DISTANCES = TableSchema(
    name="distances",
    meaning="Own one-way distances of accounts from pods.",
    key=("account_id", "pod_id"),
    columns=(
        Column(name="account_id", kind=Kind.TEXT, required=True, meaning="The account.", example="A-0001"),
        Column(name="pod_id", kind=Kind.TEXT, required=True, meaning="The pod.", example="DAL"),
        Column(
            name="km",
            kind=Kind.NUMBER,
            unit="km",
            range=NOT_NEGATIVE,
            meaning="Road distance, one way.",
            blank="great circle x road_factor",
            example=42,
        ),
        Column(
            name="hours",
            kind=Kind.NUMBER,
            unit="hours",
            range=NOT_NEGATIVE,
            meaning="Travel time, one way.",
            blank="km / travel_speed_kmh",
            example=0.7,
        ),
    ),
)
