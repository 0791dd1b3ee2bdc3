"""Whether scores can be trusted: reliability, and accuracy when the doubtful ones are set aside."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import logit
from scipy.stats import binomtest
from sklearn.metrics import brier_score_loss

from pipeline.evaluation.bootstrap import metrics_with_intervals
from pipeline.evaluation.metrics import Bits, Floats, ScoredStatements

BINS = 10
COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
_SMALLEST = 1e-9


def decision_margins(scored: ScoredStatements) -> Floats:
    """Return how far each statement is from another answer.

    Parameters
    ----------
    scored : ScoredStatements

    Returns
    -------
    ndarray of float, shape (n_statements,)
        The minimum distance, in log-odds, of one of its scores from that stance's threshold.
    """
    scores = np.clip(scored.scores, _SMALLEST, 1 - _SMALLEST)
    thresholds = np.clip(scored.thresholds, _SMALLEST, 1 - _SMALLEST)
    return np.asarray(np.abs(logit(scores) - logit(thresholds)).min(axis=1))


def selective_accuracy(scored: ScoredStatements) -> list[dict[str, Any]]:
    """Measure accuracy on the most confidently scored statements only.

    Parameters
    ----------
    scored : ScoredStatements
        At least one statement.

    Returns
    -------
    list of dict
        For each of `COVERAGES`, or the next greater that equal margins allow: the share kept, the
        minimum margin kept, and both accuracies with intervals.
    """
    margins = decision_margins(scored)
    ranked = np.sort(margins)[::-1]
    rows: dict[int, dict[str, Any]] = {}
    for coverage in COVERAGES:
        least = ranked[int(np.ceil(coverage * len(ranked))) - 1]
        kept = margins >= least
        found = metrics_with_intervals(scored.select(kept), ranked=False)
        rows[int(kept.sum())] = {
            "coverage": float(kept.mean()),
            "statements": int(kept.sum()),
            "minimum_margin": float(least),
            "main_stance_accuracy": found["main_stance_accuracy"],
            "exact_set_accuracy": found["exact_set_accuracy"],
        }
    return list(rows.values())


def reliability(scored: ScoredStatements) -> dict[str, dict[str, Any]]:
    """Compare probabilities with how often they come true.

    Parameters
    ----------
    scored : ScoredStatements
        At least one statement.

    Returns
    -------
    dict of str to dict
        For each stance the Brier score, the expected calibration error (mean gap between score and
        share, over statements), and ``bins`` of equal width that hold statements: ``count``, mean
        ``score``, ``share`` with the stance, and the share's 95 % Wilson interval, ``low`` and
        ``high``, which takes statements as independent.
    """
    return {
        name: _reliability(scored.truth[:, k], scored.scores[:, k])
        for k, name in enumerate(scored.names)
    }


def _reliability(truth: Bits, scores: Floats) -> dict[str, Any]:
    number = np.clip((scores * BINS).astype(int), 0, BINS - 1)
    bins = []
    for each in np.unique(number):
        inside = number == each
        count, positive = int(inside.sum()), int(truth[inside].sum())
        share = binomtest(positive, count).proportion_ci(method="wilson")
        bins.append(
            {
                "count": count,
                "score": float(scores[inside].mean()),
                "share": positive / count,
                "low": float(share.low),
                "high": float(share.high),
            }
        )
    gaps = [abs(found["score"] - found["share"]) * found["count"] for found in bins]
    return {
        "brier": float(brier_score_loss(truth, scores, pos_label=True)),
        "expected_calibration_error": sum(gaps) / len(truth),
        "bins": bins,
    }
