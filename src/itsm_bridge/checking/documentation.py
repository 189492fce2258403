"""The checks and KPIs as pages: `python -m itsm_bridge.checking.documentation docs/catalogue` writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from itsm_bridge.builtin import itsm_checks, itsm_kpis
from itsm_bridge.checking.check_file import load_checks
from itsm_bridge.checking.definition import Check, Kpi, Parameter, Question
from itsm_bridge.checking.measuring.kpi_file import load_kpis
from itsm_bridge.checking.needs import needs

Q = TypeVar("Q", Check, Kpi)

_MADE = "<!-- Made from the check and KPI files by `make docs`. -->\n"
_HEAD = """
# Catalogue of checks and KPIs

{checks} checks and {kpis} KPIs, by process. Each page is made from the files in `src/itsm_bridge/checks` and
`src/itsm_bridge/kpis`, which also hold the cases that prove them; `itsm-bridge checks show ID` shows the same.
[checks.md](../checks.md) says how to read and write them, [policy.md](../policy.md) how to set parameters and adopt
rules.

Weight is the most that a finding can count for. Rules on the basis of policy or practice give opportunities for
improvement only, until the organisation [adopts](../policy.md#adopted-rules) them.
"""
_BASES = {
    "standard": "requirement of the standard", "policy": "the organisation's policy, once adopted",
    "agreement": "agreement with a customer or supplier", "practice": "good practice, once adopted",
    "integrity": "integrity of the evidence",
}  # fmt: skip


def pages(checks: Sequence[Check], kpis: Sequence[Kpi]) -> dict[str, str]:
    """Return the pages by file name: an index, a page for the checks of each process, and one for all KPIs."""
    by_process = {name: list(each) for name, each in groupby(_by_process(checks), key=lambda check: check.process)}
    found = {f"{name}.md": _MADE + _page(name, each) for name, each in by_process.items()}
    found["kpis.md"] = _MADE + "\n# KPIs\n" + "".join(_kpi(kpi) for kpi in _by_process(kpis))
    found["README.md"] = _MADE + _HEAD.format(checks=len(checks), kpis=len(kpis)) + _index(by_process, kpis)
    return dict(sorted(found.items()))


def _by_process(asked: Iterable[Q]) -> list[Q]:
    return sorted(asked, key=lambda each: (each.process, each.id))


def _index(by_process: Mapping[str, Sequence[Check]], kpis: Sequence[Kpi]) -> str:
    parts = []
    for name, checks in by_process.items():
        parts.append(
            f"\n## {_title(name)}\n\n| check | what is wrong | clauses | weight | basis |\n|---|---|---|---|---|"
        )
        parts += [
            f"| [{check.id}]({name}.md#{check.id.lower()}) | {_cell(check.title)} | {_clauses(check)} "
            f"| {check.severity} | {check.basis} |"
            for check in checks
        ]
    parts.append("\n## KPIs\n\n| KPI | what it tells | clauses |\n|---|---|---|")
    parts += [f"| [{k.id}](kpis.md#{k.id}) | {_cell(k.title)} | {_clauses(k)} |" for k in _by_process(kpis)]
    return "\n".join(parts) + "\n"


def _page(process: str, checks: Iterable[Check]) -> str:
    return f"\n# {_title(process)}\n" + "".join(_check(check) for check in checks)


def _check(check: Check) -> str:
    lines = [
        f"\n## {check.id}\n",
        f"**{check.title}**\n",
        f"Clauses {_clauses(check)} · weight {check.severity} · basis: {_BASES[check.basis]}\n",
        check.why, "",
        f"- **What to do:** {_flat(check.remedy)}",
        f"- **How an auditor verifies it:** {_flat(check.procedure)}",
        f"- **Limits:** {_flat(check.limits)}",
    ]  # fmt: skip
    if check.record_types:
        lines.append(f"- **Asked of:** {', '.join(check.record_types)}")
    lines += _asked(check)
    if check.suppressed_by:
        lines.append(f"- **Explained by:** {', '.join(check.suppressed_by)} on the same record")
    if check.declare:
        lines.append(f"- **DECLARE:** `{check.declare}`")
    lines += ["", "```sql", f"-- in scope\n{_sql(check.population)}", f"-- wrong\n{_sql(check.violation)}", "```"]
    return "\n".join(lines) + "\n"


def _kpi(kpi: Kpi) -> str:
    lines = [
        f"\n## {kpi.id}\n", f"**{kpi.title}**\n", f"Clauses {_clauses(kpi)} · {kpi.figure} · better: {kpi.better}\n",
        kpi.meaning.strip(), "", f"- **Formula:** {_flat(kpi.formula)}", f"- **Limits:** {_flat(kpi.limits)}",
        *_asked(kpi),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _asked(question: Question) -> list[str]:
    """Return what both have: what must be told, when it cannot be, and what may be set."""
    lines = []
    if told := sorted(needs(question).capabilities):
        lines.append(f"- **The source must tell:** {', '.join(f'`{name}`' for name in told)}")
    lines += [f"- **Not assessable:** {_flat(each.reason)}" for each in question.not_assessable]
    lines += [f"- **Parameter** {_parameter(each)}" for each in question.parameters.values()]
    return lines


def _parameter(parameter: Parameter) -> str:
    bound = f", {parameter.bound}" if parameter.bound else ""
    return f"`{parameter.name}` = {parameter.default}{bound}: {_flat(parameter.meaning)}"


def _clauses(question: Question) -> str:
    return ", ".join(clause.clause for clause in question.clauses)


def _title(process: str) -> str:
    return process.replace("_", " ").capitalize()


def _flat(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _flat(text).replace("|", "/")


def _sql(text: str) -> str:
    return text.strip()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(load_checks(itsm_checks()), load_kpis(itsm_kpis())).items():
        (folder / name).write_text(text, encoding="utf-8")
