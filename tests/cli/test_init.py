from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from pydantic_core import PydanticUndefined
from typer.testing import Result

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.policy import load_policy
from itsm_bridge.settings import Config, load_config, require_sources

Run = Callable[..., Result]

SPAN = (date(2026, 1, 1), date(2026, 2, 1))


WRITTEN = re.compile(r"(?m)^(#?)(\w+) = (.+?) +# (.+)$")
NEEDS_A_NETWORK = {
    "connections", "timeout", "proxy", "proxy_username", "proxy_password", "ca_bundle", "client_certificate",
    "client_key", "client_key_password",
}  # fmt: skip


def uncommented(text: str) -> str:
    """The configuration with every setting switched on."""
    return re.sub(r"(?m)^#(?=\w+ = |\[)", "", text)


def with_defaults(text: str) -> str:
    """The configuration with its section of a source switched on, but for settings that only show an example."""
    return uncommented(re.sub(r"(?m)^#.+# example: .+$", "", text))


def test_what_init_writes_lacks_only_a_source(run: Run, tmp_path: Path) -> None:
    result = run("init", "new")
    assert result.exit_code == 0
    assert "itsm-bridge doctor" in result.stdout
    plugins = build_plugin_manager([])
    config = load_config(tmp_path / "new" / "itsm-bridge.toml", plugins, {})
    with pytest.raises(ConfigurationError, match="no source is configured") as caught:
        require_sources(config, plugins)
    assert "[sources.<name>]" in str(caught.value.hint)


def test_what_asks_no_source_needs_none(run: Run, tmp_path: Path) -> None:
    run("init", "new")
    file = str(tmp_path / "new" / "itsm-bridge.toml")
    assert run("checks", "list", "--config", file).exit_code == 0
    for command in ("sync", "sweep", "doctor"):
        result = run(command, "--config", file)
        assert (result.exit_code, "no source is configured" in result.stderr) == (2, True)
    assert "there is no store here" in run("verify", "--config", file).stderr


@pytest.mark.parametrize("adapter", sorted(build_plugin_manager().adapters))
def test_the_example_of_every_adapter_is_right_but_for_what_only_its_owner_knows(
    run: Run, tmp_path: Path, adapter: str
) -> None:
    run("init", "--adapter", adapter)
    document = tomllib.loads(uncommented((tmp_path / "itsm-bridge.toml").read_text(encoding="utf-8")))
    known = build_plugin_manager().adapters[adapter]
    senseless = NEEDS_A_NETWORK if not known.settings.ways_in else set()
    senseless |= {"mappings", "keep"} if known.mapping_folder() is None else set()
    written = document["sources"][adapter]
    assert set(written) == set(known.settings.model_fields) - senseless
    assert written["adapter"] == adapter
    for name, field in known.settings.model_fields.items():
        if name in written and not field.examples and field.default not in (None, PydanticUndefined):
            assert written[name] == TypeAdapter(Any).dump_python(field.default, mode="json"), name


def test_every_setting_is_written_once_with_its_meaning_and_sections_are_switched_on(run: Run, tmp_path: Path) -> None:
    run("init", "--adapter", "files")
    text = (tmp_path / "itsm-bridge.toml").read_text(encoding="utf-8")
    document = tomllib.loads(uncommented(text))
    for section, field in Config.model_fields.items():
        if section != "sources" and not field.exclude:
            assert set(document[section]) == set(field.annotation.model_fields), section
            assert f"\n[{section}]\n" in text
    settings = [line for line in text.splitlines() if re.match(r"#?\w+ = ", line)]
    assert len(WRITTEN.findall(text)) == len(settings) - 1  # `adapter` says itself what it means
    assert "None" not in text
    assert not re.search(r"(?m)^#\s*#|# .*# .*#", text)


def test_the_example_of_the_files_adapter_loads(run: Run, tmp_path: Path) -> None:
    run("init", "--adapter", "files")
    file = tmp_path / "itsm-bridge.toml"
    file.write_text(with_defaults(file.read_text(encoding="utf-8")), encoding="utf-8")
    config = load_config(file, build_plugin_manager([]), {})
    assert config.assessment.policy == tmp_path / "policy"
    assert list(config.sources) == ["files"]


def test_the_policy_folder_that_init_writes_is_complete_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    run("init")
    policy = load_policy(tmp_path / "policy", ["prod"], "UTC", SPAN)
    assert not policy.defaults
    assert not policy.parameters
    assert not policy.adopted
    assert "# [" in policy.contents["parameters.toml"]


def test_init_never_overwrites(run: Run, tmp_path: Path) -> None:
    (tmp_path / "itsm-bridge.toml").write_text("mine", encoding="utf-8")
    result = run("init", "--json")
    told = json.loads(result.stdout)
    assert told["kept"] == ["itsm-bridge.toml"]
    assert "policy/calendars.toml" in told["written"]
    assert (tmp_path / "itsm-bridge.toml").read_text(encoding="utf-8") == "mine"
    again = run("init")
    assert "wrote" not in again.stdout
    assert "it exists" in again.stdout


def test_an_adapter_that_is_not_installed_is_told(run: Run, tmp_path: Path) -> None:
    result = run("init", "--adapter", "fils")
    assert result.exit_code == 2
    assert "did you mean 'files'?" in result.stderr
    assert not list(tmp_path.iterdir())
