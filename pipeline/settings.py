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
    selection_C : float
        Inverse strength of the L1 penalty that selects the terms worth a weight: at 60 some 9,000
        of 130,000 are left, as good on outside news as all of them, and a table of weights that
        fits a processor's cache.
    min_df : int
        A term must stand in this many statements: a term seen once is a name or an accident.
    ratio_power : float
        Scales terms by this power of their log-count ratio: 0.35 and 0.5 did equally well, and
        better than 0, 0.7 and 1, on held-out groups and on outside news.
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
    selection_C: float = 60.0
    min_df: int = 2
    ratio_power: float = 0.5
    threshold_slack: float = 0.005
    folds: int = 5
    test_share: float = 0.1
    least_statements: int = 10
    near_duplicate: float = 0.5
    seed: int = 0


SETTINGS = Settings()
