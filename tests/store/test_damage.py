"""A damaged file of the store is one clear error wherever it is met: which file, what is wrong with it, what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from site_of_desk import Site, fill

from itsm_bridge import pipeline
from itsm_bridge.analysis import open_store
from itsm_bridge.errors import StoreDamaged
from itsm_bridge.plugins import build_plugin_manager
from itsm_bridge.store.damage import naming_damage

Damage = Callable[[Path], object]

DAMAGES: dict[str, tuple[Damage, str]] = {
    "gone": (lambda file: file.unlink(), "the file is missing"),
    "cut": (lambda file: file.write_bytes(file.read_bytes()[:-20]), "the file is not whole"),
    "altered": (lambda file: file.write_bytes(_altered(file.read_bytes())), "its contents are damaged"),
}
STAGES: dict[str, tuple[str, Callable[[Site, Any], object]]] = {
    "sync": ("source/desk/incident", lambda site, plugins: pipeline.sync(site.config, plugins, full=True)),
    "check": ("canonical/work_item", lambda site, plugins: pipeline.check(site.config, plugins)),
    "report": ("assessment/check_result", lambda site, plugins: pipeline.stored_view(site.config, plugins)),
    "export": ("canonical/work_item", lambda site, _: pipeline.export(site.config, site.folder / "out", "csv")),
    "load": ("canonical/work_item", lambda site, _: open_store(site.path).load("incident")),
    "sql": ("source/desk/incident", lambda site, _: open_store(site.path).sql("SELECT * FROM source_desk.incident")),
    "conclusions": ("assessment/conclusion", lambda site, _: open_store(site.path).conclusions()),
}


def _altered(data: bytes) -> bytes:
    """Every page turned round; what stands at the end of the file still describes them."""
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return data[:4] + bytes(byte ^ 0xFF for byte in data[4:end]) + data[end:]


def largest(folder: Path) -> Path:
    return max(folder.glob("*.parquet"), key=lambda file: file.stat().st_size)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that was synced and judged. Tests put back what they damage."""
    site = Site(tmp_path_factory.mktemp("judged"))
    fill(site.desk)
    site.sync()
    pipeline.check(site.config, plugins_of(site))
    return site


def plugins_of(site: Site) -> Any:
    return SimpleNamespace(adapters=site.adapters, check_folders=build_plugin_manager([]).check_folders, kpi_folders=[])


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_reader_names_the_damaged_file_and_what_to_do(judged: Site, damage: str) -> None:
    harm, why = DAMAGES[damage]
    for stage, (table, run) in STAGES.items():
        file = largest(judged.path / table)
        sound = file.read_bytes()
        harm(file)
        with pytest.raises(StoreDamaged) as caught:
            run(judged, plugins_of(judged))
        assert caught.value.where == str(file), stage
        assert why in caught.value.message, stage
        assert not any(words in caught.value.message for words in ("\x1b", "Error", "Parquet", "ZSTD")), stage
        assert all(words in str(caught.value.hint) for words in ("verify", "backup", "sync again")), stage
        file.write_bytes(sound)


def test_verify_names_a_damaged_file_of_any_table(judged: Site) -> None:
    for table in ("manifests", "contents", "source/desk/incident", "canonical/work_item"):
        file = largest(judged.path / table)
        sound = file.read_bytes()
        file.write_bytes(sound[:-20])
        problems = pipeline.verify(judged.config).problems
        assert any(file.name in problem and "not whole" in problem for problem in problems), problems
        file.write_bytes(sound)
    assert pipeline.verify(judged.config).problems == []


def test_an_error_of_a_query_over_sound_files_stays_what_it_is(judged: Site) -> None:
    with pytest.raises(duckdb.InvalidInputException), naming_damage(str(judged.path)):
        raise duckdb.InvalidInputException("nothing to do with files")


def test_where_the_file_cannot_be_found_the_librarys_words_are_on_one_line_and_without_colour() -> None:
    with pytest.raises(StoreDamaged) as caught, naming_damage("s3://bucket/store"):
        raise duckdb.IOException("\x1b[31mno\nroute\x1b[0m")
    assert caught.value.message.endswith("no route")
    assert caught.value.where == "s3://bucket/store"
