from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from otrs_fixtures import _secrets, tool

__all__ = ["_secrets", "tool"]
