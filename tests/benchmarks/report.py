"""The figures as a Markdown table and a plot."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from pipeline.evaluation.plots import COLOURS, STYLE, save
from pipeline.files import write_text
from tests.benchmarks.timing import Timed

TABLE_FILE = "table.md"
PLOT = "speed"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name : str
    cores : int
        How many it may use.
    timed : Timed
    slower : float
        How many times as fast the kernel is on as many cores.
    macro_f1 : dict of str to float
        By labelled file; empty if it gives no stances.
    """

    name: str
    cores: int
    timed: Timed
    slower: float
    macro_f1: dict[str, float]


def write(
    folder: Path,
    rows: Sequence[Row],
    line: Sequence[tuple[int, Timed]],
    files: Sequence[str],
    notes: Sequence[str],
    repeats: int,
) -> str:
    """Write the table and the plot to a folder.

    Returns
    -------
    str
        The table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = "\n\n".join(
        [_race_table(rows, files), _line_table(line), "\n".join(_small_print(notes, repeats))]
    )
    write_text(folder / TABLE_FILE, content + "\n")
    save(_figure(rows, line), folder, PLOT)
    return content


def _race_table(rows: Sequence[Row], files: Sequence[str]) -> str:
    heads = [
        "",
        "cores",
        "sentences/s",
        "MB/s",
        "slowest to quickest run",
        "kernel is faster",
        *[f"macro-F1, {name}" for name in files],
        "text read, MB",
    ]
    return markdown(
        heads,
        [
            [
                row.name,
                str(row.cores),
                f"{row.timed.sentences_a_second:,.0f}",
                f"{row.timed.megabytes_a_second:.2f}",
                "{:.2f} to {:.2f}".format(*row.timed.spread),
                f"{row.slower:,.1f} times",
                *[f"{row.macro_f1[name]:.2f}" if name in row.macro_f1 else "" for name in files],
                f"{row.timed.size / 1e6:,.1f}",
            ]
            for row in rows
        ],
    )


def _line_table(line: Sequence[tuple[int, Timed]]) -> str:
    heads = ["rows", "seconds", "sentences/s", "MB/s", "slowest to quickest run"]
    return markdown(
        heads,
        [
            [
                f"{rows:,}",
                f"{rows / timed.sentences_a_second:.3f}",
                f"{timed.sentences_a_second:,.0f}",
                f"{timed.megabytes_a_second:.2f}",
                "{:.2f} to {:.2f}".format(*timed.spread),
            ]
            for rows, timed in line
        ],
    )


def _small_print(notes: Sequence[str], repeats: int) -> list[str]:
    cores = len(os.sched_getaffinity(0))
    return [
        f"Medians of {repeats} runs taken in turns after a warm-up, {datetime.now(UTC):%Y-%m-%d}, "
        f"{cores} cores of {_processor()}, Python {platform.python_version()}.",
        *[f"\n{note[0].upper()}{note[1:]}." for note in notes],
    ]


def _processor() -> str:
    """Name the processor, as Linux does where it can be asked."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table, its numbers to the right."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, rule, *rows])


def _figure(rows: Sequence[Row], line: Sequence[tuple[int, Timed]]) -> Figure:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 3.4), layout="constrained")
        race, straight = figure.subplots(1, 2, width_ratios=(3, 2))
        shown = sorted(rows, key=lambda row: row.timed.megabytes_a_second)
        speed = [row.timed.megabytes_a_second for row in shown]
        low, high = zip(*(row.timed.spread for row in shown), strict=True)
        error = [
            [s - least for s, least in zip(speed, low, strict=True)],
            [most - s for s, most in zip(speed, high, strict=True)],
        ]
        colours = [COLOURS["deny" if "kernel" in row.name else "none"] for row in shown]
        names = [f"{row.name}{_best_f1(row)}" for row in shown]
        race.barh(names, speed, color=colours, xerr=error, error_kw={"elinewidth": 1})
        race.set(xscale="log", xlabel="megabytes a second (bars: slowest to quickest run)")
        counts = [count for count, _ in line]
        taken = [count / timed.sentences_a_second for count, timed in line]
        straight.plot(counts, taken, "o-", color=COLOURS["deny"])
        straight.set(xscale="log", yscale="log", xlabel="sentences", ylabel="seconds, all cores")
    return figure


def _best_f1(row: Row) -> str:
    return f" (F1 {list(row.macro_f1.values())[-1]:.2f})" if row.macro_f1 else ""
