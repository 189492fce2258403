"""By what a snapshot is judged: checks, KPIs, policy, period, `now`; today's, or those of an earlier assessment."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from itsm_bridge.assessment import load_clauses
from itsm_bridge.checking import load_checks, load_kpis
from itsm_bridge.checking.definition import Check, Kpi, Question
from itsm_bridge.errors import CheckError
from itsm_bridge.policy import Policy, load_policy, policy_from_contents
from itsm_bridge.process import BUILT_IN, ConstraintFile, load_constraints
from itsm_bridge.settings import Config, Period
from itsm_bridge.store.manifests import Manifest
from itsm_bridge.store.store import Store
from itsm_bridge.suggestions import did_you_mean

_CHECK, _KPI, _POLICY, _CONSTRAINT = "check/", "kpi/", "policy/", "constraint/"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a verdict depends on beside the snapshot. Instants are aware, in UTC."""

    checks: Sequence[Check]
    policy: Policy
    now: datetime
    period_from: datetime
    period_to: datetime
    timezone: str
    span: tuple[date, date]
    accepted_gaps: tuple[str, ...]
    kpis: Sequence[Kpi] = ()
    constraints: Sequence[ConstraintFile] = ()

    @property
    def contents(self) -> dict[str, str]:
        """Every text that the verdict depends on, by name."""
        checks = {f"{_CHECK}{check.process}/{check.id}.toml": check.text for check in self.checks}
        kpis = {f"{_KPI}{kpi.process}/{kpi.id}.toml": kpi.text for kpi in self.kpis}
        rules = {f"{_CONSTRAINT}{n:02}-{each.process}.toml": each.text for n, each in enumerate(self.constraints, 1)}
        return checks | kpis | rules | {f"{_POLICY}{name}": text for name, text in self.policy.contents.items()}

    @property
    def frame(self) -> dict[str, Any]:
        """The rest, as a manifest keeps it."""
        return {
            "now": self.now.isoformat(), "period_from": self.period_from.isoformat(),
            "period_to": self.period_to.isoformat(), "timezone": self.timezone,
            "span": [day.isoformat() for day in self.span], "accepted_gaps": list(self.accepted_gaps),
            "policy_folder": str(self.policy.folder.name) if self.policy.folder else None,
        }  # fmt: skip


def current_checks(folders: Sequence[Path]) -> list[Check]:
    """Return the checks of today; raises CheckError."""
    checks = load_checks(folders)
    _refuse_unknown_clauses(checks)
    return checks


def current_kpis(folders: Sequence[Path]) -> list[Kpi]:
    """Return the KPIs of today; raises CheckError."""
    kpis = load_kpis(folders)
    _refuse_unknown_clauses(kpis)
    return kpis


def current_constraints(folders: Sequence[Path]) -> list[ConstraintFile]:
    """Return the rules of today about the order of activities: the packaged ones and those of some folders."""
    return load_constraints([BUILT_IN, *folders])


def current_criteria(
    config: Config, checks: Sequence[Check], kpis: Sequence[Kpi], sources: Sequence[str], span: tuple[date, date],
    now: datetime, constraints: Sequence[ConstraintFile] = (),
) -> Criteria:  # fmt: skip
    """Return today's criteria for some checks and KPIs; raises ConfigurationError."""
    asked: list[Question] = [*checks, *kpis]
    assessment = config.assessment
    policy = load_policy(assessment.policy, sources, assessment.timezone, span)
    policy.refuse_unknown({name for each in asked for name in each.parameters}, [each.id for each in asked])
    period_from, period_to = Period(assessment.period, assessment.timezone)(now)
    return Criteria(
        checks, policy, now, period_from, period_to, assessment.timezone, span, assessment.accepted_gaps, kpis,
        constraints,
    )  # fmt: skip


def _refuse_unknown_clauses(checks: Sequence[Question]) -> None:
    known = load_clauses()
    for check in checks:
        for clause in (each.clause for each in check.clauses if each.clause not in known):
            raise CheckError(
                f"there is no clause {clause!r}{did_you_mean(clause, known)}",
                where=f"{check.path}: clauses",
                hint="Name a clause of ISO/IEC 20000-1, such as 8.6.1.",
            )


def stored_criteria(store: Store, assessment: Manifest, sources: Sequence[str]) -> Criteria:
    """Return the criteria of an earlier assessment, from the texts that its manifest names."""
    frame: Mapping[str, Any] = assessment.body["frame"]
    texts = store.contents.get(assessment.body["contents"])
    first, last = (date.fromisoformat(day) for day in frame["span"])
    policy_texts = {name.removeprefix(_POLICY): text for name, text in texts.items() if name.startswith(_POLICY)}
    policy = policy_from_contents(policy_texts, sources, frame["timezone"], (first, last))
    with tempfile.TemporaryDirectory(prefix="itsm-bridge-") as folder:
        for name, text in texts.items():
            if name.startswith((_CHECK, _KPI, _CONSTRAINT)):
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        checks = load_checks([Path(folder, _CHECK)])
        # Earlier assessments had none of these.
        kpis = load_kpis([path for path in (Path(folder, _KPI),) if path.is_dir()])
        constraints = load_constraints([path for path in (Path(folder, _CONSTRAINT),) if path.is_dir()])
    now, period_from, period_to = (datetime.fromisoformat(frame[key]) for key in ("now", "period_from", "period_to"))
    return Criteria(
        checks, policy, now.astimezone(UTC), period_from, period_to, frame["timezone"], (first, last),
        tuple(frame["accepted_gaps"]), kpis, constraints,
    )  # fmt: skip
