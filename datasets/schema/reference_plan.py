"""Tables of the plan that moves are counted against: sheets of a plan's workbook, as they are."""

from __future__ import annotations

from datasets.schema.kinds import SHARE, Column, Kind, TableSchema
from podplanner.domain.vocabulary import FUNCTIONS

ACCOUNTS_PLAN = TableSchema(
    name="accounts_plan",
    meaning="Owners of the plan that policy.reference = plan counts from; they stand in for books. It is the sheet of "
    "that name of the plan's workbook.",
    key=("account_id",),
    hands_through=False,
    columns=(
        Column(name="account_id", kind=Kind.TEXT, required=True, meaning="The account.", example="A-0001"),
        *(
            Column(
                name=f"owner_{function}",
                kind=Kind.TEXT,
                meaning=f"Person named for {function}.",
                blank="nobody",
                example="P-001",
            )
            for function in FUNCTIONS
        ),
    ),
)

PEOPLE_PLAN = TableSchema(
    name="people_plan",
    meaning="Pods of the people of that plan; they stand in for people.pod_id.",
    key=("person_id", "pod_id"),
    hands_through=False,
    columns=(
        Column(name="person_id", kind=Kind.TEXT, required=True, meaning="The person.", example="P-001"),
        Column(name="pod_id", kind=Kind.TEXT, meaning="The pod.", blank="none", example="DAL"),
        Column(
            name="share",
            kind=Kind.NUMBER,
            unit="share",
            range=SHARE,
            meaning="Share of the person's time; the pod of the largest share counts as the person's.",
            blank="all of it",
            example=1,
        ),
    ),
)
