"""The `stance` command: its subcommands and its entry point."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

import typer

from pipeline.cli.audit import audit
from pipeline.cli.console import PIPE_CLOSED, end_quietly, plain
from pipeline.cli.evaluate import compare, evaluate
from pipeline.cli.model import export, verify, weights
from pipeline.cli.predict import predict
from pipeline.cli.read import read
from pipeline.cli.score import score
from pipeline.cli.serve import serve
from pipeline.cli.train import correct, train, tune

app = typer.Typer(
    help="Who accuses, who denies, who announces in news.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        plain(f"stance {version('stance-pipeline')}")
        raise typer.Exit


@app.callback()
def _stance(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


for command in (
    *(predict, read, score, serve),
    *(train, evaluate, compare, correct, tune),
    *(weights, export, verify, audit),
):
    app.command()(command)


def main() -> None:
    """Run the command; the entry point of `stance`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        with suppress(typer.Exit):
            end_quietly()
        sys.exit(PIPE_CLOSED)
