"""From TOML to the rules of a mapping; what does not fit is said in words of TOML."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from itsm_bridge.errors import MappingError
from itsm_bridge.suggestions import did_you_mean

T = TypeVar("T")

_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`")
_EXPECTED = re.compile(r"Expected `(.*?)`, got `(.*?)`")
_VALUE = re.compile(r"Invalid enum value (.*?)(?: -|$)")
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")
_WORDS = {
    "object": "a table", "array": "a list", "str": "words in quotes", "int": "a whole number", "float": "a number",
    "bool": "true or false",
}  # fmt: skip


def convert(raw: Any, kind: type[T], where: str) -> T:
    """Make `raw` into a `kind`; raises MappingError that says what does not fit and where."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        said = str(error)
        inside = _PLACE.search(said)
        place = f"{where} {inside[1]}" if inside and inside[1] else where
        message, hint = _told(said, kind)
        raise MappingError(message, where=place, hint=hint) from error


def _told(said: str, kind: Any) -> tuple[str, str | None]:
    if unknown := _UNKNOWN.match(said):
        known = [field.name for field in msgspec.structs.fields(kind)] if hasattr(kind, "__struct_fields__") else []
        hint = f"Keys here are {', '.join(known)}." if known else None
        return f"there is no key `{unknown[1]}`{did_you_mean(unknown[1], known)}", hint
    if expected := _EXPECTED.match(said):
        wanted, got = (
            " or ".join(_WORDS.get(word.strip(), word.strip()) for word in part.split("|"))
            for part in expected.groups()
        )
        return f"should be {wanted}, and not {got}", None
    if value := _VALUE.match(said):
        return f"{value[1]} is not possible here", None
    return _PLACE.sub("", said), None
