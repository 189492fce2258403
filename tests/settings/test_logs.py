from __future__ import annotations

import io
import json
import logging
import re
import warnings
from typing import Any

import pytest

from itsm_bridge.logs import configure_logging
from itsm_bridge.redaction import conceal

VALUE = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def configured(**options: Any) -> io.StringIO:
    stream = io.StringIO()
    configure_logging(stream=stream, **options)
    conceal(VALUE)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_people_read_plain_lines() -> None:
    stream = configured(verbose=1)
    logging.getLogger("itsm_bridge.sync").info("read %s rows [of incident]", 12)
    assert "read 12 rows [of incident]" in stream.getvalue()
    assert "INFO" in stream.getvalue()


def test_programs_read_one_json_object_a_line() -> None:
    stream = configured(as_json=True, verbose=1)
    logging.getLogger("itsm_bridge.sync").info("read %s\nrows", 12, extra={"stream": "incident"})
    (line,) = lines(stream)
    assert line["level"] == "INFO"
    assert line["message"] == "read 12\nrows"
    assert line["name"] == "itsm_bridge.sync"
    assert line["stream"] == "incident"
    assert "timestamp" in line


@pytest.mark.parametrize(
    ("verbose", "expected"), [(0, ["warning"]), (1, ["info", "warning"]), (2, ["debug", "info", "warning"])]
)
def test_verbose_says_how_much_is_told(verbose: int, expected: list[str]) -> None:
    stream = configured(as_json=True, verbose=verbose)
    for level in ("debug", "info", "warning"):
        getattr(logging.getLogger("itsm_bridge.sync"), level)(level)
    assert [line["message"] for line in lines(stream)] == expected


@pytest.mark.parametrize("colour", ["", "1"])
@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_masked_wherever_they_stand_in_a_record(
    as_json: bool, colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", colour)
    monkeypatch.setenv("COLUMNS", "300")
    stream = configured(as_json=as_json)
    log = logging.getLogger("itsm_bridge.sync")
    log.warning("in the text %s", VALUE, extra={"request": f"with {VALUE}"})
    try:
        raise RuntimeError(f"in the exception {VALUE}")
    except RuntimeError:
        log.exception("failed")
    log.warning("with a stack", stack_info=True)
    log.warning(ValueError(f"as an object {VALUE}"))
    assert VALUE not in stream.getvalue()
    assert "RuntimeError: in the exception [redacted]" in re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue())


@pytest.mark.parametrize(
    "name", ["urllib3.connectionpool", "requests_oauthlib.oauth2_session", "pysnow.client", "oauthlib.oauth2", "jira"]
)
def test_libraries_that_log_headers_and_bodies_never_speak_below_a_warning(name: str) -> None:
    stream = configured(verbose=3)
    logging.getLogger(name).debug('send: b"GET / HTTP/1.1 Authorization: Basic abc"')
    logging.getLogger(name).info("body: {...}")
    assert not stream.getvalue()


def test_a_log_call_with_wrong_arguments_does_not_end_anything() -> None:
    stream = configured(as_json=True)
    logging.getLogger("some.library").warning("%d rows", "many")
    assert lines(stream)[0]["message"] == "%d rows"


def test_warnings_of_python_are_log_lines() -> None:
    stream = configured(as_json=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("this will go", DeprecationWarning, stacklevel=1)
    assert "this will go" in lines(stream)[0]["message"]


def test_configuring_twice_does_not_print_twice() -> None:
    configured()
    stream = configured(as_json=True)
    logging.getLogger("itsm_bridge").warning("once")
    assert len(lines(stream)) == 1
