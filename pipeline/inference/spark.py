"""Scoring on Spark: the model is sent to the workers."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.errors import ScoringError
from pipeline.inference.arrow import OUTPUT_SCHEMA, check_columns, score_batches
from pipeline.model import features
from pipeline.model.artifacts import read_model_files
from pipeline.stances import check_min_score

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def score_spark(
    frame: DataFrame,
    text_column: str = "text",
    model: str | Path | None = None,
    min_score: float | None = None,
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
    min_score : float, optional
        See `pipeline.inference.predict.predict`.

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

    check_min_score(min_score)
    types = {field.name: field.dataType for field in frame.schema.fields}
    check_columns(pa.schema([(name, pa.string()) for name in types]), text_column)
    if not isinstance(types[text_column], StringType):
        kind = types[text_column].simpleString()
        raise ScoringError(f"column {text_column!r} holds {kind}, not strings; convert it first")
    archive = _bundle(read_model_files(model, {"analyzer": features.fingerprint()}))
    shipped = archive.stem
    frame.sparkSession.sparkContext.addArchive(f"{archive}#{shipped}")

    def scored(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return score_batches(batches, text_column, SparkFiles.get(shipped), min_score)

    schema = StructType([*frame.schema.fields, *from_arrow_schema(OUTPUT_SCHEMA).fields])
    return frame.mapInArrow(scored, schema)


_bundles: dict[str, Path] = {}


def _bundle(files: dict[str, bytes]) -> Path:
    """Zip a model under a name of its own, so that one Spark session can use several."""
    fingerprint = hashlib.sha256(b"".join(files.values())).hexdigest()[:16]
    if fingerprint not in _bundles:
        folder = Path(tempfile.mkdtemp(prefix="stance-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        archive = folder / f"stance-{fingerprint}.zip"
        with zipfile.ZipFile(archive, "w") as bundle:
            for name, content in files.items():
                bundle.writestr(name, content)
        _bundles[fingerprint] = archive
    return _bundles[fingerprint]
