"""Stage: labelled statements in, a model and its card out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline import card, corpus, model, store
from pipeline.bootstrap import estimates
from pipeline.errors import StanceError
from pipeline.figures import Evaluation, Scored, figures, held_out
from pipeline.scorer import Scorer
from pipeline.settings import SETTINGS
from pipeline.stances import STANCES


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


def train(
    data: Sequence[str | Path], folder: str | Path = "models", *, force: bool = False
) -> Training:
    """Train a model on labelled files and save it.

    Parameters
    ----------
    data : sequence of paths
        What `pipeline.corpus.load` takes.
    folder : path
        Where the model, its manifest and its card are written.
    force : bool
        Whether files there that are not from a training may be overwritten.

    Returns
    -------
    Training

    Raises
    ------
    pipeline.corpus.CorpusError
        If the files have problems or hold too little of a stance; nothing is written then.
    StanceError
        If another training is writing to the folder, or other files are in the way.
    """
    started = time.perf_counter()
    if not force:
        store.check_ours(Path(folder), (card.CARD_FILE, card.TRAINING_FILE))
    statements = corpus.load(data)
    training_part, test_part = corpus.split(statements)
    corpus.require_trainable(training_part)
    with _alone(Path(folder)):
        classifier = model.StanceClassifier()
        classifier.fit(training_part.texts, training_part.stances, groups=training_part.groups)
        scored = held_out(classifier, training_part)
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
            card=path.with_name(card.CARD_FILE),
            statements=len(training_part),
            held_out=len(test_part),
            counts=training_part.counts(),
            terms=classifier.coef_.shape[1],
            thresholds=dict(zip(STANCES, map(float, classifier.thresholds_), strict=True)),
            cross_validation=figures(scored),
            seconds=time.perf_counter() - started,
            notes=statements.notes,
        )
        _write_metrics(training, scored)
        card.write(path)
    Scorer.load(path)  # compiles the kernel, so that the first sentence need not wait for it
    return training


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout:
        raise StanceError(
            f"another training is writing to {folder}; wait for it, or use --models for another "
            "folder"
        ) from None


def _write_metrics(training: Training, scored: Scored) -> None:
    metrics = {
        "schema_version": card.SCHEMA_VERSION,
        "model": store.read_manifest(training.model)["files"][training.model.name],
        "statements": training.statements,
        "held_out": training.held_out,
        "counts": training.counts,
        "terms": training.terms,
        "thresholds": training.thresholds,
        "notes": training.notes,
        "cross_validation": estimates(scored),
    }
    content = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False)
    store.write_text(training.model.with_name(card.TRAINING_FILE), content + "\n")
