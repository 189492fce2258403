from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "connection"))

from connection_fixtures import _secrets, tool

__all__ = ["_secrets", "tool"]
