"""Parquet in batches that fit in memory, whatever a small file unpacks to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_STRINGS = ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")


def read_batches(
    source: pa.NativeFile, file: pq.ParquetFile, groups: Sequence[int], rows: int, size: int
) -> Iterator[pa.RecordBatch]:
    """Read row groups in batches.

    A value that repeats stands in the file once; so a few kilobytes may hold as many gigabytes.
    What the longest values may come to is known before they are unpacked.

    Parameters
    ----------
    source : NativeFile
        What `file` reads.
    file : ParquetFile
        The file.
    groups : sequence of int
        Numbers of the row groups.
    rows : int
        Most rows of a batch.
    size : int
        Most bytes of the strings in a batch, unless a single row has more.

    Yields
    ------
    RecordBatch
    """
    longest = max((_longest_row(source, file, group) for group in groups), default=0)
    fitting = max(1, min(rows, size // max(longest, 1)))
    yield from file.iter_batches(batch_size=fitting, row_groups=groups)


def _longest_row(source: pa.NativeFile, file: pq.ParquetFile, group: int) -> int:
    """Add up the longest repeated values of all columns of a row group."""
    # what the row group tells of its columns is not looked at: Arrow ends the process where it lies
    columns = map(file.schema.column, range(file.metadata.num_columns))
    paths = [column.path for column in columns if column.physical_type in _STRINGS]
    if not paths:
        return 0
    kept = pq.ParquetFile(
        source, metadata=file.metadata, read_dictionary=paths, buffer_size=1 << 16, pre_buffer=False
    )
    first = next(kept.iter_batches(1, row_groups=[group], columns=paths, use_threads=False), None)
    return 0 if first is None else sum(map(_longest, first.columns))


def _longest(values: pa.Array) -> int:
    """Return the length of the longest string in an array, at whatever depth."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary, values.dictionary.type
    if pa.types.is_struct(kind):
        return sum(map(_longest, values.flatten()))
    if pa.types.is_map(kind):
        return _longest(values.keys) + _longest(values.items)
    if pa.types.is_nested(kind):
        return _longest(values.values)
    if pa.types.is_fixed_size_binary(kind):
        return int(kind.byte_width)
    try:
        return pc.max(pc.binary_length(values)).as_py() or 0
    except pa.ArrowNotImplementedError:  # not strings after all, such as decimals
        return 0
