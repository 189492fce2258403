"""The TOML files of the policy folder in which an organisation chooses: parameters, adopted checks, lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from pydantic import ConfigDict, Field, RootModel, StrictBool, StrictFloat, StrictInt, StrictStr

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy.document import Strict, parse_document, read_document, validate_document
from itsm_bridge.schema import TABLES
from itsm_bridge.settings.lines import where_in
from itsm_bridge.suggestions import did_you_mean

PARAMETERS = "parameters.toml"
ADOPTED = "adopted.toml"
LISTS = "lists.toml"
ALL = "*"


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """An organisation's own value of a check parameter, as written in the file, and who approved it when."""

    value: bool | int | float | str
    approved_by: str | None = None
    approved_on: date | None = None


class _WrittenParameter(Strict):
    value: StrictBool | StrictInt | StrictFloat | StrictStr = Field(description="the value")
    approved_by: str | None = Field(default=None, description="who approved it: name and role")
    approved_on: date | None = Field(default=None, description="when, such as 2026-01-15")


class _Parameters(RootModel[dict[str, _WrittenParameter]]):
    model_config = ConfigDict(frozen=True)


class _Adopted(Strict):
    checks: tuple[str, ...] = Field(default=(), description='ids of checks, or ["*"]')
    approved_by: str | None = Field(default=None, description="who adopted them: name and role")
    approved_on: date | None = Field(default=None, description="when, such as 2026-01-15")


class _Lists(RootModel[dict[str, tuple[str, ...]]]):
    model_config = ConfigDict(frozen=True)


def read_parameters(place: str, text: str) -> dict[str, ParameterValue]:
    """Return the parameters that an organisation set, by name."""
    document = parse_document(place, text)
    _refuse_bare_values(place, text, document)
    written = validate_document(place, text, _per_name(document), _Parameters).root
    return {
        name: ParameterValue(item.value, item.approved_by or None, item.approved_on) for name, item in written.items()
    }


def read_adoption(place: str, text: str) -> tuple[str | None, date | None]:
    """Return who adopted the checks, and when."""
    found = read_document(place, text, _Adopted)
    return found.approved_by or None, found.approved_on


def read_adopted(place: str, text: str) -> frozenset[str]:
    """Return the ids of the adopted checks; `*` stands for all."""
    return frozenset(read_document(place, text, _Adopted).checks)


def read_lists(place: str, text: str) -> pa.Table:
    """Return `policy_list`: words in lower case."""
    lists = read_document(place, text, _Lists).root
    rows = sorted({(name, word.strip().lower()) for name, words in lists.items() for word in words})
    return pa.Table.from_pylist([{"name": n, "value": v} for n, v in rows], schema=TABLES["policy_list"].arrow)


def refuse_unknown(names: Iterable[str], known: Iterable[str], what: str, place: str, text: str) -> None:
    """Raise ConfigurationError for the first name that is not known, with its line and what was probably meant."""
    known = sorted(known)
    for name in sorted(set(names) - set(known)):
        raise ConfigurationError(
            f"there is no {what} {name!r}{did_you_mean(name, known)}",
            where=_line(place, text, name),
            hint="`itsm-bridge checks list` shows all checks, `itsm-bridge checks show <id>` their parameters.",
        )


def _per_name(document: dict[str, Any]) -> dict[str, Any]:
    """Write `[CHG-002.grace]`, a parameter of one check alone, as one name."""
    flat: dict[str, Any] = {}
    for name, table in document.items():
        inner = {key: value for key, value in table.items() if isinstance(value, dict)}
        flat.update({f"{name}.{key}": value for key, value in inner.items()})
        if len(inner) < len(table) or not table:
            flat[name] = {key: value for key, value in table.items() if key not in inner}
    return flat


def _refuse_bare_values(place: str, text: str, document: dict[str, Any]) -> None:
    for name, value in document.items():
        if not isinstance(value, dict):
            raise ConfigurationError(
                f"{name} is written as a bare value",
                where=where_in(place, text, (name,)),
                hint=f"Write [{name}] and below it value = …, approved_by = … and approved_on = … .",
            )


def _line(place: str, text: str, name: str) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        if name in line and not line.lstrip().startswith("#"):
            return f"{place}:{number}"
    return place
