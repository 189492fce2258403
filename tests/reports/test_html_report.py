"""One page that needs nothing else, says where every figure comes from, and runs nothing that a stranger wrote."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from itsm_bridge.checking import CheckRun
from itsm_bridge.checking.frame import FINDINGS
from itsm_bridge.errors import DeliveryError
from itsm_bridge.reports import AssessmentView, HtmlReport

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*7}}\x00\u202e\ud800"
VOID = {"meta", "input", "br", "rect", "circle", "link", "img"}


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, text, and whether all that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text))


def many(number: int, text: str, url: str = "https://tool.example/1") -> pa.Table:
    rows = [
        {
            "check_id": "INC-001", "source_id": "prod", "work_item_id": f"w{n}", "subject": f"w{n}", "number": text,
            "url": url, "suppressed_by": None, "is_waived": False, "message": text,
            "evidence": json.dumps({text: text}),
        }
        for n in range(number)
    ]  # fmt: skip
    safe = [
        {k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in row.items()} for row in rows
    ]
    return pa.Table.from_pylist(safe, schema=FINDINGS)


@pytest.fixture(scope="module")
def page(view: AssessmentView) -> Page:
    return Page(HtmlReport().render(view))


def test_the_page_is_written_whole_and_small(view: AssessmentView, tmp_path: Path) -> None:
    """Set ITSM_BRIDGE_SAMPLE to a file name to keep the page and look at it."""
    wanted = Path(os.environ.get("ITSM_BRIDGE_SAMPLE") or tmp_path / "deep" / "report.html")

    assert HtmlReport().write(view, wanted) == wanted
    assert 50_000 < wanted.stat().st_size < 2_000_000
    assert list(wanted.parent.glob(".*")) == []


def test_everything_opened_is_closed_and_ids_are_unique(page: Page) -> None:
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)

    assert page.open == []
    assert [name for name, n in ids.items() if n > 1] == []


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.elements}
    targets = {str(a["href"])[1:] for a in page.all("a") if str(a["href"]).startswith("#")}

    assert targets - ids == set()


def test_nothing_is_loaded_from_anywhere_and_nothing_runs_but_our_script(page: Page) -> None:
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy") or ""

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not any(page.all(tag) for tag in ("link", "img", "iframe", "object", "base", "form"))
    assert [attributes for attributes in page.all("script") if attributes] == []
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("src", "style", "srcset") for name in attributes)


def test_the_page_says_what_is_proposed_and_by_what_it_may_be_repeated(page: Page) -> None:
    assert "Nonconformities in 8 of 9 clauses assessed: 3 major, 5 minor" in page.words
    assert "This is a proposal drawn from records, to be confirmed by a person." in page.words
    assert "itsm-bridge check --as-of 14" in page.words
    assert "9f2c" * 16 in page.words


def test_every_figure_has_its_denominator(page: Page) -> None:
    assert "27 of 214" in page.words
    assert "= 12.6 % [9.3–16.8 %]" in page.words
    assert "12 of 226 not assessable: source legacy: the account may not read approvals" in page.words
    assert "2 of 4 streams came completely; 835 rows held of 1,228 that the tool counts" in page.words
    assert "3 of 12" in page.words


def test_what_nothing_stands_behind_is_not_assessed_and_never_zero_percent(page: Page) -> None:
    cells = re.findall(r"402 of 402", page.words)

    assert cells
    assert not re.search(r"0 of 0\b", page.words)


def test_what_could_not_be_read_is_said_with_its_reason(page: Page) -> None:
    assert "2 things expected to be assessable were not" in page.words
    assert "403: the account lacks the role to read sys_audit" in page.words
    assert "Accepted gaps" in page.words


def test_tables_have_captions_and_pictures_have_words(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table"))
    for picture in page.all("svg"):
        assert picture.get("aria-hidden") == "true" or (picture.get("role") == "img" and picture.get("aria-label"))


def test_numbers_lead_into_the_tool_without_telling_it_where_from(page: Page) -> None:
    outside = [a for a in page.all("a") if str(a["href"]).startswith("http")]

    assert any("nav_to.do" in str(a["href"]) for a in outside)
    assert all(a.get("rel") == "noreferrer noopener" for a in outside)


def test_hostile_text_is_shown_and_not_run(make_view: Callable[..., AssessmentView], view: AssessmentView) -> None:
    run = CheckRun(view.results.slice(0, 0).select(["check_id", "source_id"]), many(1, HOSTILE, "javascript:alert(1)"))
    counts = pa.Table.from_pylist([{
        "check_id": "INC-001", "source_id": "*", "in_scope": 1, "assessable": 1, "not_assessable": 0, "failing": 1,
        "suppressed": 0, "waived": 0, "reasons": json.dumps({HOSTILE.replace("\ud800", ""): 1}),
    }])  # fmt: skip
    hostile = Page(HtmlReport().render(make_view(CheckRun(counts, run.findings), head=HOSTILE)))

    assert len(hostile.all("script")) == 1
    assert not hostile.all("img")
    assert not [a for a in hostile.all("a") if "script" in str(a["href"])]
    assert "<script>alert(1)</script>" in hostile.words
    assert "{{7*7}}" in hostile.words
    assert "\u202e" not in hostile.words.split("Findings")[1].split("Appendix")[0]


def test_thousands_of_findings_of_any_length_still_make_a_small_page(
    make_view: Callable[..., AssessmentView], view: AssessmentView
) -> None:
    counts = view.results.drop_columns(["assessment", "status", "rate", "rate_low", "rate_high"])
    big = CheckRun(counts, many(3_000, "ü&<" * 900))

    text = HtmlReport().render(make_view(big))

    assert len(text.encode()) < 2_000_000
    assert "itsm-bridge export FOLDER --table finding" in text
    assert re.search(r"of 3,\d\d\d are left out here", text)


def test_an_unwritable_place_is_a_delivery_error_that_names_it(view: AssessmentView, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DeliveryError) as caught:
        HtmlReport().write(view, tmp_path / "file" / "report.html")

    assert caught.value.exit_code == 4
    assert str(tmp_path) in str(caught.value)
