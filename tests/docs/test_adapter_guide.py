"""The adapter author's guide shows the example as it is, and the whole of what it calls whole."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from itsm_bridge.adapter import Adapter
from itsm_bridge.testing import AdapterContract, World

from .conftest import DOCS, ROOT, blocks

GUIDE = DOCS / "adapters.md"
TEXT = GUIDE.read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "acme_desk"
PACKAGE = EXAMPLE / "src" / "itsm_bridge_acme_desk"
MAPPINGS = sorted((PACKAGE / "mappings").glob("*.toml"))
WHOLE = [
    EXAMPLE / "pyproject.toml", PACKAGE / "__init__.py", PACKAGE / "adapter.py", *MAPPINGS,
    PACKAGE / "testing" / "world.py", EXAMPLE / "tests" / "test_promises.py",
]  # fmt: skip


@pytest.mark.parametrize("language", ["python", "toml"])
def test_what_is_shown_is_the_text_of_the_example(language: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in EXAMPLE.rglob("*.*") if path.suffix in (".py", ".toml")]
    assert [block for block in blocks(GUIDE, language) if not any(block in text for text in texts)] == []


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_the_whole_of_it_is_shown(path: Path) -> None:
    left = path.read_text(encoding="utf-8")
    for block in sorted(blocks(GUIDE, "python") + blocks(GUIDE, "toml"), key=len, reverse=True):
        left = left.replace(block, "", 1)
    assert left.split() == []


def test_the_example_is_as_long_as_the_guide_says() -> None:
    said = re.search(r"an adapter of (\d+) lines .*? a fake desk of (\d+) lines", TEXT, re.DOTALL)
    assert said
    files = (PACKAGE / "adapter.py", PACKAGE / "testing" / "desk.py")
    assert [int(count) for count in said.groups()] == [len(path.read_text().splitlines()) for path in files]
    assert int(said[1]) < 150


def test_the_first_step_makes_a_plugin_with_another_name(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "here" / "examples" / "acme_desk", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["sh", "-e"], input=blocks(GUIDE, "sh")[0], cwd=tmp_path / "here", text=True, check=True)
    made = tmp_path / "my_desk"
    files = [path for path in made.rglob("*.*") if path.is_file()]
    assert [path for path in files if "acme" in f"{path}{path.read_text(encoding='utf-8')}".lower()] == []
    for path in made.rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    project = tomllib.loads((made / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (package,) = project["entry-points"]["itsm_bridge"].values()
    assert (made / "src" / package / "adapter.py").is_file()


def test_every_promise_stands_there_with_a_mistake_that_breaks_it() -> None:
    promises = {name for name, _ in inspect.getmembers(AdapterContract, inspect.isfunction) if name.startswith("test_")}
    listed = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", TEXT.partition("## What each promise means")[2], re.MULTILINE)
    assert sorted(listed) == sorted(name.removeprefix("test_") for name in promises)


def test_every_duty_of_an_adapter_is_documented() -> None:
    methods = [name for name in vars(Adapter) if not name.startswith("_") and callable(getattr(Adapter, name))]
    assert [name for name in methods if f"`{name}" not in TEXT and f"def {name}(" not in TEXT] == []


def test_every_part_of_a_world_is_documented() -> None:
    parts = {name for name in {*vars(World), *World.__annotations__} if not name.startswith("_")}
    table = TEXT.partition("| part of `World` |")[2]
    assert {name for name in parts if f"`{name}" not in table} == set()
