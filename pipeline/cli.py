"""The `stance` command: a thin layer over the stages."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.errors import StanceError

if TYPE_CHECKING:
    from pipeline.evaluate import Evaluation

SHIPPED_DATA = Path(__file__).resolve().parent.parent / "data" / "statements"

app = typer.Typer(
    help="Who accuses, who denies, who announces in news.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console()
err = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Model = Annotated[
    Path | None, typer.Option(help="Model file or folder.", show_default="found by itself")
]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        help="Labelled file or folder; may be repeated.",
        show_default="the shipped statements",
    ),
]


@app.command()
def predict(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Sentences; without any, lines of standard input.")
    ] = None,
    model: Model = None,
    json_lines: Json = False,
) -> None:
    """Tell the stances of sentences.

    Exit status: 0 done, 1 failed, 2 bad usage.
    """
    with _failures():
        from pipeline.predict import predict as predict_texts

        if not texts and sys.stdin.isatty():
            raise typer.BadParameter("give a sentence, or lines on standard input")
        sentences = texts or [line.rstrip("\r\n") for line in _lines()]
        predictions = predict_texts(sentences, model)
        if json_lines:
            for sentence, found in zip(sentences, predictions, strict=True):
                _plain(json.dumps({"text": sentence, **asdict(found)}, ensure_ascii=False))
        elif not out.is_terminal:
            for sentence, found in zip(sentences, predictions, strict=True):
                _plain(f"{','.join(found.stances) or found.stance}\t{sentence}")
        else:
            table = _table("stance", "accuse", "deny", "announce", "sentence")
            for sentence, found in zip(sentences, predictions, strict=True):
                table.add_row(
                    ", ".join(found.stances) or found.stance,
                    *(f"{score:.2f}" for score in found.scores.values()),
                    Text(sentence),
                )
            out.print(table)


@app.command()
def train(
    data: Data = None,
    models: Annotated[Path, typer.Option(help="Folder to write the model to.")] = Path("models"),
    json_lines: Json = False,
) -> None:
    """Train a model on labelled statements."""
    with _failures():
        with err.status("Loading scikit-learn"):
            from pipeline.train import train as train_model
        with err.status("Training"):
            training = train_model(data or [SHIPPED_DATA], models)
        if json_lines:
            _plain(json.dumps(asdict(training), default=str))
            return
        for note in training.notes:
            err.print(Text(f"note: {note}"))
        counts = ", ".join(f"{count:,} {name}" for name, count in training.counts.items())
        _plain(
            f"Learned {training.terms:,} terms from {training.statements:,} statements ({counts})"
        )
        _plain(f"Held out {training.held_out:,} statements for: make evaluate")
        _figures(training.cross_validation, "On held-out folds")
        _plain(f"Wrote {training.model} and {training.card.name} in {training.seconds:.1f} s")
        _plain(
            'Next: .venv/bin/stance predict "The ministry rejected the allegations as baseless."'
        )


@app.command()
def evaluate(
    data: Data = None,
    model: Model = None,
    json_lines: Json = False,
) -> None:
    """Measure a model on labelled statements it was not trained on."""
    with _failures():
        with err.status("Evaluating"):
            from pipeline.evaluate import evaluate as evaluate_model

            result = evaluate_model(data or [SHIPPED_DATA], model)
        if json_lines:
            _plain(json.dumps(asdict(result)))
            return
        for note in result.notes:
            err.print(Text(f"note: {note}"))
        _figures(result, f"On {result.statements:,} statements")


def main() -> None:
    """Run the command; the entry point of `stance`."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (StanceError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        err.print(Text(f"stance: {error}"), soft_wrap=True)
        raise typer.Exit(1) from None


def _lines() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise StanceError(
                f"standard input, line {number}: not UTF-8 at byte {error.start}; convert it first"
            ) from None


def _plain(line: str) -> None:
    print(line)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _figures(result: Evaluation, heading: str) -> None:
    columns = ["stance", "statements", "precision", "recall", "F1", "average precision"]
    rows = [
        [
            name,
            f"{f.statements:,}",
            *map(_number, (f.precision, f.recall, f.f1, f.average_precision)),
        ]
        for name, f in result.by_stance.items()
    ]
    rows.append(
        [
            "macro",
            f"{result.statements:,}",
            "",
            "",
            _number(result.macro_f1),
            _number(result.macro_average_precision),
        ]
    )
    _plain(
        f"{heading}: main stance right {_number(result.main_stance_accuracy)}, "
        f"all stances right {_number(result.exact_set_accuracy)}"
    )
    if not out.is_terminal:
        for row in [columns, *rows]:
            _plain("\t".join(row))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="left" if column == "stance" else "right")
    for row in rows:
        table.add_row(*row)
    out.print(table)


def _number(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}"
