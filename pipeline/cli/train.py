"""`stance train` and `stance tune`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pipeline.cli.console import SHIPPED_DATA, Data, Json, err, failures, plain, show_metrics


def train(
    data: Data = None,
    models: Annotated[Path, typer.Option(help="Folder to write the model to.")] = Path("models"),
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that are not from a training.")
    ] = False,
    json_lines: Json = False,
) -> None:
    """Train a model on labelled statements."""
    with failures():
        with err.status("Loading scikit-learn"):
            from pipeline.stages.train import train as train_model
        with err.status("Training"):
            training = train_model(data or [SHIPPED_DATA], models, force=force)
        if json_lines:
            plain(json.dumps(asdict(training), default=str))
            return
        for note in training.notes:
            err.print(Text(f"note: {note}"))
        counts = ", ".join(f"{count:,} {name}" for name, count in training.counts.items())
        plain(
            f"Learned {training.terms:,} terms from {training.statements:,} statements ({counts})"
        )
        plain(f"Held out {training.held_out:,} statements for: make evaluate")
        show_metrics(training.cross_validation, "On held-out folds")
        plain(f"Wrote {training.model} and {training.card.name} in {training.seconds:.1f} s")
        plain('Next: .venv/bin/stance predict "The ministry rejected the allegations as baseless."')


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

        best = tune_settings(data or [SHIPPED_DATA], tried=lambda trial: plain(line(trial)))[0]
        plain(f"best: Settings({values(best)})")
