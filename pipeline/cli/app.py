"""The `stance` command: its subcommands and its entry point."""

from __future__ import annotations

import io
import sys

import typer

from pipeline.cli.audit import audit
from pipeline.cli.evaluate import compare, evaluate
from pipeline.cli.model import export, verify, weights
from pipeline.cli.predict import predict
from pipeline.cli.read import read
from pipeline.cli.score import score
from pipeline.cli.train import correct, train, tune

app = typer.Typer(
    help="Who accuses, who denies, who announces in news.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    *(predict, read, score),
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
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
