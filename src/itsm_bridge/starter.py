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

_EVERYWHERE = ("text", "people", "connections")
_BY_NETWORK = (
    "timeout", "proxy", "proxy_username", "proxy_password", "ca_bundle", "client_certificate", "client_key",
    "client_key_password",
)  # fmt: skip

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
    settings = adapter.settings
    fields = settings.model_fields
    signing = {field for way in settings.ways_in.values() for field in way}
    own = [field for field in fields if field not in SourceSettings.model_fields and field not in signing]
    lines = [f"\n# {adapter.title}", f"# [sources.{name}]", f'# adapter = "{name}"']
    lines += [_line(field, fields[field]) for field in own if fields[field].is_required()]
    lines += _ways_in(settings)
    lines += [_line(field, fields[field]) for field in own if not fields[field].is_required()]
    common = _EVERYWHERE + (_BY_NETWORK if settings.ways_in else ())
    lines += [_line(field, fields[field]) for field in common]
    return "\n".join(lines) + "\n"


def _ways_in(settings: type[SourceSettings]) -> list[str]:
    """Each way to sign in with its settings; all but the first are set in, so that only one is switched on at once."""
    lines: list[str] = []
    for number, (title, names) in enumerate(settings.ways_in.items()):
        lines.append(f"#   or by {title}:" if number else f"# Sign in by {title}:")
        written = [_line(name, settings.model_fields[name], need="") for name in names]
        lines += [f"#   {line.removeprefix('# ')}" if number else line for line in written]
    return lines


def _line(name: str, field: FieldInfo, need: str | None = None) -> str:
    told = need if need is not None else "required" if field.is_required() else "optional"
    meaning = ": ".join(part for part in (told, field.description) if part)
    return f"{f'# {name} = {_example(name, field)}':<35} # {meaning}{_one_of(field)}"


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
