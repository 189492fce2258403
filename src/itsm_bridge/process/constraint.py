"""What a constraint is, and how its file is read: one TOML file holds those of one process (docs/process.md)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot.errors import SqlglotError

from itsm_bridge.checking import question_file
from itsm_bridge.checking.lineage import Resolver, Scope, parse_expression
from itsm_bridge.checking.lint import lint
from itsm_bridge.checking.reading import Problems, Values
from itsm_bridge.checking.views import relations
from itsm_bridge.errors import CheckError
from itsm_bridge.process.activities import ACTIVITIES
from itsm_bridge.process.templates import TEMPLATES, Template
from itsm_bridge.schema.lifecycles import RECORD_TYPES

BUILT_IN = Path(__file__).parent.parent / "constraints"
_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule about the order of activities. `a`, `b` and `reset` name activities; any of those named will do.

    After one of `reset`, an earlier `a` no longer counts. `kept` and `broken` are courses of a record, for example.
    """

    id: str
    title: str
    template: str
    record_types: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    times: int = 0
    population: str = "TRUE"
    checks: tuple[str, ...] = ()
    why: str = ""
    limits: str = ""
    kept: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def activities(self) -> tuple[str, ...]:
        """All activities that it names."""
        return tuple(dict.fromkeys((*self.a, *self.b, *self.reset)))

    @property
    def formula(self) -> str:
        """The constraint as people write it: `precedence(approve, implement)`."""
        times = (str(self.times),) if TEMPLATES[self.template].has_times else ()
        parts = (*times, *(" | ".join(part) for part in (self.a, self.b) if part))
        undone = f", undone by {' | '.join(self.reset)}" if self.reset else ""
        name = self.template.replace("co_existence", "co-existence").replace("_", " ")
        return f"{name}({', '.join(parts)}){undone}"


@dataclass(frozen=True, slots=True)
class ConstraintFile:
    """The constraints of one process, with the text of their file for the manifest."""

    process: str
    constraints: tuple[Constraint, ...]
    text: str
    path: Path = Path()


def load_constraints(folders: Sequence[Path]) -> list[ConstraintFile]:
    """Load every file below the folders; CheckError for a broken file or an id that comes twice."""
    found: dict[str, Path] = {}
    files = []
    for folder in folders:
        if not folder.is_dir():
            raise CheckError(
                "no such folder of constraints", where=str(folder), hint="Name a folder of constraint files."
            )
        for path in sorted(folder.rglob("*.toml")):
            files.append(load_constraint_file(path))
            for each in files[-1].constraints:
                if each.id in found:
                    raise CheckError(
                        f"constraint {each.id} exists already in {found[each.id]}", where=str(path),
                        hint="Give it an id of its own, or remove one of the two.",
                    )  # fmt: skip
                found[each.id] = path
    return files


def load_constraint_file(path: Path) -> ConstraintFile:
    """Load one file; CheckError tells everything that is wrong with it."""
    text = question_file.text_of(path, "constraint")
    problems = Problems(path, text, "constraint file")
    values = Values(question_file.table_of(text, path), problems)
    process = values.text("process")
    made = [_constraint(each) for each in values.tables("constraints")]
    values.end()
    if not made:
        problems.add("constraints", "holds no constraint")
    problems.raise_any()
    return ConstraintFile(process, tuple(made), text, path)


def population_columns(constraint: Constraint) -> frozenset[tuple[str, str]]:
    """Return the columns of the views that the population reads; CheckError where it names others."""
    if constraint.population == "TRUE":
        return frozenset()
    resolver = Resolver(relations())
    resolver.expression(parse_expression(constraint.population), Scope({"w": relations()["w"]}))
    return frozenset(resolver.used)


def _constraint(values: Values) -> Constraint:
    name = values.text("template", choices=TEMPLATES)
    template = TEMPLATES.get(name, Template("", ""))
    made = Constraint(
        id=values.text("id"),
        title=values.text("title"),
        template=name,
        record_types=values.texts("record_types", choices=RECORD_TYPES),
        a=_activities(values, "a", is_asked=True),
        b=_activities(values, "b", is_asked=template.has_b),
        reset=values.texts("reset", (), choices=ACTIVITIES),
        times=values.raw("times", (int,), 0),
        population=values.text("population", "TRUE"),
        checks=values.texts("checks", ()),
        why=values.text("why"),
        limits=values.text("limits", ""),
        kept=values.texts("kept", (), choices=ACTIVITIES),
        broken=values.texts("broken", (), choices=ACTIVITIES),
    )
    values.end()
    for key, message in _complaints(made, template):
        values.problems.add(values.place(key), message)
    return made


def _activities(values: Values, key: str, *, is_asked: bool) -> tuple[str, ...]:
    return values.texts(key, None if is_asked else (), choices=ACTIVITIES)


def _complaints(made: Constraint, template: Template) -> Iterator[tuple[str, str]]:
    if made.id and not _ID.fullmatch(made.id):
        yield "id", f"{made.id!r} is not an id of a constraint: write small letters, such as resolve_before_close"
    if made.b and not template.has_b:
        yield "b", f"{made.template} speaks of a alone"
    if made.reset and not template.has_reset:
        yield "reset", f"{made.template} knows no reset"
    if bool(made.times) != template.has_times or made.times < 0:
        yield "times", "belongs to existence, absence and exactly, from 1 on, and to nothing else"
    yield from _population_complaints(made)


def _population_complaints(made: Constraint) -> Collection[tuple[str, str]]:
    try:
        population_columns(made)
        return [("population", each) for each in lint(f"SELECT {made.population}")]
    except SqlglotError as error:
        return [("population", f"is not SQL: {error}")]
    except CheckError as error:
        return [("population", error.message)]
