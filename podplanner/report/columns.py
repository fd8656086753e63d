"""Every output table and column, declared once: name, kind and meaning.

Writers, workbook and tests read this declaration. The contract's columns come first, in the contract's order; after
them come those that help a reader (``extra``). Unknown input columns follow all of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("id", "text", "money", "rate", "hours", "count", "number", "share", "flag")
"""``id`` and ``text`` are text; ``count`` whole numbers, ``flag`` true/false, the rest numbers (blank: not known).
``rate`` is money an hour, ``share`` a part of one."""


@dataclass(frozen=True)
class OutputColumn:
    """One column of an output table."""

    name: str
    kind: str
    meaning: str
    extra: bool = False


def _columns(*entries: tuple[str, str, str], extra: tuple[tuple[str, str, str], ...] = ()) -> tuple[OutputColumn, ...]:
    return tuple(OutputColumn(*entry) for entry in entries) + tuple(OutputColumn(*entry, extra=True) for entry in extra)


UNUSED = "unused"
"""Last row of accounts_plan: pay of hours that no account uses, and every cost that no account causes."""

UNASSIGNED = "unassigned"
"""Last row of pods_plan: what belongs to no pod."""

ACCOUNTS_PLAN = _columns(
    ("account_id", "id", "The account; the last row is 'unused'."),
    ("tier", "id", "Tier of coverage."),
    ("pod_id", "id", "Pod that covers it."),
    ("owner_sales", "id", "Person named for sales; blank where the tier does not serve it."),
    ("owner_marketing", "id", "Person named for marketing."),
    ("owner_support", "id", "Person named for support."),
    ("owner_operations", "id", "Person named for operations."),
    ("leader_id", "id", "Leader of the pod."),
    ("expected_revenue", "money", "retain x revenue + capture x (potential - revenue) at the tier."),
    ("hours_sales", "hours", "Hours a year of the sales owner, without travel."),
    ("hours_marketing", "hours", "Hours a year of the marketing owner, without travel."),
    ("hours_support", "hours", "Hours a year of the support owner, without travel."),
    ("hours_operations", "hours", "Hours a year of the operations owner, without travel."),
    ("cost_to_serve", "money", "people_cost + direct_cost + travel_cost + other_cost."),
    ("contribution", "money", "margin - cost_to_serve - handover_cost; the column adds up to the plan's contribution."),
    ("next_best_pod_id", "id", "Where the account would go if it could not be where it is."),
    ("next_best_loss", "money", "What is lost by that, hours taken at their prices; below 0 where rules hold it here."),
    extra=(
        ("next_best_tier", "id", "Tier of the next best place."),
        ("name", "text", "Name of the account."),
        ("margin", "money", "Margin x expected revenue."),
        ("people_cost", "money", "Pay for the hours used on the account: its team, leading and coaching."),
        ("direct_cost", "money", "The tier's cost per account."),
        ("travel_cost", "money", "Trips to the account."),
        ("handover_cost", "money", "Revenue at risk where owners change."),
        ("other_cost", "money", "In the row 'unused': bases, hiring, relocation, release, moves and soft rules."),
    ),
)

PEOPLE_PLAN = _columns(
    ("person_id", "id", "The person, or the hire."),
    ("role", "id", "Role."),
    ("pod_id", "id", "Pod; blank for the unplaced."),
    ("share", "share", "Share of the person's time in the pod."),
    ("is_leader", "flag", "Leads the pod."),
    ("is_coach", "flag", "Coaches the pod's other reps."),
    ("is_hire", "flag", "A position that the plan adds."),
    ("dotted_line_to", "text", "Centre of excellence of the role."),
    ("hours_available", "hours", "Plannable hours x share."),
    ("hours_accounts", "hours", "Hours on the book."),
    ("hours_travel", "hours", "Hours on the road."),
    ("hours_coaching", "hours", "Hours for the other reps."),
    ("hours_leading", "hours", "Hours for the pod."),
    ("accounts", "count", "Accounts that the person is named on; a leader's are the pod's."),
    ("potential", "money", "Potential of these accounts."),
    ("target", "money", "Expected revenue of these accounts."),
    ("moved", "flag", "Changes pod."),
    extra=(
        ("name", "text", "Name of the person."),
        ("manager_id", "id", "Manager as given."),
    ),
)

PODS_PLAN = _columns(
    ("pod_id", "id", "The pod; the last row is 'unassigned'."),
    ("coverage", "id", "local, virtual or direct."),
    ("leader_id", "id", "Leader."),
    ("coach_id", "id", "Coach."),
    ("people", "count", "Heads, the leader included; in the last row the unplaced."),
    ("accounts", "count", "Accounts."),
    ("expected_revenue", "money", "Expected revenue of its accounts."),
    ("margin", "money", "Margin x expected revenue."),
    ("people_cost", "money", "Pay x share of time in the pod; in the last row time that no pod takes."),
    ("hire_cost", "money", "One-off cost of hiring, a year."),
    ("travel_cost", "money", "Trips to its accounts."),
    ("fixed_cost", "money", "Its base."),
    ("direct_cost", "money", "The tiers' cost per account."),
    ("relocation_cost", "money", "Relocations, a year."),
    ("release_cost", "money", "Releases, a year."),
    ("move_cost", "money", "People who change to this pod."),
    ("handover_cost", "money", "Revenue at risk where owners change."),
    ("soft_cost", "money", "Soft rules that are broken, and a missing coach."),
    ("contribution", "money", "margin less all costs; the column adds up to the plan's contribution."),
    ("leader_hours", "hours", "Hours of leading."),
    ("target", "money", "Expected revenue of its accounts: the bottom-up goal."),
    extra=(
        ("open", "flag", "Open in this plan."),
        ("name", "text", "Name of the pod."),
    ),
)

TARGETS = _columns(
    ("level", "id", "person, pod or company."),
    ("id", "id", "Person or pod; blank for the company."),
    ("role", "id", "Role of the person."),
    ("expected_revenue", "money", "Expected revenue of the book, the pod or all accounts."),
    ("ramped", "money", "Expected revenue x the useful part of the period: present and ramped up."),
    ("share_of_company_target", "share", "Of policy.company_target; blank without one."),
    ("attainable", "flag", "The hours that it takes fit those available."),
    extra=(("name", "text", "Name of the person or pod."),),
)

MOVES = _columns(
    ("person_id", "id", "Who changes pod, or is relocated."),
    ("from_pod_id", "id", "Pod today."),
    ("to_pod_id", "id", "Pod in the plan; several are joined by ';', the largest share first."),
    ("cost", "money", "move_cost + relocation_cost."),
    ("reason", "text", "Why."),
    extra=(
        ("name", "text", "Name of the person."),
        ("move_cost", "money", "Changing pod."),
        ("relocation_cost", "money", "Changing home, a year."),
    ),
)

HANDOVERS = _columns(
    ("account_id", "id", "The account."),
    ("role", "id", "Function."),
    ("from_person_id", "id", "Owner today; blank for a vacancy."),
    ("to_person_id", "id", "Owner in the plan; blank where the tier names none."),
    ("cost", "money", "Revenue at risk x margin."),
    ("reason", "text", "Why."),
    extra=(("name", "text", "Name of the account."),),
)

HIRES = _columns(
    ("hire_id", "id", "The position."),
    ("role", "id", "Role."),
    ("pod_id", "id", "Pod; several are joined by ';', the largest share first."),
    ("annual_cost", "money", "Pay of a full year."),
    extra=(
        ("people_cost", "money", "Pay in the period."),
        ("hire_cost", "money", "One-off cost of hiring, a year."),
    ),
)

TIER_CURVE = _columns(
    ("rank", "count", "Place by priced contribution, best first."),
    ("account_id", "id", "The account; the last row is 'unused'."),
    ("tier", "id", "Tier of coverage."),
    ("pod_id", "id", "Pod that covers it."),
    ("potential", "money", "Potential of the account."),
    ("priced_contribution", "money", "Margin less its own costs and its hours at their prices."),
    ("cumulative_priced", "money", "Sum down to this row: it falls where profit is lost."),
    ("gain_over_direct", "money", "Priced contribution less that of the best direct place; blank where there is none."),
    ("contribution", "money", "As in accounts_plan."),
    ("cumulative_contribution", "money", "Sum down to this row; ends at the plan's contribution."),
)

PRICES = _columns(
    ("kind", "id", "hour (marginal value), average_hour (mean pay where no price is known) or limit."),
    ("pod_id", "id", "Pod of an hour."),
    ("role", "id", "Role of an hour."),
    ("limit", "id", "The limit that is relaxed by one."),
    (
        "price",
        "rate",
        "Money for the next hour, or unit of the limit, with everybody where they are; a whole person brings more "
        "hours than that, each worth less.",
    ),
)

WARNINGS = _columns(
    ("severity", "id", "warning (of the input), or today (a rule that today's organisation breaks)."),
    ("table", "id", "Input table, or blank."),
    ("row", "number", "Row as a spreadsheet counts it."),
    ("column", "id", "Column."),
    ("value", "text", "Offending value; of a broken rule, whom and what it concerns."),
    ("rule", "id", "Code of the rule."),
    ("message", "text", "What is odd."),
    ("way_out", "text", "What to do about it."),
)

OUTPUT_TABLES: Mapping[str, tuple[OutputColumn, ...]] = MappingProxyType(
    {
        "accounts_plan": ACCOUNTS_PLAN,
        "people_plan": PEOPLE_PLAN,
        "pods_plan": PODS_PLAN,
        "targets": TARGETS,
        "moves": MOVES,
        "handovers": HANDOVERS,
        "hires": HIRES,
        "tier_curve": TIER_CURVE,
        "prices": PRICES,
        "warnings": WARNINGS,
    }
)

MOVED = _columns(
    ("group", "count", "Number of the group of differences that hang together, the one that brings most first."),
    ("gain", "money", "Contribution less that with the group taken back; below 0 where it had to be."),
    ("forced", "text", "Why the group cannot be taken back; blank where it can."),
    ("kind", "id", "account, person or pod."),
    ("id", "id", "Which one."),
    ("what", "id", "pod, tier, owner_<role>, pods, leader or coach."),
    ("before", "text", "In the plan that the scenario starts from."),
    ("after", "text", "In the scenario's plan."),
)

KNOCK_ON = (OutputColumn("challenge", "id", "Number of the wish, or together."), *MOVED)

CHALLENGES = _columns(
    ("challenge", "id", "Number of the wish; the last row is 'together' where several have a price."),
    ("wish", "text", "As it was said."),
    ("author", "text", "Who asks for it."),
    ("note", "text", "Why."),
    ("outcome", "id", "priced, impossible, unanswered (no plan was found) or unclear (not understood)."),
    ("price", "money", "Contribution without the wish less that with it; below 0 where granting it gains."),
    ("price_low", "money", "What the bounds prove about the price, at least."),
    ("price_high", "money", "At most."),
    ("exact", "flag", "The bounds leave nothing open."),
    ("accounts_moved", "count", "Accounts that are elsewhere with the wish than without."),
    ("people_moved", "count", "People likewise."),
    ("accepted", "flag", "By number, or because it costs less than the set price."),
    ("why", "text", "Why there is no price."),
)

CHALLENGE_CHANGES = _columns(
    ("challenge", "id", "Number of the wish."),
    ("op", "id", "As in a row of changes: set, add or remove."),
    ("table", "id", "Of the input."),
    ("id", "text", "Its key columns joined by |."),
    ("column", "id", "Blank where a row goes."),
    ("value", "text", "What is put there."),
)

EDITS = _columns(
    ("sheet", "text", "Of the edited workbook."),
    ("cell", "id", "Where in it; row 1 is the head."),
    ("id", "id", "Key of the row."),
    ("column", "text", "Its head."),
    ("was", "text", "As the plan has it."),
    ("typed", "text", "As it was found."),
    ("challenge", "id", "Number of the wish that it became; blank where it asks for nothing."),
    ("wish", "text", "In words."),
    ("outcome", "id", "As that of the wish; note, or kept, where it asks for nothing."),
    ("price", "money", "Of the wish alone; blank where it has none."),
    ("accepted", "flag", "The wish is granted."),
    ("author", "text", "Who asks for it."),
    ("note", "text", "Why."),
    ("why", "text", "Why there is no price."),
)

SCENARIOS = _columns(
    ("scenario", "count", "Number in the file."),
    ("name", "text", "As the file calls it."),
    ("words", "text", "Its sentences."),
    ("seed", "count", "That it was planned with."),
    ("outcome", "id", "planned, invalid, or why there is no plan."),
    ("contribution", "money", "Of its plan."),
    ("bound", "money", "No plan can bring more."),
    ("gap", "share", "Of the bound."),
    ("difference", "money", "Contribution less that of the plan that it starts from."),
    ("folder", "text", "Where its plan is."),
    ("message", "text", "Why it is invalid."),
)

COMPARED_KPIS = _columns(
    ("name", "id", "Key figure, as in summary.json."),
    ("label", "text", "Its words."),
    ("unit", "id", "money, share, count or number."),
    ("direction", "id", "up or down where more or less of it is better."),
    ("first", "number", "In the first plan; blank where it has none."),
    ("second", "number", "In the second plan."),
    ("difference", "number", "second - first."),
)

COMPARED_TERMS = _columns(
    ("term", "id", "Term of the objective; the first and last rows are the plans' contributions."),
    ("first", "money", "In the first plan, costs negative."),
    ("second", "money", "In the second plan."),
    ("difference", "money", "second - first."),
    ("cumulative", "money", "The first plan's contribution and all differences so far; ends at the second plan's."),
)

COMPARED_ACCOUNTS = _columns(
    ("account_id", "id", "An account that is not the same in both plans."),
    ("change", "text", "added, removed, or what changed: tier, pod, owners."),
    *(
        (f"{which}_{name}", "id", f"{name} in the {which} plan.")
        for name in ("tier", "pod_id", "owner_sales", "owner_marketing", "owner_support", "owner_operations")
        for which in ("first", "second")
    ),
    ("difference", "money", "Contribution in the second plan less that in the first; 0 for a plan without it."),
    ("reason", "text", "Why, as far as the plans tell."),
)

COMPARED_PEOPLE = _columns(
    ("person_id", "id", "A person who is not the same in both plans."),
    ("change", "text", "added, removed, or what changed: pods, leader, coach."),
    ("first_pods", "text", "Pods and shares in the first plan."),
    ("second_pods", "text", "Pods and shares in the second plan."),
    ("target_difference", "money", "Target in the second plan less that in the first."),
    ("reason", "text", "Why, as far as the plans tell."),
)

COMPARED_TIERS = _columns(
    ("tier", "id", "A tier of either plan."),
    ("first_accounts", "count", "Accounts at it in the first plan."),
    ("second_accounts", "count", "Accounts at it in the second plan."),
    ("accounts_difference", "count", "second - first."),
    ("first_expected_revenue", "money", "Expected revenue of these accounts in the first plan."),
    ("second_expected_revenue", "money", "In the second plan."),
    ("expected_revenue_difference", "money", "second - first."),
)

COMPARED_PODS = _columns(
    ("pod_id", "id", "A pod that is open in either plan; the last row is 'unassigned'."),
    ("change", "text", "opened, closed, or blank."),
    ("first_leader_id", "id", "Leader in the first plan."),
    ("second_leader_id", "id", "Leader in the second plan."),
    ("people_difference", "count", "Heads in the second plan less those in the first."),
    ("accounts_difference", "count", "Accounts in the second plan less those in the first."),
    ("first_contribution", "money", "In the first plan."),
    ("second_contribution", "money", "In the second plan."),
    ("difference", "money", "second - first; the column adds up to the difference of the plans."),
)

COMPARISON_TABLES: Mapping[str, tuple[OutputColumn, ...]] = MappingProxyType(
    {
        "kpis": COMPARED_KPIS,
        "terms": COMPARED_TERMS,
        "accounts": COMPARED_ACCOUNTS,
        "people": COMPARED_PEOPLE,
        "pods": COMPARED_PODS,
        "tiers": COMPARED_TIERS,
    }
)
