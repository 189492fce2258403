"""`policy lint`: mistakes with file and line, and what missing parts cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from itsm_bridge.assessment import load_clauses
from itsm_bridge.checking import load_checks, needs_of
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.policy.lint import PolicyReport, Standing, lint

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CHECKS = ("INC-001", "CHG-007", "SLM-004")

Lint = Callable[..., PolicyReport]


@pytest.fixture(scope="module")
def known() -> Any:
    folders = build_plugin_manager([]).check_folders
    checks = [check for check in load_checks(folders) if check.id in CHECKS]
    return checks, needs_of(checks), load_clauses()


@pytest.fixture
def linted(tmp_path: Path, known: Any) -> Lint:
    """Lint a policy folder with the given files."""

    def from_files(standing: Standing | None = None, **files: str) -> PolicyReport:
        for name, text in files.items():
            (tmp_path / ".".join(name.rsplit("_", 1))).write_text(text, encoding="utf-8")
        checks, reads, clauses = known
        report, _ = lint(tmp_path, ["prod"], "UTC", NOW, checks, [], reads, clauses, standing or Standing())
        return report

    return from_files


def remarks(report: PolicyReport) -> dict[str, str]:
    return {Path(each.where).name: each.message for each in report.remarks}


def test_every_file_with_a_mistake_is_named_with_its_line(linted: Lint) -> None:
    report = linted(targets_csv="record_type,metric,limit_seconds\nincident,response,x\n", lists_toml="a = 1\n")

    assert [Path(error.where or "").name for error in report.errors] == ["lists.toml:1", "targets.csv:2"]
    assert not report.files


def test_a_parameter_or_a_check_that_does_not_exist_is_a_mistake(linted: Lint) -> None:
    assert "min_desc" in linted(parameters_toml="[min_desc]\nvalue = 3\n").errors[0].message
    assert "INC-999" in linted(parameters_toml="", adopted_toml='checks = ["INC-999"]\n').errors[0].message


def test_what_nobody_approved_is_remarked_with_its_line(linted: Lint) -> None:
    report = linted(
        parameters_toml='[intake_grace]\nvalue = "30d"\napproved_by = "A. Owner"\n', adopted_toml='checks = ["*"]\n'
    )

    said = remarks(report)
    assert said["adopted.toml:1"] == "rules are adopted with no approver and no date"
    assert "parameter intake_grace has no date" in [
        each.message for each in report.remarks if "parameters.toml:1" in each.where
    ]
    assert report.not_adopted == ()


def test_attestations_that_lapse_and_clauses_that_do_not_exist_are_remarked(linted: Lint) -> None:
    report = linted(attestations_csv=(
        "attestation_id,clause,point,verdict,by,at,valid_to\n"
        "1,4.4,1,fulfilled,A. Chief,2026-11-01,2026-12-01\n"
        "2,4.4,1,fulfilled,A. Chief,2025-06-01,\n"
        "3,4.4,2,fulfilled,A. Chief,2026-11-01,\n"
        "4,4.44,,fulfilled,,2026-11-01,\n"
        "5,8.3.4,,fulfilled,A. Chief,2026-11-01,\n"
    ))  # fmt: skip

    found = [(Path(each.where).name.rpartition(":")[2], each.message) for each in report.remarks]
    assert [line for line, _ in sorted(found)] == ["2", "3", "4", "5", "5"]
    said = dict(sorted(found))
    assert said["2"] == "this attestation counts until 2026-12-01"
    assert "older than twelve months" in said["3"]
    assert said["4"] == "clause 4.4 has no point 2: it has 1"
    assert {"there is no clause '4.44'; did you mean '4.4'?"} <= {message for _, message in found}


def test_references_into_files_that_do_not_have_them_are_remarked(linted: Lint) -> None:
    report = linted(
        groups_csv="support_group,supplier_id\nNet,acme\n", suppliers_csv="supplier_id\nacne\n",
        documents_csv="document_id,document_key\n1,sms_scope\n", required_documents_csv="document_key\nsms_scope\n",
    )  # fmt: skip

    assert remarks(report) == {"groups.csv:2": "supplier_id 'acme' is not in suppliers.csv; did you mean 'acne'?"}


def test_a_missing_file_costs_the_checks_that_conclude_nothing_and_their_points(linted: Lint) -> None:
    standing = Standing(3, frozenset({"CHG-007", "SLM-004"}), frozenset({"5.3/2"}))

    files = {line.file: line for line in linted(standing, groups_csv="support_group,kind\n").files}

    groups, authorities = files["groups.csv"], files["authorities.csv"]
    assert (groups.state, authorities.state) == ("not filled in", "missing")
    assert groups.silent == authorities.silent == ("CHG-007",)
    assert "8.5.1.3/1" in authorities.open_points
    assert "5.3/2" not in authorities.open_points
    assert (files["calendars.toml"].state, files["calendars.toml"].silent) == ("packaged default", ())
    assert len(files["attestations.csv"].open_points) == 58
    assert files["services.csv"].checks == ()  # all checks read it to leave out what is not in scope
    assert linted(standing).not_adopted == ("CHG-007",)


def test_without_a_folder_the_defaults_are_told(known: Any) -> None:
    checks, reads, clauses = known
    report, policy = lint(None, ["prod"], "UTC", NOW, checks, [], reads, clauses, Standing())

    assert policy is not None
    assert {line.state for line in report.files} == {"packaged default", "missing"}
    assert not report.remarks
