"""Tables about people: people and roles."""

from __future__ import annotations

from datasets.schema.kinds import (
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    Column,
    Kind,
    Range,
    TableSchema,
    by_role,
)
from datasets.schema.places import COORDINATES, PLACE_TEXTS, ZONE
from podplanner.domain.vocabulary import ROLES

WAGE_LOADING = 1.3
"""Benefits, employer taxes and overhead on top of the wage (assumed)."""

WAGES = by_role(72080, 78760, 44770, 83050, 148270)
"""US national annual medians in dollars, BLS OEWS May 2025: 41-4012, 13-1161, 43-4051, 13-1199, 11-2022."""

YEAR_HOURS = Range(low=0, above=True, high=8784)

PEOPLE = TableSchema(
    name="people",
    meaning="The payroll that plans are made with: one row for each person.",
    key=("person_id",),
    required=True,
    columns=(
        Column(
            name="person_id",
            kind=Kind.TEXT,
            required=True,
            meaning="The person's id; any text, kept as it is.",
            example="P-001",
        ),
        Column(
            name="name",
            kind=Kind.TEXT,
            meaning="The person's name.",
            default_words="the person_id",
            example="Jo Smith",
        ),
        Column(
            name="role",
            kind=Kind.CHOICE,
            choices=ROLES,
            required=True,
            meaning="The person's role.",
            example="sales",
        ),
        *COORDINATES,
        *PLACE_TEXTS,
        ZONE,
        Column(
            name="annual_cost",
            kind=Kind.NUMBER,
            unit="money/year",
            range=POSITIVE,
            required=True,
            meaning="What the person costs a full year, all in.",
            example=110000,
        ),
        Column(
            name="annual_hours",
            kind=Kind.NUMBER,
            unit="hours/year",
            range=YEAR_HOURS,
            meaning="Paid working hours of a full year.",
            default_words="the role's annual_hours",
            example=1800,
        ),
        Column(
            name="skills",
            kind=Kind.TEXT,
            meaning="Skills the person has, separated by semicolons.",
            blank="none",
            example="german",
        ),
        Column(
            name="can_coach",
            kind=Kind.FLAG,
            meaning="Whether the person, of sales, may coach the other reps of a pod.",
            default_words="no; where no row says yes, every sales person can",
            example=True,
        ),
        Column(name="pod_id", kind=Kind.TEXT, meaning="The pod the person is in today.", blank="none", example="DAL"),
        Column(
            name="manager_id",
            kind=Kind.TEXT,
            meaning="The person's manager of today, handed through.",
            blank="unknown",
        ),
        Column(
            name="start_date",
            kind=Kind.DATE,
            meaning="First day of employment.",
            blank="there already",
            example="2023-03-01",
        ),
        Column(name="end_date", kind=Kind.DATE, meaning="Last day of employment.", blank="stays"),
        Column(
            name="ramp_months",
            kind=Kind.NUMBER,
            unit="months",
            range=NOT_NEGATIVE,
            meaning="Months from the start until full hours, growing in a straight line.",
            default=0,
            example=3,
        ),
        Column(
            name="relocatable",
            kind=Kind.FLAG,
            meaning="Whether the person would move to another base, at relocation_cost.",
            default=False,
            example=False,
        ),
        Column(
            name="max_pods",
            kind=Kind.NUMBER,
            unit="pods",
            range=Range(low=1, whole=True),
            meaning="Pods the person may share themselves among.",
            default_words="the role's max_pods",
            example=1,
        ),
    ),
)

ROLE_TABLE = TableSchema(
    name="roles",
    meaning="What holds for each of the five roles, hires included.",
    key=("role",),
    default_words="a row for each role that has none",
    columns=(
        Column(name="role", kind=Kind.CHOICE, choices=ROLES, required=True, meaning="The role.", example="sales"),
        Column(
            name="annual_hours",
            kind=Kind.NUMBER,
            unit="hours/year",
            range=YEAR_HOURS,
            meaning="Paid working hours of a full year.",
            default=1800,
            example=1800,
        ),
        Column(
            name="utilisation",
            kind=Kind.NUMBER,
            unit="share",
            range=Range(low=0, above=True, high=1),
            meaning="Share of the paid hours that can be planned for accounts, travel, coaching and leading.",
            default=0.75,
            example=0.75,
        ),
        Column(
            name="annual_cost",
            kind=Kind.NUMBER,
            unit="money/year",
            range=POSITIVE,
            meaning="What a hire costs a full year, all in.",
            default_words="the role's median in people, else the median wage x 1.3 for benefits and taxes (assumed): "
            + ", ".join(f"{role} {float(wage) * WAGE_LOADING:.0f}" for (role,), wage in WAGES.items()),
            source="BLS OEWS May 2025 national medians, occupations 41-4012, 13-1161, 43-4051, 13-1199, 11-2022",
            example=95000,
        ),
        Column(
            name="hire_cost",
            kind=Kind.NUMBER,
            unit="money",
            range=NOT_NEGATIVE,
            meaning="One-off cost of a hire.",
            default_words="0.3 x annual_cost",
            example=28500,
        ),
        Column(
            name="release_cost",
            kind=Kind.NUMBER,
            unit="share of the person's annual cost",
            range=NOT_NEGATIVE,
            meaning="One-off cost of letting a person go.",
            default=0.5,
            example=0.5,
        ),
        Column(
            name="max_hires",
            kind=Kind.NUMBER,
            unit="heads",
            range=COUNT,
            meaning="Positions that the plan may add.",
            default_words="sales: 0 if people has any; functions: the heads that the role's hours at the first local "
            "tier need, less those present; leaders: local and virtual pods less leaders present",
            example=2,
        ),
        Column(
            name="hire_start",
            kind=Kind.DATE,
            meaning="First day of a hire.",
            blank="the period's first day",
            example="2026-04-01",
        ),
        Column(
            name="hire_ramp_months",
            kind=Kind.NUMBER,
            unit="months",
            range=NOT_NEGATIVE,
            meaning="Months until a hire has full hours, growing in a straight line.",
            default=by_role(3, 1, 1, 1, 1),
            default_by=("role",),
            example=3,
        ),
        Column(
            name="hire_skills",
            kind=Kind.TEXT,
            meaning="Skills that a hire has, separated by semicolons.",
            blank="none",
            example="german",
        ),
        Column(
            name="on_site",
            kind=Kind.FLAG,
            meaning="Whether the role lives near its local pod and travels to accounts.",
            default=by_role(True, False, False, False, True),
            default_by=("role",),
            example=True,
        ),
        Column(
            name="max_pods",
            kind=Kind.NUMBER,
            unit="pods",
            range=Range(low=1, whole=True),
            meaning="Pods that one person of the role may share themselves among; 1 is dedicated.",
            default=by_role(1, 4, 4, 4, 4),
            default_by=("role",),
            example=1,
        ),
        Column(
            name="share_step",
            kind=Kind.NUMBER,
            unit="share",
            range=Range(low=0.01, high=1),
            meaning="Smallest step in which a person is shared; 1 divided by it is a whole number.",
            default=by_role(1, 0.25, 0.25, 0.25, 0.25),
            default_by=("role",),
            example=1,
        ),
        Column(
            name="min_per_pod",
            kind=Kind.NUMBER,
            unit="heads",
            range=NOT_NEGATIVE,
            meaning="Least sum of the role's shares in a staffed pod.",
            default=0,
            example=0,
        ),
        Column(
            name="handover_loss",
            kind=Kind.NUMBER,
            unit="share of today's revenue",
            range=SHARE,
            meaning="Revenue at risk when an account changes its owner in the function.",
            default=by_role(0.04, 0.01, 0.02, 0.01, 0),
            default_by=("role",),
            example=0.04,
        ),
        Column(
            name="centre_of_excellence",
            kind=Kind.TEXT,
            meaning="The corporate centre that people of the role keep a dotted line to.",
            default=by_role(
                "Sales excellence", "Marketing excellence", "Support excellence", "Operations excellence", "Pod council"
            ),
            default_by=("role",),
            example="Sales excellence",
        ),
    ),
)
