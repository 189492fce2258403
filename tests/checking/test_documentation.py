"""The pages of the catalogue are made from the check and KPI files."""

from __future__ import annotations

from pathlib import Path

from itsm_bridge.builtin import itsm_checks, itsm_kpis
from itsm_bridge.checking import load_checks, load_kpis
from itsm_bridge.checking.documentation import pages

FOLDER = Path(__file__).parents[2] / "docs" / "catalogue"


def test_the_pages_are_what_make_docs_writes() -> None:
    made = pages(load_checks(itsm_checks()), load_kpis(itsm_kpis()))
    assert {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()} == made, "run `make docs`"


def test_every_check_and_kpi_has_a_place_that_the_index_points_to() -> None:
    made = pages(load_checks(itsm_checks()), load_kpis(itsm_kpis()))
    for check in load_checks(itsm_checks()):
        assert f"\n## {check.id}\n" in made[f"{check.process}.md"]
        assert f"({check.process}.md#{check.id.lower()})" in made["README.md"]
    for kpi in load_kpis(itsm_kpis()):
        assert f"\n## {kpi.id}\n" in made["kpis.md"]
