"""Files and Arrow: a file of any table format in chunks of whole rows, and rows back to bytes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import select
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from pipeline.errors import StanceError
from pipeline.score import ADDED, ScoreError, check_columns

SUFFIXES = {
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "text",
}
FORMATS = tuple(dict.fromkeys(SUFFIXES.values()))
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
DELIMITERS = {"csv": ",", "tsv": "\t"}


@dataclass(frozen=True)
class Limits:
    """How much is held at once, and what is too much.

    Attributes
    ----------
    chunk_bytes : int
        Text is read, scored and saved in chunks of about this size: large enough that a chunk costs
        nothing by itself, small enough that a few for each core fit in memory.
    chunk_rows : int
        Most rows of a Parquet chunk.
    line_bytes : int
        A longer line is no sentence but a broken or hostile file.
    columns : int
        More columns than this in a CSV file are a broken or hostile file.
    depth : int
        JSON nested deeper than this is refused: parsers recurse.
    raw_bytes : int
        How much of a bad row is shown.
    """

    chunk_bytes: int = 4 << 20
    chunk_rows: int = 65_536
    line_bytes: int = 64 << 20
    columns: int = 10_000
    depth: int = 100
    raw_bytes: int = 1024


LIMITS = Limits()


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be scored.

    Attributes
    ----------
    file : str
        Where it stands.
    line : int
        The line it begins on, from 1; of Parquet, the row, from 1.
    reason : str
        What is wrong.
    raw : str
        Its beginning.
    """

    file: str
    line: int
    reason: str
    raw: str


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


@dataclass(frozen=True)
class Rows:
    """Rows ready to score.

    Attributes
    ----------
    table : Table
        The columns that are kept.
    text_column : str
        The one that holds the text.
    lines : Array of str, or None
        Where JSONL stays JSONL, the lines themselves; `table` then has just the text.
    """

    table: pa.Table
    text_column: str
    lines: pa.Array | None = None

    @property
    def texts(self) -> pa.ChunkedArray:
        """The column of texts."""
        return self.table.column(self.text_column)


class Stream(Protocol):
    """What chunks of text are read from."""

    def read(self, nbytes: int, /) -> bytes:
        """Read at most so many bytes; none at the end."""


def format_of(path: str | Path) -> tuple[str, str | None] | None:
    """Tell format and compression from a file's name.

    Examples
    --------
    >>> format_of("news.jsonl.gz"), format_of("a.parquet"), format_of("notes")
    (('jsonl', 'gzip'), ('parquet', None), None)
    """
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    compression = COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    kind = (
        SUFFIXES.get(suffixes[-2 if compression else -1]) if suffixes[bool(compression) :] else None
    )
    if kind is None or (kind == "parquet" and compression):
        return None
    return kind, compression


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
        with pa.OSFile(str(path)) as file:
            stream = pa.CompressedInputStream(file, compression) if compression else file
            for chunk in text_chunks(stream, str(path), kind, limits):
                yield _with_share(chunk, file.tell() / size)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise ScoreError(f"{path}: damaged ({_first_line(error)}); get it again") from None


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
    pending = b""
    at_end = discarding = False
    first = True
    while not at_end:
        block = bytes(stream.read(limits.chunk_bytes))
        at_end = not block
        if discarding:
            end = block.find(b"\n") + 1
            line += bool(end)
            block, discarding = (block[end:], False) if end else (b"", True)
        if line == 1:
            pending = (pending + block).removeprefix(b"\xef\xbb\xbf")
        else:
            pending += block
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
            if whole:
                yield Chunk(name, kind, line, whole, 0, header)
                first = False
                line += whole.count(b"\n")
            if not pending or (not at_end and len(pending) <= limits.line_bytes):
                break
            # a row that does not end: a line without end, or a quote that is not closed
            if b"\n" in pending:
                reason = "a quote is opened and not closed"
            else:
                reason = f"a line of more than {limits.line_bytes:,} bytes"
            bad = BadRow(name, line, reason, shown(pending, limits))
            if kind in DELIMITERS and not header:
                raise ScoreError(f"{name}:{line}: {reason}, in the head of the table")
            yield Chunk(name, kind, line, b"", 0, header, (bad,))
            first = False
            end = pending.find(b"\n") + 1
            line += bool(end)
            pending, discarding = (pending[end:], False) if end else (b"", True)
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
            part = os.read(self._descriptor, missing)
            parts.append(part)
            missing -= len(part)
            if self._eager or not part:
                break
        return b"".join(parts)


_QUOTED = {
    name: re.compile(rb'(?:\A|(?<=[%b\n]))"[^"]*(?:""[^"]*)*(?:"|\Z)' % delimiter.encode())
    for name, delimiter in DELIMITERS.items()
}


def _end_of_rows(data: bytes, kind: str) -> int:
    if kind not in DELIMITERS or b'"' not in data:
        return data.rfind(b"\n") + 1
    marks = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(marks == ord('"'))
    opening = quotes[::2]
    before = marks[opening[opening > 0] - 1]
    if not np.isin(before, list(f'\n"{DELIMITERS[kind]}'.encode())).all():
        # a quote amid a field, which opens nothing: look field by field
        return _without_quoted(data, kind).rfind(b"\n") + 1
    ends = np.flatnonzero(marks == ord("\n"))
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _end_of_row(data: bytes, kind: str) -> int:
    return _without_quoted(data, kind).find(b"\n") + 1


def _without_quoted(data: bytes, kind: str) -> bytes:
    return _QUOTED[kind].sub(lambda found: b'"' * (found.end() - found.start()), data)


def _header(name: str, row: bytes, kind: str, limits: Limits) -> tuple[str, ...]:
    count = row.count(DELIMITERS[kind].encode()) + 1
    if count > limits.columns:
        raise ScoreError(f"{name}:1: {count:,} columns; more than {limits.columns:,} are refused")
    try:
        text = row.decode()
    except UnicodeDecodeError:
        raise ScoreError(f"{name}:1: not UTF-8; save the file as UTF-8") from None
    return tuple(next(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[kind])))


def _with_share(chunk: Chunk, share: float) -> Chunk:
    return Chunk(**{**chunk.__dict__, "share": share})


def _parquet_chunks(path: Path, limits: Limits) -> Iterator[Chunk]:
    with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
        groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
        total = max(file.metadata.num_rows, 1)
        row = 0
        span: list[int] = []
        for number in range(len(groups)):
            span.append(number)
            rows = sum(groups[i].num_rows for i in span)
            if rows < limits.chunk_rows and number + 1 < len(groups):
                continue
            size = sum(groups[i].total_byte_size for i in span)
            fitting = rows * limits.chunk_bytes // max(size, 1)
            for batch in file.iter_batches(
                batch_size=max(1, min(limits.chunk_rows, fitting)), row_groups=span
            ):
                yield Chunk(str(path), "parquet", row + 1, batch, (row + batch.num_rows) / total)
                row += batch.num_rows
            span = []
        if not row:
            empty = pa.RecordBatch.from_pylist([], file.schema_arrow)
            yield Chunk(str(path), "parquet", 1, empty, 1)


def parse(
    chunk: Chunk, text_column: str, limits: Limits, *, keep_lines: bool = False
) -> tuple[Rows, list[BadRow]]:
    """Turn a chunk into rows.

    Parameters
    ----------
    chunk : Chunk
        See `read_chunks`.
    text_column : str
        Where the text is.
    limits : Limits
        What is too much.
    keep_lines : bool
        Whether lines of JSONL are kept as they are, rather than read into columns.

    Returns
    -------
    Rows, list of BadRow
        The rows that can be scored, and those that cannot, in order.

    Raises
    ------
    ScoreError
        If the columns are not as they should be.
    """
    if isinstance(chunk.data, pa.RecordBatch):
        _check(chunk.file, chunk.data.schema, text_column)
        return _parquet_rows(chunk, chunk.data, text_column, limits)
    parser = _Parser(chunk, text_column, limits, keep_lines)
    try:
        return parser.rows(chunk.data), list(chunk.bad)
    except (pa.ArrowInvalid, ValueError) as error:
        if isinstance(error, StanceError):
            raise
    bad: list[BadRow] = []
    good = parser.sift(parser.records(), bad)
    try:
        return parser.rows(b"".join(good)), bad
    except pa.ArrowInvalid as error:
        last = chunk.line + chunk.data.count(b"\n") - 1
        raise ScoreError(
            f"{chunk.file}: lines {chunk.line} to {last}: rows do not fit together "
            f"({_first_line(error)}); give each column one type, or write JSONL"
        ) from None


def _parquet_rows(
    chunk: Chunk, batch: pa.RecordBatch, text_column: str, limits: Limits
) -> tuple[Rows, list[BadRow]]:
    table = pa.Table.from_batches([batch])
    texts = batch.column(text_column)
    missing = np.asarray(pc.is_null(texts))
    if not missing.any():
        return Rows(table, text_column), []
    found = np.flatnonzero(missing)
    bad = [
        BadRow(chunk.file, chunk.line + int(i), "text is missing", shown(_json(row), limits))
        for i, row in zip(found, batch.take(pa.array(found)).to_pylist(), strict=True)
    ]
    return Rows(table.filter(pa.array(~missing)), text_column), bad


@dataclass(frozen=True)
class _Parser:
    """Reads rows at once where all are good; tells the bad ones apart by halving."""

    chunk: Chunk
    text_column: str
    limits: Limits
    keep_lines: bool

    def rows(self, data: bytes) -> Rows:
        data.decode()
        if self.chunk.kind in DELIMITERS:
            return self._csv(data)
        lines = _lines(data)
        if len(lines) and pc.max(pc.binary_length(lines)).as_py() > self.limits.line_bytes:
            raise ValueError(f"a line of more than {self.limits.line_bytes:,} bytes")
        if self.chunk.kind == "text":
            trimmed = pc.utf8_rtrim(lines, "\r\n")
            return Rows(pa.table({self.text_column: trimmed}), self.text_column)
        return self._jsonl(pa.py_buffer(data), lines)

    def records(self) -> list[tuple[int, bytes]]:
        data = self.chunk.data
        outline = _without_quoted(data, self.chunk.kind) if self.chunk.kind in DELIMITERS else data
        records = []
        start, line = 0, self.chunk.line
        while start < len(data):
            end = outline.find(b"\n", start) + 1 or len(data)
            records.append((line, data[start:end]))
            line += data.count(b"\n", start, end)
            start = end
        return records

    def sift(self, records: list[tuple[int, bytes]], bad: list[BadRow]) -> list[bytes]:
        raw = [record for _, record in records]
        try:
            self.rows(b"".join(raw))
        except (pa.ArrowInvalid, ValueError) as error:
            if isinstance(error, StanceError):
                raise
            if len(records) > 1:
                half = len(records) // 2
                return self.sift(records[:half], bad) + self.sift(records[half:], bad)
            reason = _reason(raw[0], self.chunk.kind, error)
            bad.append(BadRow(self.chunk.file, records[0][0], reason, shown(raw[0], self.limits)))
            return []
        return raw

    def _csv(self, data: bytes) -> Rows:
        header = list(self.chunk.header)
        _check(
            self.chunk.file, pa.schema([(name, pa.string()) for name in header]), self.text_column
        )
        if not data.strip(b"\r\n"):
            empty = [pa.array([], pa.string()) for _ in header]
            return Rows(pa.table(empty, header), self.text_column)
        options = pa.csv.ReadOptions(column_names=header)
        table = _read_csv(data, self.chunk.kind, options)
        if (
            pc.max(pc.binary_length(table.column(self.text_column))).as_py()
            > self.limits.line_bytes
        ):
            raise ValueError(f"a text of more than {self.limits.line_bytes:,} bytes")
        return Rows(table, self.text_column)

    def _jsonl(self, data: pa.Buffer, lines: pa.Array) -> Rows:
        lines = pc.ascii_trim_whitespace(lines)
        lines = lines.filter(pc.greater(pc.binary_length(lines), 0))
        whole = pc.and_(pc.starts_with(lines, "{"), pc.ends_with(lines, "}"))
        if not pc.all(whole, min_count=0).as_py():
            raise ValueError("not a JSON object")
        self._check_depth(data, lines)
        self._check_clashes(lines)
        if not len(lines):
            empty = pa.table({self.text_column: pa.array([], pa.string())})
            return Rows(empty, self.text_column, lines)
        text = pa.schema([(self.text_column, pa.string())])
        table = _read_json(data, text, "ignore" if self.keep_lines else "infer")
        if table.num_rows != len(lines):
            raise ValueError("more than one JSON object on a line")
        if table.column(self.text_column).null_count:
            raise ValueError(f"{self.text_column!r} is missing or null")
        if self.keep_lines:
            return Rows(table, self.text_column, lines)
        return Rows(_with_dates_as_text(data, table), self.text_column)

    def _check_depth(self, data: pa.Buffer, lines: pa.Array) -> None:
        whole = data.to_pybytes()
        if whole.count(b"{") + whole.count(b"[") < len(lines) + self.limits.depth:
            return  # every line has one; the others would be too few even in one line
        opened = pc.add(pc.count_substring(lines, "["), pc.count_substring(lines, "{"))
        for line in lines.filter(pc.greater(opened, self.limits.depth)).to_pylist():
            if _depth(line) > self.limits.depth:
                raise ValueError(f"JSON nested more than {self.limits.depth} deep")

    def _check_clashes(self, lines: pa.Array) -> None:
        for line in lines.filter(pc.match_substring_regex(lines, _ADDED_KEY)).to_pylist():
            try:
                _check(
                    self.chunk.file, pa.schema([(k, pa.string()) for k in json.loads(line)]), None
                )
            except (ValueError, RecursionError) as error:
                if isinstance(error, StanceError):
                    raise


_ADDED_KEY = rf'"(?:{"|".join(ADDED.names)})"\s*:'


def _check(file: str, schema: pa.Schema, text_column: str | None) -> None:
    if text_column is None:
        text_column = "\0"
        schema = pa.schema([*schema, (text_column, pa.string())])
    try:
        check_columns(schema, text_column)
    except ScoreError as error:
        raise ScoreError(f"{file}: {error}") from None


def _lines(data: bytes) -> pa.Array:
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    if not len(ends) or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    if not data:
        return pa.array([], pa.string())
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))


def _read_csv(data: bytes, kind: str, options: pa.csv.ReadOptions) -> pa.Table:
    options.block_size = len(data) + 1
    options.use_threads = False
    names = options.column_names
    return pa.csv.read_csv(
        pa.BufferReader(data),
        options,
        pa.csv.ParseOptions(delimiter=DELIMITERS[kind], newlines_in_values=True),
        pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()) if names else None,
            strings_can_be_null=False,
        ),
    )


def _read_json(data: pa.Buffer, schema: pa.Schema, others: str) -> pa.Table:
    return pa.json.read_json(
        pa.BufferReader(data),
        pa.json.ReadOptions(use_threads=False, block_size=data.size + 1),
        pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=others),
    )


def _with_dates_as_text(data: pa.Buffer, table: pa.Table) -> pa.Table:
    """Read again what was taken for times: the next chunk may hold other text there."""
    schema = pa.schema([(field.name, _no_times(field.type)) for field in table.schema])
    return table if schema.equals(table.schema) else _read_json(data, schema, "error")


def _no_times(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _no_times(field.type)) for field in kind.fields])
    if pa.types.is_list(kind):
        return pa.list_(_no_times(kind.value_type))
    return pa.string() if pa.types.is_temporal(kind) else kind


def _depth(line: str) -> int:
    depth = deepest = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', line):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _reason(record: bytes, kind: str, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    if kind == "jsonl":
        try:
            json.loads(record)
        except json.JSONDecodeError as broken:
            return f"broken JSON at column {broken.colno} ({broken.msg})"
        except (ValueError, RecursionError):
            pass
    return re.sub(r" in row 0$|Row #1: ", "", _first_line(error))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


def shown(raw: bytes | str, limits: Limits) -> str:
    """Give the beginning of a bad row, with what is no text replaced."""
    start = raw[: limits.raw_bytes]
    start = start.encode(errors="replace") if isinstance(start, str) else start
    return start[: limits.raw_bytes].decode(errors="replace").rstrip("\r\n")


def encode(rows: Rows, added: list[pa.Array], kind: str, *, header: bool = False) -> pa.Buffer:
    """Write scored rows as bytes of a text format.

    Parameters
    ----------
    rows : Rows
        The rows.
    added : list of Array
        The columns of `ADDED`.
    kind : str
        One of `FORMATS` but Parquet.
    header : bool
        Whether the head of a CSV table is wanted.

    Returns
    -------
    Buffer
        Whole lines.
    """
    if kind == "text":
        return _text(rows, added)
    if kind == "jsonl" and rows.lines is not None:
        return _spliced(rows.lines, added)
    table = with_added(rows, added)
    return to_jsonl(table) if kind == "jsonl" else to_csv(table, kind, header=header)


def with_added(rows: Rows, added: list[pa.Array]) -> pa.Table:
    """Put the columns of `ADDED` behind those of the rows."""
    table = rows.table
    for field, column in zip(ADDED, added, strict=True):
        table = table.append_column(field, column)
    return table


def _text(rows: Rows, added: list[pa.Array]) -> pa.Buffer:
    """Write stance, stances, scores and the sentence, parted by tabs."""
    return _bytes([*_printed(added), _one_line(rows.texts)], "\t")


def _one_line(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = texts.cast(pa.string())
    return pc.replace_substring(pc.replace_substring(texts, "\r", " "), "\n", " ")


def _printed(added: list[pa.Array]) -> list[pa.Array]:
    stance, stances, *scores = added
    return [stance, pc.binary_join(stances, ","), *(score.cast(pa.string()) for score in scores)]


def _spliced(lines: pa.Array, added: list[pa.Array]) -> pa.Buffer:
    """Put the added keys before the closing brace; the rest of the line stays as it is."""
    stance, stances, *scores = _printed(added)
    quoted = pc.replace_substring(stances, ",", '", "')
    some = pc.greater(pc.binary_length(stances), 0)
    lists = pc.if_else(some, pc.binary_join_element_wise('["', quoted, '"]', ""), "[]")
    parts: list[Any] = [
        pc.binary_slice(lines.cast(pa.binary()), 0, -1).cast(pa.string()),
        ', "stance": "',
        stance,
        '", "stances": ',
        lists,
    ]
    for name, score in zip(ADDED.names[2:], scores, strict=True):
        parts += [f', "{name}": ', score]
    return _bytes([*parts, "}"], "")


def _bytes(parts: list[Any], separator: str) -> pa.Buffer:
    joined = pc.binary_join_element_wise(*parts, separator)
    joined = pc.binary_join_element_wise(joined, "\n", "").cast(pa.large_string())
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.combine_chunks()
    if not len(joined):
        return pa.py_buffer(b"")
    return joined.buffers()[2]


def to_csv(table: pa.Table, kind: str, *, header: bool) -> pa.Buffer:
    """Write a table as CSV or TSV; lists and structures as JSON, the stances parted by commas."""
    sink = pa.BufferOutputStream()
    options = pa.csv.WriteOptions(
        include_header=header, delimiter=DELIMITERS[kind], quoting_style="needed"
    )
    pa.csv.write_csv(_flat(table), sink, options)
    return sink.getvalue()


def _flat(table: pa.Table) -> pa.Table:
    for i, field in enumerate(table.schema):
        if field.name == "stances" and field.type == ADDED.field("stances").type:
            column = pc.binary_join(table.column(i), ",")
        elif pa.types.is_nested(field.type):
            values = table.column(i).to_pylist()
            column = pa.array([None if v is None else _json(v) for v in values], pa.string())
        elif pa.types.is_dictionary(field.type):
            column = table.column(i).cast(field.type.value_type)
        else:
            continue
        table = table.set_column(i, field.name, column)
    return table


def to_jsonl(table: pa.Table) -> pa.Buffer:
    """Write a table as one JSON object a line."""
    scores = ADDED.names[2:]
    rest = table.drop_columns(scores)
    columns = [rest.column(i).to_pylist() for i in range(rest.num_columns)]
    printed = [table.column(name).cast(pa.string()).to_pylist() for name in scores]
    tail = "".join(f', "{name}": {{}}' for name in scores) + "}}\n"
    lines = [
        _json(dict(zip(rest.column_names, row[:-1], strict=True)))[:-1] + tail.format(*row[-1])
        for row in zip(*columns, zip(*printed, strict=True), strict=True)
    ]
    return pa.py_buffer("".join(lines).encode())


def _json(value: Any) -> str:
    try:
        return _encoder.encode(value)
    except ValueError:
        return _encoder.encode(_without_nan(value))


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_nan(part) for part in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain)
