"""What the other sentences of an article say of one of them: statements stand together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# How many sentences at the rates of news an article is thought to have besides its own.
_SMOOTHING = 5
FEATURES = 13


def article_features(log_odds: Floats, rates: Floats) -> Floats:
    """Describe each sentence of an article by itself and by its neighbours.

    Parameters
    ----------
    log_odds : ndarray of float, shape (n_sentences, 3)
        Of each sentence by itself, in the order of the article.
    rates : ndarray of float, shape (3,)
        How often sentences have each stance.

    Returns
    -------
    ndarray of float, shape (n_sentences, 13)
        By stance the log-odds of the sentence, of the share of the stance in the rest of the
        article, of the sentence before and of the sentence after (of the rates at the ends); and 1.

    Examples
    --------
    >>> article_features(np.zeros((1, 3)), np.full(3, 0.5)).tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    usual = np.log(rates / (1 - rates))
    shares = 1 / (1 + np.exp(-log_odds))
    rest = (shares.sum(axis=0) - shares + _SMOOTHING * rates) / (len(shares) - 1 + _SMOOTHING)
    before = np.vstack([usual, log_odds[:-1]])
    after = np.vstack([log_odds[1:], usual])
    ones = np.ones((len(log_odds), 1))
    return np.hstack([log_odds, np.log(rest / (1 - rest)), before, after, ones])


def by_itself() -> Floats:
    """Return the weights that leave each sentence as it is by itself, shape (3, 13)."""
    return np.eye(3, FEATURES)
