"""The column that says which file and line each row is from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ScoringError
from pipeline.inference.arrow import OUTPUT_SCHEMA

if TYPE_CHECKING:
    from pipeline.batch.parsing import Rows


def with_source(rows: Rows, column: str, file: str, lines: Sequence[int]) -> Rows:
    """Put a column before those of the rows: ``file:line``.

    Parameters
    ----------
    rows : Rows, n rows
    column : str
        What it is called.
    file : str
        Where all of them are from.
    lines : sequence of int, length n
        The line of each; of Parquet, the row.

    Returns
    -------
    Rows

    Raises
    ------
    ScoringError
        If it cannot be told which line each row is from.
    """
    if len(lines) != rows.table.num_rows:
        raise ScoringError(
            f"{file}: cannot tell which lines {rows.table.num_rows:,} rows are from; score it "
            "without --source-column"
        )
    shown = file.encode(errors="backslashreplace").decode()
    places = pa.array([f"{shown}:{line}" for line in lines], pa.string())
    if rows.lines is None:
        return replace(rows, table=rows.table.add_column(0, column, places))
    members = pa.array([f"{{{json.dumps(column)}: {json.dumps(p)}, " for p in places.to_pylist()])
    rest = pc.binary_slice(rows.lines.cast(pa.binary()), 1).cast(pa.string())
    return replace(rows, lines=pc.binary_join_element_wise(members, rest, ""))


def check_source_column(column: str | None, text_column: str, kinds: set[str]) -> None:
    """Check that outputs can have a column that says where rows are from.

    Parameters
    ----------
    column : str, optional
        What it is to be called.
    text_column : str
        Where the text is.
    kinds : set of str
        The formats of the outputs.

    Raises
    ------
    ScoringError
        If another column is called so, or a format has no columns.
    """
    if column is None:
        return
    if not column or column == text_column or column in OUTPUT_SCHEMA.names:
        raise ScoringError(
            f"--source-column {column!r}: another column is called so; choose another name"
        )
    if "text" in kinds:
        raise ScoringError(
            "--source-column: plain text has no columns; write .jsonl, .csv or .parquet"
        )
