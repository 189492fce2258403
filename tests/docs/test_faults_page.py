"""The page of promises names tests, and these exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .conftest import DOCS, ROOT

PAGE = (DOCS / "faults.md").read_text(encoding="utf-8")
FOLDERS = (ROOT, ROOT / "plugins" / "servicenow" / "tests")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| fault ")]


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_every_test_on_the_page_exists(file: str, test: str) -> None:
    found = [folder / file for folder in FOLDERS if (folder / file).is_file()]
    assert found, f"there is no {file}"
    assert test.startswith("test_")
    assert test in functions_of(found[0])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_no_promise_stands_without_a_test(row: str) -> None:
    assert re.search(r"`[\w/]+\.py::test_\w+`", row)
