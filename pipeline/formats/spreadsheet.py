"""Cells that a spreadsheet shows rather than runs."""

from __future__ import annotations

import re

_FORMULA = re.compile("[=+@\t\r\n＝＋－＠-]")


def spreadsheet_safe(cell: object) -> object:
    """Return a cell that a spreadsheet shows rather than runs; numbers stay numbers.

    Examples
    --------
    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("Rome denied it."), spreadsheet_safe(-0.5)
    ("'=1+1", 'Rome denied it.', -0.5)
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
