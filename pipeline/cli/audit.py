"""`stance audit`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import Json, err, failures, note, plain, show
from pipeline.files import shipped_statements

if TYPE_CHECKING:
    from pipeline.stages.audit import Audit


def audit(
    data: Annotated[
        list[Path] | None,
        typer.Argument(help="Labelled files or folders.", show_default="the shipped statements"),
    ] = None,
    json_lines: Json = False,
) -> None:
    """Report what labelled statements are like; fail on what is wrong with them.

    Exit status: 1 for lines that cannot be read, for statements that say the same under other
    labels in another group, and for a stance with too few statements to train on.
    """
    with failures():
        with err.status("Reading"):
            from pipeline.corpus.corpus import load_corpus
            from pipeline.stages.audit import audit_corpus

            found = audit_corpus(load_corpus(data or shipped_statements()))
        if json_lines:
            plain(json.dumps(asdict(found)))
        else:
            _print(found)
        for problem in found.problems:
            note(problem, "problem")
        if not found.passed:
            raise typer.Exit(1)


def _print(found: Audit) -> None:
    show(["figure", "found"], [[name, value] for name, value in found.figures.items()])
    shares = [[cue.stance, cue.cue, f"{cue.share:.1%}", f"{cue.in_news:.0%}"] for cue in found.cues]
    show(["stance", "cue word", "of these statements", "of news"], shares)
    for column, counts in found.counts.items():
        shown = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        plain(f"{column}: {shown}")
