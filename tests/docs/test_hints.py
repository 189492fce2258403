"""What a person is told to do next reads the same everywhere: a sentence with a full stop."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from .conftest import ROOT

SOURCES = sorted(path for folder in (ROOT / "src", ROOT / "plugins") for path in folder.rglob("*.py"))


def hints(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "hint":
            yield from spellings(node.value)
        if isinstance(node, ast.Assign) and any(
            isinstance(name, ast.Name) and name.id == "hint" for name in node.targets
        ):
            yield from spellings(node.value)


def spellings(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from spellings(value.body)
        yield from spellings(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for each in value.values:
            yield from spellings(each)
    elif isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and value.value):
        yield value


def words(hint: ast.expr) -> str:
    parts = hint.values if isinstance(hint, ast.JoinedStr) else [hint]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)


@pytest.mark.parametrize("folder", ["src", "plugins"])
def test_every_hint_is_a_sentence_with_a_full_stop(folder: str) -> None:
    wrong = []
    for path in SOURCES:
        place = path.relative_to(ROOT)
        if place.parts[0] == folder and "tests" not in place.parts:
            told = map(words, hints(ast.parse(path.read_text(encoding="utf-8"))))
            wrong += [f"{place}: {hint}" for hint in told if hint[0].islower() or not hint.endswith((".", "?", "…"))]
    assert wrong == []
