from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "fakes"))

from fixtures import first_sync, site, synced

__all__ = ["first_sync", "site", "synced"]
