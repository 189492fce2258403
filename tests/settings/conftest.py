from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import Field

from itsm_bridge.adapter import SourceSettings
from itsm_bridge.secrets import Secret
from itsm_bridge.settings import Config, load_config

Load = Callable[..., Config]

SOURCE = """
[sources.prod]
adapter = "desk"
url = "https://desk.example"
password = { env = "DESK_PASSWORD" }
"""


class DeskSettings(SourceSettings):
    url: str = Field(description="Address of the desk")
    password: Secret = Field(description="Password of the account")
    ca_bundle: Path | None = None


@pytest.fixture
def plugins() -> Any:
    desk = SimpleNamespace(settings=DeskSettings, streams=())
    return SimpleNamespace(adapters={"desk": desk, "files": SimpleNamespace()})


@pytest.fixture
def load(tmp_path: Path, plugins: Any) -> Load:
    def from_text(text: str, environment: Mapping[str, str] | None = None, *, source: str = SOURCE) -> Config:
        file = tmp_path / "itsm-bridge.toml"
        file.write_text(text + source, encoding="utf-8")
        return load_config(file, plugins, environment or {})

    return from_text
