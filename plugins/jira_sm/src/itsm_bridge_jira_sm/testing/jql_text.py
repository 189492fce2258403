"""JQL as text: cut into words and read into a tree, with the vendor's complaints where it does not parse."""

from __future__ import annotations

import re
from dataclasses import dataclass

from itsm_bridge_jira_sm.testing.answers import Refusal

_WORDS = re.compile(
    r"""\s*(?:(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<sign>>=|<=|!=|!~|&&|\|\||[=<>~!(),])"""
    r"""|(?P<word>[^\s=<>~!(),"']+))"""
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
OPERATORS = ("=", "!=", "<", ">", "<=", ">=", "~", "!~", "IN", "NOT IN", "IS", "IS NOT")
_RESERVED = frozenset({"AND", "OR", "NOT", "IN", "IS", "ORDER", "BY", "ASC", "DESC", "EMPTY", "NULL", "WAS", "CHANGED"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word or sign; a quoted word is never an operator."""

    text: str
    is_quoted: bool = False

    @property
    def upper(self) -> str:
        """The word as an operator would be compared; empty for quoted text."""
        return "" if self.is_quoted else self.text.upper()


@dataclass(frozen=True, slots=True)
class Value:
    """An operand: text, quoted or not, `EMPTY`, or a function by its name."""

    text: str
    is_quoted: bool = False
    is_empty: bool = False
    is_function: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """`field operator values`."""

    field: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """`and`, `or` or `not` over parts."""

    kind: str
    parts: tuple[Tree, ...]


Tree = Clause | Node


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query: its restriction (None without one) and its order as (field, is descending)."""

    where: Tree | None
    order: tuple[tuple[str, bool], ...]


def parsed(text: str) -> Query:
    """Read a query; raises Refusal (400) in the vendor's words."""
    return _Reader(_cut(text)).query()


def _cut(text: str) -> list[Word]:
    words, at = [], 0
    end = len(text.rstrip())
    while at < end:
        found = _WORDS.match(text, at)
        if found is None:
            raise _wrong(f"The character '{text[at:].strip()[:1]}' is a reserved JQL character.")
        at = found.end()
        quoted = found["quoted"]
        if quoted is None:
            words.append(Word(found["sign"] or found["word"]))
        else:
            words.append(Word(re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), quoted[1:-1]), is_quoted=True))
    return words


class _Reader:
    def __init__(self, words: list[Word]) -> None:
        self._words = words
        self._at = 0

    def query(self) -> Query:
        where = None if self._peek() in ("", "ORDER") and not self._is_quoted() else self._alternatives()
        order = self._order() if self._peek() == "ORDER" else ()
        if self._at < len(self._words):
            raise _wrong(f"Expecting either 'OR' or 'AND' but got '{self._words[self._at].text}'.")
        return Query(where, order)

    def _peek(self) -> str:
        return self._words[self._at].upper if self._at < len(self._words) else ""

    def _is_quoted(self) -> bool:
        return self._at < len(self._words) and self._words[self._at].is_quoted

    def _next(self, wanted: str) -> Word:
        if self._at >= len(self._words):
            raise _wrong(f"Expecting {wanted} before the end of the query.")
        self._at += 1
        return self._words[self._at - 1]

    def _alternatives(self) -> Tree:
        parts = [self._together()]
        while self._peek() in ("OR", "||"):
            self._at += 1
            parts.append(self._together())
        return parts[0] if len(parts) == 1 else Node("or", tuple(parts))

    def _together(self) -> Tree:
        parts = [self._one()]
        while self._peek() in ("AND", "&&"):
            self._at += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Node("and", tuple(parts))

    def _one(self) -> Tree:
        if self._peek() in ("NOT", "!"):
            self._at += 1
            return Node("not", (self._one(),))
        if self._peek() == "(":
            self._at += 1
            inner = self._alternatives()
            if self._next("')'").upper != ")":
                raise _wrong("Expecting ')' before the end of the query.")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        name = self._next("a field name")
        if name.upper in _RESERVED:
            raise _wrong(f"'{name.text}' is a reserved JQL word. You must surround it in quotation marks to use it.")
        operator = self._operator(name.text)
        if operator in ("IN", "NOT IN") and self._peek() == "(":
            return Clause(name.text, operator, self._listed())
        return Clause(name.text, operator, (self._value(),))

    def _operator(self, field: str) -> str:
        word = self._next(f"operator after '{field}'")
        found = word.upper
        if (found, self._peek()) in (("NOT", "IN"), ("IS", "NOT")):
            self._at += 1
            found += " IN" if found == "NOT" else " NOT"
        if found not in OPERATORS:
            listed = ", ".join(f"'{one.lower()}'" for one in OPERATORS)
            raise _wrong(f"Expecting operator but got '{word.text}'. The valid operators are {listed}.")
        return found

    def _listed(self) -> tuple[Value, ...]:
        self._at += 1
        values = [self._value()]
        while self._peek() == ",":
            self._at += 1
            values.append(self._value())
        if self._next("')' or ','").upper != ")":
            raise _wrong("Expecting either ')' or ',' in a list of values.")
        return tuple(values)

    def _value(self) -> Value:
        word = self._next("either a value, list or function")
        if word.is_quoted:
            return Value(word.text, is_quoted=True)
        if word.upper in ("EMPTY", "NULL"):
            return Value(word.text, is_empty=True)
        if word.text in "=<>~!(),":
            raise _wrong(f"Expecting either a value, list or function but got '{word.text}'.")
        if self._peek() == "(":
            self._at += 1
            while self._next("')'").upper != ")":
                pass
            return Value(word.text, is_function=True)
        return Value(word.text)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._at += 1
        if self._next("'BY' after 'ORDER'").upper != "BY":
            raise _wrong("Expecting 'BY' after 'ORDER'.")
        keys: list[tuple[str, bool]] = []
        while True:
            name = self._next("a field name after 'ORDER BY'").text
            is_descending = self._peek() == "DESC"
            self._at += self._peek() in ("ASC", "DESC")
            keys.append((name, is_descending))
            if self._peek() != ",":
                return tuple(keys)
            self._at += 1


def _wrong(message: str) -> Refusal:
    return Refusal(400, f"Error in the JQL Query: {message}")
