"""Scored rows to the bytes of a text format."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline.archive.chunks import DELIMITERS
from pipeline.archive.rows import Rows
from pipeline.score import ADDED


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
