"""Stage: labelled statements in, a model and its card out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from pipeline import corpus, model, store
from pipeline.evaluate import Evaluation, cross_validation
from pipeline.settings import SETTINGS
from pipeline.stances import DEFINITIONS, STANCES

CARD_FILE = "MODEL_CARD.md"


@dataclass(frozen=True)
class Training:
    """What a training run did.

    Attributes
    ----------
    model : Path
        The model file.
    card : Path
        The model card.
    statements, held_out : int
        Statements trained on, and statements kept back for evaluation.
    counts : dict of str to int
        Statements trained on by stance.
    terms : int
        Terms with a weight.
    thresholds : dict of str to float
        The least probability at which each stance is given.
    cross_validation : Evaluation
        Figures on the training statements from folds that had not seen their group.
    seconds : float
        Wall time.
    notes : list of str
        What the reader should know, such as duplicates dropped.
    """

    model: Path
    card: Path
    statements: int
    held_out: int
    counts: dict[str, int]
    terms: int
    thresholds: dict[str, float]
    cross_validation: Evaluation
    seconds: float
    notes: list[str]


def train(data: Sequence[str | Path], folder: str | Path = "models") -> Training:
    """Train a model on labelled files and save it.

    Parameters
    ----------
    data : sequence of paths
        What `pipeline.corpus.load` takes.
    folder : path
        Where the model, its manifest and its card are written.

    Returns
    -------
    Training

    Raises
    ------
    pipeline.corpus.CorpusError
        If the files have problems or hold too little of a stance; nothing is written then.
    """
    started = time.perf_counter()
    statements = corpus.load(data)
    training_part, test_part = corpus.split(statements)
    corpus.require_trainable(training_part)
    classifier = model.StanceClassifier()
    classifier.fit(training_part.texts, training_part.stances, groups=training_part.groups)
    result = cross_validation(classifier, training_part)
    path = model.save(
        classifier,
        folder,
        data=statements.files,
        statements=len(training_part),
        test_share=SETTINGS.test_share,
        settings=asdict(SETTINGS),
    )
    training = Training(
        model=path,
        card=path.with_name(CARD_FILE),
        statements=len(training_part),
        held_out=len(test_part),
        counts=training_part.counts(),
        terms=classifier.coef_.shape[1],
        thresholds=dict(zip(STANCES, map(float, classifier.thresholds_), strict=True)),
        cross_validation=result,
        seconds=time.perf_counter() - started,
        notes=statements.notes,
    )
    store.write_text(training.card, _card(training, statements.files))
    return training


def _card(training: Training, files: dict[str, str]) -> str:
    result = training.cross_validation
    table = pd.DataFrame(
        {
            name: {
                "trained on": f"{training.counts[name]:,}",
                "threshold": f"{training.thresholds[name]:.2f}",
                "precision": _number(found.precision),
                "recall": _number(found.recall),
                "F1": _number(found.f1),
                "average precision": _number(found.average_precision),
            }
            for name, found in result.by_stance.items()
        }
    ).T
    rows = [
        ["stance", *table.columns],
        ["---"] * (len(table.columns) + 1),
        *([name, *row] for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)),
    ]
    versions = "\n".join(f"- {name} {version}" for name, version in model.versions().items())
    definitions = "\n".join(f"- **{name}**: {text}" for name, text in DEFINITIONS.items())
    return f"""# Model card: stance classifier

Written by training; do not edit.

## What it does
TF-IDF and logistic regression; for an English news sentence, an independent probability of each
stance.

{definitions}

## What it learned from
{training.statements:,} statements in {len(files)} files ({training.counts["none"]:,} without a
stance), {training.held_out:,} more held out for `make evaluate`. {training.terms:,} terms.
{" ".join(training.notes)}

## How well it does on statements like those
Held-out folds over groups of the training statements; macro-F1 {_number(result.macro_f1)}, main
stance right {_number(result.main_stance_accuracy)}. Thresholds were chosen on these folds. Expect
less on text of another kind: measure with `make evaluate DATA=yours.jsonl`.

{chr(10).join("| " + " | ".join(row) + " |" for row in rows)}

## Intended use and limits
For finding and sorting statements that a person then reads. It reads one sentence at a time,
knows no context, does not tell whether a charge is true, and knows English only. Do not publish
its labels about people unread.

## Versions
{versions}
"""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
