"""The `stance` command: a thin layer over the stages."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pipeline.errors import StanceError

if TYPE_CHECKING:
    from pipeline.article import Article
    from pipeline.figures import Evaluation
    from pipeline.predict import Prediction
    from pipeline.readers import Mapping
    from pipeline.story import Statement, Story

SHIPPED_DATA = Path(__file__).resolve().parent.parent / "data" / "statements"

SHOWN_TERMS = 8

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

Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="LABEL=STANCE for labels of another scheme, others counting as none; may be repeated.",
        show_default="none",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", help="Stance to look at; may be repeated.", show_default="all"),
]


@app.command()
def predict(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Sentences; without any, lines of standard input.")
    ] = None,
    model: Model = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the terms that moved each stance given.")
    ] = False,
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
        predictions = predict_texts(sentences, model, explain=explain)
        if json_lines:
            for sentence, found in zip(sentences, predictions, strict=True):
                _plain(json.dumps({"text": sentence, **asdict(found)}, ensure_ascii=False))
        elif not out.is_terminal:
            for sentence, found in zip(sentences, predictions, strict=True):
                _plain(f"{','.join(found.stances) or found.stance}\t{sentence}")
        else:
            rows = [
                [
                    ", ".join(found.stances) or found.stance,
                    *(f"{score:.2f}" for score in found.scores.values()),
                    sentence,
                ]
                for sentence, found in zip(sentences, predictions, strict=True)
            ]
            _show(["stance", "accuse", "deny", "announce", "sentence"], rows)
        if explain and not json_lines:
            for sentence, found in zip(sentences, predictions, strict=True):
                _explain(sentence, found)


@app.command()
def read(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Articles: text, Markdown or HTML; - or none is standard input."),
    ] = None,
    model: Model = None,
    html: Annotated[Path | None, typer.Option(help="Write a page instead of a table.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    csv_rows: Annotated[bool, typer.Option("--csv", help="Print one row a statement.")] = False,
    json_lines: Json = False,
) -> None:
    """Tell who accuses, denies and announces what in articles.

    Several articles are taken to be on one story: parties are matched over them by name.
    """
    if not files and sys.stdin.isatty():
        raise typer.BadParameter("give a file, or an article on standard input")
    if csv_rows and json_lines:
        raise typer.BadParameter("give --csv or --json, not both")
    with _failures():
        from pipeline.story import ROW, rows, tell_story

        articles = [_article(path, model, html is not None) for path in files or [Path("-")]]
        story = tell_story(articles)
        if html:
            from pipeline.pages.article import render, write

            write(render(articles), html, force=force)
            err.print(Text(f"Wrote {html}: {len(story.statements)} statements"), soft_wrap=True)
        if csv_rows:
            table = csv.DictWriter(sys.stdout, ROW, lineterminator="\n")
            table.writeheader()
            table.writerows(rows(story))
        elif json_lines:
            _plain(json.dumps(_references(story), ensure_ascii=False))
        elif not html:
            _parties(story)


@app.command()
def train(
    data: Data = None,
    models: Annotated[Path, typer.Option(help="Folder to write the model to.")] = Path("models"),
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that are not from a training.")
    ] = False,
    json_lines: Json = False,
) -> None:
    """Train a model on labelled statements."""
    with _failures():
        with err.status("Loading scikit-learn"):
            from pipeline.train import train as train_model
        with err.status("Training"):
            training = train_model(data or [SHIPPED_DATA], models, force=force)
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
    report: Annotated[
        Path | None,
        typer.Option(help="Folder for the report.", show_default="evaluation/ beside the model"),
    ] = None,
    mapped: Labels = None,
    only: Only = None,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Train on parts of the statements too.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that are no earlier report.")
    ] = False,
    json_lines: Json = False,
) -> None:
    """Measure a model on labelled statements it was not trained on; write a report."""
    with _failures():
        mapping, stances = _mapping(mapped), _stances(only)
        _move_font_cache()
        with err.status("Evaluating"):
            from pipeline.evaluate import evaluate as evaluate_model

            found = evaluate_model(
                data or [SHIPPED_DATA],
                model,
                report,
                mapping=mapping,
                only=stances,
                learning_curve=learning_curve,
                command=shlex.join(["stance", *sys.argv[1:]]),
                force=force,
            )
        if json_lines:
            _plain(json.dumps(found.metrics, ensure_ascii=False))
            return
        for note in found.notes:
            err.print(Text(f"note: {note}"))
        _figures(found.figures, f"On {found.figures.statements:,} statements")
        _plain(f"Report: {found.page}")


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Model file or folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
    data: Data = None,
    mapped: Labels = None,
    only: Only = None,
    json_lines: Json = False,
) -> None:
    """Tell whether model B is better than A on the same statements."""
    with _failures():
        mapping, stances = _mapping(mapped), _stances(only)
        with err.status("Comparing"):
            from pipeline.compare import compare as compare_models

            found = compare_models(data or [SHIPPED_DATA], first, second, mapping, stances)
        if json_lines:
            _plain(json.dumps(asdict(found), ensure_ascii=False))
            return
        for note in found.notes:
            err.print(Text(f"note: {note}"))
        _plain(f"On {found.statements:,} statements: {found.verdict}")
        rows = [
            [
                name,
                *map(_number, (row.first, row.second)),
                *map(_signed, (row.difference, row.low, row.high)),
            ]
            for name, row in found.differences.items()
        ]
        _show(["figure", "A", "B", "B - A", "95 % from", "to"], rows)
        _plain(
            f"Main stance: {found.only_first_right:,} right in A alone, "
            f"{found.only_second_right:,} in B alone (McNemar p = {found.p_value:.3g})"
        )
        rows = [
            [change.labelled, change.first, change.second, change.text] for change in found.changes
        ]
        _show(["labelled", "A", "B", "sentence"], rows)


@app.command()
def tune(data: Data = None) -> None:
    """Search for settings by cross-validation; write the best into pipeline/settings.py."""
    with _failures():
        from pipeline import settings
        from pipeline.tune import GRID, Trial, write
        from pipeline.tune import tune as tune_settings

        def line(trial: Trial) -> str:
            values = " ".join(f"{name}={getattr(trial.settings, name)}" for name in GRID)
            return (
                f"{values}\taverage precision {trial.macro_average_precision:.4f}"
                f"\tF1 {trial.macro_f1:.4f}"
            )

        best = tune_settings(data or [SHIPPED_DATA], tried=lambda trial: _plain(line(trial)))[0]
        write(best.settings)
        _plain(f"best: {line(best)}")
        _plain(f"Wrote it to {settings.__file__}; review with: git diff")


@app.command()
def weights(
    stance: Annotated[str, typer.Argument(help="accuse, deny or announce.")],
    count: Annotated[int, typer.Option(help="How many for and against.", min=1)] = 20,
    model: Model = None,
    json_lines: Json = False,
) -> None:
    """Show the strongest terms of a stance."""
    with _failures():
        from pipeline.model import load
        from pipeline.stances import STANCES

        if stance not in STANCES:
            raise typer.BadParameter(f"{stance!r} is not one of {', '.join(STANCES)}")
        found = load(model).weights(stance, count)
        if json_lines:
            _plain(json.dumps(found))
            return
        _show(["weight", "term"], [[f"{weight:+.2f}", term] for term, weight in found])


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="File to write, ending in .skops.")],
    model: Model = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write the model as a file without code, to pass on; read it with pipeline.export.load."""
    with _failures():
        with err.status("Exporting"):
            from pipeline.export import export as export_model

            written = export_model(file, model, force=force)
        _plain(f"Wrote {written}")


@app.command()
def verify(
    model: Annotated[
        Path | None, typer.Argument(help="Model file or folder.", show_default="found by itself")
    ] = None,
    json_lines: Json = False,
) -> None:
    """Check every file of a model against its manifest: size, SHA-256, versions.

    Exit status: 0 all as they should be, 1 not.
    """
    with _failures():
        from pipeline.export import verify as verify_model

        checks = verify_model(model)
        if json_lines:
            _plain(json.dumps([asdict(check) for check in checks]))
        else:
            for check in checks:
                sound = f"{check.bytes:,} bytes, SHA-256 {check.sha256}"
                _plain(
                    f"{'FAIL' if check.problem else 'ok'}\t{check.file}\t{check.problem or sound}"
                )
        if any(check.problem for check in checks):
            raise typer.Exit(1)


@app.command()
def audit(
    data: Annotated[
        list[Path] | None,
        typer.Argument(help="Labelled files or folders.", show_default="the shipped statements"),
    ] = None,
    json_lines: Json = False,
) -> None:
    """Check that labelled statements read like news and that no name leans to a stance."""
    with _failures():
        with err.status("Reading"):
            from pipeline import corpus
            from pipeline.audit import audit as audit_corpus

            found = audit_corpus(corpus.load(data or [SHIPPED_DATA]))
        if json_lines:
            _plain(json.dumps(asdict(found)))
        else:
            _show(
                ["", "check", "found", "allowed"],
                [
                    ["ok" if check.passed else "FAIL", check.name, check.found, check.limit]
                    for check in found.checks
                ],
            )
            for column, counts in found.counts.items():
                shown = ", ".join(f"{name} {count:,}" for name, count in counts.items())
                out.print(Text(f"{column}: {shown}"), soft_wrap=not out.is_terminal)
        if not found.passed:
            raise typer.Exit(1)


@app.command()
def score(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="File, folder, 'glob', or - for standard input.")
    ],
    target: Annotated[
        str, typer.Argument(metavar="OUT", help="File, folder, or - for standard output.")
    ],
    text_column: Annotated[str, typer.Option(help="The column of sentences.")] = "text",
    model: Model = None,
    kind: Annotated[
        Literal["parquet", "jsonl", "csv", "tsv", "text"] | None,
        typer.Option("--format", help="Format of what has no suffix.", show_default="by suffix"),
    ] = None,
    on_error: Annotated[
        Literal["stop", "skip"],
        typer.Option(help="On a bad row: stop, or skip it and list it in OUT.errors.jsonl."),
    ] = "stop",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a killed run.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite OUT.")] = False,
    line_buffered: Annotated[
        bool, typer.Option("--line-buffered", help="Answer each line at once, for feeds.")
    ] = False,
    longest_line: Annotated[
        int, typer.Option(help="Longest line that is no error, in MB.", min=1, max=1024)
    ] = 64,
) -> None:
    """Score an archive: Parquet, JSONL, CSV, TSV, text (.gz, .zst), of any size.

    Rows keep their columns and gain stance, stances, accuse, deny and announce. OUT appears when it
    is complete.

    Exit status: 0 done, 1 failed, 2 bad usage, 130 or 143 stopped by a signal.
    """
    with _failures():
        from pipeline.archive import Limits, Stop, Stopped, score_archive

        try:
            with _progress() as progress:
                done = score_archive(
                    source,
                    target,
                    text_column,
                    model,
                    kind=kind,
                    skip_bad=on_error == "skip",
                    resume=resume,
                    force=force,
                    line_buffered=line_buffered,
                    limits=Limits(line_bytes=longest_line << 20),
                    progress=progress,
                    stop=Stop(signal.SIGINT, signal.SIGTERM),
                )
        except Stopped as stopped:
            err.print(Text(f"stance: {stopped}"), soft_wrap=True)
            raise typer.Exit(128 + stopped.number) from None
        if done.skipped:
            where = f"; see {done.errors}" if done.errors else ""
            err.print(Text(f"note: left out {done.skipped:,} bad rows{where}"), soft_wrap=True)
        if target != "-":
            _plain(f"Scored {done.rows:,} rows in {done.seconds:.1f} s: {target}")


@contextmanager
def _progress() -> Iterator[Callable[[int, float], None] | None]:
    """Show rows, rows a second and time left, where standard error is a terminal."""
    if not err.is_terminal:
        yield None
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[speed]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=1.0, rows=0, speed=0.0)

        def show(rows: int, share: float) -> None:
            speed = rows / max(bar.tasks[0].elapsed or 0, 0.001)
            bar.update(task, completed=share, rows=rows, speed=speed)

        yield show


def main() -> None:
    """Run the command; the entry point of `stance`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
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


def _move_font_cache() -> None:
    """Have Matplotlib keep its list of fonts with our cache, not in two folders of the home."""
    chosen = os.environ.get("STANCE_CACHE")
    if chosen is None:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        chosen = str(home / "stance")
    os.environ.setdefault("MPLCONFIGDIR", chosen or os.devnull)


def _mapping(pairs: list[str] | None) -> Mapping | None:
    from pipeline.readers import Mapping

    return Mapping.parse(pairs) if pairs else None


def _stances(names: list[str] | None) -> tuple[str, ...]:
    from pipeline.stances import STANCES

    for name in names or ():
        if name not in STANCES:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(STANCES)}")
    return tuple(names or STANCES)


def _lines() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise StanceError(
                f"standard input, line {number}: not UTF-8 at byte {error.start}; convert it first"
            ) from None


def _article(path: Path, model: Path | None, explain: bool) -> Article:
    from pipeline.article import MOST_BYTES, decode, read_article, read_file

    if str(path) != "-":
        return read_file(path, model, explain=explain)
    text = decode(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
    return read_article(text, "standard input", model, explain=explain)


def _parties(story: Story) -> None:
    """Print what each party says: a table a party on a terminal, tab-separated lines in a pipe."""
    from pipeline.stances import STANCES
    from pipeline.story import VERBS

    if not out.is_terminal:
        _plain("article\tparty\tstances\taccused\tsentence")
    for party in story.parties:
        name = _one_line(party.name or "unattributed")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(max_width=max(16, out.width // 5), overflow="fold")
        table.add_column(overflow="fold")
        for said in sorted(party.statements, key=lambda said: STANCES.index(said.stances[0])):
            where = _one_line(story.articles[said.article].name or "")
            accused = _one_line(said.accused or "")
            sentence = _one_line(said.sentence.text)
            if out.is_terminal:
                whom = f" {accused}" if accused else ""
                doing = ", ".join(
                    f"{VERBS[stance]}{whom if stance == 'accuse' else ''}"
                    for stance in said.stances
                )
                source = f" ({where})" if len(story.articles) > 1 else ""
                table.add_row(Text(doing), Text(sentence + source))
            else:
                _plain("\t".join([where, name, ",".join(said.stances), accused, sentence]))
        if out.is_terminal:
            out.print(Text(f"\n{name}", style="bold"))
            out.print(table)
    if out.is_terminal and not story.parties:
        _plain("No statements were found.")


def _references(story: Story) -> dict[str, Any]:
    """Put a story into plain data, with statements given by their place."""

    def places(statements: Iterable[Statement]) -> list[dict[str, int]]:
        return [{"article": said.article, "sentence": said.position} for said in statements]

    return {
        "articles": [asdict(article) for article in story.articles],
        "parties": [
            {"name": party.name, "statements": places(party.statements)} for party in story.parties
        ],
        "charges": [
            {
                "accuser": charge.accuser,
                "accused": charge.accused,
                "statements": places(charge.statements),
                "denials": places(charge.denials),
            }
            for charge in story.charges
        ],
    }


def _one_line(text: str) -> str:
    """Make text of others safe to print: one line, without control characters."""
    return "".join(filter(str.isprintable, " ".join(text.split())))


def _explain(sentence: str, found: Prediction) -> None:
    for stance in found.stances or max(found.scores, key=lambda name: found.scores[name]).split():
        terms = (found.explanation or {})[stance][:SHOWN_TERMS]
        out.print(Text(f"\n{stance} {found.scores[stance]:.2f}: {sentence}"), soft_wrap=True)
        _show(["adds", "term"], [[f"{added:+.2f}", term] for term, added in terms])


def _plain(line: str) -> None:
    print(line)


def _show(columns: list[str], rows: list[list[str]]) -> None:
    """Print a table on a terminal, tab-separated lines in a pipe."""
    if not out.is_terminal:
        for row in [columns, *rows]:
            _plain("\t".join(row))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, first in zip(columns, rows[0] if rows else columns, strict=True):
        is_number = first.replace(",", "").replace(".", "").isdigit()
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)


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
    _show(columns, rows)


def _number(value: Any) -> str:
    return "-" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3f}"
