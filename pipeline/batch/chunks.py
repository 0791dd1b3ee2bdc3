"""Files in chunks of whole rows: the same file gives the same chunks."""

from __future__ import annotations

import csv
import os
import select
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.batch.formats import _LONGEST_NAME, BadRow, Limits, first_line, shown
from pipeline.errors import ScoringError
from pipeline.formats.delimited import DELIMITERS, Head, read_head, read_rows
from pipeline.formats.parquet import read_batches
from pipeline.formats.quoting import UNCLOSED, blank_quoted, end_of_lines, unify_line_ends
from pipeline.formats.unicode import Stream, Utf8Stream

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
        Lines in UTF-8, or for Parquet rows.
    share : float
        How much of the file is read at its end, 0 to 1.
    header : tuple of str
        The columns of CSV and TSV.
    bad : tuple of BadRow
        Rows that could not even be cut out; in their place are blank lines.
    delimiter : str
        What separates the cells of CSV and TSV, which is strict by now; see
        `pipeline.formats.delimited`.
    """

    file: str
    kind: str
    line: int
    data: bytes | pa.RecordBatch
    share: float
    header: tuple[str, ...] = ()
    bad: tuple[BadRow, ...] = ()
    delimiter: str = ""


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
    stream = Utf8Stream(stream)
    cutter = _Cutter(name, kind, limits)
    held: list[bytes] = []
    size = enough = 0
    wanted = b""
    at_end = discarding = False
    first = True
    while not at_end:
        block = _read(stream, cutter)
        at_end = not block
        if discarding:
            end = _end_of_line(block)
            cutter.line += bool(end)
            block, discarding = (block[end:], False) if end else (b"", True)
            if discarding:  # lets the reader leave amid a line without end
                yield cutter.chunk(b"")
                continue
        held.append(block)
        size += len(block)
        if size <= limits.line_bytes and not at_end and (size < enough or not _has(block, wanted)):
            continue  # the row that is begun has not ended
        pending = b"".join(held)
        while True:
            if at_end and pending and not pending.endswith((b"\n", b"\r")):
                pending += b"\n"
            chunks, pending = cutter.cut(pending, final=at_end)
            for chunk in chunks:
                yield chunk
                first = False
            if not pending or (not at_end and len(pending) <= limits.line_bytes):
                break
            # a row that does not end: a line without end, or a quote that is not closed
            end = _end_of_line(pending)
            yield cutter.refuse(pending, end)
            first = False
            pending, discarding = (pending[end:], False) if end else (b"", True)
        held, size = [pending], len(pending)
        wanted = b'"' if _end_of_line(pending) else b""  # a line end in quotes ends no row
        # looking again at each small piece of long quoted text would take the square of its length
        enough = size + size // 8 if size > _LONG and wanted else 0
    if first:
        yield cutter.chunk(b"", share=1)


def _read(stream: Stream, cutter: _Cutter) -> bytes:
    try:
        return stream.read(cutter.limits.chunk_bytes)
    except ValueError as error:
        what, remedy = error.args
        raise ScoringError(f"{cutter.name}:{cutter.line}: {what}; {remedy}") from None


def _has(block: bytes, wanted: bytes) -> bool:
    return wanted in block if wanted else b"\n" in block or b"\r" in block


def _end_of_line(data: bytes) -> int:
    """Find the end of the first line; 0 where it has none."""
    end = data.find(b"\n") + 1
    found = data.find(b"\r", 0, end or len(data)) + 1
    return found + (data[found : found + 1] == b"\n") if found else end


class _Cutter:
    """Cuts what is read of a file into chunks of whole rows.

    Parameters
    ----------
    name, kind, limits : str, str, Limits
        See `text_chunks`.
    """

    def __init__(self, name: str, kind: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.line = 1
        self._kind = kind
        self._head: Head | None = None

    def chunk(self, data: bytes, bad: tuple[BadRow, ...] = (), share: float = 0) -> Chunk:
        """Make a chunk of what begins on this line."""
        head = self._head or Head((), DELIMITERS.get(self._kind, ""), 0)
        return Chunk(self.name, self._kind, self.line, data, share, head.names, bad, head.delimiter)

    def cut(self, pending: bytes, *, final: bool) -> tuple[list[Chunk], bytes]:
        """Cut off the whole rows; give what is left as well."""
        if self._kind not in DELIMITERS:
            end = end_of_lines(pending, final=final)
            return list(self._pieces(unify_line_ends(pending[:end]), [])), pending[end:]
        if self._head is None:
            self._head = self._read_head(pending, final=final)
            if self._head is None:
                return [], pending
            self.line += _count_lines(pending[: self._head.size])
            pending = pending[self._head.size :]
        head = self._head
        rows = read_rows(pending, head.delimiter, len(head.names), final=final)
        bad = [
            BadRow(self.name, self.line + flaw.line, flaw.reason, shown(flaw.raw, self.limits))
            for flaw in rows.flaws
        ]
        return list(self._pieces(rows.data, bad)), pending[rows.size :]

    def refuse(self, pending: bytes, end: int) -> Chunk:
        """Return a row without end, which begins on this line, as a bad row."""
        reason = UNCLOSED if end else f"a line of more than {self.limits.line_bytes:,} bytes"
        if self._kind in DELIMITERS and self._head is None:
            raise ScoringError(f"{self.name}:{self.line}: {reason}, in the head of the table")
        bad = BadRow(self.name, self.line, reason, shown(pending, self.limits))
        refused = self.chunk(b"", (bad,))
        self.line += bool(end)
        return refused

    def _pieces(self, data: bytes, bad: list[BadRow]) -> Iterator[Chunk]:
        """Cut whole rows where there are very many short ones."""
        most = self.limits.chunk_rows
        ends = [len(data)] if data else []
        count = np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        if count > most:
            delimiter = self._head.delimiter if self._head else ""
            outline = blank_quoted(data, delimiter) if delimiter else data
            found = np.flatnonzero(np.frombuffer(outline, np.uint8) == ord("\n")) + 1
            ends = [*found[most - 1 : -1 : most].tolist(), len(data)]
        start = 0
        for end in ends:
            lines = data.count(b"\n", start, end) if len(ends) > 1 else int(count)
            here = tuple(row for row in bad if self.line <= row.line < self.line + lines)
            yield self.chunk(data[start:end], here)
            self.line += lines
            start = end

    def _read_head(self, pending: bytes, *, final: bool) -> Head | None:
        """Read the head of the table, unless it goes on."""
        start = pending[: end_of_lines(pending, final=final)]
        count = max(start[: _end_of_line(start)].count(each) for each in (b",", b";", b"\t")) + 1
        if count > self.limits.columns:
            most = f"more than {self.limits.columns:,} are refused"
            raise ScoringError(f"{self.name}:1: {count:,} columns; {most}")
        try:
            head = read_head(start, self._kind, final=final)
        except UnicodeDecodeError:
            raise ScoringError(f"{self.name}:1: not UTF-8; save the file as UTF-8") from None
        except (ValueError, csv.Error) as error:
            raise ScoringError(
                f"{self.name}:1: the head of the table is broken ({error})"
            ) from None
        longest = max(map(len, head.names), default=0) if head else 0
        if longest > _LONGEST_NAME:
            raise ScoringError(
                f"{self.name}:1: the head of the table is broken (a name of {longest:,} characters)"
            )
        return head


def _count_lines(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


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
