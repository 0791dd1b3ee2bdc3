"""How fast this kernel reads, beside what one might use in its place, in one run on one text."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import typer

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import StanceError
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import find_model
from tests.benchmarks.article_f1 import article_f1
from tests.benchmarks.commands import ARTICLE_SENTENCES, READ, Timeable, bytes_of, timeables
from tests.benchmarks.contenders import Contender, as_arrow, contenders
from tests.benchmarks.report import Row, write
from tests.benchmarks.timing import Task, Timed, seconds_of, time_in_turns

LEAST_ROWS = 2_000
HELD_OUT = "held-out statements"


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
        predictor = Predictor.load(path)
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
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        whole = _rows_of(statements.texts, megabytes * 1e6)
        text = as_arrow(_repeated(statements.texts, whole))
        others = []
        for other in timeables(text, path, Path(scratch), cores, seconds, stack):
            (notes if isinstance(other, str) else others).append(other)
        shares = {one.name: _share(one, statements.texts, whole, seconds) for one in found}
        rows = _race(found, shares, others, repeats)
    rows = [_read_row(row, predictor, labelled) for row in rows]
    notes += _articles_a_second(rows)
    line = list(_line(predictor, statements.texts, most_rows, repeats))
    table = write(folder, rows, line, list(labelled), notes, repeats)
    print(table)


def _race(
    found: list[Contender], shares: dict[str, Task], others: list[Timeable], repeats: int
) -> list[Row]:
    """Time all in turns: the kernel, what is no model, then what one might use in its place."""
    tasks = {**shares, **{other.name: other.task for other in others}}
    order = sorted(tasks, key=lambda name: name in shares and "kernel" not in name)
    _say(f"timing {len(tasks)} ways, {repeats + 1} turns")
    timed = time_in_turns({name: tasks[name] for name in order}, repeats)
    cores = {one.name: one.cores for one in [*found, *others]}
    macro_f1 = {one.name: one.macro_f1 for one in found}
    kernel = {one.cores: timed[one.name] for one in found if "kernel" in one.name}
    return [
        Row(
            name=name,
            cores=cores[name],
            timed=one,
            slower=kernel[cores[name]].megabytes_a_second / one.megabytes_a_second,
            macro_f1=macro_f1.get(name, {}),
        )
        for name, one in timed.items()
    ]


def _read_row(row: Row, predictor: Predictor, labelled: dict[str, Corpus]) -> Row:
    """Add to the reading of articles how well it does on labelled ones."""
    if not row.name.startswith(READ):
        return row
    return replace(row, macro_f1=article_f1(predictor, labelled))


def _articles_a_second(rows: list[Row]) -> list[str]:
    return [
        f"{row.name}: {row.timed.sentences_a_second / ARTICLE_SENTENCES:,.0f} articles of "
        f"{ARTICLE_SENTENCES} sentences a second"
        for row in rows
        if row.name.startswith(READ)
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


def _line(
    predictor: Predictor, statements: list[str], most_rows: int, repeats: int
) -> Iterator[tuple[int, Timed]]:
    """Time the kernel on ten times as many rows each time."""
    rows = 10_000
    while rows <= most_rows:
        text = as_arrow(_repeated(statements, rows))
        task = Task(partial(predictor.predict_arrow, text), rows, bytes_of(text))
        yield rows, time_in_turns({"kernel": task}, repeats)["kernel"]
        rows *= 10


def _rows_of(statements: list[str], size: float) -> int:
    mean = sum(len(text.encode()) for text in statements) / len(statements)
    return max(1, round(size / mean))


def _repeated(statements: list[str], rows: int) -> list[str]:
    return list(islice(cycle(statements), rows))


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
