"""`parameters.toml` as `itsm-bridge init` writes it: every parameter of the installed checks, commented out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class _Parameter(Protocol):
    @property
    def default(self) -> str | int: ...
    @property
    def meaning(self) -> str: ...
    @property
    def bound(self) -> Any: ...


class _Check(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Any]: ...


_HEAD = """\
# Parameters of checks. Each stands here with its default. Take the # away to set your own value, and write
# who approved it and when: the report shows it. Where a bound is named, a looser value voids the conclusion.
# [name] sets a parameter in all checks that read it, [CHECK.name] in one check alone.
"""


def parameter_template(checks: Iterable[_Check]) -> str:
    """Return the text of `parameters.toml`; a parameter whose default differs between checks stands once for each."""
    readers: dict[tuple[str, str], list[str]] = {}
    known: dict[tuple[str, str], _Parameter] = {}
    for check in sorted(checks, key=lambda item: item.id):
        for name, parameter in check.parameters.items():
            key = (name, json.dumps(parameter.default, ensure_ascii=False))
            readers.setdefault(key, []).append(check.id)
            known.setdefault(key, parameter)
    names = [name for name, _ in known]
    blocks = []
    for (name, default), parameter in sorted(known.items(), key=lambda item: item[0]):
        ids = readers[name, default]
        titles = [name] if names.count(name) == 1 else [f"{check_id}.{name}" for check_id in ids]
        blocks += [_block(title, default, parameter, ids) for title in titles]
    return _HEAD + "".join(blocks)


def _block(title: str, default: str, parameter: _Parameter, ids: Iterable[str]) -> str:
    bound = f" Bound: {parameter.bound}." if parameter.bound else ""
    meaning = " ".join(parameter.meaning.split()).rstrip(".")
    return (
        f"\n# {meaning}.{bound} Read by {', '.join(ids)}.\n"
        f'# [{title}]\n# value = {default}\n# approved_by = ""\n# approved_on = 2026-01-01\n'
    )
