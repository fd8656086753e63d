"""A plan's summary in a screen of words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REASONS = {
    "optimal": "proven optimal",
    "gap_reached": "the gap asked for is reached",
    "feasible": "stopped",
}
LIMITS = {
    "time": "by the time limit",
    "work": "by the work limit (asked for, or the engine's own)",
    "cancelled": "by Ctrl-C",
}


def result_lines(summary: Mapping[str, Any], workbook: str) -> tuple[str, ...]:
    """What a planner wants to know first; the workbook's path is the last line.

    Parameters
    ----------
    summary
        Contents of ``summary.json`` of a run with a plan.
    """
    width = 14
    return (*(f"{label:<{width}}{words}" for label, words in _facts(summary)), workbook)


def _facts(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    currency, kpis = summary["currency"], summary["kpis"]
    yield "contribution", f"{summary['contribution']:,.0f} {currency} a year"
    yield "bound", _bound_words(summary)
    yield "ended", _end_words(summary)
    yield "today", _today_words(summary)
    by_tier = summary["counts"]["accounts_by_tier"]
    yield "accounts", f"{kpis['accounts']:,}: " + ", ".join(f"{count:,} {tier}" for tier, count in by_tier.items())
    yield "pods", f"{kpis['pods_local']:,} local, {kpis['pods_virtual']:,} virtual"
    yield "people", f"{kpis['people']:,} in pods, {kpis['people_unplaced']:,} without a pod; hires: {kpis['hires']:,}"
    moves = f"people who change pod: {kpis['people_moved']:,}, relocated: {kpis['relocations']:,}"
    yield "changes", f"{moves}; handovers: {kpis['handovers']:,}"
    yield "warnings", f"{summary['warnings']:,}, and {len(summary['assumed']):,} defaults used: see the results"


def _bound_words(summary: Mapping[str, Any]) -> str:
    if summary["bound"] is None:
        return "none is proven"
    words = f"{summary['bound']:,.0f}: no plan can bring more"
    return words if summary["gap"] is None else f"{words} (gap {summary['gap']:.2%})"


def _end_words(summary: Mapping[str, Any]) -> str:
    words = REASONS[summary["reason"]]
    return words if summary["limit"] is None else f"{words} {LIMITS[summary['limit']]}"


def _today_words(summary: Mapping[str, Any]) -> str:
    today = summary["baseline"]
    if today is None:
        return "unknown: the input has no books"
    broken = sum(today["violations"].values())
    words = (
        f"{today['contribution']:,.0f}, breaking rules {broken:,} times" if broken else f"{today['contribution']:,.0f}"
    )
    if today["gain"] is not None:
        return f"{words}; the plan brings {today['gain']:+,.0f}"
    free = ", ".join(today["taken_as_served"])
    return f"{words}; not like for like: books name no {free}, taken as served at no further pay"
