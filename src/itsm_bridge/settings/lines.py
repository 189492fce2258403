"""On which line of a TOML text a key stands: the parser does not say, and people need it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

_HEADER = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LINE_IN_MESSAGE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Return the line (from 1) of the longest part of `path` that the text writes down; None where it has none."""
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = here = _parts(header[1])
        elif key := _KEY.match(line):
            here = table + _parts(key[1])
        else:
            continue
        shared = len(here) if tuple(path[: len(here)]) == here else 0
        if shared and (best is None or shared > best[0]):
            best = (shared, number)
    return best[1] if best else None


def where_in(file: str, text: str, path: Sequence[str]) -> str:
    """Return `file:line` for a key, or the file alone."""
    line = line_of(text, path)
    return f"{file}:{line}" if line else file


def syntax_error(file: str, text: str, error: tomllib.TOMLDecodeError) -> tuple[str, str]:
    """Return message and place of a text that is not TOML."""
    found = _LINE_IN_MESSAGE.search(str(error))
    line = int(found[1]) if found and found[1] else len(text.splitlines())
    message = _LINE_IN_MESSAGE.sub("", str(error)).strip()
    return f"this is not TOML: {message[:1].lower()}{message[1:]}", f"{file}:{line}"


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(key))
