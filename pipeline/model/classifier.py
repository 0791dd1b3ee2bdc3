"""`StanceClassifier`, a scikit-learn estimator; and saving, verifying and loading it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

from pipeline.model import features
from pipeline.model.calibration import platt, rate_weights
from pipeline.model.context import by_itself
from pipeline.model.features import check_texts
from pipeline.model.news import NewsWeights
from pipeline.model.regression import (
    fit_correction,
    fit_regression,
    log_count_ratios,
    most_contributing,
)
from pipeline.settings import SETTINGS
from pipeline.stances import NONE, STANCES, apply_thresholds, best_f1_threshold, to_indicators

Floats = npt.NDArray[np.float64]

# In how many statements a term must stand to be learned beside those of a prior.
PRIOR_MIN_DF = 5

# As many statements with a stance weigh as much as the calibration of a prior.
PRIOR_POSITIVES = 100

# How strongly the intercept is pulled to that of a prior.
PRIOR_INTERCEPT = 10.0


class StanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF and logistic regression, one binary problem a stance, a threshold each.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty.
    min_df : int
        Fewest statements a term must stand in.
    ratio_power : float
        Terms are scaled by this power of their log-count ratio before the fit, so that the penalty
        weighs less on terms that stand mostly with the stance, or mostly without it; 0 for no
        scaling.
    terms : int
        Most terms that keep a weight: those that contribute most, by their largest weight times the
        root mean square of their TF-IDF. With `news` its terms are used.
    news : NewsWeights, optional
        What real news taught, to correct what the statements teach. Without it this is plain TF-IDF
        and logistic regression.
    prior : StanceClassifier, optional
        A fitted model, wrapped in `sklearn.frozen.FrozenEstimator` so that it stays fitted where
        this estimator is cloned. What is learned then corrects it: the penalty pulls to its
        weights, not to zero.
    prior_penalty : float
        Strength of that penalty.
    rates : {"data", "news"}
        Whose rates probabilities and thresholds hold at: those of the training statements, or those
        of `news` (or, with a prior, those that it was trained for).
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
        Share of each stance in training, or in news; the score of a text without words.
    counter_ : CountVectorizer
        Text to counts of the terms that have a weight, in the columns of `coef_`.
    tfidf_ : TfidfTransformer
        Counts to TF-IDF: (1 + ln tf) * (1 + ln((1 + n) / (1 + df))), rows of unit length.
    coef_ : ndarray of float, shape (3, n_terms)
        Calibrated weights: change of the log-odds per unit of TF-IDF.
    intercept_ : ndarray of float, shape (3,)
        Calibrated intercepts.
    context_ : ndarray of float, shape (3, 13)
        Weights of `pipeline.model.context.article_features`: what the other sentences of an article
        add. Without news, nothing.
    context_thresholds_ : ndarray of float, shape (3,)
        The least probability at which a stance is given to a sentence read in its article.
    held_out_scores_ : ndarray of float, shape (n_statements, 3)
        Probabilities of the training statements from models that had not seen their group; NaN
        where the other groups had too little of a stance to learn it.

    Notes
    -----
    With news, the log-odds of a sentence are what the statements teach, times `NewsWeights.share`,
    plus what news corrects. With a prior they are the prior's plus what the statements correct
    (Chelba and Acero 2004). Both are linear, so `coef_` holds one weight a term and stance.

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
        min_df: int = SETTINGS.min_df,
        ratio_power: float = SETTINGS.ratio_power,
        terms: int = SETTINGS.terms,
        news: NewsWeights | None = None,
        prior: Any = None,
        prior_penalty: float = SETTINGS.prior_penalty,
        rates: str = "data",
        threshold_slack: float = SETTINGS.threshold_slack,
        folds: int = SETTINGS.folds,
        random_state: int = SETTINGS.seed,
    ) -> None:
        self.C = C
        self.min_df = min_df
        self.ratio_power = ratio_power
        self.terms = terms
        self.news = news
        self.prior = prior
        self.prior_penalty = prior_penalty
        self.rates = rates
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
        self._check(texts, labels)
        self.classes_ = np.array([*STANCES, NONE])
        self.stances_ = np.array(STANCES)
        self.rates_ = self._rates()
        self.base_rates_ = labels.mean(axis=0) if self.rates_ is None else self.rates_
        self.counter_, counts = self._count(texts)
        log_odds = np.full(labels.shape, np.nan)
        for train, test in _folds(texts, groups, self.folds, self.random_state):
            if all(0 < rate < 1 for rate in labels[train].mean(axis=0)):
                kept, tfidf, coef, intercept = self._fit_counts(counts[train], labels[train])
                log_odds[test] = tfidf.transform(counts[test][:, kept]) @ coef.T + intercept
        kept, self.tfidf_, self.coef_, self.intercept_ = self._fit_counts(counts, labels)
        names = self.counter_.get_feature_names_out()[kept]
        self.counter_.set_params(vocabulary=names).fit(texts[:1])
        self._calibrate(log_odds, labels)
        self.context_, self.context_thresholds_ = by_itself(), self.thresholds_
        if self.news is not None and self.rates == "news":
            self.context_ = self.news.context
            self.context_thresholds_ = self.news.context_thresholds
        return self

    def _check(self, texts: list[str], labels: npt.NDArray[np.int8]) -> None:
        if len(texts) != len(labels):
            raise ValueError(f"{len(texts)} texts but {len(labels)} labels")
        if self.rates not in ("data", "news"):
            raise ValueError(f"rates is {self.rates!r}, not 'data' or 'news'")
        for stance, rate in zip(
            STANCES, labels.mean(axis=0) if len(labels) else [0] * 3, strict=True
        ):
            if not 0 < rate < 1:
                raise ValueError(
                    f"{stance!r} stands on {'all' if rate else 'none'} of the {len(texts)} "
                    "statements; at least one with it and one without are needed"
                )

    def _rates(self) -> Floats | None:
        """Return the rates that probabilities are to hold at; None for those of the statements."""
        if self.rates == "data":
            return None
        if self.news is not None:
            return self.news.rates
        if self.prior is not None:
            return np.asarray(self.prior.base_rates_)
        raise ValueError("rates='news' needs news or a prior, which say what they are")

    def _count(self, texts: list[str]) -> tuple[CountVectorizer, sparse.csr_matrix]:
        """Count the terms that stand in enough statements, and those of news or of the prior."""
        common = features.lowercase_vocabulary(texts)
        if self.prior is not None:
            common |= self.prior.counter_.analyzer.keywords["common_words"]
        analyzer = partial(features.extract_terms, common_words=common)
        counter = CountVectorizer(analyzer=analyzer, lowercase=False)
        counts = counter.fit_transform(texts)
        least = self.min_df if self.prior is None else PRIOR_MIN_DF
        frequent = counts.getnnz(axis=0) >= min(least, len(texts))
        columns = counter.vocabulary_
        order = {name: columns.get(name) for name in self._known()}
        order |= {name: i for name, i in columns.items() if frequent[i] and name not in order}
        counter.set_params(vocabulary=list(order)).fit(texts[:1])
        return counter, _columns(counts, list(order.values()))

    def _known(self) -> Sequence[str]:
        """Return the terms that come first: the prior's, or those of news."""
        if self.prior is not None:
            return list(map(str, self.prior.counter_.get_feature_names_out()))
        return () if self.news is None else self.news.terms

    def _fit_counts(
        self, counts: sparse.csr_matrix, labels: npt.NDArray[np.int8]
    ) -> tuple[npt.NDArray[np.intp], TfidfTransformer, Floats, Floats]:
        """Fit on all terms; return those that are kept, and their weights."""
        if self.prior is not None:
            return np.arange(counts.shape[1]), *self._fit_given_prior(counts, labels)
        tfidf, coef, intercept = fit_regression(
            counts, labels, self.C, self.ratio_power, self.random_state
        )
        if self.news is None:
            kept = most_contributing(tfidf.transform(counts), coef, self.terms)
            return kept, *_restricted(tfidf, coef, kept), intercept
        kept = np.arange(len(self.news.terms))
        tfidf, coef = _restricted(tfidf, self.news.share * coef, kept)
        intercept = self.news.share * intercept + self.news.intercept
        return kept, tfidf, coef + self.news.weights, intercept

    def _fit_given_prior(
        self, counts: sparse.csr_matrix, labels: npt.NDArray[np.int8]
    ) -> tuple[TfidfTransformer, Floats, Floats]:
        known = self.prior.tfidf_.idf_
        added = counts.shape[1] - len(known)
        tfidf = TfidfTransformer(sublinear_tf=True)
        tfidf.idf_ = np.append(known, np.full(added, known.max()))
        matrix = tfidf.transform(counts)
        coef = np.hstack([self.prior.coef_, np.zeros((len(STANCES), added))])
        intercept = self.prior.intercept_.copy()
        offset = matrix @ coef.T + intercept
        for k, column in enumerate(labels.T):
            scale = log_count_ratios(counts, column) ** self.ratio_power
            weights, shift = fit_correction(
                matrix, column, offset[:, k], scale, self.prior_penalty, PRIOR_INTERCEPT
            )
            coef[k] += weights
            intercept[k] += shift
        return tfidf, coef, intercept

    def _calibrate(self, log_odds: Floats, labels: npt.NDArray[np.int8]) -> None:
        held_out = ~np.isnan(log_odds).any(axis=1)
        self.held_out_scores_ = np.full(labels.shape, np.nan)
        self.thresholds_ = np.empty(len(STANCES))
        for k in range(len(STANCES)):
            slope, shift, threshold = self._calibration(
                k, log_odds[held_out, k], labels[held_out, k]
            )
            self.coef_[k] *= slope
            self.intercept_[k] = self.intercept_[k] * slope + shift
            self.held_out_scores_[:, k] = expit(log_odds[:, k] * slope + shift)
            floor = np.nextafter(np.float32(self.base_rates_[k]), np.float32(1))
            self.thresholds_[k] = max(threshold, floor)

    def _calibration(
        self, k: int, log_odds: Floats, labels: npt.NDArray[np.int8]
    ) -> tuple[float, float, float]:
        if self.news is not None and self.rates == "news":
            news = self.news
            return float(news.slope[k]), float(news.shift[k]), float(news.thresholds[k])
        weights = rate_weights(labels, None if self.rates_ is None else self.rates_[k])
        trust = 1.0
        if self.prior is not None:  # which is calibrated: few statements say little against it
            trust = labels.sum() / (labels.sum() + PRIOR_POSITIVES)
        slope, shift = platt(log_odds, labels, weights)
        slope, shift = 1 + trust * (slope - 1), trust * shift
        scores = expit(log_odds * slope + shift)
        threshold = best_f1_threshold(labels, scores, self.threshold_slack, weights)
        if self.prior is not None:
            threshold = trust * threshold + (1 - trust) * float(self.prior.thresholds_[k])
        return slope, shift, threshold

    def decision_function(self, X: Sequence[str]) -> Floats:
        """Return the log-odds of each stance.

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
        """Return the probability of each stance, independently of the others.

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
        """Return the main stance of each text.

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
        """Return all stances of each text.

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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.sparse = False
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags


def _columns(counts: sparse.csr_matrix, order: list[int | None]) -> sparse.csr_matrix:
    """Put columns in another order, with nothing in those that are not there."""
    there = [(i, place) for place, i in enumerate(order) if i is not None]
    sources, places = np.array(there, dtype=np.intp).reshape(-1, 2).T
    moved = sparse.csr_matrix(
        (np.ones(len(there), dtype=counts.dtype), (np.arange(len(there)), places)),
        shape=(len(there), len(order)),
    )
    return counts[:, sources] @ moved


def _restricted(
    tfidf: TfidfTransformer, coef: Floats, kept: npt.NDArray[np.intp]
) -> tuple[TfidfTransformer, Floats]:
    """Return TF-IDF and weights of some of the terms."""
    fewer = TfidfTransformer(sublinear_tf=True)
    fewer.idf_ = tfidf.idf_[kept]
    return fewer, coef[:, kept]


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
