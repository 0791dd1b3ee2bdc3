"""`stance score`."""

from __future__ import annotations

import signal
from typing import Annotated, Literal

import typer

from pipeline.cli.console import MinScore, Model, failures, note, plain, progress_bar


def score(
    source: Annotated[
        str, typer.Argument(metavar="IN", help="File, folder, 'glob', or - for standard input.")
    ],
    target: Annotated[
        str, typer.Argument(metavar="OUT", help="File, folder, or - for standard output.")
    ],
    text_column: Annotated[str, typer.Option(help="The column of sentences.")] = "text",
    model: Model = None,
    min_score: MinScore = None,
    source_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Add a column that says which file and line each row is from, as news/a.csv:17.",
            show_default="none",
        ),
    ] = None,
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
    with failures():
        from pipeline.batch.formats import Limits
        from pipeline.batch.runner import score_archive
        from pipeline.batch.signals import StopSignal
        from pipeline.errors import Stopped

        try:
            with progress_bar("rows") as progress:
                done = score_archive(
                    source,
                    target,
                    text_column,
                    model,
                    min_score=min_score,
                    source_column=source_column,
                    kind=kind,
                    skip_bad=on_error == "skip",
                    resume=resume,
                    force=force,
                    line_buffered=line_buffered,
                    limits=Limits(line_bytes=longest_line << 20),
                    progress=progress,
                    stop=StopSignal(signal.SIGINT, signal.SIGTERM),
                )
        except Stopped as stopped:
            note(str(stopped), "stance")
            raise typer.Exit(128 + stopped.number) from None
        if done.skipped:
            where = f"; see {done.errors}" if done.errors else ""
            other = "" if done.rows else f"; is the text in a column other than {text_column!r}? "
            other += "" if done.rows else "Name it with --text-column"
            note(f"left out {done.skipped:,} bad rows{where}{other}")
        if target != "-":
            plain(f"Scored {done.rows:,} rows in {done.seconds:.1f} s: {target}")
