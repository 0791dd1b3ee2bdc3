"""The evaluation report: one page that needs nothing else, no script and no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from pipeline.evaluation.plots import COLOURS, INK
from pipeline.templates import render_template

MEASURES = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "average precision",
}
KINDS = {
    "false positive": "false positives: predicted, but not labelled",
    "false negative": "false negatives: labelled, but not predicted",
}
_IDS = re.compile(r' id="(?:figure|axes|patch|line2d|text|matplotlib\.axis|\w*tick|legend)_\d+"')
_ROOT = re.compile(r".*?<svg[^>]*?(viewBox=\"[^\"]+\")[^>]*>", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


def render_report(metrics: dict[str, Any], plots: Mapping[str, str]) -> str:
    """Render the report.

    Parameters
    ----------
    metrics : dict
        What `pipeline.stages.evaluate` writes to ``metrics.json``.
    plots : mapping of str to str
        SVG by the name that ``metrics`` has for the plot.

    Returns
    -------
    str
        HTML.
    """
    filters = {"figure": figure, "share": share, "range": interval, "marked": marked}
    described = {plot["name"]: plot["description"] for plot in metrics["plots"]}
    return render_template(
        Path(__file__).with_name("report.html.jinja"),
        filters,
        metrics=metrics,
        model=metrics["systems"][0],
        measures=MEASURES,
        kinds=KINDS,
        stances=list(metrics["thresholds"]),
        slices=[(by, list(rows)) for by, rows in groupby(metrics["slices"], lambda row: row["by"])],
        images={name: inline(svg, described[name]) for name, svg in plots.items()},
    )


def inline(svg: str, description: str) -> Markup:
    """Prepare an SVG file for a page: described, scaling, and in the page's colours.

    Parameters
    ----------
    svg : str
        What matplotlib wrote.
    description : str
        For those who cannot see it.

    Returns
    -------
    Markup
    """
    root = f'<svg role="img" aria-label="{escape(description)}" \\1 xmlns:xlink="http://www.w3.org/1999/xlink">'
    drawing = _METADATA.sub("", _IDS.sub("", _ROOT.sub(root, svg, count=1)))
    for name, colour in COLOURS.items():
        drawing = drawing.replace(colour, f"var(--{name})")
    return Markup(drawing.replace(INK, "currentColor"))


def figure(value: float | None) -> str:
    """Format a number between 0 and 1.

    Examples
    --------
    >>> figure(0.93456), figure(None)
    ('0.935', '–')
    """
    return "–" if value is None else f"{value:.3f}"


def share(value: float | None) -> str:
    """Format a share in percent.

    Examples
    --------
    >>> share(0.93456), share(None)
    ('93.5 %', '–')
    """
    return "–" if value is None else f"{100 * value:.1f} %"


def interval(estimate: dict[str, float | None]) -> str:
    """Format the interval of an estimate, or nothing where it has none.

    Examples
    --------
    >>> interval({"value": 0.9, "low": 0.85, "high": 0.941})
    '0.850–0.941'
    """
    if estimate["low"] is None:
        return ""
    return f"{figure(estimate['low'])}–{figure(estimate['high'])}"


def marked(term: str) -> Markup:
    """Format a term: what kind it is, then the term."""
    kind, colon, words = term.partition(":")
    return Markup("<code><b>{}</b>{}</code>").format(kind + colon, words)
