"""The plots of an evaluation, each as SVG and PNG."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from sklearn.metrics import precision_recall_curve

from pipeline.evaluation.metrics import ScoredStatements

INK = "#1b1b1d"
# Okabe and Ito's colours, which colour-blind readers tell apart.
COLOURS = {"accuse": "#d55e00", "deny": "#0072b2", "announce": "#009e73", "none": "#7f7f7f"}
STYLE: Any = {
    "figure.figsize": (3.5, 2.9),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "font.family": "sans-serif",
    "font.size": 9,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.6,
    "savefig.bbox": "tight",
    "svg.fonttype": "none",
    "svg.hashsalt": "stance",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
PNG_DOTS = 144
_BARS = 20
_TICKS = [0, 0.5, 1]


def draw(
    scored: ScoredStatements,
    metrics: dict[str, Any],
    weights: Mapping[str, Sequence[tuple[str, float, str]]],
) -> Iterator[tuple[str, str, Figure]]:
    """Draw the plots of an evaluation.

    Parameters
    ----------
    scored : ScoredStatements
        Labels and scores.
    metrics : dict
        What `pipeline.stages.evaluate` writes to ``metrics.json``.
    weights : mapping of str to sequence of (str, float, str)
        The strongest terms by stance.

    Yields
    ------
    name : str
        What to call the files.
    description : str
        What it shows, for those who cannot see it.
    figure : matplotlib.figure.Figure
    """
    for k, name in enumerate(scored.names):
        truth, scores, threshold = scored.truth[:, k], scored.scores[:, k], scored.thresholds[k]
        if truth.any():
            yield (
                f"precision-recall-{name}",
                f"Precision against recall of {name}, with the chosen threshold marked",
                _figure(_precision_recall, name, truth, scores, threshold),
            )
        yield (
            f"reliability-{name}",
            f"How often {name} is right, against its probability, with counts",
            _figure(_reliability, name, metrics["reliability"][name]["bins"]),
        )
        yield (
            f"scores-{name}",
            f"Probabilities of {name}, of statements with it and without",
            _figure(_distribution, name, truth, scores, threshold),
        )
        yield (
            f"terms-{name}",
            f"Terms that speak most for and against {name}",
            _figure(_terms, name, weights[name], size=(3.5, 4.2)),
        )
    yield (
        "confusion",
        "Main stance labelled against main stance predicted",
        _figure(_confusion, metrics["confusion"]["counts"], metrics["confusion"]["names"]),
    )
    yield (
        "selective-accuracy",
        "Accuracy against the share of statements kept",
        _figure(_selective_accuracy, metrics["systems"]),
    )
    if metrics["learning_curve"]:
        yield (
            "learning-curve",
            "Macro-F1 against the number of training statements",
            _figure(_learning_curve, metrics["learning_curve"]["points"]),
        )


def save(figure: Figure, folder: Path, name: str) -> str:
    """Write a plot as PNG and SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    folder : Path
        Where the files go.
    name : str
        Their name without ending.

    Returns
    -------
    str
        The SVG.
    """
    svg = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(folder / f"{name}.png", dpi=PNG_DOTS, facecolor="white")
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    (folder / f"{name}.svg").write_text(svg.getvalue(), encoding="utf-8")
    return svg.getvalue()


def _figure(
    paint: Callable[..., None], *content: Any, size: tuple[float, float] | None = None
) -> Figure:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size)
        paint(figure.add_subplot(), *content)
    return figure


def _unit(axes: Axes, x: str, y: str) -> None:
    axes.set(xlabel=x, ylabel=y, xlim=(0, 1.02), ylim=(0, 1.05), xticks=_TICKS, yticks=_TICKS)


def _precision_recall(axes: Axes, name: str, truth: Any, scores: Any, threshold: float) -> None:
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    axes.plot(recall, precision, color=COLOURS[name], drawstyle="steps-post")
    axes.axhline(truth.mean(), color=INK, linewidth=0.8, linestyle=":")
    axes.text(0.02, truth.mean() + 0.02, "guessing", fontsize=8)
    chosen = int(np.searchsorted(thresholds, threshold))
    if chosen < len(thresholds):
        at = (recall[chosen], precision[chosen])
        axes.plot(*at, "o", color=COLOURS[name], markeredgecolor=INK, markersize=7)
        axes.annotate(
            f"threshold {threshold:.2f}",
            at,
            xytext=(0.5, 0.45),
            ha="center",
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8},
        )
    _unit(axes, "recall", "precision")
    axes.set_title(name)


def _reliability(axes: Axes, name: str, bins: list[dict[str, Any]]) -> None:
    score, share, low, high = (
        np.array([found[key] for found in bins]) for key in ("score", "share", "low", "high")
    )
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    error = np.clip([share - low, high - share], 0, None)
    axes.errorbar(
        score, share, error, fmt="o-", color=COLOURS[name], markersize=4, elinewidth=1, capsize=2
    )
    _unit(axes, "probability", "share that has the stance")
    counts = axes.twinx()
    counts.bar(
        score, [found["count"] for found in bins], width=0.06, color=COLOURS["none"], alpha=0.35
    )
    counts.set_yscale("log")
    counts.set_ylim(bottom=0.7)
    counts.set_ylabel("statements (bars)")
    counts.spines["right"].set_visible(True)
    axes.set_zorder(counts.get_zorder() + 1)
    axes.set_title(name)


def _distribution(axes: Axes, name: str, truth: Any, scores: Any, threshold: float) -> None:
    edges = np.linspace(0, 1, _BARS + 1).tolist()
    for label, inside, colour in (
        (f"without {name}", ~truth, COLOURS["none"]),
        (f"with {name}", truth, COLOURS[name]),
    ):
        axes.hist(scores[inside], edges, color=colour, alpha=0.6, label=label)
    axes.axvline(threshold, color=INK, linewidth=1, linestyle="--")
    axes.set_yscale("symlog", linthresh=1)
    axes.set(xlabel="probability (dashed: threshold)", ylabel="statements", xlim=(0, 1))
    axes.set_xticks(_TICKS)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, columnspacing=1)


def _terms(axes: Axes, name: str, weights: Sequence[tuple[str, float, str]]) -> None:
    names, values, _ = zip(*reversed(weights), strict=True)
    colours = [COLOURS[name] if value > 0 else COLOURS["none"] for value in values]
    axes.barh(range(len(names)), values, color=colours)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(names)), [str(each).replace("$", r"\$") for each in names])
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("adds to the log-odds")
    axes.set_title(name)


def _confusion(axes: Axes, counts: list[list[int]], names: Sequence[str]) -> None:
    found = np.array(counts)
    shares = found / np.maximum(found.sum(axis=1, keepdims=True), 1)
    for (row, column), share in np.ndenumerate(shares):
        axes.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5), 1, 1, facecolor=COLOURS["deny"], alpha=0.75 * share
            )
        )
        axes.text(column, row, f"{found[row, column]:,}", ha="center", va="center")
    size = len(names)
    axes.set(
        xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), xlabel="predicted", ylabel="labelled"
    )
    axes.set_xticks(range(size), names)
    axes.set_yticks(range(size), names)
    axes.tick_params(length=0)


def _selective_accuracy(axes: Axes, systems: list[dict[str, Any]]) -> None:
    shown = [system for system in systems if len(system["selective_accuracy"]) > 1]
    styles = [("o-", COLOURS["deny"]), ("s--", COLOURS["accuse"]), ("^:", COLOURS["announce"])]
    for (style, colour), system in zip(styles, shown, strict=False):
        points = system["selective_accuracy"]
        share = [100 * point["coverage"] for point in points]
        value, low, high = (
            np.array([point["exact_set_accuracy"][key] for point in points], dtype=float)
            for key in ("value", "low", "high")
        )
        axes.plot(share, value, style, color=colour, markersize=4, label=system["name"])
        axes.fill_between(share, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set(xlabel="% of statements kept, most confident first", ylabel="all stances right")
    axes.invert_xaxis()
    if shown:
        axes.legend(loc="lower right")


def _learning_curve(axes: Axes, points: list[dict[str, Any]]) -> None:
    sizes = [point["statements"] for point in points]
    value, low, high = (
        np.array([point["macro_f1"][key] for point in points], dtype=float)
        for key in ("value", "low", "high")
    )
    axes.plot(sizes, value, "o-", color=COLOURS["deny"], markersize=4)
    axes.fill_between(sizes, low, high, color=COLOURS["deny"], alpha=0.2, linewidth=0)
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=30, ha="right")
    axes.minorticks_off()
    axes.set(xlabel="training statements", ylabel="macro-F1")
