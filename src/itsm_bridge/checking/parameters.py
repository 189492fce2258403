"""Parameters of checks: what a policy sets, in the units that DuckDB takes, and whether it is looser than it may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from itsm_bridge.checking import quantities
from itsm_bridge.checking.definition import Parameter, Question
from itsm_bridge.errors import ConfigurationError

Value = timedelta | float | int | str


@dataclass(frozen=True, slots=True)
class Loosened:
    """A parameter of a check that is looser than its bound: a pass of the check shows less than its clause asks."""

    check_id: str
    name: str
    value: Any
    sentence: str


@dataclass(frozen=True, slots=True)
class Bindings:
    """Values per check and parameter, ready to be bound, and what is looser than it may be."""

    values: Mapping[str, Mapping[str, Value]]
    loosened: tuple[Loosened, ...]


def parameters(checks: Iterable[Question], overrides: Mapping[str, Any]) -> Bindings:
    """Bind the parameters of checks and KPIs.

    `overrides` maps a parameter's name, or `<check>.<name>` for one check alone, to a value as people
    write it (or to an object with such a `value`). ConfigurationError where a value does not fit;
    names that no check has are for the policy to refuse (`parameter_names`).
    """
    values: dict[str, dict[str, Value]] = {}
    loosened = []
    for check in checks:
        values[check.id] = {}
        for parameter in check.parameters.values():
            given = overrides.get(f"{check.id}.{parameter.name}", overrides.get(parameter.name, parameter.default))
            given = getattr(given, "value", given)
            values[check.id][parameter.name] = bind(parameter, given)
            if is_looser(parameter, given):
                sentence = f"parameter {parameter.name} = {given} is looser than its bound, {parameter.bound}"
                loosened.append(Loosened(check.id, parameter.name, given, sentence))
    return Bindings(values, tuple(loosened))


def parameter_names(checks: Iterable[Question]) -> frozenset[str]:
    """Return every name under which a policy may set a parameter."""
    named = [(check.id, name) for check in checks for name in check.parameters]
    return frozenset(name for _, name in named) | frozenset(f"{check}.{name}" for check, name in named)


def bind(parameter: Parameter, value: Any) -> Value:
    """Turn a value as people write it into what DuckDB takes; ConfigurationError where it does not fit."""
    try:
        return _bind(parameter, value)
    except ValueError as error:
        raise ConfigurationError(
            f"parameter {parameter.name!r}: {error}",
            where=f"parameters.toml: {parameter.name}",
            hint=f"Its default is {parameter.default}: {parameter.meaning}.",
        ) from error


def is_looser(parameter: Parameter, value: Any) -> bool:
    """Tell whether a value lies beyond the bound of its parameter."""
    if parameter.bound is None:
        return False
    bound, given = parameter.bound, bind(parameter, value)
    below = bound.min is not None and given < bind(parameter, bound.min)  # type: ignore[operator]
    above = bound.max is not None and given > bind(parameter, bound.max)  # type: ignore[operator]
    return below or above


def _bind(parameter: Parameter, value: Any) -> Value:
    if parameter.kind == "duration":
        return quantities.duration(_text(value, "a length of time such as 24h"))
    if parameter.kind == "share":
        return quantities.share(_text(value, "a share such as 2 %"))
    if parameter.kind == "word":
        word = _text(value, "a word")
        if parameter.choices and word not in parameter.choices:
            raise ValueError(f"{word!r} is none of {', '.join(parameter.choices)}")
        return word
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a whole number of {parameter.unit or 'things'}")
    return value


def _text(value: Any, wanted: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not {wanted}")
    return value
