"""Stage: a model and labelled statements in, figures out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from pipeline import corpus, model, store
from pipeline.readers import Problem
from pipeline.stances import NONE, STANCES, encode, passing

METRICS_FILE = "evaluation/metrics.json"


@dataclass(frozen=True)
class Figures:
    """How well one stance is found; a figure is None where nothing can be counted.

    Attributes
    ----------
    precision : float or None
        Of the statements given the stance, the share that have it.
    recall : float or None
        Of the statements that have the stance, the share that were given it.
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
class Evaluation:
    """What a model does on labelled statements.

    Attributes
    ----------
    by_stance : dict of str to Figures
        One entry a stance.
    macro_f1, macro_average_precision : float or None
        Means over the stances that have statements.
    main_stance_accuracy : float
        Share of statements whose main stance, or ``none``, was given as the main one.
    exact_set_accuracy : float
        Share of statements given just the stances they have.
    statements : int
        Statements evaluated on.
    notes : list of str
        What the reader should know, such as statements left out.
    """

    by_stance: dict[str, Figures]
    macro_f1: float | None
    macro_average_precision: float | None
    main_stance_accuracy: float
    exact_set_accuracy: float
    statements: int
    notes: list[str]


def figures(
    stances: Sequence[Sequence[str]],
    scores: npt.NDArray[np.float64],
    thresholds: npt.ArrayLike,
    notes: Sequence[str] = (),
) -> Evaluation:
    """Compare scores with labels.

    Parameters
    ----------
    stances : sequence of sequence of str, length n_statements
        The true stances, main one first.
    scores : ndarray of float, shape (n_statements, 3)
        Probabilities in the order of `STANCES`.
    thresholds : array-like of float, shape (3,)
        The least probability at which a stance is given.
    notes : sequence of str
        Passed on.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> result = figures([["deny"], []], np.array([[0.1, 0.9, 0.1], [0.1, 0.6, 0.1]]), [0.5] * 3)
    >>> result.by_stance["deny"].precision, result.by_stance["deny"].recall
    (0.5, 1.0)
    """
    truth = encode(stances)
    given = passing(scores, thresholds)
    by_stance = {
        name: _figures(truth[:, k], encode(given)[:, k], scores[:, k])
        for k, name in enumerate(STANCES)
    }
    main_right = [
        (mine or (NONE,))[0] == (theirs or (NONE,))[0]
        for mine, theirs in zip(given, map(tuple, stances), strict=True)
    ]
    set_right = [set(mine) == set(theirs) for mine, theirs in zip(given, stances, strict=True)]
    return Evaluation(
        by_stance=by_stance,
        macro_f1=_mean([f.f1 for f in by_stance.values()]),
        macro_average_precision=_mean([f.average_precision for f in by_stance.values()]),
        main_stance_accuracy=float(np.mean(main_right)),
        exact_set_accuracy=float(np.mean(set_right)),
        statements=len(truth),
        notes=list(notes),
    )


def cross_validation(classifier: model.StanceClassifier, trained_on: corpus.Corpus) -> Evaluation:
    """Compare a model's held-out scores with the labels it was trained on.

    Parameters
    ----------
    classifier : StanceClassifier
        Fitted on `trained_on`.
    trained_on : Corpus
        The statements, in the same order.

    Returns
    -------
    Evaluation
        On the statements that have held-out scores.

    Raises
    ------
    pipeline.corpus.CorpusError
        If none has.
    """
    scores = classifier.held_out_scores_
    rows = np.flatnonzero(~np.isnan(scores).any(axis=1))
    if not len(rows):
        what = "too few groups have every stance, so nothing can be held out"
        remedy = "add groups, or leave the group column out"
        raise corpus.CorpusError([Problem(", ".join(trained_on.files), None, what, remedy)])
    stances = trained_on.stances
    return figures([stances[row] for row in rows], scores[rows], classifier.thresholds_)


def _figures(
    truth: npt.NDArray[np.int8], given: npt.NDArray[np.int8], scores: npt.NDArray[np.float64]
) -> Figures:
    count = int(truth.sum())
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, given, average="binary", zero_division=np.nan
    )
    return Figures(
        precision=float(precision) if given.any() else None,
        recall=float(recall) if count else None,
        f1=float(f1) if count else None,
        average_precision=float(average_precision_score(truth, scores)) if count else None,
        statements=count,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def evaluate(data: Sequence[str | Path], model_path: str | Path | None = None) -> Evaluation:
    """Evaluate a saved model on labelled files.

    Parameters
    ----------
    data : sequence of paths
        What `pipeline.corpus.load` takes. Of files the model was trained on, only the test part
        that training held out is used.
    model_path : path, optional
        See `pipeline.store.find`.

    Returns
    -------
    Evaluation
        Also written to ``evaluation/metrics.json`` beside the model.

    Raises
    ------
    pipeline.corpus.CorpusError
        If the files have problems, or nothing in them was held out.
    pipeline.store.ModelError
        If there is no fitting model.
    """
    path = store.find(model_path)
    classifier = model.load(path)
    manifest = store.read_manifest(path)
    statements = corpus.load(data)
    notes = list(statements.notes)
    trained_on = set(dict(manifest.get("data", {})).values())
    seen = sorted(name for name, digest in statements.files.items() if digest in trained_on)
    if seen:
        statements, left_out = _held_out(statements, set(seen), manifest["test_share"])
        notes.append(
            f"the model was trained on {len(seen)} of these files; {left_out} statements of its "
            f"training part are left out"
        )
    if not len(statements):
        raise corpus.CorpusError(
            [Problem(", ".join(seen), None, "every statement was trained on", "give other files")]
        )
    scores = classifier.predict_proba(statements.texts)
    result = figures(statements.stances, scores, classifier.thresholds_, notes)
    metrics = path.parent / METRICS_FILE
    metrics.parent.mkdir(exist_ok=True)
    content = {**asdict(result), "data": statements.files, "model": manifest["files"]}
    store.write_text(metrics, json.dumps(content, indent=2) + "\n")
    return result


def _held_out(
    statements: corpus.Corpus, seen: set[str], test_share: float
) -> tuple[corpus.Corpus, int]:
    in_seen = [origin.rpartition(":")[0] in seen for origin in statements.statements["origin"][:]]
    known = statements.select(row for row, is_in in enumerate(in_seen) if is_in)
    _, test = corpus.split(known, test_share)
    keep = set(test.statements["origin"][:])
    rows = [
        row
        for row, (is_in, origin) in enumerate(
            zip(in_seen, statements.statements["origin"][:], strict=True)
        )
        if not is_in or origin in keep
    ]
    return statements.select(rows), len(statements) - len(rows)
