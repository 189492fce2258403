"""Files that appear whole or not at all, and words for a disk that does not take them."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

_FULL = re.compile(r"no space left on device|disk quota exceeded|\bos error (28|122)\b", re.IGNORECASE)
_DRAFT = re.compile(r"\.(\d+)\.draft$")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield the place to write a file to; when the block ends, the file stands at `path`, and not before.

    Where the block fails, `path` is as it was and no draft is left; drafts of dead processes go too. What is no
    regular file (a pipe, `/dev/stdout`) is written to directly. Raises OSError.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        yield path
        return
    _remove_dead_drafts(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        yield draft
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _remove_dead_drafts(path: Path) -> None:
    for draft in path.parent.glob(f".{escape(path.name)}.*.draft"):
        named = _DRAFT.search(draft.name)
        if named and not _is_alive(int(named[1])):
            with suppress(OSError):
                draft.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process
        return True
    return True


def is_full(error: BaseException) -> bool:
    """Tell whether an error says that there is no room: by its number, or by its words where a library hides that."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or bool(_FULL.search(str(error)))


def unwritten(error: Exception, place: Path, needed: int | None = None) -> tuple[str, str]:
    """Return what to tell of a file or folder that cannot be written, and what to do; `needed` is in bytes."""
    if not is_full(error):
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return f"cannot be written: {reason}", "Check free space and rights of the folder, then run it again."
    said = _FULL.search(str(error))
    amount = f", about {_in_words(needed)} needed" if needed else ""
    return (
        f"cannot be written, the disk is full: {said[0] if said else error} ({_free(place)} free{amount})",
        f"Make room on the disk of {place}, then run it again; what was published before is untouched.",
    )


def _free(place: Path) -> str:
    existing = next((path for path in (place, *place.parents) if path.exists()), Path())
    try:
        return _in_words(shutil.disk_usage(existing).free)
    except OSError:
        return "nothing"


def _in_words(size: int) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size //= 1000
    return f"{size:,} GB"
