"""Which of a site's fields hold what: every site numbers its custom fields anew, and may translate their names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from itsm_bridge.errors import AuthenticationFailed, BadAnswer, PermissionDenied
from itsm_bridge.hostile import for_terminal
from itsm_bridge_jira_sm.field_names import PLAIN, TYPED
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.settings import JiraSettings

_NEVER_LISTED = ("id", "key", "parent", "subtasks")
_SCOPE = "Add the scope read:jira-work to the token; an OAuth 2.0 app must be signed in anew after that."


@dataclass(frozen=True, slots=True)
class Fields:
    """The custom fields of a site by our own names.

    `ids` has every name of ours: with one field id mostly, with several where a project has a field of its own or the
    site has several clocks (`sla`), with none where the site has no such field. `names` are the site's own names by
    id; `problems` say which fields cannot be told, and what to write into the settings.
    """

    ids: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    problems: tuple[str, ...] = ()
    undecided: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Tell whether the site has such a field; what is none of our names is a field of Jira itself."""
        return bool(self.ids.get(name, (name,)))

    def is_unlisted(self, name: str) -> bool:
        """Tell whether a field of Jira itself is missing from the site's list: it is hidden everywhere."""
        return name not in self.names and name not in _NEVER_LISTED


@dataclass(slots=True)
class _Found:
    """Fields of one site, as they are told apart: `project` is that of a field which one project has for itself."""

    id: str
    name: str
    names: frozenset[str]
    kind: str
    project: str


@dataclass(slots=True)
class _Search:
    fields: Sequence[_Found]
    overrides: Mapping[str, str]
    problems: list[str] = field(default_factory=list)
    undecided: set[str] = field(default_factory=set)

    def ids(self, name: str) -> tuple[str, ...]:
        if name in self.overrides:
            return self._named(name, self.overrides[name])
        if name in TYPED:
            return _ids(item for item in self.fields if item.kind in TYPED[name])
        return self._plain(name, PLAIN[name])

    def _named(self, name: str, wanted: str) -> tuple[str, ...]:
        found = [item for item in self.fields if item.id == wanted]
        if found:
            return _ids(found)
        told = f'`fields.{name}` names "{wanted}"'
        if not _with_name(self.fields, wanted):
            self._complain(
                name, f"{told}, and the site shows the account no such field. Write the exact name or the id of a field"
                " that the account may see, or take the line out."
            )  # fmt: skip
            return ()
        return self._plain(name, wanted)

    def _plain(self, name: str, wanted: str) -> tuple[str, ...]:
        """Return the field of that name: one for all projects, and those which projects have for themselves."""
        found = _with_name(self.fields, wanted)
        owners = [item.project for item in found]
        if len(set(owners)) == len(owners):
            return _ids(found)
        listed = ", ".join(
            f"{item.id} ({_shown(item.name)}{f', of project {item.project}' if item.project else ''})" for item in found
        )
        self._complain(
            name, f'The site has {len(found)} fields "{wanted}": {listed}. Which one is meant is not guessed: write '
            f"its id into the settings of this source, such as fields.{name} = \"{found[0].id}\"."
        )  # fmt: skip
        return ()

    def _complain(self, name: str, problem: str) -> None:
        self.problems.append(problem)
        self.undecided.add(name)


def discover(site: Site, settings: JiraSettings, projects: Collection[str] | None = None) -> Fields:
    """Ask once for all fields of the site, and find those that we know; BadAnswer where it lists none.

    `projects` are the ids of those that are read: fields that others have for themselves do not count.
    """
    try:
        told = site.client.fields()
    except AuthenticationFailed as error:
        if not site.through_gateway:
            raise
        raise PermissionDenied(error.message, where=error.where, hint=_SCOPE) from error
    if not isinstance(told, list) or not told:
        raise BadAnswer(
            "Jira lists no fields", where=f"GET {site.api('field')}",
            hint="Even an empty site has some: look whether the account may browse any project.",
        )  # fmt: skip
    fields = [_found(item) for item in told if isinstance(item, dict) and isinstance(item.get("id"), str)]
    ours = [item for item in fields if not item.project or projects is None or item.project in projects]
    search = _Search([item for item in ours if item.kind], settings.fields)
    ids = {name: search.ids(name) for name in (*TYPED, *PLAIN)}
    return Fields(
        ids, {item.id: item.name for item in fields}, tuple(search.problems), frozenset(search.undecided)
    )  # fmt: skip


def _found(told: Mapping[str, Any]) -> _Found:
    schema, scope = told.get("schema"), told.get("scope")
    kind = schema.get("custom") if isinstance(schema, dict) else None
    owner = scope.get("project") if isinstance(scope, dict) else None
    names = [text for key in ("name", "untranslatedName") if isinstance(text := told.get(key), str)]
    return _Found(
        id=str(told["id"]), name=names[0] if names else str(told["id"]), names=frozenset(map(_folded, names)),
        kind=kind if isinstance(kind, str) else "", project=str(owner["id"]) if isinstance(owner, dict) else "",
    )  # fmt: skip


def _with_name(fields: Sequence[_Found], wanted: str) -> list[_Found]:
    return [item for item in fields if _folded(wanted) in item.names]


def _ids(found: Iterator[_Found] | Sequence[_Found]) -> tuple[str, ...]:
    """Return the ids, those of single projects last."""
    return tuple(item.id for item in sorted(found, key=lambda item: bool(item.project)))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _shown(name: str) -> str:
    return f'"{for_terminal(name[:60])}"'
