"""Arrow batches in, scored batches out: in Python, in `datasets`, in pandas, on Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.errors import ScoringError
from pipeline.inference.frames import TextFrame, is_frame, text_table, with_columns
from pipeline.inference.predict import load_predictor
from pipeline.inference.predictor import Predictor, core_count
from pipeline.stances import NONE, STANCES, raise_thresholds

if TYPE_CHECKING:
    import pandas as pd

OUTPUT_SCHEMA = pa.schema(
    [
        ("stance", pa.string()),
        ("stances", pa.list_(pa.string())),
        *((name, pa.float32()) for name in STANCES),
    ]
)
BATCH_ROWS = 65_536
Batch = TypeVar("Batch", pa.RecordBatch, pa.Table)


def score_batch(
    batch: Batch,
    text_column: str = "text",
    model: str | Path | Predictor | None = None,
    min_score: float | None = None,
) -> Batch:
    """Add the stances of each text to a batch.

    Parameters
    ----------
    batch : RecordBatch or Table, n rows
        With a column of strings; dictionaries, views and nulls are fine.
    text_column : str
        The name of that column.
    model : path or Predictor, optional
        See `pipeline.inference.predict.predict`. A model file is loaded once a process, and again
        when it has changed: give a loaded model where many batches are to be scored alike.
    min_score : float, optional
        See `pipeline.inference.predict.predict`.

    Returns
    -------
    RecordBatch or Table, n rows
        The input, and the columns of `OUTPUT_SCHEMA`: ``stance``, ``stances`` (strongest
        first), ``accuse``, ``deny``, ``announce`` (probabilities); all null where the text is null.

    Raises
    ------
    ScoreError
        If there is no such column of strings, or a column is named as one that is to be added.

    Examples
    --------
    >>> rows = pa.table({"text": ["She denied it."]})
    >>> score_batch(rows).column_names  # doctest: +SKIP
    ['text', 'stance', 'stances', 'accuse', 'deny', 'announce']
    """
    check_columns(batch.schema, text_column)
    added = stance_columns(batch.column(text_column), _loaded(model), min_score=min_score)
    for name, column in zip(OUTPUT_SCHEMA.names, added, strict=True):
        batch = batch.append_column(OUTPUT_SCHEMA.field(name), column)
    return batch


def score_batches(
    batches: Iterable[pa.RecordBatch],
    text_column: str = "text",
    model: str | Path | Predictor | None = None,
    min_score: float | None = None,
) -> Iterator[pa.RecordBatch]:
    """Add the stances of each text to a stream of batches, one batch in memory at a time.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Such as ``pq.ParquetFile(...).iter_batches()``.
    text_column, model, min_score
        See `score_batch`.

    Yields
    ------
    RecordBatch
        See `score_batch`.
    """
    predictor = _loaded(model)
    for batch in batches:
        yield score_batch(batch, text_column, predictor, min_score)


@overload
def score_table(
    table: TextFrame,
    text_column: str = ...,
    model: str | Path | Predictor | None = ...,
    min_score: float | None = ...,
) -> pd.DataFrame: ...


@overload
def score_table(
    table: pa.Table,
    text_column: str = ...,
    model: str | Path | Predictor | None = ...,
    min_score: float | None = ...,
) -> pa.Table: ...


def score_table(
    table: pa.Table | pd.DataFrame,
    text_column: str = "text",
    model: str | Path | Predictor | None = None,
    min_score: float | None = None,
) -> pa.Table | pd.DataFrame:
    """Add the stances of each text to a table, on all cores.

    Parameters
    ----------
    table : pyarrow.Table or pandas.DataFrame
        With a column of strings.
    text_column, model, min_score
        See `score_batch`.

    Returns
    -------
    Table or DataFrame
        See `score_batch`. A frame keeps its index and its columns as they are.

    Raises
    ------
    ScoringError
        See `score_batch`.

    Examples
    --------
    >>> frame = pd.DataFrame({"text": ["She denied it."]}, index=["a"])  # doctest: +SKIP
    >>> score_table(frame).loc["a", "stance"]  # doctest: +SKIP
    'deny'
    """
    if is_frame(table):
        texts = text_table(table, text_column)
        return with_columns(table, _added(texts, text_column, model, min_score))
    added = _added(table, text_column, model, min_score)
    for name in OUTPUT_SCHEMA.names:
        table = table.append_column(OUTPUT_SCHEMA.field(name), added.column(name))
    return table


def _added(
    table: pa.Table,
    text_column: str,
    model: str | Path | Predictor | None,
    min_score: float | None,
) -> pa.Table:
    check_columns(table.schema, text_column)
    predictor = _loaded(model)
    texts = table.select([text_column]).to_batches(max_chunksize=BATCH_ROWS)
    with ThreadPoolExecutor(core_count()) as pool:
        parts = list(
            pool.map(
                lambda batch: stance_columns(batch.column(0), predictor, 1, min_score=min_score),
                texts,
            )
        )
    return pa.Table.from_batches(
        [pa.RecordBatch.from_arrays(part, schema=OUTPUT_SCHEMA) for part in parts], OUTPUT_SCHEMA
    )


def _loaded(model: str | Path | Predictor | None) -> Predictor:
    return model if isinstance(model, Predictor) else load_predictor(model)


def stance_columns(
    texts: pa.Array | pa.ChunkedArray,
    predictor: Predictor,
    threads: int | None = None,
    min_score: float | None = None,
) -> list[pa.Array]:
    """Return the columns of `OUTPUT_SCHEMA` for some texts.

    Parameters
    ----------
    texts : Array or ChunkedArray of strings, length n
        May hold nulls.
    predictor : Predictor
        The model.
    threads : int, optional
        How many cores to use; without it, all.
    min_score : float, optional
        See `pipeline.inference.predict.predict`.

    Returns
    -------
    list of Array, length 5
        Each of length n, in the order of `OUTPUT_SCHEMA`; null where the text is null.
    """
    scores = predictor.predict_arrow(texts, threads)
    thresholds = raise_thresholds(predictor.thresholds, min_score)
    missing = np.isnan(scores[:, 0])
    order = np.argsort(-scores, axis=1, kind="stable")
    passed = np.take_along_axis(scores >= thresholds, order, axis=1)
    main = np.where(
        passed.any(axis=1),
        np.take_along_axis(order, passed.argmax(axis=1)[:, None], axis=1)[:, 0],
        len(STANCES),
    )
    return [
        pa.array((*STANCES, NONE), pa.string()).take(pa.array(main, mask=missing)),
        _lists(order[passed], passed.sum(axis=1), missing),
        *(pa.array(column, pa.float32(), mask=missing) for column in scores.T.copy()),
    ]


def _lists(
    codes: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp], missing: npt.NDArray[np.bool_]
) -> pa.ListArray:
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    names = pa.array(STANCES, pa.string()).take(pa.array(codes))
    mask = pa.array(missing) if missing.any() else None
    return pa.ListArray.from_arrays(pa.array(offsets), names, mask=mask)


def check_columns(schema: pa.Schema, text_column: str) -> None:
    """Check that a table can be scored.

    Parameters
    ----------
    schema : Schema
        The table's columns.
    text_column : str
        The column of texts.

    Raises
    ------
    ScoreError
        If it is not there once, holds no strings, or a column is named as one of `OUTPUT_SCHEMA`.

    Examples
    --------
    >>> check_columns(pa.schema([("body", pa.string())]), "text")
    Traceback (most recent call last):
        ...
    pipeline.errors.ScoringError: no column 'text' (there are: body); name it with --text-column
    """
    count = schema.names.count(text_column)
    if count == 0:
        there = ", ".join(schema.names) or "none"
        if len(there) > 300:
            there = f"{there[:300]}..."
        raise ScoringError(
            f"no column {text_column!r} (there are: {there}); name it with --text-column"
        )
    if count > 1:
        raise ScoringError(f"{count} columns {text_column!r}; rename all but one")
    clashes = [name for name in OUTPUT_SCHEMA.names if name in schema.names]
    if clashes:
        raise ScoringError(
            f"there is a column {clashes[0]!r} already (scored before?); rename or drop "
            f"{', '.join(clashes)} first"
        )
    kind = schema.field(text_column).type
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    if value not in (pa.string(), pa.large_string(), pa.string_view(), pa.null()):
        raise ScoringError(f"column {text_column!r} holds {kind}, not strings; convert it first")
