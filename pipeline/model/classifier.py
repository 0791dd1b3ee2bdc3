"""`StanceClassifier`, a scikit-learn estimator; and saving, verifying and loading it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

from pipeline.model import features
from pipeline.model.features import check_texts
from pipeline.settings import SETTINGS
from pipeline.stances import NONE, STANCES, apply_thresholds, to_indicators

Floats = npt.NDArray[np.float64]


class StanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF and logistic regression, one binary problem a stance, a threshold each.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty.
    selection_C : float
        Inverse strength of the L1 penalty that selects terms: one is kept if any stance uses it.
    min_df : int
        Fewest statements a term must stand in.
    ratio_power : float
        Terms are scaled by this power of their log-count ratio before the fit, so that the penalty
        weighs less on terms that stand mostly with the stance, or mostly without it; 0 for no
        scaling.
    threshold_slack : float
        How much F1 on the held-out folds a lower threshold may cost.
    folds : int
        Held-out folds from which calibration and thresholds are chosen.
    random_state : int
        Seeds fold assignment and the solver.

    Attributes
    ----------
    classes_ : ndarray of str, shape (4,)
        What `predict` may answer: the stances and ``none``.
    stances_ : ndarray of str, shape (3,)
        The columns of `predict_proba`.
    thresholds_ : ndarray of float, shape (3,)
        The least probability at which a stance is given, each above the base rate.
    base_rates_ : ndarray of float, shape (3,)
        Share of each stance in training; the score of a text without words.
    counter_ : CountVectorizer
        Text to counts of the terms that have a weight, in the columns of `coef_`.
    tfidf_ : TfidfTransformer
        Counts to TF-IDF: (1 + ln tf) * (1 + ln((1 + n) / (1 + df))), rows of unit length.
    coef_ : ndarray of float, shape (3, n_terms)
        Calibrated weights: change of the log-odds per unit of TF-IDF.
    intercept_ : ndarray of float, shape (3,)
        Calibrated intercepts.
    held_out_scores_ : ndarray of float, shape (n_statements, 3)
        Probabilities of the training statements from models that had not seen their group; NaN
        where the other groups had too little of a stance to learn it.

    Notes
    -----
    Scaling by the log-count ratio is Wang and Manning's (2012, "Baselines and Bigrams"); like the
    calibration it is folded into `coef_`.

    Calibration is Platt's (1999): a logistic regression of the labels on the held-out log-odds. It
    is linear, so it is folded into `coef_` and `intercept_`. The threshold of a stance is the
    lowest whose F1 on the held-out scores is within `threshold_slack` of the best.

    Examples
    --------
    >>> texts = ["He denied it.", "She accused him.", "They will go.", "It rained."] * 5
    >>> model = StanceClassifier(min_df=1, folds=2)
    >>> model.fit(texts, ["deny", "accuse", "announce", "none"] * 5).predict(texts[:1])
    array(['deny'], dtype='<U8')
    """

    def __init__(
        self,
        C: float = SETTINGS.C,
        selection_C: float = SETTINGS.selection_C,
        min_df: int = SETTINGS.min_df,
        ratio_power: float = SETTINGS.ratio_power,
        threshold_slack: float = SETTINGS.threshold_slack,
        folds: int = SETTINGS.folds,
        random_state: int = SETTINGS.seed,
    ) -> None:
        self.C = C
        self.selection_C = selection_C
        self.min_df = min_df
        self.ratio_power = ratio_power
        self.threshold_slack = threshold_slack
        self.folds = folds
        self.random_state = random_state

    def fit(
        self,
        X: Sequence[str],
        y: Sequence[str] | Sequence[Sequence[str]] | npt.NDArray[Any],
        groups: Sequence[str] | None = None,
    ) -> Self:
        """Learn from labelled statements.

        Parameters
        ----------
        X : sequence of str, length n_statements
            Statements.
        y : sequence of length n_statements, or 0/1 array of shape (n_statements, 3)
            The stance of each (``none`` for none), the list of its stances, or 0/1 columns.
        groups : sequence of str, optional
            Statements of one group are held out together.

        Returns
        -------
        self : StanceClassifier

        Raises
        ------
        TypeError
            If `X` is not a sequence of strings.
        ValueError
            If the lengths differ, or a stance is never or always there.
        """
        texts = check_texts(X)
        labels = _indicator(y)
        if len(texts) != len(labels):
            raise ValueError(f"{len(texts)} texts but {len(labels)} labels")
        self.classes_ = np.array([*STANCES, NONE])
        self.stances_ = np.array(STANCES)
        self.base_rates_ = labels.mean(axis=0) if len(labels) else np.zeros(len(STANCES))
        for stance, rate in zip(STANCES, self.base_rates_, strict=True):
            if not 0 < rate < 1:
                raise ValueError(
                    f"{stance!r} stands on {'all' if rate else 'none'} of the {len(texts)} "
                    "statements; at least one with it and one without are needed"
                )
        self.counter_ = CountVectorizer(
            analyzer=partial(
                features.extract_terms, common_words=features.lowercase_vocabulary(texts)
            ),
            lowercase=False,
        )
        counts = self.counter_.fit_transform(texts)
        log_odds = np.full(labels.shape, np.nan)
        for train, test in _folds(texts, groups, self.folds, self.random_state):
            if all(0 < rate < 1 for rate in labels[train].mean(axis=0)):
                kept, tfidf, coef, intercept = self._fit_counts(counts[train], labels[train])
                log_odds[test] = tfidf.transform(counts[test][:, kept]) @ coef.T + intercept
        kept, self.tfidf_, self.coef_, self.intercept_ = self._fit_counts(counts, labels)
        names = self.counter_.get_feature_names_out()[kept]
        self.counter_.set_params(vocabulary=names).fit(texts[:1])
        self._calibrate(log_odds, labels)
        return self

    def _fit_counts(
        self, counts: sparse.csr_matrix, labels: npt.NDArray[np.int8]
    ) -> tuple[npt.NDArray[np.intp], TfidfTransformer, Floats, Floats]:
        frequent = np.flatnonzero(counts.getnnz(axis=0) >= min(self.min_df, len(labels)))
        _, coef, _ = self._fit_terms(counts[:, frequent], labels, self._selecting)
        chosen = frequent[coef.any(axis=0)]
        kept = chosen if len(chosen) else frequent
        return kept, *self._fit_terms(counts[:, kept], labels, self._weighing)

    def _fit_terms(
        self,
        counts: sparse.csr_matrix,
        labels: npt.NDArray[np.int8],
        regression: Callable[[], LogisticRegression],
    ) -> tuple[TfidfTransformer, Floats, Floats]:
        tfidf = TfidfTransformer(sublinear_tf=True)
        matrix = tfidf.fit_transform(counts)
        coef = np.empty((len(STANCES), matrix.shape[1]))
        intercept = np.empty(len(STANCES))
        for k, column in enumerate(labels.T):
            scale = _informativeness(counts, column) ** self.ratio_power
            fitted = regression().fit(matrix @ sparse.diags_array(scale), column)
            coef[k] = fitted.coef_[0] * scale
            intercept[k] = fitted.intercept_[0]
        return tfidf, coef, intercept

    def _selecting(self) -> LogisticRegression:
        return LogisticRegression(
            C=self.selection_C,
            l1_ratio=1,
            solver="liblinear",
            tol=1e-3,
            max_iter=10_000,
            random_state=self.random_state,
        )

    def _weighing(self) -> LogisticRegression:
        return LogisticRegression(
            C=self.C,
            solver="liblinear",
            dual=True,
            max_iter=10_000,
            random_state=self.random_state,
        )

    def _calibrate(self, log_odds: Floats, labels: npt.NDArray[np.int8]) -> None:
        held_out = ~np.isnan(log_odds).any(axis=1)
        self.held_out_scores_ = np.full(labels.shape, np.nan)
        self.thresholds_ = np.empty(len(STANCES))
        for k in range(len(STANCES)):
            slope, shift = _platt(log_odds[held_out, k], labels[held_out, k])
            self.coef_[k] *= slope
            self.intercept_[k] = self.intercept_[k] * slope + shift
            self.held_out_scores_[:, k] = expit(log_odds[:, k] * slope + shift)
            self.thresholds_[k] = max(
                _lowest_good_threshold(
                    self.held_out_scores_[held_out, k], labels[held_out, k], self.threshold_slack
                ),
                np.nextafter(np.float32(self.base_rates_[k]), np.float32(1)),
            )

    def decision_function(self, X: Sequence[str]) -> Floats:
        """Give the log-odds of each stance.

        Parameters
        ----------
        X : sequence of str, length n_texts
            Sentences.

        Returns
        -------
        ndarray of float, shape (n_texts, 3)
            In the order of `stances_`. A text without words has the base rates' log-odds.

        Raises
        ------
        TypeError
            If `X` is not a sequence of strings.
        """
        check_is_fitted(self)
        texts = check_texts(X)
        if not texts:
            return np.empty((0, len(STANCES)))
        log_odds = np.asarray(
            self.tfidf_.transform(self.counter_.transform(texts)) @ self.coef_.T + self.intercept_
        )
        blank = [features.is_blank(text) for text in texts]
        log_odds[blank] = logit(self.base_rates_)
        return log_odds

    def predict_proba(self, X: Sequence[str]) -> Floats:
        """Give the probability of each stance, independently of the others.

        Parameters
        ----------
        X : sequence of str, length n_texts
            Sentences.

        Returns
        -------
        ndarray of float, shape (n_texts, 3)
            In the order of `stances_`; rows need not add up to 1.

        Raises
        ------
        TypeError
            If `X` is not a sequence of strings.
        """
        return np.asarray(expit(self.decision_function(X)))

    def predict(self, X: Sequence[str]) -> npt.NDArray[np.str_]:
        """Give the main stance of each text.

        Parameters
        ----------
        X : sequence of str, length n_texts
            Sentences.

        Returns
        -------
        ndarray of str, shape (n_texts,)
            The most probable of the stances that reach their threshold, or ``none``.

        Raises
        ------
        TypeError
            If `X` is not a sequence of strings.
        """
        stances = self.predict_stances(X)
        return np.array([names[0] if names else NONE for names in stances], dtype="<U8")

    def predict_stances(self, X: Sequence[str]) -> list[tuple[str, ...]]:
        """Give all stances of each text.

        Parameters
        ----------
        X : sequence of str, length n_texts
            Sentences.

        Returns
        -------
        list of tuple of str, length n_texts
            The stances that reach their threshold, strongest first.

        Raises
        ------
        TypeError
            If `X` is not a sequence of strings.
        """
        return apply_thresholds(self.predict_proba(X), self.thresholds_)

    def weights(self, stance: str, count: int = 20) -> list[tuple[str, float]]:
        """Give the strongest terms of a stance.

        Parameters
        ----------
        stance : str
            One of `STANCES`.
        count : int
            How many terms for the stance, and how many against it.

        Returns
        -------
        list of (str, float)
            Terms and weights times the term's inverse document frequency, from the strongest for
            to the strongest against.

        Raises
        ------
        ValueError
            If `stance` is not one of `STANCES`.
        """
        check_is_fitted(self)
        if stance not in STANCES:
            raise ValueError(f"{stance!r} is not one of {', '.join(STANCES)}")
        names = self.counter_.get_feature_names_out()
        strength = self.coef_[STANCES.index(stance)] * self.tfidf_.idf_
        order = np.argsort(-strength, kind="stable")
        chosen = order if len(order) <= 2 * count else [*order[:count], *order[-count:]]
        return [(str(names[i]), float(strength[i])) for i in chosen]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.sparse = False
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags


def _indicator(y: Any) -> npt.NDArray[np.int8]:
    if isinstance(y, np.ndarray) and y.ndim == 2 and y.dtype.kind in "iufb":
        if y.shape[1] != len(STANCES) or not np.isin(y, (0, 1)).all():
            raise ValueError(f"y has shape {y.shape}; expected 0/1 columns {', '.join(STANCES)}")
        return y.astype(np.int8)
    rows = [[names] if isinstance(names, str) else list(names) for names in y]
    return to_indicators([name for name in names if name != NONE] for names in rows)


def _folds(
    texts: list[str], groups: Sequence[str] | None, count: int, seed: int
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    named = np.asarray(texts if groups is None else groups, dtype=object)
    if len(named) != len(texts):
        raise ValueError(f"{len(texts)} texts but {len(named)} groups")
    count = min(count, len(set(named)))
    if count < 2:
        raise ValueError("held-out folds need at least two groups of statements")
    _, codes = np.unique(named.astype(str), return_inverse=True)
    splitter = GroupKFold(count, shuffle=True, random_state=seed)
    return list(splitter.split(texts, groups=codes))


def _informativeness(counts: sparse.csr_matrix, labels: npt.NDArray[np.int8]) -> Floats:
    """Give each term's log-count ratio, without its sign (Wang and Manning 2012, alpha 1)."""
    present = counts > 0
    with_stance = 1 + np.asarray(present[labels == 1].sum(axis=0), dtype=float).ravel()
    without = 1 + np.asarray(present[labels == 0].sum(axis=0), dtype=float).ravel()
    ratio = (with_stance / with_stance.sum()) / (without / without.sum())
    return np.asarray(np.abs(np.log(ratio)))


def _platt(log_odds: Floats, labels: npt.NDArray[np.int8]) -> tuple[float, float]:
    if len(set(labels.tolist())) < 2:
        return 1.0, 0.0
    fitted = LogisticRegression(C=np.inf).fit(log_odds[:, None], labels)
    slope = float(fitted.coef_[0, 0])
    return (slope, float(fitted.intercept_[0])) if slope > 0 else (1.0, 0.0)


def _lowest_good_threshold(scores: Floats, labels: npt.NDArray[np.int8], slack: float) -> float:
    if not labels.any():
        return 0.5
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    total = precision[:-1] + recall[:-1]
    f1 = np.divide(
        2 * precision[:-1] * recall[:-1], total, out=np.zeros_like(total), where=total > 0
    )
    return float(thresholds[np.flatnonzero(f1 >= f1.max() - slack)[0]])
