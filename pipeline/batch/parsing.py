"""Chunks to Arrow rows, and the bad rows told apart."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json

from pipeline.batch.chunks import Chunk
from pipeline.batch.formats import BadRow, Limits, first_line, shown
from pipeline.batch.json_values import TOO_LONG, depth_of, has_fractions, is_rounded
from pipeline.batch.sources import with_source
from pipeline.errors import ScoringError, StanceError
from pipeline.formats.delimited import DELIMITERS, count_cells
from pipeline.formats.quoting import blank_quoted
from pipeline.inference.arrow import OUTPUT_SCHEMA, check_columns


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


def parse_rows(
    chunk: Chunk,
    text_column: str,
    limits: Limits,
    *,
    keep_lines: bool = False,
    first_bad: bool = False,
    source_column: str | None = None,
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
    first_bad : bool
        Whether to look no further than the first bad row.
    source_column : str, optional
        A column to add, which says which file and line each row is from.

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
        _check(chunk.file, chunk.data.schema, text_column, source_column)
        return _parquet_rows(chunk, chunk.data, text_column, limits, source_column)
    parser = _Parser(chunk, text_column, limits, keep_lines, source_column)
    try:
        return parser.placed(parser.rows(chunk.data)), list(chunk.bad)
    except (pa.ArrowInvalid, ValueError) as error:
        if isinstance(error, StanceError):
            raise
    bad = list(chunk.bad)
    left = parser.without_flaws(parser.records(), bad, first_bad=first_bad)
    try:
        good = parser.sift(left, bad, iter(range(_MOST_TRIES)))
        found = parser.rows(b"".join(record for _, record in good))
        return parser.placed(found, good), sorted(bad, key=lambda row: row.line)
    except (pa.ArrowInvalid, ValueError) as error:
        if isinstance(error, StanceError):
            raise
        last = chunk.line + chunk.data.count(b"\n") - 1
        raise ScoringError(
            f"{chunk.file}: lines {chunk.line} to {last}: rows do not fit together "
            f"({first_line(error)}); give each column one type, or write JSONL"
        ) from None


def _parquet_rows(
    chunk: Chunk,
    batch: pa.RecordBatch,
    text_column: str,
    limits: Limits,
    source_column: str | None,
) -> tuple[Rows, list[BadRow]]:
    table = pa.Table.from_batches([batch])
    texts = batch.column(text_column)
    missing = np.asarray(pc.is_null(texts))
    if source_column is not None:
        lines = range(chunk.line, chunk.line + table.num_rows)
        table = with_source(Rows(table, text_column), source_column, chunk.file, lines).table
    if not missing.any():
        return Rows(table, text_column), []
    found = np.flatnonzero(missing).tolist()
    bad = [
        BadRow(
            chunk.file, chunk.line + i, "text is missing", shown(_raw(batch.slice(i, 1)), limits)
        )
        for i in found
    ]
    # Arrow cannot filter string views, but can cut and join them
    between = pairwise([-1, *found, table.num_rows])
    kept = [table.slice(before + 1, after - before - 1) for before, after in between]
    return Rows(pa.concat_tables(kept).combine_chunks(), text_column), bad


def _raw(row: pa.RecordBatch) -> str:
    try:
        return json.dumps(row.to_pylist()[0], default=str)
    except (pa.ArrowException, ValueError, OverflowError, KeyError):  # a time of no zone or year
        return ""


@dataclass(frozen=True)
class _Parser:
    """Reads rows at once where all are good; tells the bad ones apart by halving."""

    chunk: Chunk
    text_column: str
    limits: Limits
    keep_lines: bool
    source_column: str | None = None

    def placed(self, rows: Rows, records: list[tuple[int, bytes]] | None = None) -> Rows:
        """Say where each row is from, if that is asked for: they are those of the records."""
        if self.source_column is None:
            return rows
        lines = [
            line
            for line, record in (self.records() if records is None else records)
            if self.chunk.kind == "text" or record.strip(_BLANK[self.chunk.kind])
        ]
        return with_source(rows, self.source_column, self.chunk.file, lines)

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
        return self._jsonl(data, lines)

    def records(self) -> list[tuple[int, bytes]]:
        data = self.chunk.data
        delimiter = self.chunk.delimiter
        outline = blank_quoted(data, delimiter) if delimiter else data
        records = []
        start, line = 0, self.chunk.line
        while start < len(data):
            end = outline.find(b"\n", start) + 1 or len(data)
            records.append((line, data[start:end]))
            line += data.count(b"\n", start, end)
            start = end
        return records

    def sift(
        self, records: list[tuple[int, bytes]], bad: list[BadRow], tries: Iterator[int]
    ) -> list[tuple[int, bytes]]:
        """Find what Arrow refuses by halving; give up with its error where that is very much."""
        raw = [record for _, record in records]
        try:
            self.rows(b"".join(raw))
        except (pa.ArrowInvalid, ValueError) as error:
            if isinstance(error, StanceError) or next(tries, None) is None:
                raise
            if len(records) > 1:
                half = len(records) // 2
                return self.sift(records[:half], bad, tries) + self.sift(records[half:], bad, tries)
            reason = re.sub(r" in row 0$|Row #1: ", "", first_line(error))
            bad.append(BadRow(self.chunk.file, records[0][0], reason, shown(raw[0], self.limits)))
            return []
        return records

    def without_flaws(
        self, records: list[tuple[int, bytes]], bad: list[BadRow], *, first_bad: bool
    ) -> list[tuple[int, bytes]]:
        """Leave out rows that are plainly bad, which is much faster than halving."""
        left = []
        for line, record in records:
            flaw = self._flaw(record)
            if flaw is None:
                left.append((line, record))
                continue
            bad.append(BadRow(self.chunk.file, line, flaw, shown(record, self.limits)))
            if first_bad:
                break
        return left

    def _flaw(self, record: bytes) -> str | None:
        """Return what is plainly wrong with a row; all of it is refused by Arrow as well."""
        try:
            text = record.decode()
        except UnicodeDecodeError as error:
            return f"not UTF-8 at byte {error.start}"
        if self.chunk.kind == "jsonl":
            return self._json_flaw(text)
        delimiter = self.chunk.delimiter
        if not delimiter or not text.strip("\r\n"):
            return None
        found = blank_quoted(record, delimiter).count(delimiter.encode()) + 1
        wanted = len(self.chunk.header)
        return None if found == wanted else count_cells(found, wanted)

    def _json_flaw(self, text: str) -> str | None:
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            reason = f"broken JSON at column {error.colno} ({error.msg})"
            return reason if text.strip() else None
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict):
            return "not a JSON object"
        value = found.get(self.text_column)
        if value is None:
            return f"{self.text_column!r} is missing or null"
        if not isinstance(value, str):
            return f"{self.text_column!r} is not a string but a {_JSON_TYPES[type(value)]}"
        try:
            if not self.keep_lines and is_rounded(found, None):
                return TOO_LONG
            if "\\u" in text:
                json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return "half a surrogate pair, which is no character"
        except RecursionError:
            return None
        return None

    def _csv(self, data: bytes) -> Rows:
        header = list(self.chunk.header)
        _check(
            self.chunk.file,
            pa.schema([(name, pa.string()) for name in header]),
            self.text_column,
            self.source_column,
        )
        if not data.strip(b"\r\n"):
            empty = [pa.array([], pa.string()) for _ in header]
            return Rows(pa.table(empty, header), self.text_column)
        options = pa.csv.ReadOptions(column_names=header)
        table = _read_csv(data, self.chunk.delimiter, options)
        if (
            pc.max(pc.binary_length(table.column(self.text_column))).as_py()
            > self.limits.line_bytes
        ):
            raise ValueError(f"a text of more than {self.limits.line_bytes:,} bytes")
        return Rows(table, self.text_column)

    def _jsonl(self, data: bytes, lines: pa.Array) -> Rows:
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
        if not self.keep_lines:
            self._check_keys(data, len(lines))
        text = pa.schema([(self.text_column, pa.string())])
        buffer = pa.py_buffer(data)
        table = _read_json(buffer, text, "ignore" if self.keep_lines else "infer")
        if table.num_rows != len(lines):
            raise ValueError("more than one JSON object on a line")
        if table.column(self.text_column).null_count:
            raise ValueError(f"{self.text_column!r} is missing or null")
        if self.keep_lines:
            return Rows(table, self.text_column, lines)
        self._check_rounding(lines, table.schema)
        return Rows(_with_dates_as_text(buffer, table), self.text_column)

    def _check_depth(self, data: bytes, lines: pa.Array) -> None:
        if data.count(b"{") + data.count(b"[") < len(lines) + self.limits.depth:
            return  # every line has one; the others would be too few even in one line
        opened = pc.add(pc.count_substring(lines, "["), pc.count_substring(lines, "{"))
        for line in lines.filter(pc.greater(opened, self.limits.depth)).to_pylist():
            if depth_of(line) > self.limits.depth:
                raise ValueError(f"JSON nested more than {self.limits.depth} deep")

    def _check_rounding(self, lines: pa.Array, schema: pa.Schema) -> None:
        """Refuse whole numbers that Arrow would put among fractions with fewer digits."""
        row = pa.struct(list(schema))
        if not has_fractions(row):
            return
        for line in lines.filter(pc.match_substring_regex(lines, "[0-9]{16}")).to_pylist():
            if is_rounded(json.loads(line), row):
                raise ValueError(TOO_LONG)

    def _check_keys(self, data: bytes, rows: int) -> None:
        """Refuse keys that differ from row to row: each would be a column of all rows."""
        colons = data.count(b":")
        if colons <= self.limits.columns and colons * rows <= _MOST_CELLS:
            return
        keys = len(set(_KEY.findall(data)))
        if keys > self.limits.columns or keys * rows > _MOST_CELLS:
            raise ScoringError(
                f"{self.chunk.file}: lines from {self.chunk.line} on have {keys:,} keys, too many "
                "for a table; write JSONL"
            )

    def _check_clashes(self, lines: pa.Array) -> None:
        added = _ADDED_KEY
        if self.source_column is not None:
            added += "|" + re.escape(json.dumps(self.source_column, ensure_ascii=False))
        for line in lines.filter(pc.match_substring_regex(lines, added)).to_pylist():
            try:
                keys = pa.schema([(key, pa.string()) for key in json.loads(line)])
                _check(self.chunk.file, keys, None, self.source_column)
            except (ValueError, RecursionError) as error:
                if isinstance(error, StanceError):
                    raise


_BLANK = {"jsonl": b" \t\n\r\v\f", "csv": b"\r\n", "tsv": b"\r\n"}  # lines that are no rows
_MOST_TRIES = 1 << 15
_MOST_CELLS = 1 << 26
_KEY = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"\s*+:')
_JSON_TYPES = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}
_ADDED_KEY = rf'"(?:{"|".join(OUTPUT_SCHEMA.names)})"\s*:'


def _check(
    file: str, schema: pa.Schema, text_column: str | None, source_column: str | None = None
) -> None:
    if text_column is None:
        text_column = "\0"
        schema = pa.schema([*schema, (text_column, pa.string())])
    try:
        check_columns(schema, text_column)
    except ScoringError as error:
        raise ScoringError(f"{file}: {error}") from None
    if source_column in schema.names:
        raise ScoringError(
            f"{file}: there is a column {source_column!r} already; choose another name for "
            "--source-column"
        )
    name, count = Counter(schema.names).most_common(1)[0]
    if count > 1:
        raise ScoringError(f"{file}: {count} columns {name!r}; rename all but one")


def _lines(data: bytes) -> pa.Array:
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    if not len(ends) or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    if not data:
        return pa.array([], pa.string())
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))


def _read_csv(data: bytes, delimiter: str, options: pa.csv.ReadOptions) -> pa.Table:
    options.block_size = len(data) + 1
    options.use_threads = False
    names = options.column_names
    return pa.csv.read_csv(
        pa.BufferReader(data),
        options,
        pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
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
