"""What dead runs left in the store's folder, and its removal.

Only the holder of the writer's lock may remove: what no commit names is then nobody's, for readers know only what
commits name. Files that a commit took out are kept for a day, for readers that began before it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

log = logging.getLogger(__name__)

TABLES = ("manifests", "contents", "source/*/*", "canonical/*", "assessment/*")
ROWS = "part-*.parquet*"  # while it is written, a file has a suffix more
KEPT_SECONDS = 24 * 3600
CLOCK_SECONDS = 2  # how roughly file systems tell the time


def remove_leftovers(store: Path, since: float) -> int:
    """Remove the files that no published row and no running reader can need; return how many these were.

    `since` (seconds since 1970) is when the first of the dead runs began: what nobody names and is older was not
    theirs, and stays.
    """
    removed = 0
    for table in [table for name in TABLES for table in store.glob(name)]:
        try:
            for path in list(_leftovers(table, since - CLOCK_SECONDS)):
                path.unlink()
                removed += 1
        except DeltaError:
            continue  # no table yet, or a damaged one: a matter for `verify`
        except (OSError, ValueError) as error:
            log.warning("%s: what unfinished runs left cannot be removed: %s", table, error)
    if removed:
        log.info("%s: removed %d files that unfinished runs had left", store, removed)
    return removed


def _leftovers(table: Path, since: float) -> Iterator[Path]:
    held = {Path(uri).name for uri in DeltaTable(str(table)).file_uris()}
    taken_out = _taken_out(table / "_delta_log")
    before = time.time() - KEPT_SECONDS
    for path in table.glob(ROWS):
        last_named = time.time() if path.name in held else taken_out.get(path.name)
        if path.stat().st_mtime >= since if last_named is None else last_named < before:
            yield path
    for path in (table / "_delta_log").iterdir():
        if ("#" in path.name or path.suffix == ".tmp") and path.stat().st_mtime >= since:
            yield path


def _taken_out(commits: Path) -> dict[str, float]:
    """Return when files were taken out, in seconds since 1970, as far as the commits that lie there tell."""
    found = {}
    for commit in commits.glob("*.json"):
        for line in commit.read_text(encoding="utf-8").splitlines():
            removed = json.loads(line).get("remove")
            if removed:
                found[str(removed["path"])] = removed["deletionTimestamp"] / 1000
    return found
