"""Label files to records: JSONL, JSON, CSV, TSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.corpus.labels import Record, shown_value, typename
from pipeline.errors import LabelProblem
from pipeline.formats.delimited import Head, count_cells, read_head, read_rows
from pipeline.formats.parquet import read_batches
from pipeline.formats.quoting import unify_line_ends
from pipeline.formats.unicode import to_utf8

MOST_COLUMNS = 1_000
_MOST_ROWS = 5_000_000
_MOST_UNPACKED = 1 << 30
_ROWS_AT_ONCE = 1000
_BYTES_AT_ONCE = 16 << 20
_LINE_END = re.compile(rb"\r\n|\n|\r")


def read_records(
    name: str, suffix: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    """Read the rows of a file, whatever they hold.

    Parameters
    ----------
    name : str
        The file, for problems.
    suffix : str
        One of `SUFFIXES`.
    content : bytes
        What is in it: text in any encoding of Unicode, or Parquet.
    problems : list of LabelProblem
        Everything that cannot be read is added here.

    Yields
    ------
    int, dict
        The line, or row of Parquet, and its columns.
    """
    if suffix != ".parquet":
        try:
            content = to_utf8(content)
        except ValueError as error:
            problems.append(LabelProblem(name, None, *error.args))
            return
    yield from _READERS[suffix](name, content, problems)


def _decode(name: str, line: int, content: bytes, problems: list[LabelProblem]) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        row = line + content.count(b"\n", 0, error.start)
        what = f"not UTF-8 (byte {error.object[error.start]:#04x})"
        problems.append(LabelProblem(name, row, what, "save the file as UTF-8"))
        return None


class _RepeatedKeyError(ValueError):
    """A JSON object that has a key twice."""


def _unrepeated(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _RepeatedKeyError(shown_value(next(key for key in counts if counts[key] > 1)))
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_unrepeated)


def _read_jsonl(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    for line, raw in enumerate(unify_line_ends(content).split(b"\n"), start=1):
        text = _decode(name, line, raw, problems)
        if text is None or not text.strip():
            continue
        try:
            value = _decoder.decode(text)
        except json.JSONDecodeError as error:
            what = f"broken JSON at column {error.colno} ({error.msg})"
            problems.append(LabelProblem(name, line, what, "write one JSON object a line"))
            continue
        except (RecursionError, ValueError) as error:
            problems.append(LabelProblem(name, line, *_unreadable(error)))
            continue
        yield from _record(name, line, value, problems)


def _read_json(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    text = _decode(name, 1, content, problems)
    if text is None:
        return
    blank = re.compile(r"[\s,]*")
    start = re.match(r"\s*\[", text)
    if start is None:
        with suppress(ValueError, RecursionError):
            yield from _record(name, 1, _decoder.decode(text), problems)
            return
        yield from _read_jsonl(name, content, problems)
        return
    position = blank.match(text, start.end()).end()  # type: ignore[union-attr]
    line, counted = 1, 0
    while position < len(text) and text[position] != "]":
        line, counted = line + text.count("\n", counted, position), position
        try:
            value, end = _decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            what = f"broken JSON at column {error.colno} ({error.msg})"
            problems.append(LabelProblem(name, error.lineno, what, "write a list of JSON objects"))
            return
        except (RecursionError, ValueError) as error:
            problems.append(LabelProblem(name, line, *_unreadable(error)))
            return
        yield from _record(name, line, value, problems)
        position = blank.match(text, end).end()  # type: ignore[union-attr]
    if position >= len(text):
        problems.append(
            LabelProblem(
                name, text.count("\n") + 1, "the JSON list does not end", "close it with ]"
            )
        )


def _unreadable(error: Exception) -> tuple[str, str]:
    if isinstance(error, _RepeatedKeyError):
        return f"JSON with the key {error} twice", "delete one of the two"
    deep = isinstance(error, RecursionError)
    what = "JSON nested too deeply" if deep else "JSON with a number of too many digits"
    return what, "delete it"


def _record(
    name: str, line: int, value: object, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    if isinstance(value, dict):
        yield line, value
    else:
        what = f"{typename(value)} where a statement should be"
        problems.append(LabelProblem(name, line, what, 'write {"text": ..., "stances": [...]}'))


def _read_csv(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    head = _read_head(name, content, problems)
    if head is None:
        return
    first = 1 + len(_LINE_END.findall(content[: head.size]))
    rest = content[head.size :] + b"\n" * (not content.endswith((b"\n", b"\r")))
    rows = read_rows(rest, head.delimiter, len(head.names), final=True)
    for flaw in rows.flaws:
        remedy = "double the marks in a quoted cell, or write the file again as JSONL"
        problems.append(LabelProblem(name, first + flaw.line, flaw.reason, remedy))
    text = _decode(name, first, rows.data, problems)
    reader = csv.reader(io.StringIO(text or "", newline=""), delimiter=head.delimiter)
    line = first
    for cells in reader:
        if len(cells) == len(head.names) and any(cells):
            yield line, dict(zip(head.names, cells, strict=True))
        elif any(cells):
            what = count_cells(len(cells), len(head.names))
            few = len(cells) < len(head.names)
            remedy = "write them all" if few else f"quote cells that hold {head.delimiter!r}"
            problems.append(LabelProblem(name, line, what, remedy))
        line = first + reader.line_num


def _read_head(name: str, content: bytes, problems: list[LabelProblem]) -> Head | None:
    """Read the columns of CSV."""
    if content.startswith(b"#FORMAT=WebAnno"):
        what, remedy = "an INCEpTION export, which labels words", "label whole statements"
        problems.append(LabelProblem(name, 1, what, remedy))
        return None
    if not content.strip():
        return None
    kind = "tsv" if name.lower().endswith(".tsv") else "csv"
    try:
        head = read_head(content, kind, final=True)
    except UnicodeDecodeError:
        _decode(name, 1, content, problems)
        return None
    except (ValueError, csv.Error) as error:
        problems.append(LabelProblem(name, 1, f"the head is broken: {error}", "mend it"))
        return None
    if (
        head is None
        or _has_too_many(name, len(head.names), problems)
        or _has_repeated(name, 1, head.names, problems)
    ):
        return None
    return head


def _has_too_many(name: str, columns: int, problems: list[LabelProblem]) -> bool:
    if columns <= MOST_COLUMNS:
        return False
    what = f"{columns:,} columns, more than {MOST_COLUMNS:,}"
    problems.append(LabelProblem(name, None, what, "keep those that tell something of a statement"))
    return True


def _has_repeated(
    name: str, line: int | None, columns: Iterable[str], problems: list[LabelProblem]
) -> bool:
    repeated = [(column, count) for column, count in Counter(columns).items() if count > 1]
    for column, count in repeated:
        what = f"{count} columns named {shown_value(column)}"
        problems.append(LabelProblem(name, line, what, "rename or delete all but one"))
    return bool(repeated)


def _read_parquet(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    records: list[Record] = []
    unpacked = 0
    try:
        source = pa.BufferReader(content)
        file = pq.ParquetFile(source)
        if _has_repeated(name, None, file.schema_arrow.names, problems):
            return
        groups = range(file.num_row_groups)
        for batch in read_batches(source, file, groups, _ROWS_AT_ONCE, _BYTES_AT_ONCE):
            unpacked += batch.get_total_buffer_size()
            if unpacked > _MOST_UNPACKED or len(records) > _MOST_ROWS:
                what = f"more than {_MOST_ROWS:,} rows or {_MOST_UNPACKED >> 30} GB when unpacked"
                problems.append(
                    LabelProblem(name, None, what, "split it, if it is what it should be")
                )
                return
            records += batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        # KeyError: a time zone that there is not
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        what = f"not a readable Parquet file ({reason})"
        problems.append(LabelProblem(name, None, what, "write it again"))
        return
    yield from enumerate(records, start=1)


_Reader = Callable[[str, bytes, list[LabelProblem]], Iterator[tuple[int, Record]]]
_READERS: dict[str, _Reader] = {
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".json": _read_json,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
}
SUFFIXES = tuple(_READERS)
