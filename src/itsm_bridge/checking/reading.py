"""Values of check and KPI files with their types asked for by name; problems are kept, so that all are told at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itsm_bridge.errors import CheckError
from itsm_bridge.suggestions import did_you_mean


@dataclass(slots=True)
class Problems:
    """What is wrong with one file: (where, what, what to do)."""

    path: Path
    text: str
    kind: str = "check file"
    found: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, key: str, message: str, hint: str = "") -> None:
        """Note a problem with the value of `key`."""
        line = self._line(key)
        self.found.append((f"{self.path}:{line}: {key}" if line else f"{self.path}: {key}", message, hint))

    def raise_any(self) -> None:
        """Raise a CheckError that tells all problems, if there are any."""
        if not self.found:
            return
        where, message, hint = self.found[0]
        if len(self.found) == 1:
            raise CheckError(message, where=where, hint=hint or f"Correct the {self.kind}.")
        told = "".join(f"\n  {place}: {what}{f' ({todo})' if todo else ''}" for place, what, todo in self.found)
        raise CheckError(
            f"{len(self.found)} problems:{told}", where=str(self.path), hint=f"Correct the {self.kind}, then run again."
        )

    def _line(self, key: str) -> int | None:
        """Find the line of a dotted key: that of its own, else that of the table it is in."""
        names = [re.sub(r"\[\d+\]$", "", part) for part in key.split(".")]
        for size in range(len(names), -1, -1):
            number = re.search(r"\[(\d+)\]$", ".".join(key.split(".")[:size]))
            head = re.escape(".".join(names[:size]))
            table = self._nth(rf"\s*\[+\s*{head}\s*\]+", 0, int(number[1]) if number else 1)
            if table is None and size:
                continue
            start = table or 0
            own = self._nth(rf"\s*{re.escape(names[size])}\s*=", start, 1) if size < len(names) else None
            return own or table
        return None

    def _nth(self, pattern: str, start: int, number: int) -> int | None:
        """Return the number of the n-th line after `start` that begins like this."""
        found = [n for n, line in enumerate(self.text.splitlines(), 1) if n > start and re.match(pattern, line)]
        return found[number - 1] if len(found) >= number else None


@dataclass(slots=True)
class Values:
    """A TOML table whose keys are read one by one; what was not asked for in the end is an unknown key."""

    table: Mapping[str, Any]
    problems: Problems
    at: str = ""
    asked: list[str] = field(default_factory=list)

    def text(self, name: str, default: str | None = None, choices: Collection[str] = ()) -> str:
        """Read words; a missing key without a default is a problem."""
        value = self._value(name, default)
        if value is None:
            return ""
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.problems.add(self.place(name), f"should be words, not {value!r}")
            return ""
        if choices and value not in choices:
            hint = f"Choose one of: {', '.join(choices)}."
            self.problems.add(self.place(name), f"{value!r} is not possible{did_you_mean(value, choices)}", hint)
        return value.strip()

    def number(self, name: str) -> int:
        """Read a whole number."""
        value = self._value(name, None)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            self.problems.add(self.place(name), f"should be a whole number, not {value!r}")
            return 0
        return value or 0

    def raw(self, name: str, kinds: tuple[type, ...], default: Any = None) -> Any:
        """Read a value of one of several types."""
        value = self._value(name, default)
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
            self.problems.add(self.place(name), f"{value!r} is not of a type that fits here")
            return default
        return value

    def texts(self, name: str, default: Sequence[str] | None = None, choices: Collection[str] = ()) -> tuple[str, ...]:
        """Read a list of words."""
        value = self._value(name, default)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            self.problems.add(self.place(name), f"should be a list of words, not {value!r}")
            return ()
        for each in value:
            if choices and each not in choices:
                self.problems.add(self.place(name), f"{each!r} is not possible{did_you_mean(each, choices)}")
        return tuple(value)

    def tables(self, name: str) -> list[Values]:
        """Read a list of tables, which may be missing."""
        value = self._value(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(each, dict) for each in value):
            self.problems.add(self.place(name), "should be a list of tables, each under its own [[…]]")
            return []
        return [Values(each, self.problems, f"{self.place(name)}[{n}]") for n, each in enumerate(value, 1)]

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Read a table, which may be missing."""
        value = self._value(name, {})
        if not isinstance(value, dict):
            self.problems.add(self.place(name), f"should be a table, not {value!r}")
            return {}
        return value

    def end(self) -> None:
        """Note every key that nobody asked for."""
        for name in self.table:
            if name not in self.asked:
                self.problems.add(
                    self.place(name),
                    f"unknown key {name!r}{did_you_mean(name, self.asked)}",
                    f"Known keys here: {', '.join(self.asked)}.",
                )

    def place(self, name: str) -> str:
        """Name a key with the tables around it."""
        return f"{self.at}.{name}" if self.at else name

    def _value(self, name: str, default: Any) -> Any:
        self.asked.append(name)
        if name not in self.table and default is None:
            self.problems.add(self.place(name), "is missing")
        return self.table.get(name, default)
