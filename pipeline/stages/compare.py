"""Stage: two models and labelled statements in, whether the second is better out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from pipeline.corpus.corpus import load_corpus
from pipeline.corpus.labels import LabelMapping
from pipeline.corpus.leakage import exclude_training_statements, load_training_split
from pipeline.evaluation.bootstrap import confidence_interval, replicates
from pipeline.evaluation.metrics import ScoredStatements, compute_metrics
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import find_model, read_manifest
from pipeline.stances import NONE, STANCES


@dataclass(frozen=True)
class Difference:
    """One figure of two models.

    Attributes
    ----------
    first, second : float or None
        Of each model.
    difference : float or None
        The second less the first.
    low, high : float or None
        Its 95 % interval: both are measured on the same resampled groups.
    """

    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Change:
    """A sentence on which two models differ: the stances labelled, and predicted by each."""

    text: str
    origin: str
    labelled: str
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    """Two models on the same statements.

    Attributes
    ----------
    verdict : str
        Which is better by macro-F1, if the intervals tell.
    differences : dict of str to Difference
        By figure.
    only_first_right, only_second_right : int
        Statements whose main stance only one of the models predicts correctly.
    p_value : float
        McNemar's exact test of these two counts; it takes statements as independent.
    changes : list of Change
        Sentences for which they predict different stances.
    statements : int
        How many were compared.
    notes : list of str
        What the reader should know, such as statements left out.
    """

    verdict: str
    differences: dict[str, Difference]
    only_first_right: int
    only_second_right: int
    p_value: float
    changes: list[Change]
    statements: int
    notes: list[str]


def compare_models(
    data: Sequence[str | Path],
    first: str | Path,
    second: str | Path,
    mapping: LabelMapping | None = None,
    only: Sequence[str] = STANCES,
) -> Comparison:
    """Compare two saved models on labelled files.

    Parameters
    ----------
    data : sequence of paths
        What `load_corpus` takes. Statements that either model was trained on are left out.
    first, second : path
        See `pipeline.model.artifacts.find_model`.
    mapping : LabelMapping, optional
        For labels of another scheme.
    only : sequence of str
        The stances to look at; the others count as none.

    Returns
    -------
    Comparison

    Raises
    ------
    pipeline.errors.CorpusError
        If the files have problems, or nothing in them was held out.
    pipeline.errors.ModelError
        If there is no fitting model.
    """
    statements = load_corpus(data, mapping)
    predictors, left_out = [], list[object]()
    for named in (first, second):
        path = find_model(named)
        predictors.append(Predictor.load(path))
        manifest = read_manifest(path)
        trained_on = manifest.get("data"), manifest.get("test_share")
        if trained_on not in left_out:  # what both were trained on is read once
            split = load_training_split(path, manifest)
            statements = exclude_training_statements(statements, manifest, split)
            left_out += [trained_on] if split is not None else []
    texts, stances, groups = statements.texts, statements.stances, statements.groups
    one, other = (
        ScoredStatements.of(stances, each.predict_proba(texts), each.thresholds, groups, only)
        for each in predictors
    )
    return compared(one, other, texts, statements.statements["origin"][:], statements.notes)


def compared(
    first: ScoredStatements,
    second: ScoredStatements,
    texts: Sequence[str],
    origins: Sequence[str],
    notes: Sequence[str] = (),
) -> Comparison:
    """Compare two sets of scores of the same statements.

    Parameters
    ----------
    first, second : ScoredStatements
        The same labels and groups, other scores.
    texts, origins : sequence of str, length n_statements
        The sentences, and where they came from.
    notes : sequence of str
        Passed on.

    Returns
    -------
    Comparison
    """
    differences = _differences(first, second)
    only_first = int((first.main_right & ~second.main_right).sum())
    only_second = int((~first.main_right & second.main_right).sum())
    differ = only_first + only_second
    changed: list[int] = np.flatnonzero((first.predicted != second.predicted).any(axis=1)).tolist()
    return Comparison(
        verdict=_verdict(differences["macro_f1"]),
        differences=differences,
        only_first_right=only_first,
        only_second_right=only_second,
        p_value=float(binomtest(only_first, differ).pvalue) if differ else 1.0,
        changes=[
            Change(
                texts[row],
                origins[row],
                *(
                    _named(bits[row], first.names)
                    for bits in (first.truth, first.predicted, second.predicted)
                ),
            )
            for row in changed
        ],
        statements=len(first),
        notes=list(notes),
    )


def _differences(first: ScoredStatements, second: ScoredStatements) -> dict[str, Difference]:
    one, other = asdict(compute_metrics(first)), asdict(compute_metrics(second))
    named = {
        "macro_f1": "macro.f1",
        "macro_average_precision": "macro.average_precision",
        "main_stance_accuracy": "main_stance_accuracy",
        "exact_set_accuracy": "exact_set_accuracy",
    }
    pairs = {name: (one[name], other[name], key) for name, key in named.items()}
    for name in first.names:
        values = (found["by_stance"][name]["f1"] for found in (one, other))
        pairs[f"{name}_f1"] = (*values, f"{name}.f1")
    several = first.group_count > 1
    drawn, redrawn = (replicates(each) if several else {} for each in (first, second))
    differences = {}
    for name, (a, b, key) in pairs.items():
        between = confidence_interval(redrawn[key] - drawn[key]) if key in drawn else None
        known = a is not None and b is not None
        differences[name] = Difference(
            a, b, b - a if known else None, *(between if known and between else (None, None))
        )
    return differences


def _verdict(found: Difference) -> str:
    if found.difference is None or found.low is None or found.high is None:
        return "too little to tell which is better"
    if found.low > 0 or found.high < 0:
        better = "B" if found.low > 0 else "A"
        low, high = sorted((abs(found.low), abs(found.high)))
        return (
            f"{better} is better by {abs(found.difference):.3f} macro-F1 ({low:.3f} to {high:.3f})"
        )
    return (
        f"no telling which is better: macro-F1 of B is {found.difference:+.3f} "
        f"({found.low:+.3f} to {found.high:+.3f})"
    )


def _named(row: np.ndarray[tuple[int], np.dtype[np.bool_]], names: Sequence[str]) -> str:
    return ",".join(name for name, is_there in zip(names, row, strict=True) if is_there) or NONE
