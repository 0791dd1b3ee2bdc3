"""`stance audit`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from pipeline.cli.console import SHIPPED_DATA, Json, err, failures, out, plain, show


def audit(
    data: Annotated[
        list[Path] | None,
        typer.Argument(help="Labelled files or folders.", show_default="the shipped statements"),
    ] = None,
    json_lines: Json = False,
) -> None:
    """Check that labelled statements read like news and that no name leans to a stance."""
    with failures():
        with err.status("Reading"):
            from pipeline.corpus.corpus import load_corpus
            from pipeline.stages.audit import audit_corpus

            found = audit_corpus(load_corpus(data or [SHIPPED_DATA]))
        if json_lines:
            plain(json.dumps(asdict(found)))
        else:
            show(
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
