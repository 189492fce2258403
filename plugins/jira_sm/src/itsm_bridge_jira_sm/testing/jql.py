"""A small JQL engine: clauses as predicates over issues, and orders as sort keys, for what adapters ask."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from itsm_bridge_jira_sm.testing import jql_dates
from itsm_bridge_jira_sm.testing.answers import Refusal
from itsm_bridge_jira_sm.testing.field_list import Field
from itsm_bridge_jira_sm.testing.jql_text import Clause, Query, Tree, Value, parsed
from itsm_bridge_jira_sm.testing.records import Issue, Raw
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import CATEGORIES
from itsm_bridge_jira_sm.testing.values import TERMS

Holds = Callable[[Issue], bool]
Read = Callable[[Issue], Any]
_MOST_ORDERS = 7
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_ATTRIBUTES: dict[str, Read] = {
    "created": operator.attrgetter("created"), "updated": operator.attrgetter("updated"),
    "project": operator.attrgetter("project"), "issuelinks": operator.attrgetter("links"),
    "comment": operator.attrgetter("comments"),
}  # fmt: skip
_ALIASES = {
    "type": "issuetype", "id": "key", "issue": "key", "issuekey": "key", "createddate": "created",
    "updateddate": "updated", "resolved": "resolutiondate", "due": "duedate", "fixversion": "fixVersions",
    "component": "components", "affectedversion": "versions", "statuscategory": "statusCategory",
    "organization": "organizations",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Search:
    """A compiled query."""

    holds: Holds
    order: Callable[[Issue], tuple[Any, ...]]
    is_bounded: bool


def compiled(text: str, site: Site, *, knows_issues: bool = True) -> Search:
    """Compile a query; raises Refusal (400) in the vendor's words.

    Unless `knows_issues` is false, ids and keys of issues that the account cannot see are an error, as with the vendor.
    """
    return _Compiler(site, knows_issues).search(parsed(text))


@total_ordering
class _Reversed:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and self.value == other.value

    def __lt__(self, other: _Reversed) -> bool:
        return bool(other.value < self.value)

    def __hash__(self) -> int:
        return hash(self.value)


class _Compiler:
    def __init__(self, site: Site, knows_issues: bool) -> None:
        self.site = site
        self.knows_issues = knows_issues

    def search(self, query: Query) -> Search:
        if len(query.order) > _MOST_ORDERS:
            raise Refusal(400, f"The maximum number of ORDER BY fields is {_MOST_ORDERS}.")
        holds = self._tree(query.where) if query.where is not None else lambda _: True
        return Search(holds, self._order(query), query.where is not None)

    def _tree(self, tree: Tree) -> Holds:
        if isinstance(tree, Clause):
            return self._clause(tree)
        parts = [self._tree(part) for part in tree.parts]
        if tree.kind == "not":
            return lambda issue: not parts[0](issue)
        if tree.kind == "and":
            return lambda issue: all(part(issue) for part in parts)
        return lambda issue: any(part(issue) for part in parts)

    def _order(self, query: Query) -> Callable[[Issue], tuple[Any, ...]]:
        keys = [(self._sortable(name), is_descending) for name, is_descending in query.order or (("id", True),)]

        def order(issue: Issue) -> tuple[Any, ...]:
            return tuple(_Reversed(read(issue)) if is_descending else read(issue) for read, is_descending in keys)

        return order

    # -- fields ---------------------------------------------------------------------------------------

    def _field(self, name: str) -> Field | None:
        """Return a field that shows; None for the issue itself, whose id and key are one thing to the vendor."""
        lower = name.lower()
        known = _ALIASES.get(lower, lower)
        if known == "key":
            return None
        if lower.startswith("cf[") and lower.endswith("]"):
            known = f"customfield_{lower[3:-1]}"
        wanted = known.lower()
        found = next((f for f in self.site.shown_fields() if wanted in (f.id.lower(), f.name.lower())), None)
        if found is None:
            raise Refusal(400, f"Field '{name}' does not exist or you do not have permission to view it.")
        return found

    def _sortable(self, name: str) -> Read:
        field = self._field(name)
        if field is None:
            return lambda issue: (issue.key.rpartition("-")[0], issue.number)
        read = self._reader(field)
        return read if field.id in ("created", "updated") else lambda issue: _ordered(read(issue))

    # -- clauses --------------------------------------------------------------------------------------

    def _clause(self, clause: Clause) -> Holds:
        field = self._field(clause.field)
        if field is None:
            return self._by_issue(clause)
        read = self._reader(field)
        if clause.operator in ("IS", "IS NOT") or any(_is_empty(field, value) for value in clause.values):
            return _emptiness(clause, read)
        if field.type in ("datetime", "date"):
            return self._by_time(clause, field)
        if clause.operator in ("~", "!~"):
            return _contains(clause, read)
        if clause.operator not in ("=", "!=", "IN", "NOT IN"):
            raise _unsupported(clause)
        wanted = {one for value in clause.values for one in self._meant(field, clause.field, value)}
        is_plain = clause.operator in ("=", "IN")

        def holds(issue: Issue) -> bool:
            value = read(issue)
            if isinstance(value, list):
                return bool(value) and any(one in wanted for one in value) is is_plain
            return value is not None and (value in wanted) is is_plain

        return holds

    def _meant(self, field: Field, name: str, value: Value) -> Sequence[Any]:
        """Return the stored values that an operand stands for."""
        text, kind = value.text, field.kind
        if field.id == "project":
            found = [p.id for p in self.site.browsable() if text.upper() in (p.key, p.id, p.name.upper())]
        elif field.id == "statusCategory":
            found = [
                key for key, one in CATEGORIES.items() if text.lower() in (key, str(one["id"]), one["name"].lower())
            ]
        elif kind in TERMS:
            terms = self.site.terms[kind].values()
            found = [term.id for term in terms if text == term.id or text.lower() == term.name.lower()]
        elif kind in ("person", "persons"):
            found = [self.site.account] if value.is_function else [
                p.login for p in self.site.people.values() if text in (p.account_id, p.key, p.login, p.email)
            ]  # fmt: skip
        else:
            known: Any = {"components": self.site.components, "versions": self.site.versions, "request_type":
                          self.site.request_types, "organizations": self.site.organizations}.get(kind)  # fmt: skip
            if known is None:
                return [text]
            found = [id for id, one in known.items() if text == id or text.lower() == one.name.lower()]  # noqa: A001
        if not found:
            raise Refusal(400, f"The value '{text}' does not exist for the field '{name}'.")
        return found

    def _by_time(self, clause: Clause, field: Field) -> Holds:
        bound = jql_dates.instant(clause.values[0], clause.field, self.site.present, self.site.zone)
        compare = _COMPARISONS.get(clause.operator)
        if compare is None:
            raise _unsupported(clause)
        if field.id == "updated":
            return lambda issue: compare(issue.updated, bound)
        read = self._reader(field)
        return lambda issue: (value := read(issue)) is not None and compare(value, bound)

    def _by_issue(self, clause: Clause) -> Holds:
        ids = {self._known(value.text, clause.field) for value in clause.values}
        match clause.operator:
            case "=" | "IN":
                return lambda issue: issue.id in ids
            case "!=" | "NOT IN":
                return lambda issue: issue.id not in ids
            case ">" | ">=" | "<" | "<=":
                return self._by_key(_COMPARISONS[clause.operator], ids.pop())
        raise _unsupported(clause)

    def _by_key(self, compare: Callable[[Any, Any], bool], first: int) -> Holds:
        """Issues are compared by the number in the key, within the project of the one that is named."""
        bound = self.site.issues.get(first)
        if bound is None:
            return lambda _: False
        return lambda issue: issue.project == bound.project and compare(issue.number, bound.number)

    def _known(self, text: str, name: str) -> int:
        try:
            issue = self.site.issue(text)
            if self.site.may_see(issue) or not self.knows_issues:
                return issue.id
        except KeyError:
            if not self.knows_issues:
                return int(text) if text.isdigit() else -1
        if text.isdigit():
            raise Refusal(400, f"A value with ID '{text}' does not exist for the field '{name}'.")
        raise Refusal(400, f"An issue with key '{text}' does not exist for field '{name}'.")

    def _reader(self, field: Field) -> Read:
        if field.id == "statusCategory":
            statuses = self.site.terms["status"]
            return lambda issue: statuses[issue.values["status"]].category
        if (attribute := _ATTRIBUTES.get(field.id)) is not None:
            return attribute
        name = field.id
        return lambda issue: _plain(issue.values.get(name))


def _is_empty(field: Field, value: Value) -> bool:
    return value.is_empty or (field.kind == "resolution" and value.text.lower() == "unresolved")


def _emptiness(clause: Clause, read: Read) -> Holds:
    if clause.operator in ("IS", "=", "IN"):
        return lambda issue: read(issue) in (None, "", [])
    return lambda issue: read(issue) not in (None, "", [])


def _contains(clause: Clause, read: Read) -> Holds:
    words = clause.values[0].text.lower().replace("*", "").split()
    wants = clause.operator == "~"
    return lambda issue: all(word in str(read(issue) or "").lower() for word in words) is wants


def _plain(value: Any) -> Any:
    """Return what can be compared; what a value served raw is called, is its id or name."""
    if not isinstance(value, Raw):
        return value
    shown = value.json
    return shown.get("id") or shown.get("name") or shown.get("value") if isinstance(shown, dict) else shown


def _ordered(value: Any) -> tuple[bool, str, Any]:
    """Return a key by which values of all kinds can be sorted, those that are missing last."""
    return (value is None, type(value).__name__, value if isinstance(value, (int, float, str)) else str(value))


def _unsupported(clause: Clause) -> Refusal:
    words = f"The operator '{clause.operator.lower()}' is not supported by the '{clause.field}' field."
    return Refusal(400, words)
