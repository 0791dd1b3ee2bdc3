"""Frames of pandas, known without importing pandas, scored by way of Arrow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from pipeline.errors import ScoringError

if TYPE_CHECKING:
    import pandas as pd


class TextFrame(Protocol):
    """What a `pandas.DataFrame` has and a table of Arrow does not, for type checkers."""

    @property
    def iloc(self) -> Any:
        """The rows by position."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""


def is_frame(value: object) -> bool:
    """Return whether a value is a `pandas.DataFrame`."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def text_table(frame: pd.DataFrame, text_column: str) -> pa.Table:
    """Return the column of texts of a frame as a table, for other columns only their names.

    Parameters
    ----------
    frame : DataFrame, n rows
    text_column : str

    Returns
    -------
    Table, n rows
        Columns other than that of the texts are null.

    Raises
    ------
    ScoringError
        If the texts are no strings.
    """
    names = [str(name) for name in frame.columns]
    try:
        columns = [
            pa.array(frame.iloc[:, i], from_pandas=True) if name == text_column
            else pa.nulls(len(frame))
            for i, name in enumerate(names)
        ]  # fmt: skip
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ScoringError(
            f"column {text_column!r} holds more than strings ({error}); convert it first"
        ) from None
    return pa.Table.from_arrays(columns, names)


def with_columns(frame: pd.DataFrame, added: pa.Table) -> pd.DataFrame:
    """Return a frame with the columns of a table beside its own, which stay as they are."""
    columns = {name: added.column(name) for name in added.column_names}
    lists = {name: column.to_pylist() for name, column in columns.items() if _is_list(column)}
    others = {name: column.to_pandas() for name, column in columns.items() if name not in lists}
    values = {name: lists[name] if name in lists else others[name].array for name in columns}
    return frame.assign(**values)


def _is_list(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_list(column.type))
