"""Intervals for metrics: groups of statements are resampled, with replacement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.evaluation.metrics import Bits, Codes, Floats, ScoredStatements, compute_metrics

RESAMPLES = 1_000
RANKED_RESAMPLES = 200
LEVEL = 0.95
SEED = 0
Interval = tuple[float, float]
Estimate = dict[str, float | None]
_MOST_UNDEFINED = 0.05
_AT_ONCE = 50
_COUNTED = ("precision", "recall", "f1")


def replicates(scored: ScoredStatements, ranked: bool = True) -> dict[str, Floats]:
    """Compute the metrics on resamples.

    Parameters
    ----------
    scored : ScoredStatements
        At least one statement. Two with the same groups get the same resamples, so that the
        differences of their replicates are paired.
    ranked : bool
        Whether to compute average precision too, on the first `RANKED_RESAMPLES`.

    Returns
    -------
    dict of str to ndarray of float, shape (n_resamples,)
        By names such as ``deny.recall``, ``macro.f1``, ``main_stance_accuracy``; NaN where a
        resample leaves nothing to count.
    """
    _, groups = np.unique(scored.groups, return_inverse=True)
    size = int(groups.max()) + 1
    totals = _totals(scored, groups, size)
    counted = np.concatenate([drawn @ totals for drawn in _draws(size, RESAMPLES)])
    found = _from_totals(counted, scored.names)
    if ranked:
        for k, name in enumerate(scored.names):
            found[f"{name}.average_precision"] = np.concatenate(
                [
                    weighted_average_precision(
                        scored.truth[:, k], scored.scores[:, k], drawn[:, groups]
                    )
                    for drawn in _draws(size, RANKED_RESAMPLES)
                ]
            )
    there = [name for k, name in enumerate(scored.names) if scored.truth[:, k].any()]
    for measure in (*_COUNTED, "average_precision") if ranked else _COUNTED:
        if there:
            columns = [found[f"{name}.{measure}"] for name in there]
            found[f"macro.{measure}"] = np.mean(columns, axis=0)
    return found


def _draws(groups: int, count: int) -> Iterator[Floats]:
    """Yield blocks of resamples: how often each group was drawn, shape (block, groups)."""
    generator = np.random.default_rng(SEED)
    shares = np.full(groups, 1 / groups)
    for start in range(0, count, _AT_ONCE):
        block = min(_AT_ONCE, count - start)
        yield generator.multinomial(groups, shares, size=block).astype(float)


def _totals(scored: ScoredStatements, groups: Codes, size: int) -> Floats:
    """Count by group: true positives, predicted, labelled; right answers; statements."""
    columns = np.column_stack(
        [
            scored.truth & scored.predicted,
            scored.predicted,
            scored.truth,
            scored.main_right,
            scored.set_right,
            np.ones(len(scored)),
        ]
    ).astype(float)
    totals = np.zeros((size, columns.shape[1]))
    np.add.at(totals, groups, columns)
    return totals


def _from_totals(counted: Floats, names: tuple[str, ...]) -> dict[str, Floats]:
    size = len(names)
    found = {}
    for k, name in enumerate(names):
        both, given, true = counted[:, k], counted[:, size + k], counted[:, 2 * size + k]
        found[f"{name}.precision"] = _ratio(both, given)
        found[f"{name}.recall"] = _ratio(both, true)
        found[f"{name}.f1"] = np.where(true > 0, _ratio(2 * both, given + true), np.nan)
    found["main_stance_accuracy"] = _ratio(counted[:, -3], counted[:, -1])
    found["exact_set_accuracy"] = _ratio(counted[:, -2], counted[:, -1])
    return found


def _ratio(part: Floats, whole: Floats) -> Floats:
    undefined = np.full(len(part), np.nan)
    return np.asarray(np.divide(part, whole, out=undefined, where=whole > 0))


def weighted_average_precision(truth: Bits, scores: Floats, weights: Floats) -> Floats:
    """Compute average precision under many weightings at once.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_statements,)
        Which statements have the stance.
    scores : ndarray of float, shape (n_statements,)
        Probabilities; equal ones count as one step.
    weights : ndarray of float, shape (n_weightings, n_statements)
        How often each statement counts.

    Returns
    -------
    ndarray of float, shape (n_weightings,)
        What `sklearn.metrics.average_precision_score` gives for each; NaN without a positive.

    Examples
    --------
    >>> truth, scores = np.array([True, False, True]), np.array([0.9, 0.6, 0.2])
    >>> weighted_average_precision(truth, scores, np.array([[1.0, 1.0, 1.0]])).round(3)
    array([0.833])
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]), -1.0))
    drawn = weights[:, order]
    right = np.cumsum(drawn * truth[order], axis=1)[:, ends]
    given = np.cumsum(drawn, axis=1)[:, ends]
    precision = np.divide(right, given, out=np.zeros_like(right), where=given > 0)
    area = (np.diff(right, axis=1, prepend=0) * precision).sum(axis=1)
    return _ratio(area, right[:, -1])


def confidence_interval(values: npt.ArrayLike) -> Interval | None:
    """Return the middle 95 % of replicates.

    Parameters
    ----------
    values : array-like of float
        Replicates, NaN where undefined.

    Returns
    -------
    (float, float) or None
        Percentiles; None where more than one replicate in twenty is undefined.
    """
    found = np.asarray(values, dtype=float)
    known = found[~np.isnan(found)]
    if not len(known) or len(known) < (1 - _MOST_UNDEFINED) * len(found):
        return None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def metrics_with_intervals(scored: ScoredStatements, ranked: bool = True) -> dict[str, Any]:
    """Compute all figures with their intervals, ready for JSON.

    Parameters
    ----------
    scored : ScoredStatements
        At least one statement. A single group has no interval.
    ranked : bool
        Whether to give average precision an interval too.

    Returns
    -------
    dict
        ``statements``, ``groups``, ``by_stance``, ``macro``, ``main_stance_accuracy`` and
        ``exact_set_accuracy``; each figure as ``value``, ``low`` and ``high``, None where unknown.
    """
    drawn = replicates(scored, ranked) if scored.group_count > 1 else {}

    def estimate(name: str, value: float | None) -> Estimate:
        low, high = (value is not None and confidence_interval(drawn.get(name, []))) or (None, None)
        return {"value": value, "low": low, "high": high}

    result = asdict(compute_metrics(scored))
    measures = (*_COUNTED, "average_precision")
    return {
        "statements": len(scored),
        "groups": scored.group_count,
        "by_stance": {
            name: {
                "statements": found["statements"],
                **{each: estimate(f"{name}.{each}", found[each]) for each in measures},
            }
            for name, found in result["by_stance"].items()
        },
        "macro": {each: estimate(f"macro.{each}", result[f"macro_{each}"]) for each in measures},
        **{
            name: estimate(name, result[name])
            for name in ("main_stance_accuracy", "exact_set_accuracy")
        },
    }
