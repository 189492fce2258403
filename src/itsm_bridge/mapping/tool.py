"""What `tool.toml` says: conventions that hold for every stream of a tool."""

from __future__ import annotations

from typing import Literal

import msgspec


class Formats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the tool writes instants, durations and flags."""

    instant: Literal["utc", "iso"] = "utc"
    duration: Literal["seconds", "since_1970"] = "seconds"
    true: tuple[str, ...] = ("true", "1", "yes")
    false: tuple[str, ...] = ("false", "0", "no")


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The language in which labels are compared."""

    field: str
    prefer: str


class ChoiceSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The stream that holds an instance's own labels, and its fields."""

    stream: str
    table: str
    element: str
    code: str
    label: str
    language: Language | None = None


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Account names that belong to no person."""

    technical: tuple[str, ...] = ()


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every stream of a tool."""

    formats: Formats = Formats()
    choices: ChoiceSource | None = None
    people: People = People()
