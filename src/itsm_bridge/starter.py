"""What `itsm-bridge init` writes: a commented configuration from the adapters installed, and a policy folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from itsm_bridge.adapter import SourceSettings
from itsm_bridge.errors import UsageError
from itsm_bridge.policy import forms, parameter_template, template
from itsm_bridge.policy.choices import PARAMETERS
from itsm_bridge.secrets import Secret
from itsm_bridge.settings import CONFIG_FILE, Config
from itsm_bridge.suggestions import did_you_mean

if TYPE_CHECKING:
    from itsm_bridge.adapter import Adapter
    from itsm_bridge.plugins import Plugins

POLICY_FOLDER = "policy"

_BY_NETWORK = frozenset(
    {
        "connections", "timeout", "proxy", "proxy_username", "proxy_password", "ca_bundle", "client_certificate",
        "client_key", "client_key_password",
    }
)  # fmt: skip
_OF_A_MAPPING = frozenset({"mappings", "keep"})
_ON = frozenset({("store", "path"), ("assessment", "period"), ("assessment", "timezone"), ("report", "path")})
"""Settings of sections that are switched on; with the policy, whose folder is written beside the file."""

_HEAD = """\
# All settings of itsm-bridge. One that begins with # is off and shows its default, or an example where it says so.
# A single setting can also come from the environment: ITSM_BRIDGE_STORE__PATH, ITSM_BRIDGE_SOURCES__PROD__URL.
# Paths are meant from the folder of this file. `itsm-bridge doctor` tries it out.
"""
_SOURCES = """
# Sources: one section for each connection. Secrets are never written here: name where they lie with
# { env = "NAME" }, { file = "path" } or { keyring = "service/user" }.
"""


def starter_files(
    plugins: Plugins, adapters: Sequence[str] | None = None, *, config_name: str | None = None
) -> dict[Path, str]:
    """Return what `init` writes, by relative path. UsageError where an adapter is not installed."""
    from itsm_bridge.checking import load_checks, load_kpis
    from itsm_bridge.checking.definition import Question

    for name in adapters or ():
        if name not in plugins.adapters:
            guess = did_you_mean(name, plugins.adapters)
            known = ", ".join(plugins.adapters)
            raise UsageError(f"adapter {name!r} is not installed{guess}", hint=f"Installed adapters are {known}.")
    chosen = {name: item for name, item in plugins.adapters.items() if not adapters or name in adapters}
    asked: list[Question] = [*load_checks(plugins.check_folders), *load_kpis(plugins.kpi_folders)]
    policy = {**template(), **forms(), PARAMETERS: parameter_template(asked)}
    return {
        Path(config_name or CONFIG_FILE): starter_config(chosen),
        **{Path(POLICY_FOLDER) / name: text for name, text in sorted(policy.items())},
    }


def starter_config(adapters: dict[str, type[Adapter]]) -> str:
    """Return a commented configuration: every setting there is, and a section that is off for each adapter."""
    sections = [_section(name, field) for name, field in Config.model_fields.items() if not field.exclude]
    sources = [_source(name, adapter) for name, adapter in sorted(adapters.items())]
    return _HEAD + "".join(filter(None, sections)) + _SOURCES + "".join(sources)


def _section(name: str, field: FieldInfo) -> str:
    model = field.annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return ""
    lines = [f"\n# {model.__doc__}", f"[{name}]"]
    for setting, about in model.model_fields.items():
        is_on = (name, setting) in _ON or setting == POLICY_FOLDER
        lines.append(_line(setting, about, told="" if is_on else None, off="" if is_on else "#"))
    return "\n".join(lines) + "\n"


def _source(name: str, adapter: type[Adapter]) -> str:
    settings = adapter.settings
    fields = settings.model_fields
    idle = frozenset[str]() if settings.ways_in else _BY_NETWORK
    idle |= _OF_A_MAPPING if adapter.mapping_folder() is None else frozenset()
    shown = [field for field in fields if field not in idle and field != "adapter"]
    signing = list(dict.fromkeys(field for way in settings.ways_in.values() for field in way))
    first = [field for field in shown if fields[field].is_required()]
    own = [field for field in shown if field not in SourceSettings.model_fields]
    order = dict.fromkeys((*first, *signing, *own, *shown))
    lines = [f"\n# {adapter.title}", f"#[sources.{name}]", f'#adapter = "{name}"']
    for field in order:
        lines += _ways(settings.ways_in) if signing and field == signing[0] else []
        lines.append(_line(field, fields[field]))
    return "\n".join(lines) + "\n"


def _ways(ways_in: Mapping[str, Sequence[str]]) -> list[str]:
    width = max(map(len, ways_in))
    ways = [f"#   {title:<{width}}  {' + '.join(names)}" for title, names in ways_in.items()]
    return ["# Sign in by exactly one of these ways, with all of its settings:", *ways]


def _line(name: str, field: FieldInfo, told: str | None = None, off: str = "#") -> str:
    if told is None:
        told = "required: " if field.is_required() else "example: " if _has_example(field) else ""
    return f"{f'{off}{name} = {_example(name, field)}':<41} # {told}{field.description}{_one_of(field)}"


def _has_example(field: FieldInfo) -> bool:
    return bool(field.examples) or field.default is None


def _one_of(field: FieldInfo) -> str:
    choices = [choice for item in (field.annotation, *get_args(field.annotation)) for choice in _choices(item)]
    return f" (one of {', '.join(choices)})" if choices else ""


def _choices(annotation: Any) -> list[str]:
    return [str(choice) for choice in get_args(annotation)] if get_origin(annotation) is Literal else []


def _example(name: str, field: FieldInfo) -> str:
    if field.examples:
        return _toml(field.examples[0])
    if Secret.__name__ in str(field.annotation):
        return _toml({"env": name.upper()})
    if field.is_required() or field.default is None:
        return '"…"'
    return _toml(field.default)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, dict):
        return "{}" if not value else f"{{ {', '.join(f'{key} = {_toml(item)}' for key, item in value.items())} }}"
    return json.dumps(str(value), ensure_ascii=False)
