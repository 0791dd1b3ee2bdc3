"""What is timed beside models: whole commands, Spark, articles, and the counting of words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.articles.stream import read_articles
from pipeline.inference.spark import score_spark
from tests.benchmarks.timing import Task, seconds_of

STANCE = Path(sys.executable).with_name("stance")
READ = "read_articles"
ARTICLE_SENTENCES = 25
_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Timeable:
    """Something to time that is no model.

    Attributes
    ----------
    name : str
    cores : int
        How many it may use.
    task : Task
    """

    name: str
    cores: int
    task: Task


def timeables(
    text: pa.Array, model: Path, scratch: Path, cores: int, seconds: float, stack: ExitStack
) -> Iterator[Timeable | str]:
    """Prepare what can be timed here.

    Parameters
    ----------
    text : Array of str
        Sentences.
    model : Path
        The model.
    scratch : Path
        Where files go.
    cores : int
        How many may be used.
    seconds : float
        About how long reading articles may take a run.
    stack : ExitStack
        Ends what was started.

    Yields
    ------
    Timeable or str
        A note where one is left out.
    """
    yield Timeable("wc -w", 1, _word_count(text, scratch))
    yield Timeable(f"{READ}, 1 core", 1, _reading(text, model, scratch, seconds))
    source = scratch / "in.parquet"
    pq.write_table(pa.table({"text": text}), source, row_group_size=max(1, len(text) // 16))
    if STANCE.is_file() and _stance("score", "--help").returncode == 0:
        task = _end_to_end(source, text, model, scratch)
        yield Timeable("stance score, Parquet to Parquet", cores, task)
    else:
        yield "the command `stance score` is left out: there is none here"
    if find_spec("pyspark") is None or shutil.which("java") is None:
        yield "Spark is left out: it needs the package pyspark and Java"
    else:
        name = f"score_spark, local[{cores}], Parquet to Parquet"
        yield Timeable(name, cores, _spark(source, text, model, scratch, cores, stack))


def articles_of(sentences: Sequence[str]) -> list[str]:
    """Put sentences together to articles, each a paragraph."""
    starts = range(0, len(sentences), ARTICLE_SENTENCES)
    return ["\n\n".join(sentences[start : start + ARTICLE_SENTENCES]) for start in starts]


def bytes_of(text: pa.Array) -> int:
    """Return how many bytes texts have."""
    return int(pc.sum(pc.binary_length(text)).as_py() or 0)


def _word_count(text: pa.Array, scratch: Path) -> Task:
    file = scratch / "text.txt"
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{each}\n" for each in text.to_pylist())
    environment = {**os.environ, "LC_ALL": "C"}
    return Task(
        lambda: subprocess.run(
            ["wc", "-w", file], check=True, stdout=subprocess.DEVNULL, env=environment
        ),
        len(text),
        bytes_of(text),
    )


def _reading(text: pa.Array, model: Path, scratch: Path, seconds: float) -> Task:
    """Read as many articles as take about so many seconds."""
    file = scratch / "articles.jsonl"

    def read() -> None:
        for _ in read_articles([file], model):
            pass

    _write_articles(file, text[:ARTICLE_SENTENCES])
    read()
    rows = min(len(text), 8 * ARTICLE_SENTENCES)
    _write_articles(file, text[:rows])
    rows = min(len(text), max(rows, int(rows * seconds / seconds_of(read))))
    _write_articles(file, text[:rows])
    return Task(read, rows, bytes_of(text[:rows]))


def _write_articles(file: Path, text: pa.Array) -> None:
    articles = articles_of(text.to_pylist())
    file.write_text("".join(json.dumps({"text": each}) + "\n" for each in articles))


def _end_to_end(source: Path, text: pa.Array, model: Path, scratch: Path) -> Task:
    target = scratch / "out.parquet"

    def run() -> None:
        target.unlink(missing_ok=True)
        done = _stance("score", str(source), str(target), "--model", str(model))
        if done.returncode:
            raise SystemExit(f"stance score failed: {done.stderr}")

    return Task(run, len(text), bytes_of(text))


def _spark(
    source: Path, text: pa.Array, model: Path, scratch: Path, cores: int, stack: ExitStack
) -> Task:
    """Score in a session that has started."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", _HOST)
    session = _session(cores)
    stack.callback(session.stop)
    target = str(scratch / "spark")

    def run() -> None:
        scored = score_spark(session.read.parquet(str(source)), model=model)
        scored.write.mode("overwrite").parquet(target)

    return Task(run, len(text), bytes_of(text))


def _session(cores: int) -> Any:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.driver.bindAddress", _HOST)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.files.maxPartitionBytes", "8m")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def _stance(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([STANCE, *arguments], capture_output=True, text=True, check=False)
