"""`stance train` and `stance tune`."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.console import Data, Json, err, failures, note, plain, show_metrics
from pipeline.files import IS_CHECKOUT, shipped_statements


def train(
    data: Data = None,
    models: Annotated[Path, typer.Option(help="Folder to write the model to.")] = Path("models"),
    prior: Annotated[
        Literal["shipped", "none"],
        typer.Option(help="What labels of your own start from: the shipped model, or nothing."),
    ] = "shipped",
    rates: Annotated[
        Literal["news", "data"] | None,
        typer.Option(
            help="Whose rates probabilities hold at: whole news articles', or the data's.",
            show_default="news for the shipped statements, data for others",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that are not from a training.")
    ] = False,
    json_lines: Json = False,
) -> None:
    """Train a model on labelled statements."""
    with failures():
        with err.status("Loading scikit-learn"):
            from pipeline.model.news import whole_article_line
            from pipeline.stages.train import train as train_model
        with err.status("Training"):
            training = train_model(
                data or shipped_statements(), models, prior=prior, rates=rates, force=force
            )
        if json_lines:
            plain(json.dumps(asdict(training), default=str))
            return
        for each in training.notes:
            note(each)
        counts = ", ".join(f"{count:,} {name}" for name, count in training.counts.items())
        plain(
            f"Learned {training.terms:,} terms from {training.statements:,} statements ({counts})"
        )
        plain(f"Held out {training.held_out:,} statements for: {_evaluation(data)}")
        if training.news:
            plain(f"{whole_article_line(training.news)}.")
        show_metrics(training.cross_validation, "On held-out folds of the statements")
        plain(f"Wrote {training.model} and {training.card.name} in {training.seconds:.1f} s")
        command = ".venv/bin/stance" if IS_CHECKOUT else "stance"
        plain(f'Next: {command} predict "The ministry rejected the allegations as baseless."')


def _evaluation(data: list[Path] | None) -> str:
    """Return the command that evaluates; an installed package has no Makefile."""
    if IS_CHECKOUT:
        return "make evaluate"
    named = (part for path in data or () for part in ("--data", str(path)))
    return shlex.join(["stance", "evaluate", *named])


def correct(
    sentences: Annotated[
        list[Path], typer.Argument(help="Labelled sentences of news, with source and doc.")
    ],
    articles: Annotated[
        list[str] | None,
        typer.Option(help="A source of whole articles; may be repeated.", show_default="all"),
    ] = None,
    folder: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("data/news"),
    data: Data = None,
) -> None:
    """Learn from real news what corrects the statements; write figures, never sentences."""
    with failures():
        with err.status("Learning from news (some minutes)"):
            from pipeline.model.news import whole_article_line
            from pipeline.stages.correct import correct as learn

            found = learn(sentences, folder, data or shipped_statements(), articles or ())
        plain(f"{whole_article_line(found.facts)}.")
        plain(f"Wrote {len(found.terms):,} terms to {folder}")


def tune(data: Data = None) -> None:
    """Search for settings by cross-validation; print the line for pipeline/settings.py."""
    with failures():
        from pipeline.stages.tune import GRID, Trial
        from pipeline.stages.tune import tune as tune_settings

        def values(trial: Trial) -> str:
            return ", ".join(f"{name}={getattr(trial.settings, name)}" for name in GRID)

        def line(trial: Trial) -> str:
            return (
                f"{values(trial)}	average precision {trial.macro_average_precision:.4f}"
                f"	F1 {trial.macro_f1:.4f}"
            )

        statements = data or shipped_statements()
        best, *_ = tune_settings(statements, tried=lambda trial: plain(line(trial)))
        plain(f"best: Settings({values(best)})")
