"""`stance weights`, `stance export` and `stance verify`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import Json, Model, err, failures, plain, show


def weights(
    stance: Annotated[str, typer.Argument(help="accuse, deny or announce.")],
    count: Annotated[int, typer.Option(help="How many for and against.", min=1)] = 20,
    model: Model = None,
    json_lines: Json = False,
) -> None:
    """Show the strongest terms of a stance."""
    with failures():
        from pipeline.inference.explanation import strongest_terms
        from pipeline.inference.predict import load_predictor
        from pipeline.stances import STANCES

        if stance not in STANCES:
            raise typer.BadParameter(f"{stance!r} is not one of {', '.join(STANCES)}")
        found = strongest_terms(load_predictor(model).arrays, stance, count)
        if json_lines:
            plain(json.dumps(found))
            return
        show(["weight", "term"], [[f"{weight:+.2f}", term] for term, weight in found])


def export(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.skops|FOLDER", help="File to write, ending in .skops, or a new folder."
        ),
    ],
    model: Model = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write the model without code, to pass on.

    A folder gets the arrays, which are all that scoring needs: give it as --model. A file gets the
    estimator; read it with pipeline.model.skops_export.load_skops.
    """
    with failures(extra="export"):
        with err.status("Exporting"):
            if target.suffix:
                from pipeline.model.skops_export import export_skops

                written = export_skops(target, model, force=force)
            else:
                from pipeline.model.arrays_export import export_arrays

                written = export_arrays(target, model)
        plain(f"Wrote {written}")


def verify(
    model: Annotated[
        Path | None, typer.Argument(help="Model file or folder.", show_default="found by itself")
    ] = None,
    json_lines: Json = False,
) -> None:
    """Check every file of a model against its manifest: size, SHA-256, versions.

    Exit status: 0 all as they should be, 1 not.
    """
    with failures():
        from pipeline.model.verification import verify_model

        checks = verify_model(model)
        if json_lines:
            plain(json.dumps([asdict(check) for check in checks]))
        else:
            for check in checks:
                sound = f"{check.bytes:,} bytes, SHA-256 {check.sha256}"
                plain(
                    f"{'FAIL' if check.problem else 'ok'}\t{check.file}\t{check.problem or sound}"
                )
        if any(check.problem for check in checks):
            raise typer.Exit(1)
