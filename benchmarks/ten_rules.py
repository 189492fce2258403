"""Ten rules of completeness, once each for our engine, for pandas and for pandera."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from itsm_bridge.checking import Check
from itsm_bridge.checking.check_file import parse_check

COLUMNS = (
    "work_item_id, subcategory, requester_id, service_id, category, channel, priority, description_length, "
    "assignee_id, support_group_id, resolution_length"
)
NAMED = (
    "subcategory",
    "requester_id",
    "service_id",
    "category",
    "channel",
    "priority",
    "assignee_id",
    "support_group_id",
)
LONG = {"description_length": 15, "resolution_length": 20}

_FILE = """
id = "TEN-{n:03}"
version = 1
title = "{column} is missing"
process = "incident"
kind = "completeness"
severity = "minor"
basis = "standard"
record_types = []
clauses = [{{ clause = "8.6.1", relation = "supporting" }}]
anchor = "now"
violation = "{violation}"
message = "{{number}} has no {column}."
why = "Measured."
remedy = "None."
limits = "None."
procedure = "None."

[[cases]]
name = "none"
expect = "pass"
"""


def as_checks() -> list[Check]:
    """Return the rules as checks of ours."""
    violations = {name: f"w.{name} IS NULL" for name in NAMED}
    violations |= {name: f"COALESCE(w.{name}, 0) < {least}" for name, least in LONG.items()}
    files = (_FILE.format(n=n, column=name, violation=sql) for n, (name, sql) in enumerate(violations.items(), 1))
    return [parse_check(text, Path(f"{n}.toml")) for n, text in enumerate(files)]


def in_pandas(frame: pd.DataFrame) -> dict[str, int]:
    """Return how many records break each rule."""
    failing = {name: frame.work_item_id[frame[name].isna()] for name in NAMED}
    failing |= {name: frame.work_item_id[frame[name].fillna(0) < least] for name, least in LONG.items()}
    return {name: len(found) for name, found in failing.items()}


def in_pandera() -> Callable[[pd.DataFrame], dict[str, int]]:
    """Return a validation by pandera that tells how many records break each rule."""
    import pandera.pandas as pa

    columns: dict[str, Any] = {name: pa.Column(nullable=False) for name in NAMED}
    columns |= {name: pa.Column(checks=pa.Check.ge(least), nullable=False) for name, least in LONG.items()}
    schema = pa.DataFrameSchema(columns)

    def validate(frame: pd.DataFrame) -> dict[str, int]:
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            found = errors.failure_cases.groupby("column").size()
            return {str(name): int(n) for name, n in found.items()}
        return {}

    return validate
