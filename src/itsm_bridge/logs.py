"""Logging: for people by default, as JSON lines with `--log-json`; always redacted, always on stderr."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

from itsm_bridge.redaction import redact

QUIET_LIBRARIES = (
    "urllib3", "requests", "requests_oauthlib", "oauthlib", "pysnow", "jira", "keyring", "apscheduler", "sqlalchemy",
    "asyncio", "charset_normalizer", "markdown_it", "filelock",
)  # fmt: skip
"""Their debug lines carry addresses, headers and bodies, so they never speak below a warning."""


class RedactingFilter(logging.Filter):
    """Masks secrets in the message and in the traceback of a record before any formatter sees them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; never drops it."""
        record.msg, record.args = redact(_message(record)), None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(_as_tuple(record.exc_info)))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name, value in record.__dict__.items():
            if isinstance(value, str) and name not in {"msg", "exc_text", "stack_info"}:
                record.__dict__[name] = redact(value)
        return True


def configure_logging(*, as_json: bool = False, verbose: int = 0, stream: TextIO | None = None) -> None:
    """Send all logging to `stream` (stderr by default).

    Warnings and above by default, from `verbose` 1 on the course of work, from 2 on its details.
    """
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    target = stream if stream is not None else sys.stderr
    way_out = _json_lines(target) if as_json else _lines_for_people(target)
    way_out.addFilter(RedactingFilter())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(way_out)
    root.setLevel(logging.WARNING)
    logging.getLogger("itsm_bridge").setLevel(level)
    logging.captureWarnings(True)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def _lines_for_people(stream: TextIO) -> logging.Handler:
    from rich.console import Console

    console = Console(file=stream, stderr=stream is sys.stderr)
    if not console.is_terminal:
        lines = logging.StreamHandler(stream)
        lines.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S"))
        return lines
    from rich.logging import RichHandler

    class Lines(RichHandler):
        """Rich's lines, with the traceback that the filter has redacted below them."""

        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_text:
                record.msg, record.exc_text = f"{record.msg}\n{record.exc_text}", None
            super().emit(record)

    return Lines(console=console, show_path=False, log_time_format="%H:%M:%S", omit_repeated_times=False)


def _json_lines(stream: TextIO) -> logging.Handler:
    from pythonjsonlogger.json import JsonFormatter

    lines = logging.StreamHandler(stream)
    lines.setFormatter(
        JsonFormatter(
            "{levelname}{name}{message}{exc_text}",
            style="{",
            timestamp=True,
            rename_fields={"levelname": "level"},
            json_ensure_ascii=False,
        )
    )
    return lines


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a library's log call with the wrong arguments must not end a sweep
        return str(record.msg)


def _as_tuple(exc_info: Any) -> Any:
    return sys.exc_info() if exc_info is True else exc_info
