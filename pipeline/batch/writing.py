"""Scored rows to the bytes of a text format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline.batch.formats import first_line
from pipeline.batch.parsing import Rows
from pipeline.errors import ScoringError, StanceError
from pipeline.formats.delimited import DELIMITERS
from pipeline.inference.arrow import OUTPUT_SCHEMA
from pipeline.stances import STANCES


def encode_rows(rows: Rows, added: list[pa.Array], kind: str, *, header: bool = False) -> pa.Buffer:
    """Write scored rows as bytes of a text format.

    Parameters
    ----------
    rows : Rows
        The rows.
    added : list of Array
        The columns of `OUTPUT_SCHEMA`.
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


@contextmanager
def describe_errors(name: object, kind: str) -> Iterator[None]:
    """Report what a format cannot hold: a structure without parts, a time of no known zone."""
    try:
        yield
    except (StanceError, MemoryError):
        raise
    except (pa.ArrowException, ValueError, OverflowError, KeyError) as error:
        raise ScoringError(
            f"{name}: cannot be written as {kind} ({first_line(error)}); leave that column out, or "
            "choose another format"
        ) from None


def with_added(rows: Rows, added: list[pa.Array]) -> pa.Table:
    """Put the columns of `OUTPUT_SCHEMA` behind those of the rows."""
    table = rows.table
    for field, column in zip(OUTPUT_SCHEMA, added, strict=True):
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
    start = pc.binary_slice(lines.cast(pa.binary()), 0, -1).cast(pa.string())
    return _bytes([start, *_members(OUTPUT_SCHEMA.names, added, ", "), "}"], "")


def to_jsonl(table: pa.Table) -> pa.Buffer:
    """Write a table as one JSON object a line."""
    return _bytes([*_members(table.column_names, table.columns, "{"), "}"], "")


def _members(names: list[str], columns: list[Any], before: str) -> list[Any]:
    parts: list[Any] = []
    for name, column in zip(names, columns, strict=True):
        parts += [f"{before}{_json(name)}: ", _json_values(column)]
        before = ", "
    return parts


def _json_values(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Write each value of a column as JSON."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        values = column.cast(pa.string())
    elif pa.types.is_float32(kind) or pa.types.is_float64(kind):
        values = pc.if_else(pc.is_finite(column), column.cast(pa.string()), None)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values = _json_strings(column.cast(pa.string()))
    elif kind == OUTPUT_SCHEMA.field("stances").type and _are_stances(column):
        joined = pc.binary_join(column, '", "')
        some = pc.greater(pc.binary_length(joined), 0)
        values = pc.if_else(some, pc.binary_join_element_wise('["', joined, '"]', ""), "[]")
    else:
        values = pa.array([_json(value) for value in column.to_pylist()], pa.string())
    return pc.fill_null(values, "null")


_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_OTHER_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"


def _json_strings(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if pc.any(pc.match_substring_regex(column, _OTHER_CONTROLS)).as_py():
        return pa.array([_json(value) for value in column.to_pylist()], pa.string())
    for mark, escaped in _ESCAPES.items():
        column = pc.replace_substring(column, mark, escaped)
    return pc.binary_join_element_wise('"', column, '"', "")


def _are_stances(lists: pa.Array | pa.ChunkedArray) -> bool:
    return bool(pc.all(pc.is_in(pc.list_flatten(lists), pa.array(STANCES)), min_count=0).as_py())


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
        if field.name == "stances" and field.type == OUTPUT_SCHEMA.field("stances").type:
            column = pc.binary_join(table.column(i), ",")
        elif pa.types.is_string_view(field.type):
            column = table.column(i).cast(pa.string())
        elif pa.types.is_nested(field.type) or _is_opaque(field.type):
            values = table.column(i).to_pylist()
            texts = (value if value is None else _json(value) for value in values)
            column = pa.array([text and text.strip('"') for text in texts], pa.string())
        elif pa.types.is_dictionary(field.type):
            column = table.column(i).cast(field.type.value_type)
        else:
            continue
        table = table.set_column(i, field.name, column)
    return table


def _is_opaque(kind: pa.DataType) -> bool:
    """Return whether a type is one that CSV cannot show."""
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    fixed = pa.types.is_fixed_size_binary(kind)
    return bool(binary or fixed or pa.types.is_interval(kind))


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
