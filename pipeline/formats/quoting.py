"""Rows whose quotation marks or line ends are not as RFC 4180 has them, made strict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONE_CR = re.compile(rb"\r(?!\n)")
_THOUSANDS = re.compile(rb"(?<!\d)\d{1,3},\d{3}(?!\d)")
_ESCAPE = re.compile(rb'\\(["\\])|""')
UNCLOSED = "a quotation mark opens a cell and none closes it"
MISPLACED = "a quotation mark opens a cell and is closed amid it"
UNSURE = "a quotation mark opens a cell of {} lines, each of which looks like a row by itself"


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


def end_of_lines(data: bytes, *, final: bool) -> int:
    """Find the end of the last whole line; a CR at the very end may be half of a line end."""
    known = len(data) if final or not data.endswith(b"\r") else len(data) - 1
    return max(data.rfind(b"\n", 0, known), data.rfind(b"\r", 0, known)) + 1


def has_lone_cr(data: bytes) -> bool:
    """Return whether there are CRs that are not part of a CR LF."""
    if b"\r" not in data:
        return False
    marks = np.frombuffer(data, np.uint8)
    found = np.flatnonzero(marks == ord("\r"))
    return bool(found[-1] == len(data) - 1 or (marks[found + 1] != ord("\n")).any())


def unify_line_ends(data: bytes) -> bytes:
    """Make each lone CR a line feed; nothing moves."""
    return _LONE_CR.sub(b"\n", data) if has_lone_cr(data) else data


@dataclass(frozen=True)
class Patterns:
    """Rows and cells separated by one delimiter: strict ones, and those escaped by backslashes.

    Attributes
    ----------
    rows, row : re.Pattern
        As many rows of one line as there are; one row of any length.
    begun : re.Pattern
        A row whose last cell is not closed.
    escaped, escaped_begun, escaped_cell : re.Pattern
        The same, escaped by backslashes, and one cell of it.
    quoted : re.Pattern
        A quoted cell in strict rows.
    stray : re.Pattern
        A mark in a cell that is not quoted.
    """

    rows: re.Pattern[bytes]
    row: re.Pattern[bytes]
    begun: re.Pattern[bytes]
    escaped: re.Pattern[bytes]
    escaped_begun: re.Pattern[bytes]
    escaped_cell: re.Pattern[bytes]
    quoted: re.Pattern[bytes]
    stray: re.Pattern[bytes]


@cache
def patterns_of(delimiter: bytes, columns: int) -> Patterns:
    """Write the patterns for a delimiter and rows of at most one cell more than there are columns.

    Without that bound, marks can be set so that each line begins a row that goes on to the end.
    """
    most = b"{0,%d}+" % columns
    end = rb"(?:\r\n|\n|\r)"
    plain = rb'(?!")[^%b\r\n]*+' % delimiter
    on_one_line = rb'(?:"[^"\r\n]*+(?:""[^"\r\n]*+)*+"|%b)' % plain
    cell = rb'(?:"[^"]*+(?:""[^"]*+)*+"|%b)' % plain
    escaped = rb'(?:"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+"|%b)' % plain

    def row(cell: bytes, last: bytes) -> bytes:
        return rb"%b(?:%b%b)%b%b" % (cell, delimiter, cell, most, last)

    return Patterns(
        rows=re.compile(rb"(?:%b(?:%b%b)*+%b)*+" % (on_one_line, delimiter, on_one_line, end)),
        row=re.compile(row(cell, rb"(?:\r\n|\n|\r|\Z)")),
        begun=re.compile(rb'(?:%b%b)%b"[^"]*+(?:""[^"]*+)*+\Z' % (cell, delimiter, most)),
        escaped=re.compile(row(escaped, end), re.DOTALL),
        escaped_begun=re.compile(
            rb'(?:%b%b)%b"[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+\\?\Z' % (escaped, delimiter, most),
            re.DOTALL,
        ),
        escaped_cell=re.compile(
            rb'"([^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+)"|[^%b\r\n]*+' % delimiter, re.DOTALL
        ),
        quoted=re.compile(rb'(?:\A|(?<=[%b\n]))"[^"]*+(?:""[^"]*+)*+(?:"|\Z)' % delimiter),
        stray=re.compile(rb'(?:\A|[%b\n\r])[^"%b\r\n]++"' % (delimiter, delimiter)),
    )


def blank_quoted(data: bytes, delimiter: str) -> bytes:
    """Blank the quoted cells of strict CSV; what line ends remain are ends of rows."""
    quoted = patterns_of(delimiter.encode(), 1).quoted
    return quoted.sub(lambda found: b'"' * (found.end() - found.start()), data)


class OddRows:
    """Rows that are not all strict CSV, one after the other; see `read_rows`."""

    def __init__(self, lines: bytes, delimiter: bytes, columns: int, *, final: bool) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._columns = columns
        self._final = final
        self._patterns = patterns_of(delimiter, columns)
        self._has_stray = columns == 1 and self._patterns.stray.search(lines) is not None
        self._has_slashes = b'\\"' in lines

    def read(self) -> Rows:
        """Read up to the end of the last whole row."""
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
        """Return the row as strict CSV, its end and what is wrong with it; None if it goes on."""
        end = _LINE_END.search(self._lines, start).end()  # type: ignore[union-attr]
        first = self._lines[start:end]
        strict = self._patterns.row.match(self._lines, start)
        if strict is not None:
            row = strict.group()
            escaped = b'\\"' in first and self._patterns.escaped.fullmatch(first)
            if (escaped and self._unescape(first)) or self._is_doubtful(row):
                return b"", strict.end(), UNSURE.format(_count_lines(row))
            return _with_line_feed(row), strict.end(), None
        begun = self._patterns.begun.match(self._lines, start)
        if not self._final and (begun or self._goes_on_escaped(start)):
            return None
        escaped = self._patterns.escaped.match(self._lines, start) if self._has_slashes else None
        cells = escaped and self._unescape(escaped.group())
        if escaped and cells:
            if self._is_doubtful(escaped.group()):
                return b"", escaped.end(), UNSURE.format(_count_lines(escaped.group()))
            return _quoted(cells, self._delimiter), escaped.end(), None
        cells = first.rstrip(b"\r\n").split(self._delimiter)
        plain = self._delimiter == b"\t" and b'""' not in first and b'\\"' not in first
        if plain and len(cells) == self._columns:
            return _quoted(cells, self._delimiter), end, None
        return b"", end, UNCLOSED if begun else MISPLACED

    def _is_doubtful(self, row: bytes) -> bool:
        return is_doubtful(row, self._delimiter, self._columns, self._has_stray)

    def _goes_on_escaped(self, start: int) -> bool:
        found = self._has_slashes and self._patterns.escaped_begun.match(self._lines, start)
        return bool(found)

    def _unescape(self, row: bytes) -> list[bytes] | None:
        """Split a row with backslashes before marks, if it has as many cells as the head."""
        cells: list[bytes] = []
        position = 0
        while not cells or row[position - 1 : position] == self._delimiter:
            found = self._patterns.escaped_cell.match(row, position)
            assert found is not None
            text = found.group(1)
            cells.append(found.group() if text is None else _ESCAPE.sub(_escaped, text))
            position = found.end() + 1
        return cells if len(cells) == self._columns else None


def is_doubtful(row: bytes, delimiter: bytes, columns: int, stray: bool) -> bool:
    """Return whether lines of a row of several lines look like rows by themselves."""
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
