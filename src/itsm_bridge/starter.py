"""What `itsm-bridge init` writes: a commented configuration from the adapters installed, and a policy folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from itsm_bridge.adapter import SourceSettings
from itsm_bridge.errors import UsageError
from itsm_bridge.policy import parameter_template, template
from itsm_bridge.policy.choices import PARAMETERS
from itsm_bridge.secrets import Secret
from itsm_bridge.settings import CONFIG_FILE
from itsm_bridge.suggestions import did_you_mean

if TYPE_CHECKING:
    from itsm_bridge.adapter import Adapter
    from itsm_bridge.plugins import Plugins

POLICY_FOLDER = "policy"

_HEAD = """\
# Settings of itsm-bridge. Lines that begin with # are off and show the default or an example.
# A single setting can also come from the environment: ITSM_BRIDGE_STORE__PATH, ITSM_BRIDGE_SOURCES__PROD__URL.
# Paths are meant from the folder of this file. `itsm-bridge doctor` tries it out.

[store]
path = "itsm-bridge-data"           # a folder, or the address of an object store

[assessment]
period = "30d"                      # or "12w", "month", "quarter", "year" (last complete), "2026-01-01/2026-06-30"
timezone = "UTC"                    # in which days and working hours are meant, such as "Europe/Berlin"
policy = "policy"                   # folder with what your organisation decided itself
# checks = ["checks"]               # folders of your own check files, beside those of the plugins
# accepted_gaps = ["prod:sys_audit"] # streams that are known not to be readable: no exit code 3 for them

[report]
path = "itsm-bridge-reports"        # folder of the reports

[schedule]
# sweep = "0 2 * * *"               # minute, hour, day of month, month, weekday; for `itsm-bridge schedule run`
# timezone = "Europe/Berlin"        # that of the assessment without it

[privacy]
# key = { env = "ITSM_BRIDGE_KEY" } # key of pseudonyms; one is made and kept in the store without it

# Sources: one section for each connection. Secrets are never written here: name where they lie with
# { env = "NAME" }, { file = "path" } or { keyring = "service/user" }.
"""


def starter_files(
    plugins: Plugins, adapters: Sequence[str] | None = None, *, config_name: str | None = None
) -> dict[Path, str]:
    """Return what `init` writes, by relative path. UsageError where an adapter is not installed."""
    from itsm_bridge.checking import load_checks

    for name in adapters or ():
        if name not in plugins.adapters:
            guess = did_you_mean(name, plugins.adapters)
            known = ", ".join(plugins.adapters)
            raise UsageError(f"adapter {name!r} is not installed{guess}", hint=f"installed adapters are {known}")
    chosen = {name: item for name, item in plugins.adapters.items() if not adapters or name in adapters}
    policy = {**template(), PARAMETERS: parameter_template(load_checks(plugins.check_folders))}
    return {
        Path(config_name or CONFIG_FILE): starter_config(chosen),
        **{Path(POLICY_FOLDER) / name: text for name, text in sorted(policy.items())},
    }


def starter_config(adapters: dict[str, type[Adapter]]) -> str:
    """Return a commented configuration with an example section for each adapter."""
    return _HEAD + "".join(_section(name, adapter) for name, adapter in sorted(adapters.items()))


def _section(name: str, adapter: type[Adapter]) -> str:
    lines = [f"\n# {adapter.title}", f"# [sources.{name}]", f'# adapter = "{name}"']
    common = SourceSettings.model_fields.keys()
    for field_name, field in adapter.settings.model_fields.items():
        if field_name not in common:
            lines.append(_line(field_name, field))
    lines += [
        f"# {field} = {_toml(SourceSettings.model_fields[field].default)}"
        for field in ("text", "people", "connections")
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, field: FieldInfo) -> str:
    value = _example(name, field)
    meaning = field.description or ""
    need = "required" if field.is_required() else "optional"
    return f"{f'# {name} = {value}':<35} # {need}{': ' if meaning else ''}{meaning}{_one_of(field)}"


def _one_of(field: FieldInfo) -> str:
    choices = [choice for item in (field.annotation, *get_args(field.annotation)) for choice in _choices(item)]
    return f" (one of {', '.join(choices)})" if choices else ""


def _choices(annotation: Any) -> list[str]:
    return [str(choice) for choice in get_args(annotation)] if get_origin(annotation) is Literal else []


def _example(name: str, field: FieldInfo) -> str:
    if field.examples:
        return _toml(field.examples[0])
    if Secret.__name__ in str(field.annotation):
        return f'{{ env = "{name.upper()}" }}'
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
        return f"{{ {', '.join(f'{key} = {_toml(item)}' for key, item in value.items())} }}"
    return json.dumps(str(value), ensure_ascii=False)
