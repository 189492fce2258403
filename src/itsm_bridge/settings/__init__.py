"""Settings: `itsm-bridge.toml`, checked and complete."""

from __future__ import annotations

from itsm_bridge.settings.load import CONFIG_FILE, config_path, load_config, require_sources
from itsm_bridge.settings.model import Assessment, Config, Privacy, Report, Schedule, Store
from itsm_bridge.settings.period import Period

__all__ = [
    "CONFIG_FILE",
    "Assessment",
    "Config",
    "Period",
    "Privacy",
    "Report",
    "Schedule",
    "Store",
    "config_path",
    "load_config",
    "require_sources",
]
