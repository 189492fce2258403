"""Reading `itsm-bridge.toml`: every mistake is one ConfigurationError with file, line, key and what to do."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from itsm_bridge.adapter import SourceSettings
from itsm_bridge.errors import ConfigurationError
from itsm_bridge.schema.runs import ORGANISATION
from itsm_bridge.settings.complaints import Complaint, as_error, complaints
from itsm_bridge.settings.environment import PREFIX, Origins, override
from itsm_bridge.settings.lines import syntax_error, where_in
from itsm_bridge.settings.model import Config, with_absolute_paths
from itsm_bridge.suggestions import did_you_mean

if TYPE_CHECKING:
    from itsm_bridge.plugins import Plugins

CONFIG_FILE = "itsm-bridge.toml"
SECTIONS = ("store", "assessment", "sources", "schedule", "report", "privacy")

_SOURCE_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def config_path(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the configuration file: the one given, that of ITSM_BRIDGE_CONFIG, or the one in this folder."""
    if path is not None:
        return path
    return Path(environment.get(f"{PREFIX}CONFIG") or CONFIG_FILE)


def load_config(path: Path | None, plugins: Plugins, environment: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration file and return the settings, paths absolute; ConfigurationError says what is wrong."""
    file = config_path(path, environment)
    text = _read(file)
    document = _parse(file, text)
    origins = override(document, environment, SECTIONS)
    place = partial(_place, str(file), text, origins)
    folder = file.resolve().parent
    sources, found = _sources(document.pop("sources", {}), plugins)
    config, others = _sections(document, folder, file)
    if config is None or found:
        raise as_error([*others, *found], place)
    with_sources = {name: with_absolute_paths(settings, folder) for name, settings in sources.items()}
    if misplaced := _in_the_store(Path(config.store.path), with_sources):
        raise as_error(misplaced, place)
    return config.model_copy(update={"sources": with_sources})


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = "Run `itsm-bridge init` to write one, or name it with --config or ITSM_BRIDGE_CONFIG."
        raise ConfigurationError("there is no such configuration file", where=str(file), hint=hint) from None
    except UnicodeDecodeError:
        raise ConfigurationError("this is not text in UTF-8", where=str(file), hint="Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(
            f"it cannot be read: {error.strerror}", where=str(file), hint="Check the file."
        ) from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, where = syntax_error(str(file), text, error)
        raise ConfigurationError(message, where=where, hint="Strings need quotes, sections square brackets.") from None


def _sections(document: dict[str, Any], folder: Path, file: Path) -> tuple[Config | None, list[Complaint]]:
    found = [
        Complaint((name,), "is not a setting", f"sections are {', '.join(SECTIONS)}")
        for name in document
        if name in {"file", "folder"}
    ]
    try:
        config = Config.model_validate({**document, "folder": folder, "file": file.resolve()})
    except ValidationError as error:
        return None, [*found, *complaints(error, Config)]
    if found:
        return None, found
    config = with_absolute_paths(config, folder)
    if not config.store.is_remote:
        path = str(folder / Path(config.store.path).expanduser())
        config = config.model_copy(update={"store": config.store.model_copy(update={"path": path})})
    return config, []


def _sources(given: Any, plugins: Plugins) -> tuple[dict[str, SourceSettings], list[Complaint]]:
    if not isinstance(given, dict):
        return {}, [
            Complaint(("sources",), "is not a section", "write [sources.<name>] with the settings of a source below it")
        ]
    sources: dict[str, SourceSettings] = {}
    found: list[Complaint] = []
    for name, settings in given.items():
        result = _source(name, settings, plugins)
        if isinstance(result, SourceSettings):
            sources[name] = result
        else:
            found.extend(result)
    return sources, found


def _source(name: str, settings: Any, plugins: Plugins) -> SourceSettings | list[Complaint]:
    path = ("sources", name)
    if not _SOURCE_NAME.fullmatch(name):
        return [Complaint(path, "is no name for a source", "use lower-case letters, digits, - and _, a letter first")]
    if name == ORGANISATION:
        return [Complaint(path, "is no name for a source", "it stands for what no tool tells; choose another")]
    if not isinstance(settings, dict):
        return [Complaint(path, "is not a section", f"write [sources.{name}] with its settings below it")]
    adapter = settings.get("adapter")
    if adapter is None:
        return [Complaint((*path, "adapter"), "is missing", f"installed adapters are {', '.join(plugins.adapters)}")]
    if adapter not in plugins.adapters:
        guess = did_you_mean(str(adapter), plugins.adapters)
        hint = f"Installed adapters are {', '.join(plugins.adapters)}; others come with their own distributions."
        return [Complaint((*path, "adapter"), f"names an adapter that is not installed{guess}", hint)]
    model = plugins.adapters[adapter].settings
    try:
        result = model.model_validate(settings)
    except ValidationError as error:
        return complaints(error, model, path)
    return _unknown_streams(result, [stream.name for stream in plugins.adapters[adapter].streams], path) or result


def _unknown_streams(settings: SourceSettings, known: Sequence[str], path: tuple[str, ...]) -> list[Complaint]:
    """A stream that is misspelt would otherwise simply not be read."""
    hint = f"Streams of this adapter are {', '.join(sorted(known))}."
    return [
        Complaint((*path, key), f"names a stream {name!r} that there is not{did_you_mean(name, known)}", hint)
        for key, names in (("streams", settings.streams or ()), ("keep", settings.keep))
        for name in names
        if name not in known
    ]


def _in_the_store(store: Path, sources: Mapping[str, SourceSettings]) -> list[Complaint]:
    """The store is evidence, copied and handed over: no token, key or secret of a source may lie in it."""
    return [
        Complaint(
            ("sources", name, key), "lies in the store, which is copied and handed over", "name a place outside it"
        )
        for name, settings in sources.items()
        for key in type(settings).model_fields
        for path in (getattr(settings, key), getattr(getattr(settings, key), "file", None))
        if isinstance(path, Path) and path.is_relative_to(store)
    ]


def require_sources(config: Config, plugins: Plugins) -> None:
    """Refuse work that asks a source where none is configured; raises ConfigurationError.

    Judging, reporting and verifying what is held need none.
    """
    if not config.sources:
        raise ConfigurationError("no source is configured", where=str(config.file), hint=_example(plugins))


def _example(plugins: Plugins) -> str:
    return f"add a section [sources.<name>] with adapter = one of {', '.join(plugins.adapters)}"


def _place(file: str, text: str, origins: Origins, path: Sequence[str]) -> str:
    for overridden, variable in origins.items():
        if overridden == tuple(path[: len(overridden)]):
            return f"environment variable {variable}"
    return where_in(file, text, path)
