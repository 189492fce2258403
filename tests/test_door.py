"""The package has one door, and it is light."""

from __future__ import annotations

import subprocess
import sys

import itsm_bridge


def test_all_is_sorted_and_every_name_can_be_had() -> None:
    assert itsm_bridge.__all__ == sorted(itsm_bridge.__all__)
    for name in itsm_bridge.__all__:
        assert getattr(itsm_bridge, name) is not None


def test_importing_the_package_loads_no_heavy_library() -> None:
    heavy = ("pandas", "pyarrow", "duckdb", "requests", "pysnow", "jira")
    program = f"import sys, itsm_bridge; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
