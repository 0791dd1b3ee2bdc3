"""Tables with an article in each row: JSONL, CSV, TSV and Parquet, as streams."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.articles.inputs.entries import Entry
from pipeline.articles.metadata import Metadata
from pipeline.articles.text.decoding import MOST_BYTES
from pipeline.errors import ArticleError
from pipeline.formats.parquet import read_batches

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_METADATA = tuple(field.name for field in fields(Metadata))
_SHOWN_COLUMNS = 20
_ROWS_AT_ONCE = 256
_BYTES_AT_ONCE = 16 << 20
_LONGEST_LINE = 4 * MOST_BYTES  # room for escapes and the other columns
Rows = Iterator[tuple[int, Mapping[str, Any] | ArticleError]]


def is_table(path: Path) -> bool:
    """Tell by its suffix whether a file is a table."""
    return _suffix(path) in _READERS


def read_rows(file: BinaryIO, path: Path, text_column: str) -> Iterator[Entry | ArticleError]:
    """Read the articles of a table, one a row.

    Parameters
    ----------
    file : binary file
        The table.
    path : Path
        Its name; the suffix says how to read it.
    text_column : str
        Where the article is. Columns called as the fields of `Metadata` are kept with it.

    Yields
    ------
    Entry or ArticleError
    """
    compression = _COMPRESSIONS.get(path.suffix.lower())
    unpacked: Any = pa.CompressedInputStream(file, compression) if compression else file
    try:
        for number, row in _READERS[_suffix(path)](unpacked, path):
            if isinstance(row, ArticleError):
                yield row
            else:
                yield _entry(f"{path}:{number}", row, text_column)
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, csv.Error) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:300]
        yield ArticleError(f"{path}: cannot be read on ({reason}); write the file again")


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] in _COMPRESSIONS
    return "".join(suffixes[-2:-1] if packed else suffixes[-1:])


def _entry(name: str, row: Mapping[str, Any], text_column: str) -> Entry | ArticleError:
    if text_column not in row:
        columns = [column if column.isprintable() else repr(column) for column in row]
        shown = ", ".join(column[:80] for column in columns[:_SHOWN_COLUMNS])
        return ArticleError(
            f"{name}: no column {text_column!r} (there are: {shown}); say with --text-column "
            "where the article is"
        )
    text = row[text_column]
    if not isinstance(text, str):
        what = "is missing" if text is None else f"is of type {type(text).__name__}, not text"
        return ArticleError(f"{name}: {text_column} {what}; fill it in, or leave out the row")
    if len(text) > MOST_BYTES:
        return ArticleError(f"{name}: more than {MOST_BYTES >> 20} MB, which is no article")
    return Entry(name, text, metadata=_metadata(row))


def _metadata(row: Mapping[str, Any]) -> Metadata:
    known = {column.lower(): value for column, value in row.items() if value not in (None, "")}
    return Metadata(**{name: str(known[name]) for name in _METADATA if name in known})


def _json_lines(file: BinaryIO, path: Path) -> Rows:
    for number, line in _lines(file, path):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            row = json.loads(text) if text else None
        except UnicodeDecodeError:
            yield number, ArticleError(f"{path}:{number}: not UTF-8; save the file as UTF-8")
        except (RecursionError, ValueError) as error:
            yield number, ArticleError(f"{path}:{number}: broken JSON ({str(error)[:100]})")
        else:
            if isinstance(row, dict):
                yield number, row
            elif text:
                yield number, ArticleError(f"{path}:{number}: not a JSON object")


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    reader = io.BufferedReader(file)  # type: ignore[type-var]
    number = 0
    while line := reader.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise ValueError(f"line {number} is longer than {_LONGEST_LINE >> 20} MB")
        yield number, line


def _separated(delimiter: str, file: BinaryIO, path: Path) -> Rows:
    csv.field_size_limit(MOST_BYTES)
    # what is not UTF-8 is told row by row
    lines = (line.decode("utf-8", "surrogateescape") for _, line in _lines(file, path))
    reader = csv.reader(lines, delimiter=delimiter)
    head = [column.removeprefix("\ufeff") for column in next(reader, [])]
    number = reader.line_num + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield number, ArticleError(f"{path}:{number}: broken CSV ({error})")
            cells = []
        if cells is None:
            return
        if cells:
            yield number, _row(head, cells, f"{path}:{number}")
        number = reader.line_num + 1


def _row(head: Sequence[str], cells: Sequence[str], name: str) -> dict[str, str] | ArticleError:
    if len(cells) != len(head):
        return ArticleError(
            f"{name}: {len(cells)} cells where the head has {len(head)}; put quotation marks "
            "around cells that hold commas, quotation marks or line breaks"
        )
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return ArticleError(f"{name}: not UTF-8; save the file as UTF-8")
    return dict(zip(head, cells, strict=True))


def _parquet(file: BinaryIO, path: Path) -> Rows:
    source = pa.PythonFile(file)
    table = pq.ParquetFile(source)
    number = 0
    for batch in read_batches(
        source, table, range(table.num_row_groups), _ROWS_AT_ONCE, _BYTES_AT_ONCE
    ):
        for row in batch.to_pylist():
            number += 1
            yield number, row


_READERS = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".csv": lambda file, path: _separated(",", file, path),
    ".tsv": lambda file, path: _separated("\t", file, path),
    ".parquet": _parquet,
}
