"""Scoring on Spark: the model is sent to the workers."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.errors import ScoringError
from pipeline.inference.arrow import OUTPUT_SCHEMA, check_columns, score_batches
from pipeline.model.artifacts import model_files, model_fingerprint

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def score_spark(
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
        The input, and the columns of `OUTPUT_SCHEMA`. Lazy, as Spark is.

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
        raise ScoringError(f"column {text_column!r} holds {kind}, not strings; convert it first")
    archive = _bundle(model_fingerprint(model), tuple(model_files(model)))
    shipped = archive.stem
    frame.sparkSession.sparkContext.addArchive(f"{archive}#{shipped}")

    def scored(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return score_batches(batches, text_column, SparkFiles.get(shipped))

    schema = StructType([*frame.schema.fields, *from_arrow_schema(OUTPUT_SCHEMA).fields])
    return frame.mapInArrow(scored, schema)


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
