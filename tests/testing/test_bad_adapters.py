"""The suite fails on bad adapters: each breaks the promises that it should, and the author is told what to do."""

from __future__ import annotations

import io
from pathlib import Path

import bad_on_the_wire
import pytest
from bad_desks import BAD, Bad
from bad_on_the_wire import LogsItsHeaders
from tried_promises import broken, promises, world_of

from itsm_bridge.logs import configure_logging
from itsm_bridge.testing import AdapterContract

DEAR = {
    "a_deletion_that_nothing_records_is_found_by_census", "a_run_that_broke_off_is_resumed_and_ends_whole",
    "a_sync_under_many_faults_ends_whole", "a_tool_that_falls_silent_is_asked_again", "fields_that_do_not_show_are_told",
    "hidden_records_are_counted", "secrets_stand_in_no_error_no_log_and_no_address", "the_second_sync_reads_only_what_changed",
}  # fmt: skip
"""Promises that sync into a store, or fail often: they are tried only on adapters that should break them."""


def of_the_same_subject(bad: Bad) -> list[str]:
    """The other promises that the bad adapter should keep: those that cost little, of the same class."""
    subjects = [
        kind for kind in AdapterContract.__mro__
        if any(f"test_{name.partition('[')[0]}" in vars(kind) for name in bad.breaks)
    ]  # fmt: skip
    near = [name for name in promises() if any(f"test_{name}" in vars(kind) for kind in subjects)]
    return [name for name in near if name not in DEAR]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.adapter.__name__)
def test_a_bad_adapter_breaks_the_promises_that_it_should(bad: Bad, tmp_path: Path) -> None:
    said = broken(world_of(bad.adapter), dict.fromkeys([*of_the_same_subject(bad), *bad.breaks]), tmp_path)
    assert set(said) == set(bad.breaks)
    assert any(bad.words in words for words in said.values()), said
    assert all("What to do: " in words for words in said.values())


def test_a_secret_in_the_log_is_heard_although_the_program_masks_its_log(tmp_path: Path) -> None:
    written = io.StringIO()
    configure_logging(verbose=2, stream=written)
    promise = "secrets_stand_in_no_error_no_log_and_no_address"
    assert set(broken(world_of(LogsItsHeaders), [promise], tmp_path)) == {promise}
    assert "Authorization: Basic" in written.getvalue()


def test_every_promise_is_broken_by_some_bad_adapter() -> None:
    assert bad_on_the_wire.PASSES in {name.partition("[")[0] for name in promises()}
    broken_by_some = {name.partition("[")[0] for bad in BAD for name in bad.breaks}
    assert {name.partition("[")[0] for name in promises()} - broken_by_some == set()
