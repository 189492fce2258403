"""`itsm-bridge kpi` over two incidents: one resolved in January, and one whose state nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

import itsm_bridge

Run = Callable[..., Result]


def test_figures_are_shown_split_explained_and_tested(run: Run, configured: Path) -> None:
    assert run("kpi", "table").exit_code == 3  # no store yet
    assert run("sweep").exit_code in (0, 1, 3)
    told = {row["kpi_id"]: row for row in json.loads(run("kpi", "table", "--json").stdout)}
    assert len(told) == 40
    assert {name: (told[name]["value"], told[name]["n"]) for name in ("incident_volume", "mttr_p1p2", "backlog_open")} == {
        "incident_volume": (1.0, 1), "mttr_p1p2": (None, 0), "backlog_open": (None, 0),
    }  # fmt: skip
    shown = run("kpi", "table", columns=160).stdout
    assert "why there is no figure" in shown
    assert "of 1" in next(line for line in shown.splitlines() if "incident_volume" in line)

    frame = itsm_bridge.open(configured).kpis()
    assert frame.set_index(["kpi_id", "dimension", "scope"]).loc[("incident_volume", "all", "*"), "value"] == 1
    assert set(frame["kpi_id"]) == set(told)

    split = json.loads(run("kpi", "table", "incident_volume", "--by", "priority", "--json").stdout)
    assert [(row["scope"], row["value"], row["n"]) for row in split] == [("2", 1.0, 1), ("3", None, 0)]
    assert "priority 2" in run("kpi", "table", "incident_volume", "--by", "priority", columns=160).stdout

    assert run("kpi", "table", "incident_volum").exit_code == 2
    assert run("kpi", "table", "--assessment", "7").exit_code == 2


def test_kpis_are_listed_explained_and_tested(run: Run) -> None:
    assert {kpi["id"] for kpi in json.loads(run("kpi", "list", "--json").stdout)} >= {"mttr", "reopen_rate"}
    assert "reopen_rate" in run("kpi", "list", columns=200).stdout
    shown = run("kpi", "show", "fcr").stdout
    assert "How it is computed" in shown
    assert "first_contact_within" in shown
    assert json.loads(run("kpi", "show", "fcr", "--json").stdout)["figure"] == "share"
    assert "did you mean 'mttr'" in run("kpi", "show", "mtttr").stderr
    tested = run("kpi", "test", "fcr", "mttr")
    assert (tested.exit_code, "2 KPIs, 7 cases, 0 came out" in tested.stdout) == (0, True)


def test_a_site_measures_figures_of_its_own(run: Run, configured: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "closed_late.toml").write_text(
        'id = "closed_late"\nversion = 1\ntitle = "Open at noon"\nprocess = "incident"\nfigure = "share"\n'
        'unit = "share"\nbetter = "neither"\nrecord_types = ["incident"]\nanchor = "w.opened_at"\n'
        'clauses = [{ clause = "8.6.1", relation = "supporting" }]\nvalue = "w.priority = 2"\nmeaning = "x"\n'
        'formula = "x"\nlimits = "x"\n[[cases]]\nname = "wrong"\nwork_item = {}\nexpect = { value = 1.0, n = 1 }\n',
        encoding="utf-8",
    )
    text = configured.read_text(encoding="utf-8")
    configured.write_text(text.replace("[assessment]\n", '[assessment]\nkpis = ["own"]\n'), encoding="utf-8")
    assert run("sweep").exit_code in (0, 1, 3)
    (row,) = json.loads(run("kpi", "table", "closed_late", "--json").stdout)
    assert (row["value"], row["n"]) == (0.5, 2)
    tested = run("kpi", "test", "closed_late")
    assert tested.exit_code == 2
    assert "value: expected 1.0, came 0.0" in tested.stdout
    assert run("check", "--as-of", "1").exit_code in (0, 1, 3)  # the same again, figures included
