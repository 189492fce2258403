"""JQL whose instants mean the same for every account: milliseconds since 1970, never a date in somebody's timezone."""

from __future__ import annotations

from collections.abc import Sequence


def in_projects(ids: Sequence[str]) -> str:
    """Return the condition that an issue lies in one of these projects, by their numeric ids."""
    return f"project in ({', '.join(ids)})"


def between(field: str, lower: int | None, upper: int | None) -> str:
    """Return the condition that an instant lies in [lower, upper), in epoch seconds; None is open."""
    parts = [f"{field} >= {lower * 1000}"] if lower is not None else []
    return all_of(*parts, *([f"{field} < {upper * 1000}"] if upper is not None else []))


def all_of(*conditions: str) -> str:
    """Join conditions that must all hold; empty ones are left out."""
    return " AND ".join(condition for condition in conditions if condition)


def ordered(query: str, field: str) -> str:
    """Return the query with its order: by an instant, ties by key."""
    return f"{query} ORDER BY {field} ASC, key ASC"
