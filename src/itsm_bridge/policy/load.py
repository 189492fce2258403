"""The policy folder as tables of the schema; where a file is missing, the packaged default stands in and is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy import calendars, choices, tables
from itsm_bridge.policy.calendars import Calendars
from itsm_bridge.policy.choices import ParameterValue
from itsm_bridge.schema import TABLES
from itsm_bridge.suggestions import did_you_mean

MARGIN = timedelta(days=366)
"""How far the calendars reach beyond the dates that are needed."""

_WITH_DEFAULTS = (
    choices.ADOPTED, choices.LISTS, calendars.FILE, "priority_matrix.csv", "transition_rules.csv",
    "sla_pause_rules.csv", "targets.csv",
)  # fmt: skip
FORMS = tuple(file for file in tables.FILES if file not in _WITH_DEFAULTS)
"""Files that only an organisation can fill in: their templates are comments alone, so that they say nothing."""
_KNOWN = frozenset({choices.PARAMETERS, *_WITH_DEFAULTS, *tables.FILES})


@dataclass(frozen=True, slots=True)
class Policy:
    """What an organisation decided, ready for the checks.

    `tables` has every schema table of origin policy; `contents` every text that was read, by file
    name, for the manifest; `defaults` names the files for which the packaged default was taken.
    """

    parameters: Mapping[str, ParameterValue]
    adopted: frozenset[str]
    tables: Mapping[str, pa.Table]
    contents: Mapping[str, str]
    defaults: tuple[str, ...] = ()
    folder: Path | None = None
    notes: tuple[str, ...] = field(default=())

    def refuse_unknown(self, parameters: Iterable[str], checks: Iterable[str]) -> None:
        """Raise ConfigurationError when the policy names a parameter or a check that does not exist."""
        parameters, checks = set(parameters), set(checks)
        in_one_check = {f"{check}.{parameter}" for check in checks for parameter in parameters}
        self._refuse(self.parameters, parameters | in_one_check, "parameter", choices.PARAMETERS)
        self._refuse(self.adopted - {choices.ALL}, checks, "check", choices.ADOPTED)

    def _refuse(self, names: Iterable[str], known: Iterable[str], what: str, file: str) -> None:
        choices.refuse_unknown(names, known, what, place_of(self.folder, file), self.contents.get(file, ""))


def load_policy(folder: Path | None, sources: Iterable[str], timezone: str, span: tuple[date, date]) -> Policy:
    """Read the policy folder (the packaged defaults when None); ConfigurationError names what is wrong.

    `sources` are the ids of all sources, `timezone` that of the assessment, `span` the oldest and the
    newest day for which working time is needed; calendars cover a year more on either side.
    """
    return policy_from_contents(read_folder(folder) if folder else {}, sources, timezone, span, folder=folder)


def policy_from_contents(
    contents: Mapping[str, str],
    sources: Iterable[str],
    timezone: str,
    span: tuple[date, date],
    *,
    folder: Path | None = None,
) -> Policy:
    """Build the policy from texts by file name, such as those that a manifest kept."""
    sources = tuple(sources)
    defaults = tuple(name for name in _WITH_DEFAULTS if name not in contents)
    texts = {**contents, **{name: packaged(name) for name in defaults}}
    working = Calendars(
        texts[calendars.FILE], place_of(folder, calendars.FILE), timezone, texts.get(calendars.HOLIDAYS, "")
    )
    made = {name: tables.empty(name) for name, table in TABLES.items() if table.origin == "policy"}
    made["calendar_bucket"] = working.bucket_table(span[0] - MARGIN, span[1] + MARGIN)
    made["calendar_binding"] = working.binding_table(sources)
    made["policy_list"] = choices.read_lists(place_of(folder, choices.LISTS), texts[choices.LISTS])
    for file in sorted(tables.FILES.keys() & texts.keys()):
        reading = tables.Reading(place_of(folder, file), sources, timezone)
        made[tables.FILES[file]] = tables.read_table(texts[file], TABLES[tables.FILES[file]], reading)
    if holidays_used := working.holidays_used():
        texts[calendars.HOLIDAYS] = holidays_used
    return Policy(
        parameters=choices.read_parameters(place_of(folder, choices.PARAMETERS), texts.get(choices.PARAMETERS, "")),
        adopted=choices.read_adopted(place_of(folder, choices.ADOPTED), texts[choices.ADOPTED]),
        tables=made,
        contents=texts,
        defaults=defaults,
        folder=folder,
        notes=_notes(folder, defaults),
    )


def packaged(name: str) -> str:
    """Return the text of a file of the packaged policy."""
    return (files("itsm_bridge.policy") / "template" / name).read_text(encoding="utf-8")


def template() -> dict[str, str]:
    """Return the packaged policy files by name: the defaults, which stand in where a file is missing."""
    return {name: packaged(name) for name in _WITH_DEFAULTS}


def forms() -> dict[str, str]:
    """Return the files that `itsm-bridge init` writes to be filled in: a first line, and examples as comments."""
    return {name: packaged(name) for name in FORMS}


def read_folder(folder: Path) -> dict[str, str]:
    """Return the texts of a policy folder by file name; ConfigurationError where a file is none of it."""
    if not folder.is_dir():
        raise ConfigurationError(
            "there is no such policy folder",
            where=str(folder),
            hint="`itsm-bridge init` writes one; without assessment.policy the packaged defaults apply.",
        )
    contents = {}
    for file in sorted(folder.iterdir()):
        if file.suffix not in {".toml", ".csv"}:
            continue
        if file.name not in _KNOWN:
            raise ConfigurationError(
                f"this is not a policy file{did_you_mean(file.name, _KNOWN)}",
                where=str(file),
                hint=f"Policy files are {', '.join(sorted(_KNOWN))}.",
            )
        contents[file.name] = _read(file)
    return contents


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError("this is not text in UTF-8", where=str(file), hint="Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(
            f"it cannot be read: {error.strerror}", where=str(file), hint="Check the file."
        ) from None


def place_of(folder: Path | None, file: str) -> str:
    """Return how messages call a file of the policy."""
    return str(folder / file) if folder else f"policy/{file}"


def _notes(folder: Path | None, defaults: tuple[str, ...]) -> tuple[str, ...]:
    if folder is None:
        return ("no policy folder is configured: the packaged defaults apply",)
    return tuple(f"{name} is not in the policy folder: the packaged default applies" for name in defaults)
