"""Processes killed at seeded moments of every job: nothing is lost, doubled, damaged or left lying about.

`make test` kills as many times as `KILLS` says below, `make kills` two hundred times.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

pytestmark = pytest.mark.xdist_group("kills")

KILLS = int(os.environ.get("KILLS", "4"))
ZYGOTE = Path(__file__).parent.parent / "fakes" / "zygote.py"


@dataclass(frozen=True)
class Order:
    """A job on the store in a folder, with the desk as it is after `steps` rounds of changes."""

    job: str
    steps: int = 2
    mapped_otherwise: bool = False


@dataclass(frozen=True)
class Story:
    """Which jobs are killed, one, two or three times, and which then run to their end; `share` is of all kills."""

    share: float
    killed: tuple[Order, ...]
    ending: tuple[Order, ...]
    is_first: bool = False


SYNC, REMAP, CHECK = Order("sync"), Order("remap", 1, mapped_otherwise=True), Order("check")
MAPPED_SYNC = Order("sync", 2, mapped_otherwise=True)
STORIES = {
    "first sync": Story(0.15, (Order("sync", 1),), (Order("sync", 1),), is_first=True),
    "next sync": Story(0.3, (SYNC,), (SYNC,)),
    "remap": Story(0.15, (REMAP,), (REMAP,)),
    "check": Story(0.2, (CHECK,), (CHECK,)),
    "delivery": Story(0.05, (Order("delivery"),), (Order("delivery"),)),
    "all in turn": Story(0.15, (MAPPED_SYNC, REMAP, CHECK), (REMAP, MAPPED_SYNC, CHECK)),
}


@dataclass
class Killers:
    """The zygote, and what its undisturbed children did: the events of each job, and the store after each story."""

    process: subprocess.Popen[str]
    folder: Path
    events: dict[Order, list[tuple[str, float]]] = field(default_factory=dict)
    whole: dict[str, dict[str, Any]] = field(default_factory=dict)
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)

    def ask(self, folder: Path, order: Order, kill: dict[str, Any] | None = None) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        line = {"folder": str(folder), "kill": kill, **vars(order)}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def run(self, folder: Path, order: Order) -> list[tuple[str, float]]:
        told = self.ask(folder, order)
        assert told["ended"] == "done", told
        return [(phase, at) for phase, at in told["events"]]

    def look(self, folder: Path) -> dict[str, Any]:
        told = self.ask(folder, Order("look"))
        assert told["ended"] == "done", told
        found: dict[str, Any] = told["answer"]
        return found

    def begin(self, name: str, story: Story) -> Path:
        """Return a folder with the store that a story begins with."""
        folder = self.folder / name
        if story.is_first:  # only the key, so that pseudonyms can be compared
            (folder / "store" / "state").mkdir(parents=True)
            shutil.copy(self.folder / "base" / "store" / "state" / "privacy.key", folder / "store" / "state")
        else:
            shutil.copytree(self.folder / "base", folder)
        return folder

    def undisturbed(self, name: str) -> dict[str, Any]:
        """Return what a store holds after a story in which nobody is killed."""
        if name not in self.whole:
            folder = self.begin(f"undisturbed {name}", STORIES[name])
            for order in STORIES[name].ending:
                self.events[order] = self.run(folder, order)
            self.whole[name] = self.look(folder)
        return self.whole[name]

    def moment(self, dice: random.Random, order: Order) -> dict[str, Any]:
        """Draw a moment of a job: every phase is as likely as every other, and soon after its beginning likelier.

        What goes wrong does so where one step has ended and the next has not begun.
        """
        events = self.events[order]
        phase = dice.choice(sorted({phase for phase, _ in events} - {"done"}))
        places = [place for place, event in enumerate(events[:-1]) if event[0] == phase]
        entry = dice.randrange(len(places))
        begun, ended = events[places[entry]][1], events[places[entry] + 1][1]
        return {"phase": phase, "entry": entry + 1, "late": dice.random() ** 3 * (ended - begun)}


@pytest.fixture(scope="module")
def killers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killers]:
    folder = tmp_path_factory.mktemp("kills")
    alone = {"OPENBLAS_NUM_THREADS": "1"}  # a zygote has no threads
    with subprocess.Popen(
        [sys.executable, str(ZYGOTE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | alone
    ) as process:
        made = Killers(process, folder)
        for order in (Order("sync", 0), Order("sync", 1), CHECK):
            made.run(folder / "base", order)
        made.whole["base"] = made.look(folder / "base")
        yield made
        for (job, phase), strikes in sorted(made.struck.items()):
            sys.stdout.write(f"{job} killed while {phase}: {strikes}\n")


@pytest.mark.parametrize("name", STORIES)
def test_kills_at_seeded_moments_lose_and_double_nothing(killers: Killers, name: str) -> None:
    whole, story = killers.undisturbed(name), STORIES[name]
    wanted, seed = max(1, round(KILLS * story.share)), 0
    while wanted > 0:
        assert seed < 10 * KILLS, "children end before they can be killed"
        dice = random.Random(f"{name} {seed}")
        folder = killers.begin(f"{name} {seed}", story)
        wanted -= killed_and_looked_at(killers, dice, folder, story, min(wanted, dice.randint(1, 3)))
        for order in story.ending:
            killers.run(folder, order)
        assert_whole(killers.look(folder), whole, f"seed {seed}", is_mixed=len(story.killed) > 1)
        assert sorted(delivered(folder)) == sorted(delivered(killers.folder / f"undisturbed {name}"))
        shutil.rmtree(folder)
        seed += 1


def killed_and_looked_at(killers: Killers, dice: random.Random, folder: Path, story: Story, times: int) -> int:
    """Kill jobs in a row; after each kill, what was published last is as it was."""
    struck = 0
    before = killers.look(folder) if story.is_first else killers.whole["base"]
    for _ in range(times):
        order = dice.choice(story.killed)
        told = killers.ask(folder, order, killers.moment(dice, order))
        after = killers.look(folder)
        assert after["problems"] == []
        for path in delivered(folder):
            assert_readable(folder / path)
        if told["ended"] == "done":
            return struck
        assert told["ended"] == "killed", told
        struck += 1
        killers.struck[order.job, told["phase"]] += 1
        if after["published"] != before["published"]:
            assert "publishing" in dict(told["events"]), "nothing is published before its time"
            return struck
        assert after["contents"] == before["contents"]
    return struck


def assert_whole(found: dict[str, Any], whole: dict[str, Any], life: str, *, is_mixed: bool) -> None:
    """A store is as it would be had nobody been killed, down to the versions of rows and the files."""
    assert found["problems"] == [], life
    assert found["unpublished"] == 0, life
    assert found["left"] == [], life
    assert not [name for name, digest in found["contents"].items() if digest.startswith("doubled")], life
    tables = {name: digest for name, digest in whole["contents"].items() if " " not in name}
    assert {name: found["contents"].get(name) for name in tables} == tables, life
    if len(found["published"]) == len(whole["published"]):  # else a job was killed when it had published, and ran again
        assert found["contents"] == whole["contents"], life
        if not is_mixed:  # else a remap has published what a killed sync had read
            assert found["published"] == whole["published"], f"{life}: not the same number of versions in each table"


def delivered(folder: Path) -> set[Path]:
    """Return the files that reports and exports have written, relative to the folder."""
    return {path.relative_to(folder) for name in ("reports", "evidence") for path in (folder / name).glob("*")}


def assert_readable(path: Path) -> None:
    """A file under its own name is whole; what is being written has another name."""
    if path.suffix == ".parquet":
        assert parquet.read_metadata(path).num_rows >= 0
    elif path.suffix == ".json":
        json.loads(path.read_text(encoding="utf-8"))
    elif path.suffix == ".html":
        assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
