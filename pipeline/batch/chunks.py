"""Files in chunks of whole rows: the same file gives the same chunks."""

from __future__ import annotations

import csv
import io
import os
import re
import select
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.batch.formats import _LONGEST_NAME, DELIMITERS, BadRow, Limits, first_line, shown
from pipeline.errors import ScoringError
from pipeline.parquet import read_batches

_LONG = 1 << 16
_PIPE = 1 << 16  # what a pipe holds; more would be set aside for each read
_UNPACKED = 16  # how many times `Limits.chunk_bytes` repeated values may unpack to


@dataclass(frozen=True)
class Chunk:
    """Whole rows of one file.

    Attributes
    ----------
    file : str
        The file's name.
    kind : str
        One of `FORMATS`.
    line : int
        The line (Parquet: row) of the first row.
    data : bytes or RecordBatch
        Lines, or for Parquet rows.
    share : float
        How much of the file is read at its end, 0 to 1.
    header : tuple of str
        The columns of CSV and TSV.
    bad : tuple of BadRow
        Rows that could not even be cut out.
    """

    file: str
    kind: str
    line: int
    data: bytes | pa.RecordBatch
    share: float
    header: tuple[str, ...] = ()
    bad: tuple[BadRow, ...] = ()


class Stream(Protocol):
    """What chunks of text are read from."""

    def read(self, nbytes: int, /) -> bytes:
        """Read at most so many bytes; none at the end."""


def read_chunks(path: Path, kind: str, compression: str | None, limits: Limits) -> Iterator[Chunk]:
    """Read a file in chunks; the same file gives the same chunks.

    Parameters
    ----------
    path : Path
        The file.
    kind, compression : str, str or None
        See `format_of`.
    limits : Limits
        The size of chunks, and what is too much.

    Yields
    ------
    Chunk
        At least one, without rows where the file has none.

    Raises
    ------
    ScoreError
        If the file is damaged.
    """
    try:
        if kind == "parquet":
            yield from _parquet_chunks(path, limits)
            return
        size = max(path.stat().st_size, 1)
        with pa.OSFile(os.fsencode(path)) as file:
            stream = pa.CompressedInputStream(file, compression) if compression else file
            for chunk in text_chunks(stream, str(path), kind, limits):
                yield _with_share(chunk, file.tell() / size)
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno):
            raise
        raise ScoringError(f"{path}: damaged ({first_line(error)}); get it again") from None


def text_chunks(stream: Stream, name: str, kind: str, limits: Limits) -> Iterator[Chunk]:
    """Read a stream of lines in chunks.

    Parameters
    ----------
    stream : Stream
        Each chunk is what one or more reads give, up to the end of the last whole row.
    name : str
        For messages.
    kind : str
        One of `FORMATS` but Parquet.
    limits : Limits
        The size of chunks, and what is too much.

    Yields
    ------
    Chunk
    """
    line = 1
    header: tuple[str, ...] = ()
    held: list[bytes] = []
    size = enough = 0
    wanted = b""
    at_end = discarding = False
    first = True
    while not at_end:
        block = bytes(stream.read(limits.chunk_bytes))
        at_end = not block
        if discarding:
            end = block.find(b"\n") + 1
            line += bool(end)
            block, discarding = (block[end:], False) if end else (b"", True)
            if discarding:  # lets the reader leave amid a line without end
                yield Chunk(name, kind, line, b"", 0, header)
                continue
        held.append(block)
        size += len(block)
        if size <= limits.line_bytes and not at_end and (size < enough or wanted not in block):
            continue  # the row that is begun has not ended
        pending = b"".join(held)
        if line == 1:
            pending = pending.removeprefix(b"\xef\xbb\xbf")
        while True:
            if at_end and pending and not pending.endswith(b"\n"):
                pending += b"\n"
            cut = _end_of_rows(pending, kind)
            whole, pending = pending[:cut], pending[cut:]
            if kind in DELIMITERS and not header and whole:
                end = _end_of_row(whole, kind)
                header = _header(name, whole[:end], kind, limits)
                line += whole.count(b"\n", 0, end)
                whole = whole[end:]
            for piece in _pieces(whole, kind, limits.chunk_rows):
                yield Chunk(name, kind, line, piece, 0, header)
                first = False
                line += piece.count(b"\n")
            if not pending or (not at_end and len(pending) <= limits.line_bytes):
                break
            # a row that does not end: a line without end, or a quote that is not closed
            if b"\n" in pending:
                reason = "a quote is opened and not closed"
            else:
                reason = f"a line of more than {limits.line_bytes:,} bytes"
            bad = BadRow(name, line, reason, shown(pending, limits))
            if kind in DELIMITERS and not header:
                raise ScoringError(f"{name}:{line}: {reason}, in the head of the table")
            yield Chunk(name, kind, line, b"", 0, header, (bad,))
            first = False
            end = pending.find(b"\n") + 1
            line += bool(end)
            pending, discarding = (pending[end:], False) if end else (b"", True)
        held, size = [pending], len(pending)
        wanted = b'"' if b"\n" in pending else b"\n"  # a line end in quotes ends no row
        # looking again at each small piece of long quoted text would take the square of its length
        enough = size + size // 8 if size > _LONG and wanted == b'"' else 0
    if first:
        yield Chunk(name, kind, line, b"", 1, header)


class Pipe:
    """Standard input that can be left while it is silent.

    Parameters
    ----------
    descriptor : int
        What to read.
    leave : int
        A descriptor; once something is to be read there, the input ends.
    eager : bool
        Whether a read gives what is there, and does not wait until it is as much as asked for.
    """

    def __init__(self, descriptor: int, leave: int, *, eager: bool) -> None:
        self._descriptor = descriptor
        self._leave = leave
        self._eager = eager

    def read(self, nbytes: int, /) -> bytes:
        """Read at most so many bytes; none at the end, and once it is to be left."""
        parts: list[bytes] = []
        missing = nbytes
        while missing:
            ready, _, _ = select.select([self._descriptor, self._leave], [], [])
            if self._leave in ready:
                break
            part = os.read(self._descriptor, min(missing, _PIPE))
            parts.append(part)
            missing -= len(part)
            if self._eager or not part:
                break
        return b"".join(parts)


_QUOTED = {
    name: re.compile(rb'(?:\A|(?<=[%b\n]))"[^"]*+(?:""[^"]*+)*+(?:"|\Z)' % delimiter.encode())
    for name, delimiter in DELIMITERS.items()
}


def _pieces(data: bytes, kind: str, rows: int) -> Iterator[bytes]:
    """Cut whole rows where there are very many short ones."""
    start = 0
    if data.count(b"\n") > rows:
        outline = without_quoted(data, kind) if kind in DELIMITERS else data
        ends = np.flatnonzero(np.frombuffer(outline, np.uint8) == ord("\n"))
        for end in (ends[rows - 1 :: rows] + 1).tolist():
            yield data[start:end]
            start = end
    if start < len(data):
        yield data[start:]


def _end_of_rows(data: bytes, kind: str) -> int:
    if kind not in DELIMITERS or b'"' not in data:
        return data.rfind(b"\n") + 1
    marks = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(marks == ord('"'))
    opening = quotes[::2]
    before = marks[opening[opening > 0] - 1]
    if not np.isin(before, list(f'\n"{DELIMITERS[kind]}'.encode())).all():
        # a quote amid a field, which opens nothing: look field by field
        return without_quoted(data, kind).rfind(b"\n") + 1
    ends = np.flatnonzero(marks == ord("\n"))
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _end_of_row(data: bytes, kind: str) -> int:
    return without_quoted(data, kind).find(b"\n") + 1


def without_quoted(data: bytes, kind: str) -> bytes:
    """Blank the quoted fields of CSV; what line ends remain are ends of rows."""
    return _QUOTED[kind].sub(lambda found: b'"' * (found.end() - found.start()), data)


def _header(name: str, row: bytes, kind: str, limits: Limits) -> tuple[str, ...]:
    count = row.count(DELIMITERS[kind].encode()) + 1
    if count > limits.columns:
        raise ScoringError(f"{name}:1: {count:,} columns; more than {limits.columns:,} are refused")
    try:
        text = row.decode()
    except UnicodeDecodeError:
        raise ScoringError(f"{name}:1: not UTF-8; save the file as UTF-8") from None
    try:
        names = tuple(next(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[kind])))
    except csv.Error as error:
        raise ScoringError(f"{name}:1: the head of the table is broken ({error})") from None
    longest = max(map(len, names), default=0)
    if longest > _LONGEST_NAME:
        raise ScoringError(
            f"{name}:1: the head of the table is broken (a name of {longest:,} characters)"
        )
    return names


def _with_share(chunk: Chunk, share: float) -> Chunk:
    return Chunk(**{**chunk.__dict__, "share": share})


def _parquet_chunks(path: Path, limits: Limits) -> Iterator[Chunk]:
    with (
        pa.OSFile(os.fsencode(path)) as source,
        pq.ParquetFile(source, buffer_size=1 << 20, pre_buffer=False) as file,
    ):
        columns = len(file.schema_arrow)
        if columns > limits.columns:
            raise ScoringError(
                f"{path}: {columns:,} columns; more than {limits.columns:,} are refused"
            )
        total = max(file.metadata.num_rows, 1)
        row = rows = size = 0
        span: list[int] = []
        for number in range(file.num_row_groups):
            span.append(number)
            group = file.metadata.row_group(number)
            rows += group.num_rows
            size += group.total_byte_size
            if rows < limits.chunk_rows and number + 1 < file.num_row_groups:
                continue
            fitting = max(1, min(limits.chunk_rows, rows * limits.chunk_bytes // max(size, 1)))
            for batch in read_batches(source, file, span, fitting, _UNPACKED * limits.chunk_bytes):
                yield Chunk(str(path), "parquet", row + 1, batch, (row + batch.num_rows) / total)
                row += batch.num_rows
            span, rows, size = [], 0, 0
        if not row:
            empty = pa.RecordBatch.from_pylist([], file.schema_arrow)
            yield Chunk(str(path), "parquet", 1, empty, 1)
