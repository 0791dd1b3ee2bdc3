"""Counts of terms to weights: logistic regression, by itself or as a correction of another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 150


def fit_regression(
    counts: sparse.csr_matrix,
    labels: npt.NDArray[np.int8],
    C: float,
    ratio_power: float,
    seed: int,
) -> tuple[TfidfTransformer, Floats, Floats]:
    """Learn a logistic regression for each stance on TF-IDF.

    Parameters
    ----------
    counts : sparse array, shape (n_sentences, n_terms)
        How often each term stands in each sentence.
    labels : ndarray of 0 and 1, shape (n_sentences, n_stances)
        Which stances each sentence has; of each at least one with it and one without.
    C : float
        Inverse strength of the L2 penalty.
    ratio_power : float
        Terms are scaled by this power of their log-count ratio.
    seed : int
        Seeds the solver.

    Returns
    -------
    tfidf : TfidfTransformer
        Fitted on `counts`.
    weights : ndarray of float, shape (n_stances, n_terms)
        By stance and term, with the scales folded in.
    intercepts : ndarray of float, shape (n_stances,)
    """
    tfidf = TfidfTransformer(sublinear_tf=True)
    matrix = tfidf.fit_transform(counts)

    weights, intercepts = [], []
    for column in labels.T:  # one after the other: liblinear draws from one generator a process
        scale = log_count_ratios(counts, column) ** ratio_power
        regression = LogisticRegression(
            C=C, solver="liblinear", dual=True, max_iter=10_000, random_state=seed
        )
        fitted = regression.fit(matrix @ sparse.diags_array(scale), column)
        weights.append(fitted.coef_[0] * scale)
        intercepts.append(fitted.intercept_[0])
    return tfidf, np.vstack(weights), np.array(intercepts)


def fit_correction(
    matrix: sparse.csr_array,
    labels: npt.NDArray[np.int8],
    offset: Floats,
    scale: Floats,
    penalty: float,
    intercept_penalty: float = 0.0,
) -> tuple[Floats, float]:
    """Learn what to add to given log-odds: logistic regression with an offset, pulled to zero.

    This is a maximum a posteriori estimate whose prior is the given model (Chelba and Acero 2004,
    "Adaptation of Maximum Entropy Capitalizer"): with few sentences the given model stands, with
    many the sentences speak.

    Parameters
    ----------
    matrix : sparse array, shape (n_sentences, n_terms)
        TF-IDF.
    labels : ndarray of 0 and 1, shape (n_sentences,)
        Whether each sentence has the stance.
    offset : ndarray of float, shape (n_sentences,)
        The given log-odds.
    scale : ndarray of float, shape (n_terms,)
        A term is penalized by its weight divided by this: larger where a term tells more.
    penalty, intercept_penalty : float
        Strength of the L2 penalty on the weights, and on the intercept.

    Returns
    -------
    weights : ndarray of float, shape (n_terms,)
        To add to the given weights.
    intercept : float
        To add to the given intercept.

    Examples
    --------
    >>> matrix = sparse.csr_array([[1.0, 0.0], [0.0, 1.0]] * 50)
    >>> labels = np.array([1, 0] * 50, dtype=np.int8)
    >>> weights, _ = fit_correction(matrix, labels, np.zeros(100), np.ones(2), 1.0)
    >>> bool(weights[0] > 0 > weights[1])
    True
    """
    scaled = matrix @ sparse.diags_array(scale)
    transposed = scaled.T.tocsr()

    def loss(values: Floats) -> tuple[float, Floats]:
        weights, intercept = values[:-1], values[-1]
        log_odds = scaled @ weights + offset + intercept
        error = expit(log_odds) - labels
        value = np.logaddexp(0, log_odds).sum() - labels @ log_odds
        value += penalty / 2 * (weights @ weights) + intercept_penalty / 2 * intercept**2
        down = error.sum() + intercept_penalty * intercept
        return float(value), np.append(transposed @ error + penalty * weights, down)

    start = np.zeros(matrix.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS}).x
    return found[:-1] * scale, float(found[-1])


def log_count_ratios(counts: sparse.csr_array, labels: npt.NDArray[np.int8]) -> Floats:
    """Return how much each term tells of a stance: its log-count ratio, without the sign.

    Parameters
    ----------
    counts : sparse array, shape (n_sentences, n_terms)
        How often each term stands in each sentence.
    labels : ndarray of 0 and 1, shape (n_sentences,)
        Whether each sentence has the stance.

    Returns
    -------
    ndarray of float, shape (n_terms,)
        Wang and Manning (2012), "Baselines and Bigrams", with alpha 1.
    """
    present = counts > 0
    with_stance = 1 + np.asarray(present[labels == 1].sum(axis=0), dtype=float).ravel()
    without = 1 + np.asarray(present[labels == 0].sum(axis=0), dtype=float).ravel()
    ratio = (with_stance / with_stance.sum()) / (without / without.sum())
    return np.asarray(np.abs(np.log(ratio)))


def most_contributing(matrix: sparse.csr_matrix, coef: Floats, count: int) -> npt.NDArray[np.intp]:
    """Find the terms that move log-odds most over all sentences.

    Parameters
    ----------
    matrix : sparse array, shape (n_sentences, n_terms)
        TF-IDF.
    coef : ndarray of float, shape (n_stances, n_terms)
        Weights.
    count : int
        How many terms to keep.

    Returns
    -------
    ndarray of int, shape (at most count,)
        Columns, in order: those with the largest products of the largest absolute weight and the
        root mean square of the term's TF-IDF.
    """
    squares = np.asarray(matrix.multiply(matrix).mean(axis=0)).ravel()
    contribution = np.abs(coef).max(axis=0) * np.sqrt(squares)
    return np.sort(np.argsort(-contribution, kind="stable")[:count])
