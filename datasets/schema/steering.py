"""Tables by which planners steer: rules, changes, policy."""

from __future__ import annotations

from datasets.schema.kinds import NOT_NEGATIVE, Column, Kind, TableSchema
from podplanner.domain.vocabulary import ROLES

RULES = TableSchema(
    name="rules",
    meaning="Rules that planners set by hand.",
    key=("rule_id",),
    columns=(
        Column(name="rule_id", kind=Kind.TEXT, required=True, meaning="The rule's id.", example="R-1"),
        Column(
            name="rule",
            kind=Kind.CHOICE,
            choices=("pin", "forbid", "together", "apart", "limit"),
            required=True,
            meaning="What the rule asks: pin or forbid a place, keep together or apart, or limit a sum.",
            example="pin",
        ),
        Column(name="account_id", kind=Kind.TEXT, meaning="The account that the rule binds.", example="A-0001"),
        Column(name="person_id", kind=Kind.TEXT, meaning="The person that the rule binds, or whose book."),
        Column(name="pod_id", kind=Kind.TEXT, meaning="The pod; also one that defaults add.", example="DAL"),
        Column(name="tier", kind=Kind.TEXT, meaning="The tier."),
        Column(
            name="role",
            kind=Kind.CHOICE,
            choices=ROLES,
            meaning="The role: of the owner that is shared or not, or whose books are limited.",
        ),
        Column(name="other_id", kind=Kind.TEXT, meaning="The other account or person of together and apart."),
        Column(
            name="attribute",
            kind=Kind.TEXT,
            meaning="What a limit sums: a numeric column of accounts, or 1 to count them.",
        ),
        Column(
            name="minimum",
            kind=Kind.NUMBER,
            unit="of the attribute",
            meaning="Least sum.",
            blank="no minimum",
        ),
        Column(
            name="maximum",
            kind=Kind.NUMBER,
            unit="of the attribute",
            meaning="Largest sum.",
            blank="no maximum",
        ),
        Column(
            name="soft_cost",
            kind=Kind.NUMBER,
            unit="currency/unit",
            range=NOT_NEGATIVE,
            meaning="Price of breaking the rule by one violation or one unit of the attribute.",
            blank="hard: never broken",
        ),
        Column(name="note", kind=Kind.TEXT, meaning="Why; handed through.", example="agreed with the customer"),
        Column(name="author", kind=Kind.TEXT, meaning="Who asked for the rule.", canonical=False),
    ),
)

CHANGES = TableSchema(
    name="changes",
    meaning="A scenario: cells to set, rows to add or remove, applied to the other tables before they are checked.",
    key=(),
    columns=(
        Column(
            name="op",
            kind=Kind.CHOICE,
            choices=("set", "add", "remove"),
            meaning="What to do; the rows of one add share an id.",
            default="set",
            example="set",
        ),
        Column(
            name="table",
            kind=Kind.CHOICE,
            choices=(
                "accounts",
                "people",
                "books",
                "pods",
                "tiers",
                "service",
                "roles",
                "response",
                "distances",
                "rules",
                "policy",
            ),
            required=True,
            meaning="The table to change.",
            example="people",
        ),
        Column(
            name="id",
            kind=Kind.TEXT,
            required=True,
            meaning="The row: its key columns joined by |.",
            example="P-001",
        ),
        Column(
            name="column",
            kind=Kind.TEXT,
            meaning="The column; not needed for remove, nor for an add of the key alone.",
            example="annual_cost",
        ),
        Column(
            name="value",
            kind=Kind.TEXT,
            meaning="The new cell.",
            blank="makes the cell blank",
            example="115000",
        ),
    ),
)

POLICY = TableSchema(
    name="policy",
    meaning="What holds for the whole plan: one key and its value a row.",
    key=("key",),
    hands_through=False,
    default_words="every key that has no row",
    columns=(
        Column(name="key", kind=Kind.TEXT, required=True, meaning="One of the keys below.", example="margin"),
        Column(
            name="value",
            kind=Kind.TEXT,
            meaning="Its value.",
            blank="the key's default",
            example="0.35",
        ),
    ),
)
