"""Arrow batches in, scored batches out: in Python, in `datasets`, in pandas, on Spark."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline import store
from pipeline.errors import StanceError
from pipeline.predict import load as load_scorer
from pipeline.scorer import Scorer, cores
from pipeline.stances import NONE, STANCES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ADDED = pa.schema(
    [
        ("stance", pa.string()),
        ("stances", pa.list_(pa.string())),
        *((name, pa.float32()) for name in STANCES),
    ]
)
BATCH_ROWS = 65_536

Batch = TypeVar("Batch", pa.RecordBatch, pa.Table)


class ScoreError(StanceError, ValueError):
    """Rows, columns or files that cannot be scored."""


def score_batch(batch: Batch, text_column: str = "text", model: str | Path | None = None) -> Batch:
    """Add the stances of each text to a batch.

    Parameters
    ----------
    batch : RecordBatch or Table, n rows
        With a column of strings; dictionaries, views and nulls are fine.
    text_column : str
        The name of that column.
    model : path, optional
        See `pipeline.store.find`. It is loaded once a process.

    Returns
    -------
    RecordBatch or Table, n rows
        What was given, and the columns of `ADDED`: ``stance``, ``stances`` (strongest first),
        ``accuse``, ``deny``, ``announce`` (probabilities); all null where the text is null.

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
    added = stances(batch.column(text_column), load_scorer(model))
    for name, column in zip(ADDED.names, added, strict=True):
        batch = batch.append_column(ADDED.field(name), column)
    return batch


def score_batches(
    batches: Iterable[pa.RecordBatch], text_column: str = "text", model: str | Path | None = None
) -> Iterator[pa.RecordBatch]:
    """Add the stances of each text to a stream of batches, one batch in memory at a time.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Such as ``pq.ParquetFile(...).iter_batches()``.
    text_column, model
        See `score_batch`.

    Yields
    ------
    RecordBatch
        See `score_batch`.
    """
    for batch in batches:
        yield score_batch(batch, text_column, model)


def score_table(
    table: pa.Table, text_column: str = "text", model: str | Path | None = None
) -> pa.Table:
    """Add the stances of each text to a table, on all cores.

    Parameters
    ----------
    table : Table
        Such as ``pa.Table.from_pandas(frame)``.
    text_column, model
        See `score_batch`.

    Returns
    -------
    Table
        See `score_batch`.
    """
    check_columns(table.schema, text_column)
    scorer = load_scorer(model)
    texts = table.select([text_column]).to_batches(max_chunksize=BATCH_ROWS)
    with ThreadPoolExecutor(cores()) as pool:
        parts = list(pool.map(lambda batch: stances(batch.column(0), scorer, threads=1), texts))
    added = pa.Table.from_batches(
        [pa.RecordBatch.from_arrays(part, schema=ADDED) for part in parts], ADDED
    )
    for name in ADDED.names:
        table = table.append_column(ADDED.field(name), added.column(name))
    return table


def on_spark(
    frame: DataFrame, text_column: str = "text", model: str | Path | None = None
) -> DataFrame:
    """Add the stances of each text to a Spark data frame.

    Parameters
    ----------
    frame : pyspark.sql.DataFrame
        With a column of strings.
    text_column : str
        The name of that column.
    model : path, optional
        Where the driver finds the model; it is sent to the workers, which need this package but no
        model of their own.

    Returns
    -------
    pyspark.sql.DataFrame
        What was given, and the columns of `ADDED`. Lazy, as Spark is.

    Raises
    ------
    ScoreError
        If there is no such column of strings, or a column is named as one that is to be added.
    """
    from pyspark import SparkFiles
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StringType, StructType

    types = {field.name: field.dataType for field in frame.schema.fields}
    check_columns(pa.schema([(name, pa.string()) for name in types]), text_column)
    if not isinstance(types[text_column], StringType):
        kind = types[text_column].simpleString()
        raise ScoreError(f"column {text_column!r} holds {kind}, not strings; convert it first")
    archive = _bundle(fingerprint(model), tuple(model_files(model)))
    shipped = archive.stem
    frame.sparkSession.sparkContext.addArchive(f"{archive}#{shipped}")

    def scored(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return score_batches(batches, text_column, SparkFiles.get(shipped))

    schema = StructType([*frame.schema.fields, *from_arrow_schema(ADDED).fields])
    return frame.mapInArrow(scored, schema)


def stances(
    texts: pa.Array | pa.ChunkedArray, scorer: Scorer, threads: int | None = None
) -> list[pa.Array]:
    """Give the columns of `ADDED` for some texts.

    Parameters
    ----------
    texts : Array or ChunkedArray of strings, length n
        May hold nulls.
    scorer : Scorer
        The model.
    threads : int, optional
        How many cores to use; without it, all.

    Returns
    -------
    list of Array, length 5
        Each of length n, in the order of `ADDED`; null where the text is null.
    """
    scores = scorer.score(texts, threads)
    missing = np.isnan(scores[:, 0])
    order = np.argsort(-scores, axis=1, kind="stable")
    passed = np.take_along_axis(scores >= scorer.thresholds, order, axis=1)
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
        If it is not there once, holds no strings, or a column is named as one of `ADDED`.

    Examples
    --------
    >>> check_columns(pa.schema([("body", pa.string())]), "text")
    Traceback (most recent call last):
        ...
    pipeline.score.ScoreError: no column 'text' (there are: body); name the column of sentences
    """
    count = schema.names.count(text_column)
    if count == 0:
        there = ", ".join(schema.names) or "none"
        if len(there) > 300:
            there = f"{there[:300]}..."
        raise ScoreError(
            f"no column {text_column!r} (there are: {there}); name the column of sentences"
        )
    if count > 1:
        raise ScoreError(f"{count} columns {text_column!r}; rename all but one")
    clashes = [name for name in ADDED.names if name in schema.names]
    if clashes:
        raise ScoreError(
            f"there is a column {clashes[0]!r} already (scored before?); rename or drop "
            f"{', '.join(clashes)} first"
        )
    kind = schema.field(text_column).type
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    if value not in (pa.string(), pa.large_string(), pa.string_view(), pa.null()):
        raise ScoreError(f"column {text_column!r} holds {kind}, not strings; convert it first")


def model_files(model: str | Path | None = None) -> list[Path]:
    """Name the files that `Scorer.load` reads, the table first."""
    table = store.find(model).resolve().with_name(store.TABLE_FILE)
    return [table, table.with_name(store.MANIFEST_FILE)]


def fingerprint(model: str | Path | None = None) -> str:
    """Give the SHA-256 of the files of a model."""
    digest = hashlib.sha256()
    for file in model_files(model):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=4)
def _bundle(fingerprint: str, files: tuple[Path, ...]) -> Path:
    """Zip a model under a name of its own, so that one Spark session can use several."""
    folder = Path(tempfile.mkdtemp(prefix="stance-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / f"stance-{fingerprint[:16]}.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        for file in files:
            bundle.write(file, file.name)
    return archive
