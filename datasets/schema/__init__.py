"""The one declaration of all input tables: it drives reading, checking, defaults, the template and the reference."""

from __future__ import annotations

from datasets.schema.accounts import ACCOUNTS, BOOKS, DISTANCES, RESPONSE
from datasets.schema.coverage import PODS, SERVICE, TIERS
from datasets.schema.kinds import Cell, Column, Kind, Range, TableSchema
from datasets.schema.policy_keys import POLICY_KEYS
from datasets.schema.reference_plan import ACCOUNTS_PLAN, PEOPLE_PLAN
from datasets.schema.steering import CHANGES, POLICY, RULES
from datasets.schema.team import PEOPLE, ROLE_TABLE, WAGE_LOADING, WAGES

TABLES = {
    table.name: table
    for table in (
        ACCOUNTS,
        PEOPLE,
        BOOKS,
        PODS,
        TIERS,
        SERVICE,
        ROLE_TABLE,
        RESPONSE,
        DISTANCES,
        RULES,
        CHANGES,
        POLICY,
        ACCOUNTS_PLAN,
        PEOPLE_PLAN,
    )
}

__all__ = ["POLICY_KEYS", "TABLES", "WAGES", "WAGE_LOADING", "Cell", "Column", "Kind", "Range", "TableSchema"]
