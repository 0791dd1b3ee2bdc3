"""How well scores agree with labels: precision, recall, F1, average precision, accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    precision_recall_fscore_support,
)

from pipeline.stances import NONE, STANCES, to_indicators

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class ScoredStatements:
    """Labelled statements beside the scores of a model.

    Attributes
    ----------
    names : tuple of str, length k
        The stances looked at; the columns below.
    truth : ndarray of bool, shape (n_statements, k)
        Which stances a statement has.
    main : ndarray of int, shape (n_statements,)
        Column of its main stance, or k for none.
    scores : ndarray of float, shape (n_statements, k)
        Probabilities.
    thresholds : ndarray of float, shape (k,)
        The minimum probability at which a stance is predicted.
    groups : ndarray of int, shape (n_statements,)
        Statements of one group have one number; a group is resampled whole.
    """

    names: tuple[str, ...]
    truth: Bits
    main: Codes
    scores: Floats
    thresholds: Floats
    groups: Codes

    @classmethod
    def of(
        cls,
        stances: Sequence[Sequence[str]],
        scores: npt.ArrayLike,
        thresholds: npt.ArrayLike,
        groups: Sequence[str] | None = None,
        only: Sequence[str] = STANCES,
    ) -> Self:
        """Put labels and scores side by side.

        Parameters
        ----------
        stances : sequence of sequence of str, length n_statements
            The true stances, main one first.
        scores : array-like of float, shape (n_statements, 3)
            Probabilities in the order of `STANCES`.
        thresholds : array-like of float, shape (3,)
            The minimum probability at which a stance is predicted.
        groups : sequence of str, optional
            Which statements belong together; without it, each stands for itself.
        only : sequence of str
            The stances to look at; the others count as none.

        Returns
        -------
        ScoredStatements
        """
        columns = [k for k, name in enumerate(STANCES) if name in only]
        names = tuple(STANCES[k] for k in columns)
        kept = [[name for name in row if name in names] for row in stances]
        named = np.array(range(len(kept)) if groups is None else groups)
        return cls(
            names=names,
            truth=to_indicators(kept)[:, columns].astype(bool),
            main=np.array([names.index(row[0]) if row else len(names) for row in kept], dtype=int),
            scores=np.asarray(scores, dtype=float).reshape(len(kept), -1)[:, columns],
            thresholds=np.asarray(thresholds, dtype=float)[columns],
            groups=np.unique(named, return_inverse=True)[1],
        )

    @property
    def predicted(self) -> Bits:
        """Which stances the model predicts for each statement."""
        return np.asarray(self.scores >= self.thresholds)

    @property
    def predicted_main(self) -> Codes:
        """Column of the strongest stance predicted for each statement, or k for none."""
        predicted = self.predicted
        strongest = np.where(predicted, self.scores, -np.inf).argmax(axis=1)
        return np.where(predicted.any(axis=1), strongest, len(self.names))

    @property
    def main_right(self) -> Bits:
        """Whether the main stance predicted is the one labelled, or none where there is none."""
        return np.asarray(self.main == self.predicted_main)

    @property
    def set_right(self) -> Bits:
        """Whether the stances predicted are exactly those labelled."""
        return np.asarray((self.truth == self.predicted).all(axis=1))

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return len(np.unique(self.groups))

    def select(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> ScoredStatements:
        """Return only some of the statements.

        Parameters
        ----------
        rows : ndarray of bool or int
            A mask, or positions.

        Returns
        -------
        ScoredStatements
        """
        return ScoredStatements(
            self.names,
            self.truth[rows],
            self.main[rows],
            self.scores[rows],
            self.thresholds,
            self.groups[rows],
        )

    def __len__(self) -> int:
        return len(self.truth)


@dataclass(frozen=True)
class StanceMetrics:
    """How well one stance is found; a figure is None where nothing can be counted.

    Attributes
    ----------
    precision : float or None
        Of the statements predicted to have the stance, the share that have it.
    recall : float or None
        Of the statements that have the stance, the share for which it was predicted.
    f1 : float or None
        Harmonic mean of the two.
    average_precision : float or None
        Area under the precision-recall curve, over all thresholds.
    statements : int
        Statements that have the stance.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None
    statements: int


@dataclass(frozen=True)
class Metrics:
    """What a model does on labelled statements.

    Attributes
    ----------
    by_stance : dict of str to StanceMetrics
        One entry a stance.
    macro_precision, macro_recall, macro_f1, macro_average_precision : float or None
        Means over the stances that have statements; None where one of them has no figure.
    main_stance_accuracy : float
        Share of statements whose main stance, or ``none``, was predicted as the main one.
    exact_set_accuracy : float
        Share of statements for which exactly the labelled stances were predicted.
    statements : int
        Statements evaluated on.
    notes : list of str
        What the reader should know, such as statements left out.
    """

    by_stance: dict[str, StanceMetrics]
    macro_precision: float | None
    macro_recall: float | None
    macro_f1: float | None
    macro_average_precision: float | None
    main_stance_accuracy: float
    exact_set_accuracy: float
    statements: int
    notes: list[str]


def compute_metrics(scored: ScoredStatements, notes: Sequence[str] = ()) -> Metrics:
    """Compare scores with labels.

    Parameters
    ----------
    scored : ScoredStatements
        At least one statement.
    notes : sequence of str
        Passed on.

    Returns
    -------
    Metrics

    Examples
    --------
    >>> scores = [[0.1, 0.9, 0.1], [0.1, 0.6, 0.1]]
    >>> result = compute_metrics(ScoredStatements.of([["deny"], []], scores, [0.5] * 3))
    >>> result.by_stance["deny"].precision, result.by_stance["deny"].recall
    (0.5, 1.0)
    """
    predicted = scored.predicted
    by_stance = {
        name: _stance_metrics(scored.truth[:, k], predicted[:, k], scored.scores[:, k])
        for k, name in enumerate(scored.names)
    }
    found = [one for one in by_stance.values() if one.statements]
    return Metrics(
        by_stance=by_stance,
        macro_precision=_mean([one.precision for one in found]),
        macro_recall=_mean([one.recall for one in found]),
        macro_f1=_mean([one.f1 for one in found]),
        macro_average_precision=_mean([one.average_precision for one in found]),
        main_stance_accuracy=float(scored.main_right.mean()),
        exact_set_accuracy=float(scored.set_right.mean()),
        statements=len(scored),
        notes=list(notes),
    )


def _stance_metrics(truth: Bits, predicted: Bits, scores: Floats) -> StanceMetrics:
    count = int(truth.sum())
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, average="binary", zero_division=np.nan
    )
    return StanceMetrics(
        precision=float(precision) if predicted.any() else None,
        recall=float(recall) if count else None,
        f1=float(f1) if count else None,
        average_precision=float(average_precision_score(truth, scores)) if count else None,
        statements=count,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None


def best_f1_threshold(truth: npt.ArrayLike, scores: npt.ArrayLike, slack: float = 0.0) -> float:
    """Find the lowest threshold whose F1 is the best, or nearly.

    Parameters
    ----------
    truth : array-like of bool, shape (n_statements,)
        Which statements have the stance.
    scores : array-like of float, shape (n_statements,)
        Probabilities.
    slack : float
        How much less than the best F1 may be.

    Returns
    -------
    float
        One of `scores`; 0.5 where no statement has the stance.

    Examples
    --------
    >>> best_f1_threshold([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.8])
    0.4
    """
    if not np.any(truth):
        return 0.5
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    total = precision[:-1] + recall[:-1]
    f1 = np.divide(
        2 * precision[:-1] * recall[:-1], total, out=np.zeros_like(total), where=total > 0
    )
    return float(thresholds[np.flatnonzero(f1 >= f1.max() - slack)[0]])


def main_names(scored: ScoredStatements) -> tuple[str, ...]:
    """Return the names of the values of `ScoredStatements.main`.

    Examples
    --------
    >>> main_names(ScoredStatements.of([[]], [[0, 0, 0]], [1, 1, 1], only=["deny"]))
    ('deny', 'none')
    """
    return (*scored.names, NONE)
