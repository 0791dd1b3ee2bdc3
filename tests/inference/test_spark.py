import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import ScoringError
from pipeline.inference.arrow import OUTPUT_SCHEMA, score_table
from pipeline.inference.spark import score_spark
from pipeline.stages.train import Training
from tests.conftest import ROOT

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
]

ROWS = 400
HOST = "127.0.0.1"
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # start soon rather than run fast
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"


def wait_for(log: Path, pattern: str, seconds: float = 60) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = re.search(pattern, log.read_text(errors="replace"))
        if found:
            return found.group(0)
        time.sleep(0.1)
    raise AssertionError(f"no {pattern!r} in:\n{log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Any]]]:
    """A standalone master and two workers on loopback; each in a process group of its own."""
    folder = tmp_path_factory.mktemp("spark")
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "PYTHONPATH": str(ROOT),
    }
    port = free_port()
    url = f"spark://{HOST}:{port}"
    daemons: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> Path:
        log = folder / f"{name}.log"
        with log.open("wb") as file:
            daemons.append(
                subprocess.Popen(
                    [SPARK_CLASS, f"org.apache.spark.deploy.{arguments[0]}", *arguments[1:]],
                    env=environment,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        return log

    try:
        web = ["--webui-port", "0", "--host", HOST]
        master = start("master", "master.Master", "--port", str(port), *web)
        wait_for(master, "I have been elected leader")
        small = ["--cores", "1", "--memory", "600m", *web, url]
        workers = [start(name, "worker.Worker", *small) for name in ("worker-1", "worker-2")]
        for log in workers:
            wait_for(log, "Successfully registered with master")
        yield url, daemons[1:]
    finally:
        for daemon in daemons:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()


@pytest.fixture(scope="module")
def spark(cluster: tuple[str, list[Any]]) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    patch = pytest.MonkeyPatch()
    patch.setenv("SPARK_LOCAL_IP", HOST)
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master(cluster[0])
        .config("spark.driver.host", HOST)
        .config("spark.driver.bindAddress", HOST)
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "512m")
        .config("spark.executor.memory", "512m")
        .config("spark.executor.cores", "1")
        .config("spark.driver.extraJavaOptions", QUICK)
        .config("spark.executor.extraJavaOptions", QUICK)
        .config("spark.executorEnv.PYTHONPATH", str(ROOT))
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "5")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
    patch.undo()


def rows() -> list[tuple[int, str | None]]:
    what = ["denied the charge", "accused him of fraud", "will build a port", "saw rain"]
    texts: list[str | None] = [f"The ministry {what[i % 4]} {i}." for i in range(ROWS)]
    texts[7] = None
    return list(enumerate(texts))


def executors(worker: int) -> list[int]:
    """Find the executors that a worker started."""
    children = Path(f"/proc/{worker}/task").glob("*/children")
    pids = [int(pid) for file in children for pid in file.read_text().split()]
    return [pid for pid in pids if b"ExecutorBackend" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_worker_killed_amid_a_job_loses_nothing(
    spark: Any, cluster: tuple[str, list[Any]], training: Training, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    begun.mkdir()

    def slowly(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            (begun / f"{os.getpid()}-{batch.column(0)[0]}").touch()
            time.sleep(0.05)
            yield batch

    frame = spark.createDataFrame(rows(), "id int, body string").repartition(8)
    scored = score_spark(frame.mapInArrow(slowly, frame.schema), "body", training.model)
    assert scored.columns == ["id", "body", *OUTPUT_SCHEMA.names]

    victim = cluster[1][0]
    killed: list[int] = []

    def kill() -> None:
        while len([*begun.iterdir()]) < 10:
            time.sleep(0.05)
        for pid in executors(victim.pid):
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
        victim.kill()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    found = scored.toArrow().sort_by("id")
    killer.join(10)
    assert killed, "the killed worker had no executor"
    assert victim.wait() != 0
    expected = score_table(
        pa.table({"id": [i for i, _ in rows()], "body": [text for _, text in rows()]}),
        "body",
        training.model,
    )
    assert found.to_pylist() == expected.to_pylist()


def test_columns_that_are_wrong(spark: Any, training: Training) -> None:
    frame = spark.createDataFrame([(1, "No.")], "id int, text string")
    with pytest.raises(ScoringError, match="no column 'body'"):
        score_spark(frame, "body", training.model)
    with pytest.raises(ScoringError, match="column 'id' holds"):
        score_spark(frame, "id", training.model)
    with pytest.raises(ScoringError, match="a column 'stance' already"):
        score_spark(score_spark(frame, model=training.model), model=training.model)


def test_the_example_of_the_guide(
    spark: Any, training: Training, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (ROOT / ".github" / "GUIDE.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n([^`]*spark[^`]*)```", guide, re.M)
    pq.write_table(pa.table({"text": ["Oslo denied it.", "Rain fell."]}), tmp_path / "news")
    monkeypatch.setenv("STANCE_MODEL", str(training.model))
    for name in ("news", "scored"):
        assert f'"{name}"' in code
        code = code.replace(f'"{name}"', repr(str(tmp_path / name)))
    exec(code, {"spark": spark})
    assert pq.read_table(tmp_path / "scored")["stance"].to_pylist() == ["deny", "none"]
