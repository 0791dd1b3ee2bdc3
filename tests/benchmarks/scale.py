"""From ten thousand rows to as many as the disk holds, and from one worker of Spark to several.

`python -m tests.benchmarks.scale` prints two tables: `stance score` from Parquet to Parquet, a
process a size; and `score_spark` on clusters of one-core workers on loopback, the same rows each.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from pipeline.corpus.corpus import load_corpus
from pipeline.files import ROOT, SHIPPED_STATEMENTS
from pipeline.inference.spark import score_spark
from pipeline.model.artifacts import find_model
from tests.benchmarks.report import markdown
from tests.measured import measured

_HOST = "127.0.0.1"
_BATCH = 100_000
_REPEATS = 3


def main(
    most_rows: Annotated[int, typer.Option(help="Where the first table ends.")] = 10_000_000,
    spark_rows: Annotated[int, typer.Option(help="Rows for Spark; 0 leaves it out.")] = 2_000_000,
    workers: Annotated[str, typer.Option(help="Sizes of clusters.")] = "1,2,4",
    scratch: Annotated[Path | None, typer.Option(help="Where archives go for a while.")] = None,
) -> None:
    """Measure time, processor time and memory."""
    statements = load_corpus([SHIPPED_STATEMENTS]).texts
    model = find_model().resolve()
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        heads = ["rows", "Parquet, MB", "seconds", "CPU seconds", "rows/s", "memory, MB"]
        rows = [*_sizes(statements, most_rows, Path(place), model)]
        print(markdown(heads, rows), flush=True)
        if spark_rows:
            source = write_rows(Path(place) / "spark.parquet", statements, spark_rows)
            sizes = [int(size) for size in workers.split(",")]
            heads = ["workers", "seconds", "rows/s", "times as fast", "efficiency"]
            print("\n" + markdown(heads, [*_clusters(source, spark_rows, sizes, model)]))


def write_rows(file: Path, statements: list[str], rows: int) -> Path:
    """Write statements again and again, up to so many rows, a batch in memory."""
    texts = cycle(statements)
    with pq.ParquetWriter(file, pa.schema([("text", pa.string())])) as sink:
        for start in range(0, rows, _BATCH):
            batch = [*islice(texts, min(_BATCH, rows - start))]
            sink.write_table(pa.table({"text": batch}, schema=sink.schema))
    return file


def _sizes(statements: list[str], most_rows: int, place: Path, model: Path) -> Iterator[list[str]]:
    rows = 10_000
    while rows <= most_rows:
        source = write_rows(place / "in.parquet", statements, rows)
        found = measured("score", source, place / "out.parquet", "--model", model, "--force")
        if found.status:
            raise SystemExit(f"stance score ended with {found.status}")
        yield [
            f"{rows:,}",
            f"{source.stat().st_size / 1e6:,.1f}",
            f"{found.seconds:,.1f}",
            f"{found.processor_seconds:,.1f}",
            f"{rows / found.seconds:,.0f}",
            f"{found.memory / 1e6:,.0f}",
        ]
        rows *= 10


def _clusters(source: Path, rows: int, sizes: list[int], model: Path) -> Iterator[list[str]]:
    """Score the same rows on clusters of several sizes, in sessions that have started."""
    first: float | None = None
    for size in sizes:
        session = _session(size)
        try:
            frame = session.read.parquet(str(source)).repartition(4 * max(sizes)).cache()
            frame.count()  # rows are with the workers before the time is taken
            seconds = min(_seconds(frame, model) for _ in range(_REPEATS))
        finally:
            session.stop()
        first = first or seconds * size
        yield [
            f"{size}",
            f"{seconds:.1f}",
            f"{rows / seconds:,.0f}",
            f"{first / seconds:.2f}",
            f"{100 * first / seconds / size:.0f} %",
        ]


def _seconds(frame: Any, model: Path) -> float:
    started = time.perf_counter()
    score_spark(frame, model=model).write.format("noop").mode("overwrite").save()
    return time.perf_counter() - started


def _session(workers: int) -> Any:
    import pyspark
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    os.environ.setdefault("SPARK_LOCAL_IP", _HOST)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master(f"local-cluster[{workers},1,1024]")
        .config("spark.driver.host", _HOST)
        .config("spark.driver.bindAddress", _HOST)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.executor.memory", "1024m")
        .config("spark.executorEnv.PYTHONPATH", str(ROOT))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


if __name__ == "__main__":
    typer.run(main)
