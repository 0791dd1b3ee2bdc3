"""How fast this kernel reads, beside what one might use in its place, in one run on one text."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import typer

from pipeline.corpus.corpus import load_corpus
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import StanceError
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import find_model
from tests.benchmarks.contenders import Contender, as_arrow, contenders
from tests.benchmarks.report import Row, write
from tests.benchmarks.timing import Task, Timed, seconds_of, time_in_turns

LEAST_ROWS = 2_000
HELD_OUT = "held-out statements"
END_TO_END = "stance score, Parquet to Parquet"
STANCE = Path(sys.executable).with_name("stance")


def main(
    data: Annotated[list[Path], typer.Option(help="Labelled statements to train on.")],
    gold: Annotated[list[Path] | None, typer.Option(help="Labelled files to measure on.")] = None,
    model: Annotated[Path | None, typer.Option(help="The trained model.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the table goes.")] = Path("models/benchmark"),
    megabytes: Annotated[float, typer.Option(help="Size of the text.")] = 200,
    seconds: Annotated[float, typer.Option(help="About how long a run may take.")] = 3,
    repeats: Annotated[int, typer.Option(help="Runs of each, after a warm-up.", min=1)] = 5,
    most_rows: Annotated[int, typer.Option(help="Where the straight line ends.")] = 1_000_000,
) -> None:
    """Measure sentences a second, megabytes a second and F1; write a table and a plot."""
    try:
        statements = load_corpus(data)
        trained_on, held_out = split_corpus(statements)
        labelled = {path.stem: load_corpus(path) for path in gold or []}
        if len(held_out):
            labelled = {HELD_OUT: held_out, **labelled}
        path = find_model(model).resolve()
        cores = len(os.sched_getaffinity(0))
        found, notes = [], []
        for one in contenders(trained_on, labelled, path, cores):
            if isinstance(one, Contender):
                found.append(one)
                _say(f"{one.name}: trained")
            else:
                notes.append(one)
                _say(one)
    except StanceError as error:
        raise SystemExit(f"{error}") from None
    with tempfile.TemporaryDirectory() as scratch:
        rows = _race(found, statements.texts, megabytes, seconds, repeats, path, Path(scratch))
    if not any(row.name == END_TO_END for row in rows):
        notes.append("the command `stance score` is left out: there is none here")
    line = list(_line(Predictor.load(path), statements.texts, most_rows, repeats))
    table = write(folder, rows, line, list(labelled), notes, repeats)
    print(table)


def _race(
    found: list[Contender],
    statements: list[str],
    megabytes: float,
    seconds: float,
    repeats: int,
    model: Path,
    scratch: Path,
) -> list[Row]:
    whole = _rows_of(statements, megabytes * 1e6)
    cores = max(one.cores for one in found)
    tasks = {one.name: _share(one, statements, whole, seconds) for one in found}
    text = as_arrow(_repeated(statements, whole))
    tasks["wc -w"] = _word_count(text, scratch)
    if STANCE.is_file() and _stance("score", "--help").returncode == 0:
        tasks[END_TO_END] = _end_to_end(text, model, scratch)
    _say(f"timing {len(tasks)} ways, {repeats + 1} turns")
    timed = time_in_turns(tasks, repeats)
    known = {one.name: one for one in found}
    kernel = {one.cores: timed[one.name] for one in found if "kernel" in one.name}
    return [
        Row(
            name=name,
            cores=(used := known[name].cores if name in known else 1 if name == "wc -w" else cores),
            timed=one,
            slower=kernel[used].megabytes_a_second / one.megabytes_a_second,
            macro_f1=known[name].macro_f1 if name in known else {},
        )
        for name, one in timed.items()
    ]


def _share(one: Contender, statements: list[str], whole: int, seconds: float) -> Task:
    """Give a contender as much of the text as it reads in about so many seconds."""
    sample = one.fitted.prepare(_repeated(statements, min(whole, LEAST_ROWS)))
    one.fitted.run(sample)
    rate = len(sample) / seconds_of(lambda: one.fitted.run(sample))
    rows = min(whole, max(LEAST_ROWS, int(rate * seconds)))
    texts = _repeated(statements, rows)
    prepared = one.fitted.prepare(texts)
    return Task(lambda: one.fitted.run(prepared), rows, sum(len(t.encode()) for t in texts))


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
        _bytes_of(text),
    )


def _end_to_end(text: pa.Array, model: Path, scratch: Path) -> Task:
    source, target = scratch / "in.parquet", scratch / "out.parquet"
    pq.write_table(pa.table({"text": text}), source)

    def run() -> None:
        target.unlink(missing_ok=True)
        done = _stance("score", str(source), str(target), "--model", str(model))
        if done.returncode:
            raise SystemExit(f"stance score failed: {done.stderr}")

    return Task(run, len(text), _bytes_of(text))


def _stance(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([STANCE, *arguments], capture_output=True, text=True, check=False)


def _line(
    predictor: Predictor, statements: list[str], most_rows: int, repeats: int
) -> Iterator[tuple[int, Timed]]:
    """Time the kernel on ten times as many rows each time."""
    rows = 10_000
    while rows <= most_rows:
        text = as_arrow(_repeated(statements, rows))
        task = Task(partial(predictor.predict_arrow, text), rows, _bytes_of(text))
        yield rows, time_in_turns({"kernel": task}, repeats)["kernel"]
        rows *= 10


def _rows_of(statements: list[str], size: float) -> int:
    mean = sum(len(text.encode()) for text in statements) / len(statements)
    return max(1, round(size / mean))


def _repeated(statements: list[str], rows: int) -> list[str]:
    return list(islice(cycle(statements), rows))


def _bytes_of(text: pa.Array) -> int:
    return int(pc.sum(pc.binary_length(text)).as_py())


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
