"""What a canonical table and a column are: the words in which the schema is declared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

Origin = Literal["tool", "policy", "run", "assessment"]

INSTANT = pa.timestamp("us", tz="UTC")
STRING = pa.string()
INTEGER = pa.int64()
REAL = pa.float64()
FLAG = pa.bool_()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    `references` names the table whose key the column holds; `capability` is what a source must
    be able to tell for the column to mean anything; `measures` marks the parts of a text.
    """

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = True
    unit: str = ""
    values: tuple[str, ...] = ()
    references: str = ""
    capability: str = ""
    text: str = ""
    is_personal: bool = False
    servicenow: str = ""
    jira: str = ""
    otrs: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table. `origin` says who fills it: a tool, the policy folder, a run, an assessment."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    origin: Origin = "tool"

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def texts(self) -> dict[str, tuple[Column, ...]]:
        """Texts of the table by name, each with its four columns."""
        found: dict[str, list[Column]] = {}
        for column in self.columns:
            if column.text:
                found.setdefault(column.text, []).append(column)
        return {name: tuple(columns) for name, columns in found.items()}

    @property
    def arrow(self) -> pa.Schema:
        """Arrow schema of the table."""
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns])


def identifier(name: str, meaning: str, references: str = "", **more: object) -> Column:
    """Build a required column that holds an id of ours (`<source>:<entity>:<native key>`)."""
    return replace(Column(name, STRING, meaning, nullable=False, references=references), **more)  # type: ignore[arg-type]


def reference(name: str, to: str, meaning: str, **more: object) -> Column:
    """Build an optional column that points to another table's key."""
    return replace(Column(name, STRING, meaning, references=to), **more)  # type: ignore[arg-type]


def label(name: str, meaning: str, **more: object) -> Column:
    """Build a column that holds words: labels, codes of the source, free categories."""
    return replace(Column(name, STRING, meaning), **more)  # type: ignore[arg-type]


def choice(name: str, meaning: str, *values: str, **more: object) -> Column:
    """Build a column whose values come from a closed list."""
    return replace(Column(name, STRING, meaning, values=values), **more)  # type: ignore[arg-type]


def instant(name: str, meaning: str, **more: object) -> Column:
    """Build a column that holds a moment: UTC, microseconds."""
    return replace(Column(name, INSTANT, meaning, unit="UTC"), **more)  # type: ignore[arg-type]


def seconds(name: str, meaning: str, **more: object) -> Column:
    """Build a column that holds a length of time in whole seconds."""
    return replace(Column(name, INTEGER, meaning, unit="seconds"), **more)  # type: ignore[arg-type]


def integer(name: str, meaning: str, **more: object) -> Column:
    """Build a column that holds a whole number."""
    return replace(Column(name, INTEGER, meaning), **more)  # type: ignore[arg-type]


def real(name: str, meaning: str, **more: object) -> Column:
    """Build a column that holds a real number."""
    return replace(Column(name, REAL, meaning), **more)  # type: ignore[arg-type]


def flag(name: str, meaning: str, **more: object) -> Column:
    """Build a column that holds true, false, or NULL for unknown."""
    return replace(Column(name, FLAG, meaning), **more)  # type: ignore[arg-type]


def text(name: str, meaning: str, **more: object) -> tuple[Column, ...]:
    """Build the columns of one text: its measures and a keyed hash; its words only where they are kept."""
    made = (
        Column(f"{name}_raw_length", INTEGER, f"{meaning}: length as stored by the tool", unit="characters", text=name),
        Column(
            f"{name}_length", INTEGER, f"{meaning}: length without markup and outer space", unit="characters", text=name
        ),
        Column(f"{name}_hash", STRING, f"{meaning}: keyed hash, equal for equal texts", text=name),
        Column(f"{name}_text", STRING, f'{meaning}: the words, only where the source says text = "keep"', text=name),
    )
    return tuple(replace(column, **more) for column in made)  # type: ignore[arg-type]
