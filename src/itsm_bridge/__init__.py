"""itsm-bridge: continuous ISO/IEC 20000-1 conformance evidence from the records an ITSM tool already holds.

This is the one door: analysts, plugins and scripts import from here only. Names are loaded when they are
first used, so `import itsm_bridge` costs nothing.

    import itsm_bridge
    bridge = itsm_bridge.open("itsm-bridge.toml")
    bridge.load("incident", since="2026-01-01")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from itsm_bridge.adapter import (
        Access,
        Adapter,
        Capability,
        Census,
        Demonstration,
        Envelope,
        Page,
        Preflight,
        Right,
        SourceContext,
        SourceSettings,
        Stream,
        Traffic,
        Window,
    )  # fmt: skip
    from itsm_bridge.analysis import Bridge
    from itsm_bridge.analysis import open_store as open  # noqa: A004
    from itsm_bridge.errors import (
        AuthenticationFailed,
        BadAnswer,
        CheckError,
        ConfigurationError,
        DeliveryError,
        InputError,
        ItsmBridgeError,
        MappingError,
        PermissionDenied,
        PluginError,
        RateLimited,
        SourceError,
        StoreDamaged,
        StoreError,
        StoreLocked,
        Unreachable,
        UsageError,
    )  # fmt: skip
    from itsm_bridge.hookspecs import hookimpl
    from itsm_bridge.nested import NestedDecoder
    from itsm_bridge.reports.view import AssessmentView, Report
    from itsm_bridge.secrets import Secret
    from itsm_bridge.source_settings import safe_address
    from itsm_bridge.transport import Answer, SignedIn, Transport, json_body

_HOMES = {
    "itsm_bridge.adapter": (
        "Access", "Adapter", "Capability", "Census", "Demonstration", "Envelope", "Page", "Preflight", "Right",
        "SourceContext", "SourceSettings", "Stream", "Traffic", "Window",
    ),
    "itsm_bridge.analysis": ("Bridge",),
    "itsm_bridge.errors": (
        "AuthenticationFailed", "BadAnswer", "CheckError", "ConfigurationError", "DeliveryError", "InputError",
        "ItsmBridgeError", "MappingError", "PermissionDenied", "PluginError", "RateLimited", "SourceError",
        "StoreDamaged", "StoreError", "StoreLocked", "Unreachable", "UsageError",
    ),
    "itsm_bridge.hookspecs": ("hookimpl",),
    "itsm_bridge.nested": ("NestedDecoder",),
    "itsm_bridge.reports.view": ("AssessmentView", "Report"),
    "itsm_bridge.secrets": ("Secret",),
    "itsm_bridge.source_settings": ("safe_address",),
    "itsm_bridge.transport": ("Answer", "SignedIn", "Transport", "json_body"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Access", "Adapter", "Answer", "AssessmentView", "AuthenticationFailed", "BadAnswer", "Bridge", "Capability",
    "Census", "CheckError", "ConfigurationError", "DeliveryError", "Demonstration", "Envelope", "InputError",
    "ItsmBridgeError", "MappingError", "NestedDecoder", "Page", "PermissionDenied", "PluginError", "Preflight",
    "RateLimited", "Report", "Right", "Secret", "SignedIn", "SourceContext", "SourceError", "SourceSettings",
    "StoreDamaged", "StoreError", "StoreLocked", "Stream", "Traffic", "Transport", "Unreachable", "UsageError",
    "Window", "hookimpl", "json_body", "open", "safe_address",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "open":
        return import_module("itsm_bridge.analysis").open_store
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'itsm_bridge' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
