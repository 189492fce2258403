from __future__ import annotations

import logging
from itertools import count
from threading import Event

import pytest

from itsm_bridge.progress import LoggedProgress, SilentProgress, StoppableProgress, shown_progress


def test_a_log_says_where_long_work_stands_every_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    seconds = count(step=4)
    with caplog.at_level(logging.INFO):
        progress = LoggedProgress(clock=lambda: float(next(seconds)))
        progress.start("prod/incident", 500)
        for _ in range(5):
            progress.advance("prod/incident", 100)
        progress.done("prod/incident")
    assert [record.message for record in caplog.records] == [
        "prod/incident: started, 500 expected",
        "prod/incident: 300 of 500",
        "prod/incident: done, 500",
    ]


def test_where_nobody_knows_how_many_a_log_only_counts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        progress = LoggedProgress(clock=count(step=20).__next__)
        progress.start("x")
        progress.advance("x")
        progress.note("halfway")
    assert [record.message for record in caplog.records] == ["x: started", "x: 1", "halfway"]


def test_work_that_is_asked_to_stop_stops_at_its_next_step() -> None:
    stop = Event()
    progress = StoppableProgress(SilentProgress(), stop)
    progress.start("x", 2)
    progress.advance("x")
    stop.set()
    with pytest.raises(KeyboardInterrupt):
        progress.advance("x")
    with pytest.raises(KeyboardInterrupt):
        progress.start("y")
    progress.done("x")


def test_where_nobody_watches_there_are_log_lines(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with caplog.at_level(logging.INFO), shown_progress() as progress:
        progress.start("x", 1)
    assert "x: started" in caplog.text


def test_a_terminal_shows_bars(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress() as progress:
        progress.start("prod/incident [x]", 3)
        progress.advance("prod/incident [x]", 3)
        progress.note("a note [x]")
        progress.start("prod/incident [x]", 5)
        progress.done("prod/incident [x]")
    shown = capsys.readouterr()
    assert "prod/incident [x]" in shown.err
    assert "a note [x]" in shown.err
    assert not shown.out


def test_quiet_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(quiet=True) as progress:
        progress.start("x")
        progress.advance("x")
        progress.note("y")
        progress.done("x")
    assert capsys.readouterr() == ("", "")
