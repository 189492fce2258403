from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import Result

from itsm_bridge.sampling.plan import rank

LAST_MONTH = (datetime.now(UTC) - timedelta(days=30)).date()

Run = Callable[..., Result]


def fill_policy(configured: Path) -> Path:
    folder = configured.parent / "policy"
    folder.mkdir()
    text = configured.read_text(encoding="utf-8")
    configured.write_text(text.replace("[assessment]\n", '[assessment]\npolicy = "policy"\n'), encoding="utf-8")
    (folder / "clause_scope.csv").write_text('clause,process_owner\n8.6.1,"=HYPERLINK(1)"\n', encoding="utf-8")
    (folder / "attestations.csv").write_text(
        f"attestation_id,clause,point,verdict,by,at,valid_to\n1,4.4,1,fulfilled,A. Chief,{LAST_MONTH},2099-01-01\n",
        encoding="utf-8",
    )
    (folder / "services.csv").write_text("service,owner\nMail,J. Doe\n", encoding="utf-8")
    return folder


def test_gaps_samples_and_policy_are_told_from_the_last_assessment(run: Run, configured: Path, tmp_path: Path) -> None:
    folder = fill_policy(configured)
    assert run("gap").exit_code == 3  # no store yet
    assert "there is none yet" in run("policy", "lint", columns=160).stdout
    assert run("sweep").exit_code in (0, 1, 3)

    told = json.loads(run("gap", "--json", "--output", "gap.csv").stdout)
    points = {f"{c['clause']}/{p['number']}": p for c in told["clauses"] for p in c["requirement"]}
    assert (len(told["clauses"]), len(points)) == (62, 222)
    assert (told["readiness"]["points"], told["readiness"]["label"]) == (222, "not ready")
    assert points["8.6.1/10"]["state"] != "evidenced"
    with (tmp_path / "gap.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (len(rows), {row["owner"] for row in rows}) == (222, {"", "'=HYPERLINK(1)"})
    shown = run("gap", columns=160).stdout
    assert "8.6.1 Incidents (=HYPERLINK(1))" in shown
    assert "not a probability" in shown
    detail = run("gap", "--clause", "4.4", columns=160).stdout
    assert f"attested by A. Chief, {LAST_MONTH} (counts until 20" in detail

    told = run("sample", "--output", "sample.csv", columns=160).stdout
    with (tmp_path / "sample.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    (seed,) = {row["seed"] for row in records}
    assert (len(seed), f"Seed {seed} · assessment 1, snapshot 1" in told) == (16, True)
    assert {row["number"] for row in records if row["part"] == "random"} == {"INC1", "INC2"}
    drawn = [(row["part"], row["number"]) for row in records if row["group"] == "DQ-007"]
    assert drawn == [("failing", "INC2"), ("passing", "INC1")]
    passing: dict[str, list[str]] = {}
    for row in records:
        if row["part"] == "passing":
            passing.setdefault(row["group"], []).append(row["subject"])
    assert max(map(len, passing.values())) == 2
    for group, subjects in passing.items():
        assert subjects == sorted(subjects, key=lambda subject: rank(seed, group, subject))

    linted = json.loads(run("policy", "lint", "--json").stdout)
    assert linted["assessment"] == 1
    assert [remark["message"] for remark in linted["remarks"] if "services.csv:2" in remark["where"]] == [
        "the last snapshot has no service 'Mail'"
    ]
    (folder / "targets.csv").write_text("record_type\n", encoding="utf-8")
    wrong = run("policy", "lint")
    assert (wrong.exit_code, "targets.csv:1" in wrong.stdout) == (2, True)
