"""What every command shares: options, tables, messages and errors."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pipeline.errors import MissingExtraError, StanceError
from pipeline.formats.spreadsheet import spreadsheet_safe
from pipeline.formats.unicode import printable

if TYPE_CHECKING:
    from pipeline.evaluation.metrics import Metrics

PIPE_CLOSED = 128 + 13  # the exit status of what SIGPIPE ends
_OPTIONAL = frozenset(["datasets", "joblib", "matplotlib", "pandas", "scipy", "skops", "sklearn"])
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
def failures(extra: str = "train") -> Iterator[None]:
    """Turn errors that a user can fix into one line and exit status 1.

    Parameters
    ----------
    extra : str
        The extra that brings what the command needs beside scoring and reading.
    """
    try:
        yield
    except BrokenPipeError:
        end_quietly()
    except StanceError as error:
        _fail(str(error))
    except OSError as error:
        _fail(
            ": ".join(filter(None, (error.filename and str(error.filename), error.strerror)))
            or str(error)
        )
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _OPTIONAL:
            raise
        _fail(str(MissingExtraError(package, extra)))
    except MemoryError:
        _fail("out of memory; close other programs, or give it less at once")


def _fail(message: str) -> NoReturn:
    note(message, "stance")
    raise typer.Exit(1) from None


def end_quietly() -> NoReturn:
    """End as the shell's own commands do when nobody reads on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(PIPE_CLOSED)


def one_line(text: str) -> str:
    """Make text of others safe to print: one line, without control characters."""
    return "".join(filter(str.isprintable, " ".join(text.split())))


def one_row(text: str) -> str:
    """Return text without what would end a cell or a row of tab-separated lines."""
    return re.sub(r"[\t\r\n]+", " ", text)


def plain(line: str) -> None:
    """Print a line on standard output: escaped on a terminal, as it is in a pipe."""
    print(printable(line) if out.is_terminal else line)


def note(message: str, kind: str = "note") -> None:
    """Print a message on standard error."""
    err.print(Text(printable(f"{kind}: {message}")), soft_wrap=True)


def tell_of_compiling() -> None:
    """Say on a terminal that the first call takes long, where it does: once on a machine."""
    from pipeline.inference.compiler import is_compiled

    if err.is_terminal and not is_compiled():
        note("compiling for this processor, once; some ten seconds")


def print_csv(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]], *, guard: bool = True
) -> None:
    """Print rows as CSV on standard output.

    Parameters
    ----------
    columns : sequence of str
        The keys of each row, in order.
    rows : iterable of mapping
        The cells by column.
    guard : bool
        Whether cells that a spreadsheet would run get an apostrophe before them.
    """
    table = csv.writer(_Printed(), lineterminator="\n")
    kept = spreadsheet_safe if guard else (lambda cell: cell)
    for row in [columns, *([row[column] for column in columns] for row in rows)]:
        table.writerow([kept(cell) for cell in row])


class _Printed:
    """Standard output as a file for `csv`."""

    def write(self, line: str) -> int:
        plain(line.removesuffix("\n"))
        return len(line)


def show(columns: list[str], rows: list[list[str]]) -> None:
    """Print a table on a terminal, tab-separated lines in a pipe."""
    if not out.is_terminal:
        for row in [columns, *rows]:
            plain("\t".join(map(one_row, row)))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, first in zip(columns, rows[0] if rows else columns, strict=True):
        is_number = first.replace(",", "").replace(".", "").isdigit()
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
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


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, float], None] | None]:
    """Show how many there are, how many a second and the time left, on a terminal."""
    if not err.is_terminal:
        yield None
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(f"{{task.fields[done]:,}} {unit}, {{task.fields[speed]:,.0f}}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=1.0, done=0, speed=0.0)

        def show_progress(done: int, share: float) -> None:
            speed = done / max(bar.tasks[0].elapsed or 0, 0.001)
            bar.update(task, completed=share, done=done, speed=speed)

        yield show_progress
