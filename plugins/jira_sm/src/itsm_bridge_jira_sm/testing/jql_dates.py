"""Dates in JQL: absolute milliseconds, minutes in the asker's own timezone, and times relative to now."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from itsm_bridge_jira_sm.testing.answers import Refusal
from itsm_bridge_jira_sm.testing.instants import DAY, HOUR, MINUTE, as_datetime, millis
from itsm_bridge_jira_sm.testing.jql_text import Value

_FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_STEP = re.compile(r"(\d+)([mhdwMy])")
_LENGTHS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "M": 30 * DAY, "y": 365 * DAY}


def instant(value: Value, field: str, present: int, zone: str) -> int:
    """Return the moment that a value means, in milliseconds.

    Unquoted digits are milliseconds since 1970; a date without a time is the day's beginning. Seconds and zones are no
    form that the vendor knows.
    """
    text = value.text.strip()
    if value.is_function:
        return _function(text, present, zone)
    if text.lstrip("-").isdigit() and not value.is_quoted:
        return int(text)
    if relative := re.fullmatch(r"([+-]?)((?:\d+[mhdwMy]\s*)+)", text):
        length = sum(int(count) * _LENGTHS[unit] for count, unit in _STEP.findall(relative[2]))
        return present - length if relative[1] == "-" else present + length
    for form in _FORMS:
        try:
            return millis(datetime.strptime(text, form).replace(tzinfo=ZoneInfo(zone)))
        except ValueError:
            continue
    raise Refusal(400, f"Date value '{text}' for field '{field}' is invalid. Valid formats include: "
                       "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. "
                       "'-5d', '4w 2d'.")  # fmt: skip


def _function(name: str, present: int, zone: str) -> int:
    local = as_datetime(present).astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match name.lower():
        case "now":
            return present
        case "startofday":
            return millis(midnight)
        case "endofday":
            return millis(midnight + timedelta(days=1)) - 1
        case "startofweek":
            return millis(midnight - timedelta(days=(midnight.weekday() + 1) % 7))
    raise Refusal(400, f"Unable to find JQL function '{name}'.")
