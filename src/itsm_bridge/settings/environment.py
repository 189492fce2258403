"""Single settings from the environment: `ITSM_BRIDGE_<SECTION>__<KEY>`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.suggestions import did_you_mean

PREFIX = "ITSM_BRIDGE_"

Origins = dict[tuple[str, ...], str]


def override(document: dict[str, Any], environment: Mapping[str, str], sections: tuple[str, ...]) -> Origins:
    """Write the environment's settings into `document`; return which variable each overridden key came from.

    A value that begins like a TOML list, table or quoted text is read as TOML, any other is text.
    `ITSM_BRIDGE_SOURCES__PROD__URL` sets `url` of the source `prod`, which must be in the file.
    """
    origins: Origins = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX):
            continue
        parts = name.removeprefix(PREFIX).lower().split("__")
        if len(parts) == 1:
            _refuse_single_underscore(name, parts[0], sections)
            continue
        path = _path(name, parts, document, sections)
        _set(document, path, _value(name, environment[name]), name)
        origins[path] = name
    return origins


def _path(name: str, parts: list[str], document: dict[str, Any], sections: tuple[str, ...]) -> tuple[str, ...]:
    if parts[0] not in sections:
        raise ConfigurationError(
            f"there is no section {parts[0]!r}{did_you_mean(parts[0], sections)}",
            where=f"environment variable {name}",
            hint=f"Sections are {', '.join(sections)}.",
        )
    if parts[0] != "sources":
        return tuple(parts)
    known = {source.lower().replace("-", "_"): source for source in document.get("sources", {})}
    if len(parts) < 3 or parts[1] not in known:
        raise ConfigurationError(
            f"there is no source {parts[1]!r}{did_you_mean(parts[1], known.values())}",
            where=f"environment variable {name}",
            hint=f"Write {PREFIX}SOURCES__<SOURCE>__<KEY>; the file has {', '.join(known.values()) or 'no sources'}.",
        )
    return ("sources", known[parts[1]], *parts[2:])


def _refuse_single_underscore(name: str, rest: str, sections: tuple[str, ...]) -> None:
    for section in sections:
        if rest.startswith(f"{section}_"):
            right = f"{PREFIX}{section}__{rest.removeprefix(section).strip('_')}".upper()
            raise ConfigurationError(
                "this variable looks like a setting, but has one underscore where two are needed",
                where=f"environment variable {name}",
                hint=f"Did you mean {right}?",
            )


def _set(document: dict[str, Any], path: tuple[str, ...], value: Any, name: str) -> None:
    table = document
    for part in path[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise ConfigurationError(f"{part!r} is no section", where=f"environment variable {name}", hint="Unset it.")
    table[path[-1]] = value


def _value(name: str, text: str) -> Any:
    if not text.startswith(("[", "{", '"', "'")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise ConfigurationError(
            "the value begins like a TOML list, table or text, but is none",
            where=f"environment variable {name}",
            hint='Write for example ["a", "b"] or { env = "NAME" }.',
        ) from None
