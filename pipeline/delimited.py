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
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

DELIMITERS = {"csv": ",", "tsv": "\t"}
_KNOWN = ",;\t"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONE_CR = re.compile(rb"\r(?!\n)")
_THOUSANDS = re.compile(rb"(?<!\d)\d{1,3},\d{3}(?!\d)")
_ESCAPE = re.compile(rb'\\(["\\])|""')
UNCLOSED = "a quotation mark opens a cell and none closes it"
_MISPLACED = "a quotation mark opens a cell and is closed amid it"
_UNSURE = "a quotation mark opens a cell of {} lines, each of which looks like a row by itself"


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


@dataclass(frozen=True)
class Flaw:
    """A row that cannot be read for sure.

    Attributes
    ----------
    line : int
        Lines before it in the data, line ends in cells counted as well.
    reason : str
        What is wrong.
    raw : bytes
        The row.
    """

    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True)
class Rows:
    """Whole rows.

    Attributes
    ----------
    data : bytes
        Strict CSV; as many lines as were read, blank where a row is a flaw.
    size : int
        How many bytes were read: up to the end of the last whole row.
    flaws : list of Flaw
    """

    data: bytes
    size: int
    flaws: list[Flaw]


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
    begun = any(_patterns(each.encode()).begun.match(data) for each in _KNOWN)
    if not final and (begun or not end_of_lines(data, final=False)):
        return None
    found = []
    for delimiter in sorted(_KNOWN, key=lambda each: each != usual):
        row = _patterns(delimiter.encode()).row.match(data)
        if row is not None:
            found.append(Head(_cells(row.group(), delimiter), delimiter, row.end()))
    best = max(found, key=lambda head: len(head.names), default=None)
    if best is None or (begun and len(best.names) == 1):
        raise ValueError(UNCLOSED if begun else _MISPLACED)
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
    return _OddRows(lines, mark, columns, final=final).read()


def count_cells(found: int, wanted: int) -> str:
    """Say that a row has not as many cells as the head.

    Examples
    --------
    >>> count_cells(1, 3)
    '1 cell where the head has 3'
    """
    return f"{found:,} cell{'s' * (found != 1)} where the head has {wanted:,}"


def end_of_lines(data: bytes, *, final: bool) -> int:
    """Find the end of the last whole line; a CR at the very end may be half of a line end."""
    known = len(data) if final or not data.endswith(b"\r") else len(data) - 1
    return max(data.rfind(b"\n", 0, known), data.rfind(b"\r", 0, known)) + 1


def has_lone_cr(data: bytes) -> bool:
    """Tell whether there are CRs that are not part of a CR LF."""
    if b"\r" not in data:
        return False
    marks = np.frombuffer(data, np.uint8)
    found = np.flatnonzero(marks == ord("\r"))
    return bool(found[-1] == len(data) - 1 or (marks[found + 1] != ord("\n")).any())


def unify_line_ends(data: bytes) -> bytes:
    """Make each lone CR a line feed; nothing moves."""
    return _LONE_CR.sub(b"\n", data) if has_lone_cr(data) else data


@dataclass(frozen=True)
class _Patterns:
    rows: re.Pattern[bytes]  # as many as there are, none longer than a line
    row: re.Pattern[bytes]
    begun: re.Pattern[bytes]  # a row whose last cell is not closed
    escaped: re.Pattern[bytes]
    escaped_begun: re.Pattern[bytes]
    escaped_cell: re.Pattern[bytes]
    quoted: re.Pattern[bytes]
    stray: re.Pattern[bytes]


@cache
def _patterns(delimiter: bytes) -> _Patterns:
    end = rb"(?:\r\n|\n|\r)"
    plain = rb'(?!")[^%b\r\n]*+' % delimiter
    on_one_line = rb'(?:"[^"\r\n]*+(?:""[^"\r\n]*+)*+"|%b)' % plain
    cell = rb'(?:"[^"]*+(?:""[^"]*+)*+"|%b)' % plain
    escaped = rb'(?:"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+"|%b)' % plain

    def row(cell: bytes, last: bytes) -> bytes:
        return rb"%b(?:%b%b)*+%b" % (cell, delimiter, cell, last)

    return _Patterns(
        rows=re.compile(rb"(?:%b)*+" % row(on_one_line, end)),
        row=re.compile(row(cell, rb"(?:\r\n|\n|\r|\Z)")),
        begun=re.compile(rb'(?:%b%b)*+"[^"]*+(?:""[^"]*+)*+\Z' % (cell, delimiter)),
        escaped=re.compile(row(escaped, end), re.DOTALL),
        escaped_begun=re.compile(
            rb'(?:%b%b)*+"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+\\?\Z' % (escaped, delimiter), re.DOTALL
        ),
        escaped_cell=re.compile(
            rb'"([^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+)"|[^%b\r\n]*+' % delimiter, re.DOTALL
        ),
        quoted=re.compile(rb'(?:\A|(?<=[%b\n]))"[^"]*+(?:""[^"]*+)*+(?:"|\Z)' % delimiter),
        stray=re.compile(rb'(?:\A|[%b\n\r])[^"%b\r\n]++"' % (delimiter, delimiter)),
    )


def blank_quoted(data: bytes, delimiter: str) -> bytes:
    """Blank the quoted cells of strict CSV; what line ends remain are ends of rows."""
    quoted = _patterns(delimiter.encode()).quoted
    return quoted.sub(lambda found: b'"' * (found.end() - found.start()), data)


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
    counts = np.diff(np.searchsorted(np.flatnonzero(marks == delimiter), ends), prepend=0)
    first, found = _several_lines(marks, ends, inside, counts == columns - 1)
    flaws = []
    starts = np.concatenate(([0], ends + 1))
    for line, after in zip(first[found].tolist(), (last[found] + 1).tolist(), strict=True):
        row = lines[starts[line] : starts[after]]
        if _is_doubtful(row, bytes([delimiter]), columns, stray=False):
            flaws.append(Flaw(line, _UNSURE.format(after - line), row))
    return Rows(_without(lines[:size], flaws, starts), size, flaws)


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


class _OddRows:
    """Rows that are not all strict CSV, one after the other; see `read_rows`."""

    def __init__(self, lines: bytes, delimiter: bytes, columns: int, *, final: bool) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._columns = columns
        self._final = final
        self._patterns = _patterns(delimiter)
        self._has_stray = columns == 1 and self._patterns.stray.search(lines) is not None
        self._has_slashes = b'\\"' in lines

    def read(self) -> Rows:
        pieces: list[bytes] = []
        flaws: list[Flaw] = []
        lines = self._lines
        start = line = 0
        while start < len(lines):
            end = self._patterns.rows.match(lines, start).end()  # type: ignore[union-attr]
            if end > start:
                pieces.append(unify_line_ends(lines[start:end]))
            else:
                odd = self._read_row(start)
                if odd is None:
                    break
                found, end, reason = odd
                if reason is not None:
                    flaws.append(Flaw(line, reason, lines[start:end]))
                    found = b"\n" * _count_lines(lines[start:end])
                pieces.append(found)
            line += _count_lines(lines[start:end])
            start = end
        return Rows(b"".join(pieces), start, flaws)

    def _read_row(self, start: int) -> tuple[bytes, int, str | None] | None:
        """Give the row as strict CSV, where it ends, what is wrong with it; None if it goes on."""
        end = _LINE_END.search(self._lines, start).end()  # type: ignore[union-attr]
        first = self._lines[start:end]
        strict = self._patterns.row.match(self._lines, start)
        if strict is not None:
            row = strict.group()
            if (b'\\"' in first and self._unescape(first)) or self._is_doubtful(row):
                return b"", strict.end(), _UNSURE.format(_count_lines(row))
            return _with_line_feed(row), strict.end(), None
        begun = self._patterns.begun.match(self._lines, start)
        if not self._final and (begun or self._goes_on_escaped(start)):
            return None
        escaped = self._patterns.escaped.match(self._lines, start) if self._has_slashes else None
        cells = escaped and self._unescape(escaped.group())
        if escaped and cells:
            if self._is_doubtful(escaped.group()):
                return b"", escaped.end(), _UNSURE.format(_count_lines(escaped.group()))
            return _quoted(cells, self._delimiter), escaped.end(), None
        cells = first.rstrip(b"\r\n").split(self._delimiter)
        plain = self._delimiter == b"\t" and b'""' not in first and b'\\"' not in first
        if plain and len(cells) == self._columns:
            return _quoted(cells, self._delimiter), end, None
        return b"", end, UNCLOSED if begun else _MISPLACED

    def _is_doubtful(self, row: bytes) -> bool:
        return _is_doubtful(row, self._delimiter, self._columns, self._has_stray)

    def _goes_on_escaped(self, start: int) -> bool:
        found = self._has_slashes and self._patterns.escaped_begun.match(self._lines, start)
        return bool(found)

    def _unescape(self, row: bytes) -> list[bytes] | None:
        """Split a row with backslashes before marks, if it has as many cells as the head."""
        if self._patterns.escaped.fullmatch(row) is None:
            return None
        cells: list[bytes] = []
        position = 0
        while not cells or row[position - 1 : position] == self._delimiter:
            found = self._patterns.escaped_cell.match(row, position)
            assert found is not None
            text = found.group(1)
            cells.append(found.group() if text is None else _ESCAPE.sub(_escaped, text))
            position = found.end() + 1
        return cells if len(cells) == self._columns else None


def _is_doubtful(row: bytes, delimiter: bytes, columns: int, stray: bool) -> bool:
    """Tell whether lines of a row of several lines look like rows by themselves."""
    lines = _LINE_END.sub(b"\n", row).removesuffix(b"\n").split(b"\n")
    if len(lines) < 2 or columns == 1:
        return len(lines) > 1 and stray
    cells = [line.split(delimiter) for line in lines]
    between = b'"%b"' % delimiter  # one quoted cell ends there, another begins
    side = -1 if row.startswith(b'"') else 0
    usual = _shape(cells[side][side])
    like = [
        len(each) == columns
        and between not in line
        and (
            delimiter == b"\t"
            # prose has a blank behind its commas and semicolons, tables have none
            or (
                _shape(each[side]) == usual
                and not any(cell[:1] == b" " for cell in each[1:])
                and not _THOUSANDS.search(line)
            )
        )
        for each, line in zip(cells, lines, strict=True)
    ]
    if side == 0:
        return any(like[1:])
    return any(like[1:-1]) or (like[0] and like[-1])


def _shape(cell: bytes) -> int:
    """Tell nothing, numbers, single words and prose apart."""
    cell = cell.strip()
    return 0 if not cell else 1 if cell.isdigit() else 2 if b" " not in cell else 3


def _escaped(found: re.Match[bytes]) -> bytes:
    return found.group(1) or b'"'


def _quoted(cells: list[bytes], delimiter: bytes) -> bytes:
    """Write a row of strict CSV."""
    return delimiter.join(b'"%b"' % cell.replace(b'"', b'""') for cell in cells) + b"\n"


def _with_line_feed(row: bytes) -> bytes:
    return row[:-1] + b"\n" if row.endswith(b"\r") else row


def _count_lines(data: bytes) -> int:
    return data.count(b"\n") + (data.count(b"\r") - data.count(b"\r\n"))
