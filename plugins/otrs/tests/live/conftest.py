"""One server for the whole run: what it holds and what the store holds is seen twice for each time zone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from seen import Reader, Seen, Story, look_at
from updates import updates
from znuny import TOOL, CouldNotBeHad, Znuny, leave, own_folder

from itsm_bridge.plugins import build_plugin_manager

COULD_NOT = 77
"""How the run ends where this machine cannot have the server: .ci/run goes on then."""
PASSWORDS = {"api": "apipw", "apiro": "apiropw"}


@pytest.fixture(scope="session")
def znuny() -> Iterator[Znuny]:
    """The server, not started yet."""
    with _could_it_be_had():
        folder = own_folder()
    try:
        server = Znuny(TOOL, folder)
        yield server
        server.stop()
    finally:
        leave(folder)


@pytest.fixture(scope="session", params=["UTC", "Europe/Berlin"])
def stories(request: pytest.FixtureRequest, znuny: Znuny, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Story]:
    """What was seen with each account in one time zone."""
    zone: str = request.param
    with _could_it_be_had():
        znuny.serve(zone)
    plugins = build_plugin_manager([EntryPoint("otrs", "itsm_bridge_otrs", "itsm_bridge")])
    readers = {
        account: Reader(znuny, tmp_path_factory.mktemp(account), account, password, plugins)
        for account, password in PASSWORDS.items()
    }  # fmt: skip
    server = look_at(znuny)
    first = {account: reader.see(server) for account, reader in readers.items()}
    done = updates(server.truth["tickets"])
    znuny.change(done.calls)
    server = look_at(znuny)
    second = {account: reader.see(server) for account, reader in readers.items()}
    return {account: Story(zone, first[account], second[account], done, readers[account]) for account in readers}


@pytest.fixture(scope="session")
def story(stories: dict[str, Story]) -> Story:
    """The account that sees every ticket."""
    return stories["api"]


@pytest.fixture(scope="session")
def restricted(stories: dict[str, Story]) -> Story:
    """The account that sees one queue."""
    return stories["apiro"]


@pytest.fixture(params=["first", "second"])
def seen(request: pytest.FixtureRequest, story: Story) -> Seen:
    """After each of the two syncs."""
    moment: Seen = getattr(story, request.param)
    return moment


@contextmanager
def _could_it_be_had() -> Iterator[None]:
    try:
        yield
    except CouldNotBeHad as error:
        pytest.exit(f"the live suite of OTRS could not run: {error}", returncode=COULD_NOT)
