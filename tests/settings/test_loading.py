from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.settings import Config, config_path, load_config

Load = Callable[..., Config]


def test_a_file_with_nothing_but_a_source_has_sensible_defaults(load: Load, tmp_path: Path) -> None:
    config = load("")
    assert config.store.path == str(tmp_path / "itsm-bridge-data")
    assert config.assessment.period == "30d"
    assert config.assessment.policy is None
    assert config.report.path == tmp_path / "itsm-bridge-reports"
    assert config.schedule.sweep is None
    assert config.folder == tmp_path


def test_the_settings_of_a_source_are_those_of_its_adapter(load: Load) -> None:
    source: Any = load("").sources["prod"]
    assert source.url == "https://desk.example"
    assert source.connections == 4


def test_relative_paths_are_meant_from_the_folder_of_the_file(load: Load, tmp_path: Path) -> None:
    source = '[sources.prod]\nadapter="desk"\nurl="u"\npassword={file="secret"}\n'
    source += 'ca_bundle="ca.pem"\nmappings=["m", "/abs"]\n'
    config = load('[store]\npath = "data"\n[assessment]\npolicy = "rules"\n', source=source)
    settings: Any = config.sources["prod"]
    assert config.store.path == str(tmp_path / "data")
    assert config.assessment.policy == tmp_path / "rules"
    assert settings.password.file == tmp_path / "secret"
    assert settings.ca_bundle == tmp_path / "ca.pem"
    assert settings.mappings == (tmp_path / "m", Path("/abs"))


def test_the_address_of_an_object_store_stays_as_it_is(load: Load) -> None:
    store = load('[store]\npath = "s3://evidence/bridge"\n').store
    assert store.path == "s3://evidence/bridge"
    assert store.is_remote


def test_the_schedule_takes_the_time_zone_of_the_assessment(load: Load) -> None:
    config = load('[assessment]\ntimezone = "Europe/Berlin"\n[schedule]\nsweep = "0 2 * * *"\n')
    assert config.schedule_timezone == "Europe/Berlin"


def test_settings_cannot_be_changed_afterwards(load: Load) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load("").store.path = "elsewhere"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("[stor]\n", 1, "stor is not a setting", "Did you mean 'store'?"),
        ('\n[store]\npth = "x"\n', 3, "store.pth is not a setting", "Did you mean 'path'?"),
        ("[store]\npath = 3\n", 2, "store.path", "Folder, or address"),
        ('[assessment]\nperiod = "30 days"\n', 2, "assessment.period is not a period", "30d"),
        ('[assessment]\nperiod = "2026-02-01/2026-01-01"\n', 2, "ends before it begins", "30d"),
        ('[assessment]\nmemory = "lots"\n', 2, "'lots' is no size", "4 GB"),
        ('[assessment]\ntimezone = "Europe/Berln"\n', 2, "did you mean 'Europe/Berlin'?", "Zone"),
        ('[schedule]\nsweep = "every night"\n', 2, "five fields", "Cron line"),
        ('[schedule]\nsweep = "0 25 * * *"\n', 2, "is not a cron line", "Cron line"),
        ('[privacy]\nkey = "s3cret"\n', 2, "privacy.key is written here in the open", '{ env = "NAME" }'),
        ("store = 3\n", 1, "store is not a section", "[store]"),
        ('[store]\npath = "x\n', 2, "this is not TOML", "quotes"),
        ("folder = 1\n", 1, "folder is not a setting", "sections are"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(
    load: Load, text: str, line: int, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(text)
    error = caught.value
    assert message in error.message
    assert error.where is not None
    assert error.where.endswith(f"itsm-bridge.toml:{line}")
    assert hint in (error.hint or "")


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        (
            "[sources.prod]\nadapter = 'desc'\n",
            "names an adapter that is not installed; did you mean 'desk'?",
            "desk, files",
        ),
        ("[sources.prod]\nurl = 'u'\n", "sources.prod.adapter is missing", "desk"),
        ("[sources]\nprod = 1\n", "sources.prod is not a section", "[sources.prod]"),
        ("[sources.'A:B']\nadapter = 'desk'\n", "is no name for a source", "lower-case"),
        ("[sources.organisation]\nadapter = 'desk'\n", "is no name for a source", "no tool tells"),
        ("[sources.prod]\nadapter='desk'\npassword={env='P'}\n", "sources.prod.url is missing", "Address of the desk"),
        (
            "[sources.prod]\nadapter='desk'\nulr='u'\npassword={env='P'}\n",
            "sources.prod.ulr is not a setting",
            "Did you mean 'url'?",
        ),
        (
            "[sources.prod]\nadapter='desk'\nurl='u'\npassword={}\n",
            "needs exactly one of env, file and keyring",
            "keyring =",
        ),
        ("[sources.prod]\nadapter='desk'\nurl='u'\npassword={keyring='x'}\n", "service/user", "keyring ="),
        (
            "[sources.prod]\nadapter='desk'\nurl='u'\npassword={env='P'}\nconnections=99\n",
            "less than or equal to 16",
            "Requests",
        ),
    ],
)
def test_a_mistake_in_a_source_is_told(load: Load, source: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load("", source=source)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_all_mistakes_are_told_at_once(load: Load) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load('[store]\nx = 1\n[assessment]\ntimezone = "Nowhere"\n', source="[sources.prod]\nadapter = 'dek'\n")
    for part in ("store.x", "assessment.timezone", "sources.prod.adapter"):
        assert part in caught.value.message


def test_a_misspelt_required_key_is_told_once(load: Load) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load("", source="[sources.prod]\nadapter='desk'\nulr='u'\npassword={env='P'}\n")
    assert "missing" not in caught.value.message


def test_values_are_never_repeated_in_a_complaint(load: Load) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load("", source="[sources.prod]\nadapter='desk'\nurl={a='hunter22'}\npassword='hunter22'\n")
    assert "hunter22" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__} {caught.value.__context__!s}"


def test_a_missing_file_says_how_to_write_one(tmp_path: Path, plugins: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_config(tmp_path / "nowhere.toml", plugins, {})
    assert "itsm-bridge init" in (caught.value.hint or "")


def test_a_file_that_is_not_text_is_told(tmp_path: Path, plugins: Any) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_config(tmp_path / "x.toml", plugins, {})


def test_the_file_is_the_one_given_or_that_of_the_environment_or_the_one_here() -> None:
    assert config_path(Path("a.toml"), {"ITSM_BRIDGE_CONFIG": "b.toml"}) == Path("a.toml")
    assert config_path(None, {"ITSM_BRIDGE_CONFIG": "b.toml"}) == Path("b.toml")
    assert config_path(None, {}) == Path("itsm-bridge.toml")


def test_a_site_names_folders_of_its_own_checks(load: Load, tmp_path: Path) -> None:
    config = load('[assessment]\nchecks = ["checks"]\n')
    assert config.assessment.checks == (tmp_path / "checks",)
