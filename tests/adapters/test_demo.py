"""The demo's folder: what can be done with it once the simulated tool is gone, and what a second demo does to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from itsm_bridge import pipeline
from itsm_bridge.adapter import Adapter, Demonstration
from itsm_bridge.adapters import demo
from itsm_bridge.errors import Unreachable, UsageError
from itsm_bridge.plugins import Plugins, build_plugin_manager
from itsm_bridge.progress import SilentProgress
from itsm_bridge.settings import load_config

PORT = 9  # nobody listens there


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Plugins:
    """All plugins; the simulated ServiceNow has ended before anybody asks it."""
    found = build_plugin_manager()
    servicenow: type[Adapter] = found.adapters["servicenow"]

    @contextmanager
    def ended() -> Iterator[Demonstration]:
        url = f"http://127.0.0.1:{PORT}"
        yield Demonstration({"adapter": "servicenow", "url": url, "username": "a", "password": "made up"})

    for adapter in found.adapters.values():
        monkeypatch.setattr(adapter, "demonstration", ended if adapter is servicenow else lambda: None)
    return found


@pytest.fixture
def folder(tmp_path: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a demo leaves, its sweep aside."""
    view: Any = SimpleNamespace()
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "sweep", lambda *_, **__: view)
        patch.setattr("itsm_bridge.delivery.deliver_reports", lambda *_, **__: None)
        demo.run_demo(tmp_path / "demo", plugins, SilentProgress())
    return tmp_path / "demo"


def test_every_tool_that_can_be_simulated_is_in_the_demo_and_can_be_served_again() -> None:
    simulated = [adapter for adapter in build_plugin_manager().adapters.values() if adapter.demonstration() is not None]
    assert {adapter.name for adapter in simulated} == {"jira_sm", "otrs", "servicenow"}
    packages = [adapter.__module__.partition(".")[0] for adapter in simulated]
    assert [find_spec(f"{package}.testing.__main__") is not None for package in packages] == [True] * 3


def test_settings_of_a_demo_say_how_its_tool_is_served_again_and_hold_no_secret(folder: Path) -> None:
    text = (folder / "itsm-bridge.toml").read_text(encoding="utf-8")
    assert f"#   {sys.executable} -m itsm_bridge_servicenow.testing --port {PORT}\n" in text
    assert "made up" not in text
    secret = folder / "demo-servicenow.password"
    assert (secret.read_text(encoding="utf-8"), secret.stat().st_mode & 0o777) == ("made up", 0o600)


def test_a_demo_whose_tool_is_gone_says_so_instead_of_what_is_wrong_with_a_real_one(
    folder: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plugins.adapters["servicenow"].__init__.__kwdefaults__, "sleep", lambda _: None)
    config = load_config(folder / "itsm-bridge.toml", plugins, {})
    words = (
        f"ended with the demo: serve it again with `{sys.executable} -m itsm_bridge_servicenow.testing --port {PORT}`."
    )
    (told,) = pipeline.doctor(config, plugins)
    assert told.error is not None
    assert str(told.error.hint).endswith(words)
    with pytest.raises(Unreachable) as caught:
        pipeline.sync(config, plugins)
    assert str(caught.value.hint).endswith(words)


def test_settings_that_no_demo_wrote_keep_their_own_advice(folder: Path) -> None:
    file = folder / "itsm-bridge.toml"
    file.write_text(file.read_text(encoding="utf-8").removeprefix(demo.MARK), encoding="utf-8")
    assert demo.to_serve_again(file) == ""
    assert not demo.holds_demo(folder)


def test_a_demo_takes_the_place_of_an_earlier_one_and_of_nothing_else(folder: Path, plugins: Plugins) -> None:
    assert demo.holds_demo(folder)
    (folder / "itsm-bridge.toml").write_text("mine", encoding="utf-8")
    assert not demo.holds_demo(folder)
    with pytest.raises(UsageError, match="holds no demo"):
        demo.run_demo(folder, plugins, SilentProgress())
    assert (folder / "itsm-bridge.toml").read_text(encoding="utf-8") == "mine"
