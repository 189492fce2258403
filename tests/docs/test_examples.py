"""The examples of the documentation run."""

from __future__ import annotations

import re
import shlex
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from itsm_bridge import errors
from itsm_bridge.checking.cases import run_cases
from itsm_bridge.checking.check_file import parse_check
from itsm_bridge.checking.lint import lint_check, lint_kpi
from itsm_bridge.checking.measuring.cases import run_kpi_cases
from itsm_bridge.checking.measuring.kpi_file import parse_kpi
from itsm_bridge.mapping.rules import read_mapping
from itsm_bridge.plugins import Plugins
from itsm_bridge.policy import load_policy
from itsm_bridge.policy.tables import FILES
from itsm_bridge.settings import load_config

from .conftest import DOCS, PAGES, ROOT, Run, blocks

OPERATING = DOCS / "operating.md"
NOT_HERE = ("schedule run", "demo", "checks test", "kpi test", "sample")
"""Commands that run until they are stopped, belong to `make demo`, or run what tests of their own run whole."""
README = ROOT / "README.md"
ONE_STORE = pytest.mark.xdist_group("documented commands")
"""What reads the store of two sweeps runs in one process, so that it is made once."""


def commands(page: Path) -> list[str]:
    lines = [line.partition("#")[0].strip() for block in blocks(page, "sh") for line in block.splitlines()]
    found = [line for line in lines if line.startswith("itsm-bridge ")]
    elsewhere = [] if page == OPERATING else commands(OPERATING)  # that page shows nearly all of them
    return [line for line in found if not line.removeprefix("itsm-bridge ").startswith(NOT_HERE)
            and line not in elsewhere]  # fmt: skip


@ONE_STORE
@pytest.mark.parametrize("page", [*PAGES, README], ids=lambda path: path.name)
def test_commands_run(page: Path, swept: Path, run: Run) -> None:
    for line in commands(page):
        result = run(*shlex.split(line)[1:])
        assert result.exit_code in (0, 1, 3), f"{line}\n{result.output}"
        assert not isinstance(result.exception, Exception), f"{line}\n{result.exception!r}"
        assert "unexpected error" not in result.output, f"{line}\n{result.output}"


@ONE_STORE
@pytest.mark.parametrize("page", [DOCS / "analysis.md", README], ids=lambda path: path.name)
def test_python_for_analysts_runs(page: Path, swept: Path) -> None:
    names: dict[str, Any] = {"pd": pd}
    for block in blocks(page, "python"):
        exec(block.replace('as_of="2026-10-01"', "as_of=1"), names)
    assert len(names["bridge"].load("incident")) == 2


@ONE_STORE
def test_the_analysis_sees_what_changed(swept: Path) -> None:
    names: dict[str, Any] = {"pd": pd}
    for block in blocks(DOCS / "analysis.md", "python"):
        exec(block, names)
    assert list(names["now"].sort_values("number")["resolution_code"]) == ["fixed", "workaround"]
    assert list(names["before"].sort_values("number")["resolution_code"]) == ["fixed", "fixed"]
    assert names["entered"].to_dict() == {"in_progress": 2, "resolved": 1}


def test_the_configuration_is_right(tmp_path: Path, plugins: Plugins) -> None:
    whole, route, secrets = blocks(DOCS / "configuration.md", "toml")
    file = tmp_path / "itsm-bridge.toml"
    file.write_text(whole, encoding="utf-8")
    config = load_config(file, plugins, environment={})
    assert config.sources["prod"].adapter == "servicenow"
    file.write_text(whole + route, encoding="utf-8")
    assert load_config(file, plugins, environment={}).sources["prod"].ca_bundle == tmp_path / "certificates/acme-ca.pem"
    for line in secrets.splitlines():
        file.write_text(whole.replace('password = { env = "SNOW_PASSWORD" }', line), encoding="utf-8")
        load_config(file, plugins, environment={})


@pytest.mark.parametrize(
    ("page", "adapter"), [("servicenow.md", "servicenow"), ("jira.md", "jira_sm"), ("otrs.md", "otrs")]
)
def test_every_way_of_signing_in_is_shown_and_right(page: str, adapter: str, tmp_path: Path, plugins: Plugins) -> None:
    file = tmp_path / "itsm-bridge.toml"
    ways = []
    for block in blocks(DOCS / page, "toml"):
        file.write_text(block, encoding="utf-8")
        ways.append(load_config(file, plugins, environment={}).sources["prod"].way_in)
    assert set(ways) == set(plugins.adapters[adapter].settings.ways_in)


def test_the_mapping_is_right(tmp_path: Path, plugins: Plugins) -> None:
    stream, *_, values, switch, config, overlay_values, overlay_stream, _ = blocks(DOCS / "mapping.md", "toml")
    site = tmp_path / "site"
    site.mkdir()
    (site / "incident.toml").write_text(stream, encoding="utf-8")
    (site / "values.toml").write_text(values + switch, encoding="utf-8")
    alone = read_mapping([site])
    assert [rule.table.name for rule in alone.streams["incident"].tables] == ["work_item", "relation"]
    assert alone.switches["history"].cases["*.assigned_to"] == "id:person"
    (site / "incident.toml").write_text(overlay_stream, encoding="utf-8")
    (site / "values.toml").write_text(overlay_values, encoding="utf-8")
    packaged = plugins.adapters["servicenow"].mapping_folder()
    assert packaged is not None
    overlaid = read_mapping([packaged, site])
    assert overlaid.values["incident_state"].labels["awaiting parts"] == "pending"
    assert overlaid.values["incident_state"].labels["resolved"] == "resolved"
    assert overlaid.streams["incident"].tables[0].columns["supplier_reference"].field == "u_vendor_ticket"
    assert tomllib.loads(config)["sources"]["prod"]["mappings"] == ["mappings/acme"]


def test_alternatives_and_fields_that_are_worked_out_are_right(tmp_path: Path) -> None:
    _, alternatives, fields, *_ = blocks(DOCS / "mapping.md", "toml")
    head = 'work_item_id = "id"\nsource_key = "id"\n'
    files = {
        "ticket": f'[work_item]\n{head}record_type = {{ constant = "task" }}\n{alternatives}', "other": fields + head,
        "history": '[fields]\nlanding = { join = ["ticket", "to"] }\n', "values": "[status]\n[phase]\n[kind]\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    read = read_mapping([tmp_path]).streams
    assert [rule.confidence for rule in read["ticket"].tables[0].columns["state"].either] == [None, 0.5]
    assert read["other"].raw(["kind", "landed"]) == ("category", "type", "id", "status")


def test_a_site_fills_the_maps_of_jira_that_wait_for_it(tmp_path: Path, plugins: Plugins) -> None:
    (tmp_path / "values.toml").write_text(blocks(DOCS / "mapping.md", "toml")[-1], encoding="utf-8")
    packaged = plugins.adapters["jira_sm"].mapping_folder()
    assert packaged is not None
    own, usual = read_mapping([packaged, tmp_path]).values, read_mapping([packaged]).values
    assert [len(own[name].labels) - len(usual[name].labels) for name in ("own_status", "own_issue_type")] == [3, 1]
    named = set(re.findall(r"`(own_\w+)`", (DOCS / "mapping.md").read_text(encoding="utf-8")))
    assert named == {name for name in usual if name.startswith("own_")}


def test_the_check_gives_the_verdicts_of_its_cases() -> None:
    check = parse_check(blocks(DOCS / "checks.md", "toml")[0], Path("XMP-001.toml"))
    assert [result.differences for result in run_cases(check)] == [(), (), ()]
    assert lint_check(check) == []


def test_the_kpi_gives_the_figures_of_its_cases() -> None:
    kpi = parse_kpi(blocks(DOCS / "kpis.md", "toml")[0], Path("quick_share.toml"))
    assert [result.differences for result in run_kpi_cases(kpi)] == [(), ()]
    assert lint_kpi(kpi) == []


def test_the_policy_is_right(tmp_path: Path) -> None:
    parameters, adopted, calendars = blocks(DOCS / "policy.md", "toml")
    for name, text in {"parameters": parameters, "adopted": adopted, "calendars": calendars}.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "targets.csv").write_text(blocks(DOCS / "policy.md", "csv")[0], encoding="utf-8")
    policy = load_policy(tmp_path, ["prod"], "Europe/Berlin", (date(2026, 1, 1), date(2026, 2, 1)))
    assert policy.parameters["INC-001.intake_grace"].value == "2d"
    assert policy.adopted == {"INC-003", "CHG-006"}
    assert policy.tables["target"].num_rows == 2
    assert policy.tables["calendar_binding"]["calendar_id"].to_pylist() == ["office", "office"]


def test_every_file_of_the_policy_that_is_shown_is_right(tmp_path: Path) -> None:
    text = (DOCS / "policy.md").read_text(encoding="utf-8")
    shown = re.findall(r"^### `([\w.]+\.csv)`\n+```csv\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for name, rows in shown:
        (tmp_path / name).write_text(rows, encoding="utf-8")
    policy = load_policy(tmp_path, ["prod"], "Europe/Berlin", (date(2026, 1, 1), date(2026, 2, 1)))
    assert len(shown) == 7
    for name, rows in shown:
        assert policy.tables[FILES[name]].num_rows == len(rows.splitlines()) - 1


def test_the_plugins_do_what_they_say(tmp_path: Path) -> None:
    pack, report = blocks(DOCS / "plugins.md", "python")
    names: dict[str, Any] = {"__file__": str(tmp_path / "acme_itsm_checks" / "__init__.py"), "__name__": "acme"}
    exec(pack, names)
    assert names["itsm_checks"]() == [tmp_path / "acme_itsm_checks" / "checks"]
    exec(report, names)
    view = SimpleNamespace(number=3, findings=SimpleNamespace(num_rows=2), head="abc", exit_code=3)
    written = names["itsm_reports"]()[0].write(view, tmp_path / "count")
    assert written.read_text() == "assessment 3: 2 findings, head abc\n"
    with pytest.raises(errors.DeliveryError):
        names["itsm_notify"](view, None)
