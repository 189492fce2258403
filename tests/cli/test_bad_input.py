"""Bad input ends with one message that says what, where and what to do, and leaves the store byte for byte as it was."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from itsm_bridge.cli.application import application
from itsm_bridge.policy import template
from itsm_bridge.store.store import Store

pytestmark = pytest.mark.xdist_group("bad input")

CONFIG = """[store]
path = "data"
[assessment]
period = "2026-01-01/2026-01-31"
policy = "policy"
checks = ["checks"]
[sources.desk]
adapter = "files"
path = "in"
"""
ITEMS = """work_item_id,record_type,source_key,number,state,priority,opened_at,created_at,updated_at
1,incident,1,INC1,resolved,2,2026-01-05T09:00:00Z,2026-01-05T09:00:00Z,2026-01-06T09:00:00Z
2,incident,2,INC2,new,3,2026-01-07T09:00:00Z,2026-01-07T09:00:00Z,2026-01-07T09:00:00Z
"""
CHECK = """id = "ACME-001"
version = 1
title = "Without a category"
process = "incident"
kind = "completeness"
severity = "minor"
basis = "policy"
clauses = [{ clause = "8.6.1", relation = "supporting" }]
record_types = ["incident"]
subject = { view = "w", alias = "w", key = "w.work_item_id" }
anchor = "w.opened_at"
population = "TRUE"
violation = "w.category IS NULL"
message = "{key} has no category."
why = "It is needed."
remedy = "Give it one."
limits = "None."
procedure = "Look."
[evidence]
key = "w.work_item_id"
"""


@dataclass
class Site:
    """A folder with a good configuration, policy, files, a check of the site, and a store that was judged once."""

    folder: Path
    good: dict[str, bytes] = field(default_factory=dict)

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files over the good ones; None takes one away."""
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def restore(self) -> None:
        for name in set(self.inputs()) - set(self.good):
            (self.folder / name).unlink()
        self.write(self.good)

    def inputs(self) -> dict[str, bytes]:
        return {name: data for name, data in contents(self.folder).items() if not name.startswith(("data", "reports"))}

    def store(self) -> dict[str, str]:
        """Return every file of the store with the hash of its bytes, the empty file that is locked aside."""
        found = contents(self.folder / "data")
        return {name: sha256(data).hexdigest() for name, data in found.items() if not name.endswith("writer.lock")}

    def run(self, *arguments: str, **environment: str) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for name, value in {"COLUMNS": "200", **environment}.items():
                patch.setenv(name, value)
            patch.delenv("ITSM_BRIDGE_CONFIG", raising=False)
            return CliRunner().invoke(application(), list(arguments), prog_name="itsm-bridge")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"))
    policy = {f"policy/{name}": text for name, text in template().items()}
    site.write({"itsm-bridge.toml": CONFIG, "in/work_item.csv": ITEMS, "checks/ACME-001.toml": CHECK, **policy})
    site.good = site.inputs()
    assert site.run("sweep").exit_code == 1, "the check of the site finds both incidents"
    return site


@pytest.fixture
def site(swept: Site) -> Iterator[Site]:
    yield swept
    swept.restore()


def one_message(result: Result, code: int, *words: str) -> None:
    assert result.exit_code == code, result.output
    assert not result.stdout
    lines = result.stderr.splitlines()
    assert [line.split()[0] for line in lines] in (["Error", "where", "to"], ["Error", "where"]), result.stderr
    assert "Traceback" not in result.stderr
    assert "unexpected" not in result.stderr
    for word in words:
        assert word in result.stderr


def config(old: str, new: str) -> dict[str, str]:
    assert old in CONFIG
    return {"itsm-bridge.toml": CONFIG.replace(old, new)}


def items(old: str, new: str) -> dict[str, str]:
    assert old in ITEMS
    return {"in/work_item.csv": ITEMS.replace(old, new, 1)}


def check(old: str, new: str) -> dict[str, str]:
    assert old in CHECK
    return {"checks/ACME-001.toml": CHECK.replace(old, new)}


CASES: dict[str, tuple[Mapping[str, str | bytes | None], tuple[str, ...]]] = {
    "a key that is misspelt": (config("period", "perod"), ("assessment.perod", "Did you mean 'period'?", "toml:4")),
    "a section that is misspelt": (config("[store]", "[stor]"), ("Did you mean 'store'?", "toml:1")),
    "no configuration": ({"itsm-bridge.toml": None}, ("no such configuration file", "itsm-bridge init")),
    "a configuration that is no TOML": (config('"data"', "data"), ("not TOML", "itsm-bridge.toml:2")),
    "an adapter that there is not": (config('"files"', '"fils"'), ("did you mean 'files'?", "toml:8")),
    "a stream that there is not": (config('"in"', '"in"\nstreams = ["work_itm"]'), ("did you mean 'work_item'?", ":10")),
    "a secret in the open": (config("[sources.", '[privacy]\nkey = "hunter2-hunter2"\n[sources.'), ("in the open", "env =")),
    "a variable that is not set": (
        config("[sources.", '[privacy]\nkey = { env = "ACME_NOT_SET" }\n[sources.'),
        ("environment variable ACME_NOT_SET", "export ACME_NOT_SET"),
    ),
    "mappings where none are read": (config('"in"', '"in"\nmappings = ["m"]'), ("brings canonical tables", "Leave")),
    "a folder of files that is not there": (config('path = "in"', 'path = "inn"'), ("no such folder", "`path`")),
    "a folder of checks that is not there": (config('["checks"]', '["cheks"]'), ("no such folder of checks", "cheks")),
    "a folder of policy that is not there": (config('"policy"', '"polcy"'), ("no such policy folder", "polcy")),
    "a file that is not UTF-8": ({"in/work_item.csv": ITEMS.replace("INC2", "ÄNC").encode("latin-1")}, ("UTF-8", "line 3")),
    "a column that is misspelt": (items("priority", "prioriy"), ("no column `prioriy`", "Did you mean `priority`?")),
    "a value out of the list": (items("resolved", "resolvd"), ("'resolvd', which is not one of", "line 2")),
    "a value of another kind": (items(",3,2026", ",high,2026"), ("`priority` holds 'high'", "whole number", "line 3")),
    "a key that comes twice": (items("\n2,", "\n1,"), ("key of an earlier row", "line 3", "line 2")),
    "a row that is too short": (items("3,2026-01-07T09:00:00Z,", ""), ("columns", "line 3", "work_item.csv")),
    "a file of no table": ({"in/tickets.csv": "a\n1\n"}, ("named after no canonical table", "tickets.csv")),
    "a file that is no Parquet": (
        {"in/work_item.csv": None, "in/work_item.parquet": b"PAR1"}, ("cannot be read", "work_item.parquet"),
    ),
    "a check that is no TOML": ({"checks/ACME-001.toml": "id ="}, ("not valid TOML", "ACME-001.toml")),
    "a check with a key that is misspelt": (check("record_types", "record_type"), ("did you mean 'record_types'?", ":9")),
    "a check with SQL that does not parse": (check("IS NULL", "IS ((NULL"), ("is not SQL", "ACME-001.toml:13: violation")),
    "a check of a column that there is not": (check("w.category", "w.categry"), ("did you mean 'category'?", ":13")),
    "a check that compares apples and pears": (check("w.category IS NULL", "w.opened_at > 5"), ("its SQL", "ACME-001.toml")),
    "a check with a function that there is not": (check("w.category IS", "nope(w.category) IS"), ("nope", "ACME-001.toml")),
    "a check that reads a file": (
        check("w.category IS NULL", "EXISTS (SELECT 1 FROM read_csv('/etc/passwd'))"), ("only tables and views",),
    ),
    "a check that does more than ask": (check("w.category IS NULL", "TRUE; DROP TABLE w"), ("one SQL expression", ":13")),
    "a check of a clause that there is not": (check("8.6.1", "8.6.11"), ("no clause '8.6.11'", "ACME-001.toml")),
    "a check with the id of another": (check("ACME-001", "INC-001"), ("INC-001 exists already",)),
    "a parameter that there is not": (
        {"policy/parameters.toml": '[max_agee]\nvalue = "2d"\n'}, ("did you mean 'max_age'?", "parameters.toml:1"),
    ),
    "a parameter with a strange value": (
        {"policy/parameters.toml": '[max_age]\nvalue = "2 bananas"\n'}, ("'2 bananas'", "24h", "parameters.toml"),
    ),
    "a check adopted that there is not": (
        {"policy/adopted.toml": 'checks = ["INC-0001"]\n'}, ("did you mean 'INC-001'?", "adopted.toml:1"),
    ),
    "a policy file that is misspelt": ({"policy/adoptd.toml": ""}, ("did you mean 'adopted.toml'?", "adoptd.toml")),
    "a policy table with another column": ({"policy/targets.csv": "a,b\n1,2\n"}, ("'a' is not a column", "targets.csv:1")),
    "a calendar of no country": (
        {"policy/calendars.toml": '[calendars.x]\nhours = { mon = ["08:00-10:00"] }\nholidays = { country = "QQ" }\n'},
        ("'QQ'", "calendars.toml:3"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_one_message_and_costs_nothing(site: Site, case: str) -> None:
    files, words = CASES[case]
    before = site.store()
    site.write(files)
    is_of_checking = any(word in case for word in ("check", "policy", "parameter", "calendar"))
    one_message(site.run("check" if is_of_checking else "sync"), 2, *words)
    assert site.store() == before


@pytest.mark.parametrize("arguments", [("sync",), ("check",), ("remap",)])
def test_a_second_writer_is_told_who_the_first_is(site: Site, arguments: tuple[str, ...]) -> None:
    before = site.store()
    with Store(site.folder / "data").lock("the first"):
        one_message(site.run(*arguments), 3, "the first", f"process {os.getpid()}", "Wait until it has finished")
    assert site.store() == before


@pytest.mark.parametrize("place", ["itsm-bridge.toml/data", "/proc/itsm-bridge"])
def test_a_place_where_nothing_can_be_written_is_told(site: Site, place: str) -> None:
    site.write(config('"data"', f'"{place}"'))
    one_message(site.run("sync"), 3, place, "rights")


@pytest.mark.parametrize("command", ["check", "report", "verify", "remap", "export"])
def test_asking_a_store_that_is_not_there_does_not_make_one(site: Site, command: str) -> None:
    site.write(config('"data"', '"dota"'))
    one_message(site.run(command, *(["out"] if command == "export" else [])), 3, "no store here", "itsm-bridge sync")
    assert not (site.folder / "dota").exists()


@pytest.mark.parametrize("command", ["sync", "check"])
def test_a_full_disk_publishes_nothing_and_loses_nothing(site: Site, command: str) -> None:
    """A process that may write no file beyond a few bytes meets what a full disk gives."""
    before, published = site.store(), Store(site.folder / "data").snapshots()
    site.write(items("INC2", "INC22"))
    done = subprocess.run(
        [sys.executable, "-c", "from itsm_bridge.cli import main; main()", command],
        cwd=site.folder, capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)),
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "Check free space and rights" in done.stderr
    after = site.store()
    assert {name: digest for name, digest in after.items() if name in before and "state" not in name} == {
        name: digest for name, digest in before.items() if "state" not in name
    }
    assert Store(site.folder / "data").snapshots() == published


@pytest.mark.parametrize("table", ["manifests", "canonical/work_item"])
def test_a_damaged_store_is_named_with_the_table(site: Site, table: str) -> None:
    parts = {path: path.read_bytes() for path in (site.folder / "data" / table).glob("*.parquet")}
    for path in parts:
        path.write_bytes(b"PAR1 no more")
    try:
        one_message(site.run("check"), 3, table, "itsm-bridge verify")
        assert site.run("verify").exit_code == 3
    finally:
        for path, data in parts.items():
            path.write_bytes(data)


def test_a_table_that_was_handed_in_before_and_is_gone_is_a_gap(swept: Site, tmp_path: Path) -> None:
    site = Site(tmp_path)
    shutil.copytree(swept.folder / "policy", tmp_path / "policy")
    people = "person_id,login\np1,anna\n"
    site.write(
        {
            "itsm-bridge.toml": CONFIG.replace('checks = ["checks"]', ""),
            "in/work_item.csv": ITEMS,
            "in/person.csv": people,
        }
    )
    assert site.run("sync").exit_code == 0
    site.write({"in/person.csv": None})
    told = site.run("sync")
    assert told.exit_code == 3
    assert "there is no person.csv or person.parquet, and it was read before" in told.stdout
    assert site.run("check").exit_code == 3


def test_the_good_site_is_still_good(site: Site) -> None:
    assert site.run("sync").exit_code == 0
    assert site.run("verify").exit_code == 0
