"""`stance evaluate` and `stance compare`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import (
    Data,
    Json,
    Labels,
    Model,
    Only,
    err,
    failures,
    note,
    number,
    plain,
    show,
    show_metrics,
    signed,
)
from pipeline.files import shipped_statements

if TYPE_CHECKING:
    from pipeline.corpus.labels import LabelMapping


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
    with failures():
        mapping, stances = _mapping(mapped), _stances(only)
        _move_font_cache()
        with err.status("Evaluating"):
            from pipeline.stages.evaluate import evaluate as evaluate_model

            found = evaluate_model(
                data or shipped_statements(),
                model,
                report,
                mapping=mapping,
                only=stances,
                learning_curve=learning_curve,
                command=shlex.join(["stance", *sys.argv[1:]]),
                force=force,
            )
        if json_lines:
            plain(json.dumps(found.metrics, ensure_ascii=False))
            return
        for each in found.notes:
            note(each)
        if found.metrics["whole_articles"]:
            plain(f"{found.metrics['whole_articles']}.")
        show_metrics(found.figures, f"On {found.figures.statements:,} statements")
        plain(f"Report: {found.page}")


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Model file or folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
    data: Data = None,
    mapped: Labels = None,
    only: Only = None,
    json_lines: Json = False,
) -> None:
    """Measure whether model B is better than A on the same statements."""
    with failures():
        mapping, stances = _mapping(mapped), _stances(only)
        with err.status("Comparing"):
            from pipeline.stages.compare import compare_models

            found = compare_models(data or shipped_statements(), first, second, mapping, stances)
        if json_lines:
            plain(json.dumps(asdict(found), ensure_ascii=False))
            return
        for each in found.notes:
            note(each)
        plain(f"On {found.statements:,} statements: {found.verdict}")
        rows = [
            [
                name,
                *map(number, (row.first, row.second)),
                *map(signed, (row.difference, row.low, row.high)),
            ]
            for name, row in found.differences.items()
        ]
        show(["figure", "A", "B", "B - A", "95 % from", "to"], rows)
        plain(
            f"Main stance: {found.only_first_right:,} right in A alone, "
            f"{found.only_second_right:,} in B alone (McNemar p = {found.p_value:.3g})"
        )
        rows = [
            [change.labelled, change.first, change.second, change.text] for change in found.changes
        ]
        show(["labelled", "A", "B", "sentence"], rows)


def _move_font_cache() -> None:
    """Have Matplotlib keep its list of fonts with our cache, not in two folders of the home."""
    chosen = os.environ.get("STANCE_CACHE")
    if chosen is None:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        chosen = str(home / "stance")
    os.environ.setdefault("MPLCONFIGDIR", chosen or os.devnull)


def _mapping(pairs: list[str] | None) -> LabelMapping | None:
    from pipeline.corpus.labels import LabelMapping

    return LabelMapping.parse(pairs) if pairs else None


def _stances(names: list[str] | None) -> tuple[str, ...]:
    from pipeline.stances import STANCES

    for name in names or ():
        if name not in STANCES:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(STANCES)}")
    return tuple(names or STANCES)
