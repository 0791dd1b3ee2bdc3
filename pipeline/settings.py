"""The settings a person may want to change, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Settings of corpus, model and training.

    Attributes
    ----------
    C : float
        Inverse strength of the L2 penalty; chosen by grouped cross-validation on ``data/``.
    min_df : int
        A term must stand in this many statements: a term seen once is a name or an accident.
    ratio_power : float
        Scales terms by this power of their log-count ratio: 0.35 and 0.5 did equally well, and
        better than 0, 0.7 and 1, on held-out groups and on outside news.
    terms : int
        Most terms that keep a weight. On documents held out all 180,000 have a macro average
        precision of 0.617, the 80,000, 40,000 and 20,000 that contribute most 0.617, 0.614 and
        0.607; the more there are, the less of them stays in a processor's cache.
    news_share : float
        What the statements' log-odds are multiplied by before news corrects them: they claim too
        much, since a stance stands on half of the statements and on a fifth of the sentences of
        news. Of 0.3, 0.5, 0.6, 0.7 and 1 the best on documents held out.
    news_penalty : float
        Strength of the pull of news's corrections to zero.
    news_min_df : int
        A term must stand in this many sentences of news to be corrected: fewer could tell what a
        sentence said.
    news_threshold_slack : float
        F1 is flat around its best threshold: the highest is taken that costs at most this much, so
        that fewer of the marks on a page are wrong.
    prior_penalty : float
        Strength of the pull to the weights of a prior.
    threshold_slack : float
        F1 is flat around its best threshold, and text of another kind than the training statements
        scores lower: so the lowest threshold is taken that costs at most this much F1.
    folds : int
        Held-out folds over groups, from which calibration and thresholds are chosen.
    test_share : float
        Share of groups held out for ``make evaluate`` and never trained on.
    least_statements : int
        Fewest statements of a stance to train on: two in each fold.
    near_duplicate : float
        Character 5-gram Jaccard similarity above which two statements are near-duplicates.
    seed : int
        Seeds fold assignment and the solver; the same seed gives the same model.
    """

    C: float = 30.0
    min_df: int = 2
    ratio_power: float = 0.5
    terms: int = 40_000
    news_share: float = 0.7
    news_penalty: float = 0.03
    news_min_df: int = 5
    news_threshold_slack: float = 0.003
    prior_penalty: float = 0.3
    threshold_slack: float = 0.005
    folds: int = 5
    test_share: float = 0.1
    least_statements: int = 10
    near_duplicate: float = 0.5
    seed: int = 0


SETTINGS = Settings()
