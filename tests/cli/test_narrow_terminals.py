"""However narrow a terminal is: a figure that is not shown in full ends with a mark."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console

from itsm_bridge.cli.output import table

HEADS = ("stream", "status", "in the tool", "new or changed", "hidden")
ROW = ("std_change_producer_version", "complete", 58779, 1234567, 12345)


@pytest.mark.parametrize("width", range(30, 121, 3))
def test_no_figure_loses_digits_without_a_mark(width: int) -> None:
    out = StringIO()
    Console(file=out, width=width, highlight=False).print(table(HEADS, [ROW]))
    for figure in re.findall(r"[\d,]+…?", out.getvalue()):
        assert figure in ("58,779", "1,234,567", "12,345") or figure.endswith("…")
