"""What the demo's company keeps and decides beside its tools, dated from today: with a few gaps that checks find."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from itsm_bridge.policy import forms

Line = Mapping[str, str | int | date | bool]

_OWNER, _CHIEF, _AUDITOR = "J. Doe", "A. Chief", "R. Auditor"
_DOCUMENTS = {
    "sms_scope": ("Scope of the management system", "4.3"),
    "sm_policy": ("Service management policy", "5.1 5.2.1 5.2.2"),
    "sm_objectives": ("Service management objectives and plans for them", "6.2.1 6.2.2"),
    "sm_plan": ("Service management plan", "5.1 6.3"),
    "change_policy": ("Change management policy", "8.5.1.1"),
    "infosec_policy": ("Information security policy", "8.7.3.1"),
    "continuity_plan": ("Service continuity plan", "8.7.2"),
    "process:incident": ("Process of incident management", "8.1 8.6.1"),
    "service_requirements:email": ("Service requirements of e-mail", "8.2.2"),
    "service_catalogue": ("Service catalogue", "8.2.4"),
    "sla:email": ("Service level agreement for e-mail", "8.3.3"),
    "contract:acme_net": ("Contract with Acme Networks", "8.3.4.1"),
    "procedure:major_incident": ("Procedure for major incidents", "8.6.1"),
    "context": ("Context analysis with the decision on climate change", "4.1"),
    "parties": ("Interested parties", "4.2"),
    "roles": ("Role matrix", "5.1 5.3"),
    "risks": ("Risks and opportunities", "6.1.1 6.1.2"),
    "competence": ("Records of competence", "7.2"),
    "reporting_requirements": ("Reporting requirements", "9.4"),
}  # fmt: skip
_REVIEW_OVERDUE, _NEVER_APPROVED = "continuity_plan", "competence"
_ACTIVITIES = {
    "management_review": ("9.3", 365), "internal_audit": ("9.2.1 9.2.2", 365), "risk_review": ("6.1.3", 365),
    "supplier_review": ("8.3.4.1", 365), "customer_review": ("8.3.2", 180), "problem_review": ("8.6.3", 90),
    "continuity_test": ("8.7.2", 365), "service_report": ("9.4", 31),
}  # fmt: skip
_OVERDUE = "customer_review"
_AUDITED = ("4.3", "5.2.1", "6.1.2", "7.5.3", "8.3.3", "8.5.1.3", "8.6.1", "8.6.2", "9.3", "10.1.1")
_NOT_AUDITED = ("8.6.3", "8.7.2")
_INPUTS = (
    "Status of earlier actions", "Changes in issues and the climate decision", "Performance and trends",
    "Opportunities for improvement", "Feedback of customers", "Adherence to policies", "Objectives",
    "Performance of the services", "Performance of other parties", "Resources", "Risks", "Changes ahead",
)  # fmt: skip
_NOT_LOOKED_AT = "Resources"
_NOT_REPORTED = "Web shop"
_SURVEYED = "E-Mail"
_OBJECTIVES = {
    "repeat_periods": (1, "What fails in a month needs a nonconformity of its own"),
    "min_closed": (10, "Customers are asked about small services too"),
    "backlog_growth": ("0 %", "The backlog does not grow"),
    "reopen_rate_limit": ("1 %", "Hardly any incident comes back"),
    "change_success_limit": ("99 %", "Hardly any change fails"),
    "change_incident_limit": ("0.1 %", "Hardly any change does harm"),
}


def registers(today: date) -> dict[str, str]:
    """Return lines for the files of the policy folder, by file name, that go below its form."""
    ago = {days: today - timedelta(days=days) for days in (5, 20, 40, 60, 80, 120, 200, 300, 500)}
    later = today + timedelta(days=180)
    return {
        "required_documents.csv": _lines("required_documents.csv", (
            {"document_key": key, "title": title, "clause": clause} for key, (title, clause) in _DOCUMENTS.items()
        )),
        "documents.csv": _lines("documents.csv", (
            {"document_id": f"D-{n:02}", "document_key": key, "title": title, "version": "2.0", "owner": _OWNER,
             "approved_by": _CHIEF, "approved_at": ago[300], "location": f"wiki/SMS/{n:02}",
             "review_due_at": ago[20] if key == _REVIEW_OVERDUE else later,
             "status": "draft" if key == _NEVER_APPROVED else "approved"}
            for n, (key, (title, _)) in enumerate(_DOCUMENTS.items(), 1)
        )),
        "required_activities.csv": _lines("required_activities.csv", (
            {"activity_id": f"{kind}:{about}" if about else kind, "kind": kind, "clause": clause, "subject_id": about,
             "interval_days": days, "is_active": True}
            for kind, (clause, days) in _ACTIVITIES.items()
            for about in ("", *([_NOT_REPORTED] if kind == "service_report" else ()))
        )),
        "register.csv": _lines("register.csv", [*_done(ago), *_audits(ago), *_review(ago), *_corrected(ago, today)]),
        "clause_scope.csv": _lines("clause_scope.csv", (
            {"clause": clause, "is_applicable": True, "process_owner": _OWNER} for clause in (*_AUDITED, *_NOT_AUDITED)
        )),
        "suppliers.csv": _lines("suppliers.csv", (
            {"supplier_id": "acme_net", "name": "Acme Networks", "kind": "external", "owner_id": _OWNER,
             "contract_reference": "C-14", "contract_start_at": ago[500], "contract_end_at": later,
             "review_due_at": later, "is_active": True},
            {"supplier_id": "printing", "name": "Print & Paper", "kind": "external", "owner_id": _OWNER,
             "contract_reference": "C-09", "contract_start_at": ago[500], "contract_end_at": ago[40],
             "review_due_at": ago[60], "is_active": True},
        )),
        "attestations.csv": _lines("attestations.csv", (
            {"attestation_id": f"A-{n}", "clause": clause, "point": point, "verdict": "fulfilled", "by": _CHIEF,
             "at": ago[60], "valid_to": later, "evidence_reference": f"wiki/SMS/attestation-{n}"}
            for n, (clause, point) in enumerate((("4.1", 3), ("4.2", 2), ("4.4", 1), ("7.3", 1), ("8.3.1", 1)), 1)
        )),
    }  # fmt: skip


def objectives(today: date) -> str:
    """Return `parameters.toml`: where the company asks more of itself than the defaults do, not always with success."""
    approved = f'approved_by = "{_CHIEF}"\napproved_on = {today - timedelta(days=300)}'
    return "\n".join(
        f"# {why}.\n[{name}]\nvalue = {json.dumps(value)}\n{approved}\n" for name, (value, why) in _OBJECTIVES.items()
    )


def _done(ago: Mapping[int, date]) -> Iterable[Line]:
    for kind, (clause, _) in _ACTIVITIES.items():
        if kind not in ("management_review", "internal_audit", "service_report"):
            day = ago[500] if kind == _OVERDUE else ago[60]
            yield _entry(kind.upper(), kind, clause, kind.replace("_", " ").capitalize(), opened_at=day, closed_at=day)
    yield _entry("SR-1", "service_report", "9.4", "Service report", opened_at=ago[5], closed_at=ago[5],
                 period_from=ago[40], period_to=ago[5], communicated_at=ago[5])  # fmt: skip
    yield _entry("SR-2", "service_report", "9.4", "Service report", subject_id=_NOT_REPORTED, opened_at=ago[60],
                 closed_at=ago[60], period_from=ago[120], period_to=ago[80], communicated_at=ago[60])  # fmt: skip
    yield _entry("C-17", "complaint", "8.3.2", "Invoices bounce", opened_at=ago[40], closed_at=ago[20])
    yield _entry("C-18", "complaint", "8.3.2", "Slow network", opened_at=ago[40])
    yield _entry("CS-1", "csat_survey", "8.3.2", "Survey", subject_id=_SURVEYED, opened_at=ago[80], closed_at=ago[60])


def _audits(ago: Mapping[int, date]) -> Iterable[Line]:
    yield _entry("IA-1", "internal_audit", "9.2.1", "Internal audit", owner=_AUDITOR, opened_at=ago[120],
                 closed_at=ago[80])  # fmt: skip
    for n, clause in enumerate(_AUDITED, 1):
        yield _entry(f"IA-1-{n}", "audit_scope", clause, f"Audit of {clause}", subject_id="IA-1", owner=_AUDITOR,
                     opened_at=ago[120], closed_at=ago[80])  # fmt: skip


def _review(ago: Mapping[int, date]) -> Iterable[Line]:
    yield _entry("MR-1", "management_review", "9.3", "Management review", owner=_CHIEF, opened_at=ago[80],
                 closed_at=ago[60], period_from=ago[500], period_to=ago[80])  # fmt: skip
    for n, title in enumerate((title for title in _INPUTS if title != _NOT_LOOKED_AT), 1):
        yield _entry(f"MR-1-i{n}", "management_review_input", "9.3", title, subject_id="MR-1", opened_at=ago[80],
                     closed_at=ago[80])  # fmt: skip
    yield _entry("MR-1-o1", "management_review_output", "9.3", "More people at night", subject_id="MR-1",
                 opened_at=ago[60])  # fmt: skip


def _corrected(ago: Mapping[int, date], today: date) -> Iterable[Line]:
    yield _entry("NC-1", "nonconformity", "8.5.1.3", "Changes without approval", subject_id="CHG-002",
                 opened_at=ago[200], due_at=ago[80], closed_at=ago[120], cause_length=240, action_length=310,
                 effect_verified_at=ago[40])  # fmt: skip
    yield _entry("NC-2", "nonconformity", "8.6.1", "Incidents closed in silence", subject_id="INC-005",
                 opened_at=ago[120], due_at=ago[20], cause_length=120, action_length=90)  # fmt: skip
    yield _entry("NC-3", "nonconformity", "8.7.2", "Continuity plan not tested", opened_at=ago[80],
                 due_at=today + timedelta(days=30))  # fmt: skip
    yield _entry("IMP-1", "improvement", "10.2", "Fewer reassignments", opened_at=ago[200], closed_at=ago[40],
                 target_value="below 5 %", actual_value="4 %", communicated_at=ago[20])  # fmt: skip
    yield _entry("IMP-2", "improvement", "10.2", "Answer the telephone faster", opened_at=ago[120])


def _entry(key: str, kind: str, clause: str, title: str, **more: str | int | date) -> Line:
    found = {"register_item_id": key, "kind": kind, "clause": clause, "title": title, "owner": _OWNER}
    return {**found, "evidence_reference": f"wiki/{key}", **more}


def _lines(file: str, rows: Iterable[Line]) -> str:
    """Write lines in the order of the columns that the template's file names."""
    header = next(line for line in forms()[file].splitlines() if line and not line.startswith("#")).split(",")
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for row in rows:
        unknown = row.keys() - set(header)
        if unknown:
            raise ValueError(f"{file} has no {unknown}")
        writer.writerow([_cell(row.get(name, "")) for name in header])
    return written.getvalue()


def _cell(value: str | int | date | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
