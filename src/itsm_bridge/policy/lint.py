"""What is wrong in a policy folder, and what each missing part costs: checks that cannot conclude, points left open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from itsm_bridge.assessment.clauses import Clauses
from itsm_bridge.assessment.evidence import REGISTER_CHECKS, clauses_in, expires, why_no_attestation
from itsm_bridge.assessment.grades import is_adopted
from itsm_bridge.checking.definition import Check, Kpi, Question
from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.checking.parameters import parameters as bind_parameters
from itsm_bridge.errors import ConfigurationError
from itsm_bridge.policy import choices, tables
from itsm_bridge.policy.load import Policy, load_policy, place_of, policy_from_contents, read_folder
from itsm_bridge.policy.reads import files_read
from itsm_bridge.settings.lines import where_in
from itsm_bridge.suggestions import did_you_mean

SOON = timedelta(days=60)
"""How long before its end an attestation is worth a remark."""

FileState = Literal["filled in", "not filled in", "missing", "packaged default"]
_ATTESTATIONS, _SCOPE = "attestations.csv", "clause_scope.csv"
_NAMING_CLAUSES = ("required_documents.csv", "required_activities.csv", "register.csv", _ATTESTATIONS, _SCOPE)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person should look at: `where` it stands, and what to do."""

    where: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of the policy: what is in it, which checks read it, and what its lack costs now.

    `silent` are the checks that read it and concluded nothing in the last assessment, `open_points` the
    requirement points that rest on them, or on the file itself, and are not evidenced.
    """

    file: str
    state: FileState
    lines: int
    checks: tuple[str, ...]
    silent: tuple[str, ...]
    open_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the last assessment says: checks that concluded nothing, points that are not evidenced; None without one."""

    assessment: int | None = None
    silent: frozenset[str] = frozenset()
    evidenced: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """All that there is to say of a policy folder."""

    folder: Path | None
    errors: tuple[ConfigurationError, ...]
    files: tuple[FileLine, ...] = ()
    remarks: tuple[Remark, ...] = ()
    not_adopted: tuple[str, ...] = ()
    adoptable: int = 0
    assessment: int | None = None


def find_errors(folder: Path | None, sources: Sequence[str], timezone: str, day: date) -> list[ConfigurationError]:
    """Return what is wrong, file by file; empty where the policy loads."""
    if folder is None:
        return []
    try:
        contents = read_folder(folder)
    except ConfigurationError as error:
        return [error]
    found = []
    for name, text in contents.items():
        try:
            policy_from_contents({name: text}, sources, timezone, (day, day), folder=folder)
        except ConfigurationError as error:
            found.append(error)
    return found


def lint(
    folder: Path | None, sources: Sequence[str], timezone: str, now: datetime, checks: Sequence[Check],
    kpis: Sequence[Kpi], reads: Mapping[str, CheckNeeds], clauses: Clauses, standing: Standing,
) -> tuple[PolicyReport, Policy | None]:  # fmt: skip
    """Return the report on a policy folder, and the policy where it has no errors."""
    errors = find_errors(folder, sources, timezone, now.date())
    if errors:
        return PolicyReport(folder, tuple(errors)), None
    policy = load_policy(folder, sources, timezone, (now.date(), now.date()))
    asked: list[Question] = [*checks, *kpis]
    try:
        policy.refuse_unknown({name for each in asked for name in each.parameters}, [each.id for each in asked])
        chosen = {name: use.value for name, use in policy.parameters.items()}
        loosened = bind_parameters(asked, chosen).loosened
    except ConfigurationError as error:
        return PolicyReport(folder, (error,)), None
    remarks = [
        *_of_parameters(policy),
        *(Remark(_line_of(policy, choices.PARAMETERS, each.name), f"{each.check_id}: {each.sentence}",
                 "A pass of the check shows nothing: bring it back within the bound, or accept that.")
          for each in loosened),
        *_of_adoption(policy),
        *_of_clauses(policy, clauses),
        *_of_attestations(policy, now),
        *_of_references(policy),
    ]  # fmt: skip
    rules = [check.id for check in checks if not is_adopted(check, ())]
    report = PolicyReport(
        folder, (), tuple(_files(policy, clauses, reads, standing)), tuple(remarks),
        tuple(sorted(name for name in rules if not policy.adopted & {name, choices.ALL})), len(rules),
        standing.assessment,
    )  # fmt: skip
    return report, policy


def _files(policy: Policy, clauses: Clauses, reads: Mapping[str, CheckNeeds], standing: Standing) -> Iterable[FileLine]:
    readers: dict[str, list[str]] = {}
    for check, needs in sorted(reads.items()):
        for file in files_read(needs):
            readers.setdefault(file, []).append(check)
    defaults = [file for file in policy.defaults if file not in tables.FILES]
    plain = [file for file in policy.contents if file.endswith(".toml") and file not in defaults]
    for file in (*sorted({*defaults, *plain}), *tables.FILES):
        lines = _lines(policy, file)
        state = _state(policy, file, lines)
        mine = tuple(readers.get(file, ()))
        is_wanting = state in ("not filled in", "missing")
        silent = tuple(name for name in mine if name in standing.silent) if is_wanting else ()
        resting = {*silent, *(REGISTER_CHECKS if is_wanting else ())}.intersection(mine)
        points = _open_points(clauses, standing, resting) if resting else ()
        if file == _ATTESTATIONS:
            points = _open_to_people(clauses, standing)
        yield FileLine(file, state, lines, mine, silent, points)


def _state(policy: Policy, file: str, lines: int) -> FileState:
    if file in policy.defaults:
        return "packaged default"
    if file not in policy.contents:
        return "missing"
    return "filled in" if lines else "not filled in"


def _lines(policy: Policy, file: str) -> int:
    table = tables.FILES.get(file, "policy_list" if file == choices.LISTS else "calendar_binding")
    if file == choices.PARAMETERS:
        return len(policy.parameters)
    if file == choices.ADOPTED:
        return len(policy.adopted)
    return int(policy.tables[table].num_rows)


def _open_points(clauses: Clauses, standing: Standing, checks: Iterable[str]) -> tuple[str, ...]:
    wanted = set(checks)
    return tuple(
        name
        for clause in clauses.leaves
        for point in clause.points
        if wanted.intersection(point.checks) and (name := f"{clause.id}/{point.number}") not in standing.evidenced
    )


def _open_to_people(clauses: Clauses, standing: Standing) -> tuple[str, ...]:
    return tuple(
        name
        for clause in clauses.leaves
        for point in clause.points
        if point.needs_a_person and (name := f"{clause.id}/{point.number}") not in standing.evidenced
    )


def _of_parameters(policy: Policy) -> Iterable[Remark]:
    for name, use in policy.parameters.items():
        missing = [what for what, said in (("approver", use.approved_by), ("date", use.approved_on)) if not said]
        if missing:
            where = _line_of(policy, choices.PARAMETERS, name)
            hint = "Write approved_by and approved_on: an auditor asks who decided it."
            yield Remark(where, f"parameter {name} has no {' and no '.join(missing)}", hint)


def _of_adoption(policy: Policy) -> Iterable[Remark]:
    text = policy.contents.get(choices.ADOPTED, "")
    by, on = choices.read_adoption(place_of(policy.folder, choices.ADOPTED), text)
    missing = [what for what, said in (("approver", by), ("date", on)) if not said]
    if policy.adopted and missing:
        where = _line_of(policy, choices.ADOPTED, "checks")
        hint = "Write approved_by and approved_on: a rule that nobody decided on is no criterion."
        yield Remark(where, f"rules are adopted with no {' and no '.join(missing)}", hint)


def _line_of(policy: Policy, file: str, name: str) -> str:
    return where_in(place_of(policy.folder, file), policy.contents.get(file, ""), tuple(name.split(".")))


def _numbered(policy: Policy, file: str) -> Iterable[tuple[str, dict[str, str]]]:
    for line, row in tables.numbered(policy.contents.get(file, "")):
        yield f"{place_of(policy.folder, file)}:{line}", row


def _of_clauses(policy: Policy, clauses: Clauses) -> Iterable[Remark]:
    known = {*clauses, *(".".join(leaf.id.split(".")[:n]) for leaf in clauses.leaves for n in range(1, 5))}
    for file in _NAMING_CLAUSES:
        for where, row in _numbered(policy, file):
            for clause in clauses_in(row.get("clause")):
                if clause not in known:
                    message = f"there is no clause {clause!r}{did_you_mean(clause, known)}"
                    yield Remark(where, message, "The line serves no clause: name one such as 8.6.1.")
            point = row.get("point", "")
            leaf = clauses.get(row.get("clause", ""))
            if point.isdecimal() and leaf is not None and not 1 <= int(point) <= len(leaf.points):
                message = f"clause {leaf.id} has no point {point}: it has {len(leaf.points)}"
                yield Remark(where, message, f"`itsm-bridge gap --clause {leaf.id}` shows them.")


def _of_attestations(policy: Policy, now: datetime) -> Iterable[Remark]:
    rows = policy.tables["attestation"].to_pylist()
    for (where, _), row in zip(_numbered(policy, _ATTESTATIONS), rows, strict=True):
        until = expires(row)
        if why_not := why_no_attestation(row, now):
            yield Remark(where, f"this attestation counts no longer, or not yet: {why_not}", "Have it judged anew.")
        elif until is not None and until - now <= SOON:
            yield Remark(where, f"this attestation counts until {until:%Y-%m-%d}", "Have it judged anew before.")


def _of_references(policy: Policy) -> Iterable[Remark]:
    """Lines that name something which another file of the policy does not have."""
    for file, column, other, key in (
        ("documents.csv", "document_key", "required_documents.csv", "document_key"),
        ("agreed_targets.csv", "supplier_id", "suppliers.csv", "supplier_id"),
        ("groups.csv", "supplier_id", "suppliers.csv", "supplier_id"),
        ("accounts.csv", "supplier_id", "suppliers.csv", "supplier_id"),
        ("authorities.csv", "delegate_of", "authorities.csv", "authority_id"),
    ):
        known = set(policy.tables[tables.FILES[other]][key].to_pylist())
        for where, row in _numbered(policy, file):
            name = row.get(column)
            if name and name not in known:
                message = f"{column} {name!r} is not in {other}{did_you_mean(name, known)}"
                yield Remark(where, message, f"Add it to {other}, or correct the line.")
