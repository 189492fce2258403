from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.settings import Config

Load = Callable[..., Config]


def test_a_variable_overrides_a_single_setting(load: Load) -> None:
    config = load('[store]\npath = "a"\n', {"ITSM_BRIDGE_STORE__PATH": "s3://b/c", "HOME": "/root"})
    assert config.store.path == "s3://b/c"


def test_a_variable_overrides_a_setting_of_a_source(load: Load) -> None:
    source: Any = load("", {"ITSM_BRIDGE_SOURCES__PROD__CONNECTIONS": "8"}).sources["prod"]
    assert source.connections == 8
    assert source.url == "https://desk.example"


def test_a_source_with_a_dash_is_written_with_an_underscore(load: Load) -> None:
    source = '[sources.my-desk]\nadapter="desk"\nurl="u"\npassword={env="P"}\n'
    config = load("", {"ITSM_BRIDGE_SOURCES__MY_DESK__URL": "other"}, source=source)
    settings: Any = config.sources["my-desk"]
    assert settings.url == "other"


def test_lists_and_secrets_are_written_as_in_the_file(load: Load) -> None:
    config = load(
        "", {"ITSM_BRIDGE_ASSESSMENT__ACCEPTED_GAPS": '["prod:x"]', "ITSM_BRIDGE_PRIVACY__KEY": '{ env = "KEY" }'}
    )
    assert config.assessment.accepted_gaps == ("prod:x",)
    assert config.privacy.key is not None
    assert config.privacy.key.env == "KEY"


@pytest.mark.parametrize(
    ("name", "value", "message", "hint"),
    [
        ("ITSM_BRIDGE_STOR__PATH", "x", "no section 'stor'; did you mean 'store'?", "Sections are"),
        ("ITSM_BRIDGE_SOURCES__PROF__URL", "x", "no source 'prof'; did you mean 'prod'?", "SOURCES__<SOURCE>"),
        ("ITSM_BRIDGE_STORE_PATH", "x", "one underscore", "ITSM_BRIDGE_STORE__PATH"),
        ("ITSM_BRIDGE_STORE__PTH", "x", "store.pth is not a setting", "Did you mean 'path'?"),
        ("ITSM_BRIDGE_ASSESSMENT__ACCEPTED_GAPS", "[1", "begins like a TOML list", '["a", "b"]'),
        ("ITSM_BRIDGE_SOURCES__PROD__PASSWORD", "hunter22", "in the open", "{ env ="),
        ("ITSM_BRIDGE_ASSESSMENT__TIMEZONE", "Nowhere", "assessment.timezone", "Zone"),
    ],
)
def test_a_wrong_variable_is_named(load: Load, name: str, value: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load("", {name: value})
    assert message in caught.value.message
    assert caught.value.where == f"environment variable {name}"
    assert hint in (caught.value.hint or "")
    assert "hunter22" not in str(caught.value)


def test_variables_of_others_are_left_alone(load: Load) -> None:
    assert load("", {"ITSM_BRIDGE_CONFIG": "x", "ITSM_BRIDGE_COLOUR": "1", "ITSM": "y"}).assessment.timezone == "UTC"
