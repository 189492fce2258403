"""Which plugins are installed and what they add.

Entry points are loaded one at a time, and every hook is asked one plugin at a time, so that a broken
plugin is named together with its distribution. It stops the program: a silently missing source would
make an assessment look better than it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from itsm_bridge import builtin, hookspecs
from itsm_bridge.errors import DeliveryError, PluginError

if TYPE_CHECKING:
    from itsm_bridge.adapter import Adapter

GROUP = hookspecs.PROJECT
CORE = "itsm-bridge"


@dataclass(frozen=True, slots=True)
class Distribution:
    """One plugin: the entry point's name, what was installed to bring it, and the hooks that it implements."""

    plugin: str
    distribution: str
    version: str
    hooks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Origin:
    distribution: str
    version: str


class Plugins:
    """What the plugins of one manager add; each hook is asked once, when it is first needed."""

    def __init__(self, manager: pluggy.PluginManager, origins: dict[str, _Origin]) -> None:
        self.manager = manager
        self._origins = origins

    @cached_property
    def adapters(self) -> dict[str, type[Adapter]]:
        """Adapter classes by name."""
        from itsm_bridge.adapter import Adapter

        found: dict[str, tuple[str, type[Adapter]]] = {}
        for plugin, adapter in self._answers("itsm_adapters"):
            if not (isinstance(adapter, type) and issubclass(adapter, Adapter)):
                raise self._broken(plugin, f"itsm_adapters returned {adapter!r}, which is no Adapter class")
            self._refuse_second("adapter", adapter.name, plugin, found)
            found[adapter.name] = (plugin, adapter)
        return {name: adapter for name, (_, adapter) in sorted(found.items())}

    @cached_property
    def check_folders(self) -> list[Path]:
        """Folders of check files."""
        return self._folders("itsm_checks")

    @cached_property
    def kpi_folders(self) -> list[Path]:
        """Folders of KPI files."""
        return self._folders("itsm_kpis")

    @cached_property
    def reports(self) -> dict[str, Any]:
        """Reports by name."""
        found: dict[str, tuple[str, Any]] = {}
        for plugin, report in self._answers("itsm_reports"):
            self._refuse_second("report", report.name, plugin, found)
            found[report.name] = (plugin, report)
        return {name: report for name, (_, report) in sorted(found.items())}

    def notify(self, view: Any, config: Any) -> list[DeliveryError]:
        """Tell all plugins about a finished assessment; return what was not delivered."""
        failures = []
        for implementation in self.manager.hook.itsm_notify.get_hookimpls():
            try:
                _call(implementation, view=view, config=config)
            except DeliveryError as error:
                failures.append(error)
            except Exception as error:  # noqa: BLE001  foreign code; the other plugins are still to be told
                failures.append(DeliveryError(_reason(error), where=self._name(implementation.plugin_name)))
        return failures

    @property
    def distributions(self) -> list[Distribution]:
        """All plugins, built-in ones first."""
        found = []
        for name, plugin in self.manager.list_name_plugin():
            origin = self._origins[name]
            hooks = tuple(sorted(caller.name for caller in self.manager.get_hookcallers(plugin) or ()))
            found.append(Distribution(name, origin.distribution, origin.version, hooks))
        return sorted(found, key=lambda item: (item.distribution != CORE, item.distribution, item.plugin))

    def _folders(self, hook: str) -> list[Path]:
        folders = []
        for plugin, folder in self._answers(hook):
            if not Path(folder).is_dir():
                raise self._broken(plugin, f"{hook} returned {folder}, which is no folder")
            folders.append(Path(folder))
        return folders

    def _answers(self, hook: str) -> Iterator[tuple[str, Any]]:
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            plugin = implementation.plugin_name
            try:
                answers = list(_call(implementation))
            except Exception as error:
                raise self._broken(plugin, f"{hook} failed: {_reason(error)}") from error
            for answer in answers:
                yield plugin, answer

    def _refuse_second(self, kind: str, name: str, plugin: str, found: dict[str, tuple[str, Any]]) -> None:
        if name in found:
            first = self._name(found[name][0])
            raise PluginError(
                f"two plugins bring a {kind} called {name!r}: {first} and {self._name(plugin)}",
                hint="Uninstall one of the two distributions.",
            )

    def _name(self, plugin: str) -> str:
        origin = self._origins[plugin]
        return f"plugin {plugin} of {origin.distribution} {origin.version}"

    def _broken(self, plugin: str, message: str) -> PluginError:
        return _broken(plugin, self._origins[plugin], message)


def build_plugin_manager(entry_points: Iterable[metadata.EntryPoint] | None = None) -> Plugins:
    """Load the built-in and all installed plugins; PluginError names the first that does not load."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    origins: dict[str, _Origin] = {}
    _register(manager, origins, "built-in", _Origin(CORE, _core_version()), lambda: builtin)
    for point in metadata.entry_points(group=GROUP) if entry_points is None else entry_points:
        origin = _Origin(point.dist.name, point.dist.version) if point.dist else _Origin("an unknown distribution", "")
        _register(manager, origins, point.name, origin, point.load)
    return Plugins(manager, origins)


def _register(
    manager: pluggy.PluginManager, origins: dict[str, _Origin], name: str, origin: _Origin, load: Callable[[], Any]
) -> None:
    if name in origins:
        first = origins[name].distribution
        raise PluginError(
            f"two plugins are called {name!r}: one of {first}, one of {origin.distribution}",
            hint="Uninstall one of the two distributions.",
        )
    try:
        manager.register(load(), name=name)
        manager.check_pending()
    except Exception as error:  # anything at all may go wrong in the import of foreign code
        raise _broken(name, origin, f"it does not load: {_reason(error)}") from error
    origins[name] = origin


def _broken(plugin: str, origin: _Origin, message: str) -> PluginError:
    return PluginError(
        message,
        where=f"plugin {plugin} of {origin.distribution} {origin.version}".rstrip(),
        hint=f"Repair, upgrade or uninstall {origin.distribution}.",
    )


def _call(implementation: pluggy.HookImpl, **arguments: Any) -> Any:
    return implementation.function(*(arguments[name] for name in implementation.argnames))


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _core_version() -> str:
    try:
        return metadata.version(CORE)
    except metadata.PackageNotFoundError:
        return "not installed"
