"""What every command shares: options, tables, messages and errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.errors import StanceError
from pipeline.files import ROOT

if TYPE_CHECKING:
    from pipeline.evaluation.metrics import Metrics

SHIPPED_DATA = ROOT / "data" / "statements"
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


@contextmanager
def failures() -> Iterator[None]:
    """Turn errors that a user can fix into one line and exit status 1."""
    try:
        yield
    except (StanceError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        err.print(Text(f"stance: {error}"), soft_wrap=True)
        raise typer.Exit(1) from None


def one_line(text: str) -> str:
    """Make text of others safe to print: one line, without control characters."""
    return "".join(filter(str.isprintable, " ".join(text.split())))


def plain(line: str) -> None:
    """Print a line on standard output."""
    print(line)


def show(columns: list[str], rows: list[list[str]]) -> None:
    """Print a table on a terminal, tab-separated lines in a pipe."""
    if not out.is_terminal:
        for row in [columns, *rows]:
            plain("\t".join(row))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, first in zip(columns, rows[0] if rows else columns, strict=True):
        is_number = first.replace(",", "").replace(".", "").isdigit()
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    out.print(table)


def show_metrics(result: Metrics, heading: str) -> None:
    """Print metrics by stance, and their means."""
    columns = ["stance", "statements", "precision", "recall", "F1", "average precision"]
    rows = [
        [
            name,
            f"{f.statements:,}",
            *map(number, (f.precision, f.recall, f.f1, f.average_precision)),
        ]
        for name, f in result.by_stance.items()
    ]
    rows.append(
        [
            "macro",
            f"{result.statements:,}",
            "",
            "",
            number(result.macro_f1),
            number(result.macro_average_precision),
        ]
    )
    plain(
        f"{heading}: main stance right {number(result.main_stance_accuracy)}, "
        f"all stances right {number(result.exact_set_accuracy)}"
    )
    show(columns, rows)


def number(value: Any) -> str:
    """Write a metric; a dash where it is undefined."""
    return "-" if value is None else f"{value:.3f}"


def signed(value: float | None) -> str:
    """Write a difference with its sign; a dash where it is undefined."""
    return "-" if value is None else f"{value:+.3f}"
