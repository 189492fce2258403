from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from itsm_bridge.adapter import Adapter
from itsm_bridge.errors import DeliveryError, PluginError
from itsm_bridge.hookspecs import hookimpl
from itsm_bridge.plugins import build_plugin_manager


class Point:
    """An entry point of a distribution that is not really installed."""

    def __init__(self, name: str, load: Callable[[], Any], distribution: str) -> None:
        self.name = name
        self.load = load
        self.dist = SimpleNamespace(name=distribution, version="1.2.3")


def point(name: str, distribution: str = "", **hooks: Callable[..., Any]) -> Any:
    module = ModuleType(name)
    for hook, function in hooks.items():
        function.__name__ = hook
        setattr(module, hook, hookimpl(function))
    return Point(name, lambda: module, distribution or f"itsm-bridge-{name}")


def adapter(title: str) -> type[Adapter]:
    return type(title.title(), (Adapter,), {"name": title, "title": title})


def test_what_is_built_in_is_a_plugin_like_any_other() -> None:
    plugins = build_plugin_manager([])
    assert plugins.distributions[0].distribution == "itsm-bridge"
    assert {"itsm_adapters", "itsm_checks", "itsm_reports"} <= set(plugins.distributions[0].hooks)
    assert "files" in plugins.adapters
    assert {"console", "html", "json"} <= set(plugins.reports)
    assert all(folder.is_dir() for folder in plugins.check_folders)


def test_a_plugin_adds_adapters_checks_and_reports(tmp_path: Path) -> None:
    desk, report = adapter("desk"), SimpleNamespace(name="slides")
    plugins = build_plugin_manager(
        [point("desk", itsm_adapters=lambda: [desk], itsm_checks=lambda: [tmp_path], itsm_reports=lambda: [report])]
    )
    assert plugins.adapters["desk"] is desk
    assert tmp_path in plugins.check_folders
    assert plugins.reports["slides"] is report
    assert plugins.distributions[-1].distribution == "itsm-bridge-desk"
    assert plugins.distributions[-1].version == "1.2.3"
    assert plugins.distributions[-1].hooks == ("itsm_adapters", "itsm_checks", "itsm_reports")


def test_a_plugin_is_asked_only_when_its_answer_is_needed() -> None:
    asked: list[str] = []
    plugins = build_plugin_manager([point("lazy", itsm_adapters=lambda: asked.append("adapters") or [])])
    assert plugins.reports
    assert not asked
    assert plugins.adapters
    assert plugins.adapters
    assert asked == ["adapters"]


def test_a_plugin_that_does_not_load_is_named_with_its_distribution() -> None:
    def fail() -> Any:
        raise ImportError("No module named 'desk_client'")

    with pytest.raises(PluginError) as caught:
        build_plugin_manager([point("fine"), Point("broken", fail, "itsm-bridge-desk")])
    assert caught.value.where == "plugin broken of itsm-bridge-desk 1.2.3"
    assert "desk_client" in caught.value.message
    assert "itsm-bridge-desk" in (caught.value.hint or "")


def test_a_hook_that_fails_is_named_with_plugin_and_distribution() -> None:
    def fail() -> Any:
        raise RuntimeError("no such thing")

    plugins = build_plugin_manager([point("desk", itsm_adapters=fail)])
    with pytest.raises(PluginError, match="itsm_adapters failed: RuntimeError: no such thing") as caught:
        _ = plugins.adapters
    assert caught.value.where == "plugin desk of itsm-bridge-desk 1.2.3"


def test_a_hook_that_nobody_specified_is_refused() -> None:
    with pytest.raises(PluginError, match="itsm_adaptors"):
        build_plugin_manager([point("desk", itsm_adaptors=lambda: ())])


@pytest.mark.parametrize("answer", [["desk"], [object], 3])
def test_an_answer_that_is_no_adapter_is_refused(answer: Any) -> None:
    plugins = build_plugin_manager([point("desk", itsm_adapters=lambda: answer)])
    with pytest.raises(PluginError, match="itsm_adapters") as caught:
        _ = plugins.adapters
    assert "itsm-bridge-desk" in (caught.value.where or "")


def test_a_folder_of_checks_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    plugins = build_plugin_manager([point("pack", itsm_checks=lambda: [tmp_path / "nowhere"])])
    with pytest.raises(PluginError, match="which is no folder"):
        _ = plugins.check_folders


def test_two_adapters_of_one_name_are_refused_and_both_named() -> None:
    plugins = build_plugin_manager(
        [
            point("one", itsm_adapters=lambda: [adapter("desk")]),
            point("two", itsm_adapters=lambda: [adapter("desk")]),
        ]
    )
    with pytest.raises(PluginError) as caught:
        _ = plugins.adapters
    assert "itsm-bridge-one" in caught.value.message
    assert "itsm-bridge-two" in caught.value.message


def test_two_plugins_of_one_name_are_refused() -> None:
    with pytest.raises(PluginError, match="two plugins are called 'desk'"):
        build_plugin_manager([point("desk", "first"), point("desk", "second")])


def test_every_notifier_is_asked_though_one_fails() -> None:
    told: list[str] = []

    def refuse(view: Any, config: Any) -> None:
        raise DeliveryError("mail server is down")

    def crash(view: Any) -> None:
        raise ValueError("bad template")

    def tell(view: Any) -> None:
        told.append(view)

    plugins = build_plugin_manager(
        [point("mail", itsm_notify=refuse), point("chat", itsm_notify=crash), point("pager", itsm_notify=tell)]
    )
    failures = plugins.notify("view", "config")
    assert told == ["view"]
    assert {failure.message for failure in failures} == {"mail server is down", "ValueError: bad template"}
    assert any("itsm-bridge-chat" in (failure.where or "") for failure in failures)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "desk_plugin.py").write_text("import a_client_that_is_not_there\n", encoding="utf-8")
    info = tmp_path / "itsm_bridge_desk-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: itsm-bridge-desk\nVersion: 9.9\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[itsm_bridge]\ndesk = desk_plugin\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("desk_plugin", None)


def test_a_broken_plugin_that_is_really_installed_is_named(installed: None) -> None:
    with pytest.raises(PluginError) as caught:
        build_plugin_manager()
    assert caught.value.where == "plugin desk of itsm-bridge-desk 9.9"
    assert "a_client_that_is_not_there" in caught.value.message
