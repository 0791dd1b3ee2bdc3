"""Log-odds to probabilities, at the rates of the training data or of news."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.float64]


def rate_weights(labels: npt.NDArray[np.int8], rate: float | None) -> Floats:
    """Return weights under which a stance has a given rate.

    Parameters
    ----------
    labels : ndarray of 0 and 1, shape (n,)
        With at least one of each.
    rate : float or None
        The share of ones that is wanted; None for the share that there is.

    Returns
    -------
    ndarray of float, shape (n,)
        Their mean is 1.

    Examples
    --------
    >>> rate_weights(np.array([1, 0], dtype=np.int8), 0.25).tolist()
    [0.5, 1.5]
    """
    share = labels.mean() if len(labels) else 0.0
    if rate is None or not 0 < share < 1:
        return np.ones(len(labels))
    return np.asarray(np.where(labels == 1, rate / share, (1 - rate) / (1 - share)))


def platt(log_odds: Floats, labels: npt.NDArray[np.int8], weights: Floats) -> tuple[float, float]:
    """Calibrate log-odds by a logistic regression of the labels on them (Platt 1999).

    Parameters
    ----------
    log_odds, labels, weights : ndarray, shape (n,)
        Of sentences that the log-odds were not learned from.

    Returns
    -------
    slope, shift : float
        Calibrated log-odds are ``slope * log_odds + shift``; 1 and 0 where nothing can be learned.
    """
    if len(set(labels.tolist())) < 2:
        return 1.0, 0.0
    fitted = LogisticRegression(C=np.inf).fit(log_odds[:, None], labels, sample_weight=weights)
    slope = float(fitted.coef_[0, 0])
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (1.0, 0.0)
