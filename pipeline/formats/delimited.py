"""Delimited text as people really send it (CSV, TSV), made into the strict CSV of RFC 4180.

What can be read in one way only is read; what can be read in two, or in none, is a flaw at its
line. A cell in quotation marks may hold delimiters, line ends and doubled marks; a mark that does
not open a cell is text. Where a cell opens with a mark and does not close as RFC 4180 has it:

- marks escaped by backslashes are read, if the row then has as many cells as the head;
- tab-separated text knows no quoting at home, so there the mark is text, if that fits the head.

A quoted cell of several lines of which each would be a row by itself is a flaw: the mark that opens
it may be the first of a quotation, and those that seem to be in it rows of their own.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.formats.quoting import (
    MISPLACED,
    UNCLOSED,
    UNSURE,
    Flaw,
    OddRows,
    Rows,
    end_of_lines,
    has_lone_cr,
    is_doubtful,
    patterns_of,
    unify_line_ends,
)

DELIMITERS = {"csv": ",", "tsv": "\t"}
_KNOWN = ",;\t"
_MOST = 1 << 20  # cells of a head


@dataclass(frozen=True)
class Head:
    """The first row.

    Attributes
    ----------
    names : tuple of str
        The columns.
    delimiter : str
        What separates the cells.
    size : int
        How many bytes of the file it takes.
    """

    names: tuple[str, ...]
    delimiter: str
    size: int


def read_head(data: bytes, kind: str, *, final: bool) -> Head | None:
    """Read the first row, and tell the delimiter by it: what makes most columns.

    Parameters
    ----------
    data : bytes
        How the file begins, in UTF-8.
    kind : str
        ``csv`` or ``tsv``: which delimiter counts where two make equally many columns.
    final : bool
        Whether the file ends there.

    Returns
    -------
    Head or None
        None where the row goes on beyond the data.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    usual = DELIMITERS[kind]
    begun = any(patterns_of(each.encode(), _MOST).begun.match(data) for each in _KNOWN)
    if not final and (begun or not end_of_lines(data, final=False)):
        return None
    found = []
    for delimiter in sorted(_KNOWN, key=lambda each: each != usual):
        row = patterns_of(delimiter.encode(), _MOST).row.match(data)
        if row is not None:
            found.append(Head(_cells(row.group(), delimiter), delimiter, row.end()))
    best = max(found, key=lambda head: len(head.names), default=None)
    if best is None or (begun and len(best.names) == 1):
        raise ValueError(UNCLOSED if begun else MISPLACED)
    return best


def _cells(row: bytes, delimiter: str) -> tuple[str, ...]:
    text = row.decode()
    found = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    return tuple(found)


def read_rows(data: bytes, delimiter: str, columns: int, *, final: bool) -> Rows:
    r"""Make strict CSV of rows as they come.

    Parameters
    ----------
    data : bytes
        Rows, the last perhaps not whole.
    delimiter : str
        What separates the cells.
    columns : int
        How many cells the head has.
    final : bool
        Whether nothing comes after the data; its last row then has its line end.

    Returns
    -------
    Rows

    Examples
    --------
    >>> read_rows(b'1;"He said \\"no\\"."\r2;"No."x\n', ";", 2, final=True).data
    b'"1";"He said ""no""."\n\n'
    """
    lines = data[: end_of_lines(data, final=final)]
    mark = delimiter.encode()
    if b'"' not in lines:
        return Rows(unify_line_ends(lines), len(lines), [])
    odd = (b"\\" in lines and b'\\"' in lines) or has_lone_cr(lines)
    rows = None if odd else _read_strict_rows(lines, ord(mark), columns)
    if rows is not None and not (final and rows.size < len(lines)):
        return rows
    return OddRows(lines, mark, columns, final=final).read()


def count_cells(found: int, wanted: int) -> str:
    """Say that a row has not as many cells as the head.

    Examples
    --------
    >>> count_cells(1, 3)
    '1 cell where the head has 3'
    """
    return f"{found:,} cell{'s' * (found != 1)} where the head has {wanted:,}"


def _read_strict_rows(lines: bytes, delimiter: int, columns: int) -> Rows | None:
    """Read rows if they are strict CSV already, which is much faster."""
    marks = np.frombuffer(lines, np.uint8)
    quotes = np.flatnonzero(marks == ord('"'))
    opening, closing = quotes[::2], quotes[1::2]
    around = np.zeros(256, dtype=bool)
    around[[delimiter, ord("\n"), ord("\r"), ord('"')]] = True
    if not around[marks[opening[opening > 0] - 1]].all() or not around[marks[closing + 1]].all():
        return None
    ends = np.flatnonzero(marks == ord("\n"))
    inside = np.searchsorted(quotes, ends) % 2 == 1
    last = np.flatnonzero(~inside)
    if not len(last):
        return Rows(b"", 0, [])
    size = int(ends[last[-1]]) + 1
    if columns == 1 or not inside.any():
        return Rows(lines[:size], size, [])
    if _has_wide_row(quotes, np.flatnonzero(marks == delimiter), ends[last], columns):
        return None
    counts = np.diff(np.searchsorted(np.flatnonzero(marks == delimiter), ends), prepend=0)
    first, found = _several_lines(marks, ends, inside, counts == columns - 1)
    flaws = []
    starts = np.concatenate(([0], ends + 1))
    for line, after in zip(first[found].tolist(), (last[found] + 1).tolist(), strict=True):
        row = lines[starts[line] : starts[after]]
        if is_doubtful(row, bytes([delimiter]), columns, stray=False):
            flaws.append(Flaw(line, UNSURE.format(after - line), row))
    return Rows(_without(lines[:size], flaws, starts), size, flaws)


def _has_wide_row(
    quotes: npt.NDArray[np.intp],
    delimiters: npt.NDArray[np.intp],
    ends: npt.NDArray[np.intp],
    columns: int,
) -> bool:
    """Return whether a row has two cells more than the head, or still more; see `patterns_of`."""
    outside = delimiters[np.searchsorted(quotes, delimiters) % 2 == 0]
    counts = np.diff(np.searchsorted(outside, ends), prepend=0)
    return bool((counts > columns).any())


def _several_lines(
    marks: npt.NDArray[np.uint8],
    ends: npt.NDArray[np.intp],
    inside: npt.NDArray[np.bool_],
    like: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Find the first line of each row, and the rows that may be doubtful by their cell counts."""
    last = np.flatnonzero(~inside)
    first = np.concatenate(([0], last + 1))[:-1]
    quoted = marks[np.concatenate(([0], ends + 1))[first]] == ord('"')
    at_end = (last > first) & like[last] & (like[first] | ~quoted)
    middle = np.flatnonzero(inside[:-1] & inside[1:] & like[1:]) + 1
    amid = np.searchsorted(last, middle)
    found = np.union1d(np.flatnonzero(at_end), amid[amid < len(last)])
    return first, found.astype(np.intp)


def _without(lines: bytes, flaws: list[Flaw], starts: npt.NDArray[np.intp]) -> bytes:
    """Blank rows, so that the number of lines stays."""
    pieces = []
    at = 0
    for flaw in flaws:
        start = int(starts[flaw.line])
        pieces += [lines[at:start], b"\n" * flaw.raw.count(b"\n")]
        at = start + len(flaw.raw)
    return b"".join([*pieces, lines[at:]])
