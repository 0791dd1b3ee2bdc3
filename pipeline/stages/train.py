"""Stage: labelled statements in, a model and its card out."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from filelock import FileLock, Timeout
from sklearn.frozen import FrozenEstimator

from pipeline.corpus.corpus import Corpus, load_corpus, require_trainable
from pipeline.corpus.leakage import files_digest
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import CorpusError, LabelProblem, ModelError, StanceError
from pipeline.evaluation.bootstrap import metrics_with_intervals
from pipeline.evaluation.metrics import Metrics, ScoredStatements, compute_metrics
from pipeline.files import SHIPPED_STATEMENTS, shipped_statements, write_text
from pipeline.inference.build import build_arrays
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import (
    CARD_FILE,
    EVALUATION_FOLDER,
    MODEL_FILE,
    SCHEMA_VERSION,
    TABLE_FILE,
    TRAINING_FILE,
    check_ours,
    find_model,
    read_manifest,
    save_files,
)
from pipeline.model.classifier import StanceClassifier
from pipeline.model.model_card import render_model_card
from pipeline.model.news import NewsWeights
from pipeline.model.persistence import load_classifier
from pipeline.model.verification import installed_versions
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
        The minimum probability at which each stance is predicted.
    cross_validation : Metrics
        Figures on the training statements from folds that had not seen their group.
    news : dict or None
        Of the shipped model: how well it did on whole articles of documents held out; see
        `NewsWeights.facts`.
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
    cross_validation: Metrics
    news: dict[str, Any] | None
    seconds: float
    notes: list[str]


def train(
    data: Sequence[str | Path],
    folder: str | Path = "models",
    *,
    prior: str = "shipped",
    rates: str | None = None,
    force: bool = False,
) -> Training:
    """Train a model on labelled files and save it.

    Parameters
    ----------
    data : sequence of paths
        What `pipeline.corpus.corpus.load_corpus` takes.
    folder : path
        Where the model, its manifest and its card are written.
    prior : {"shipped", "none"}
        What labels of your own start from: the model of the shipped statements and of real news,
        which they then correct, or nothing. Of no account for the shipped statements.
    rates : {"news", "data"}, optional
        Whose rates probabilities and thresholds hold at: those of whole news articles, or those of
        `data`. Without it, of news for the shipped statements and of the data for others.
    force : bool
        Whether files there that are not from a training may be overwritten.

    Returns
    -------
    Training

    Raises
    ------
    pipeline.errors.CorpusError
        If the files have problems or hold too little of a stance; nothing is written then.
    StanceError
        If another training is writing to the folder, or other files are in the way.
    """
    started = time.perf_counter()
    if not force:
        check_ours(Path(folder), (CARD_FILE, TRAINING_FILE))
    statements = load_corpus(data)
    training_part, test_part = split_corpus(statements)
    require_trainable(training_part)
    with _alone(Path(folder)):
        classifier = _untrained(statements, Path(folder), prior, rates)
        classifier.fit(training_part.texts, training_part.stances, groups=training_part.groups)
        scored = held_out_scores(classifier, training_part)
        news = None if classifier.news is None else classifier.news.facts
        metrics: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "statements": len(training_part),
            "held_out": len(test_part),
            "counts": training_part.counts(),
            "terms": classifier.coef_.shape[1],
            "thresholds": dict(zip(STANCES, map(float, classifier.thresholds_), strict=True)),
            "notes": statements.notes,
            "cross_validation": metrics_with_intervals(scored),
            "news": news,
        }
        path = save_model(
            classifier,
            folder,
            metrics,
            data=statements.files,
            statements=len(training_part),
            test_share=SETTINGS.test_share,
            settings=asdict(SETTINGS),
            prior=None if classifier.prior is None else "shipped",
            rates=classifier.rates,
            news=news,
        )
        training = Training(
            model=path,
            card=path.with_name(CARD_FILE),
            statements=metrics["statements"],
            held_out=metrics["held_out"],
            counts=metrics["counts"],
            terms=metrics["terms"],
            thresholds=metrics["thresholds"],
            cross_validation=compute_metrics(scored),
            news=news,
            seconds=time.perf_counter() - started,
            notes=statements.notes,
        )
    Predictor.load(path)  # compiles the kernel, so that the first sentence need not wait for it
    return training


def _untrained(statements: Corpus, folder: Path, prior: str, rates: str | None) -> StanceClassifier:
    """Return what to fit: with news for the shipped statements, else with a prior or plain."""
    if _are_shipped(statements):
        return StanceClassifier(news=NewsWeights.load(), rates=rates or "news")
    if prior == "shipped":
        return StanceClassifier(prior=FrozenEstimator(_shipped(folder)), rates=rates or "data")
    if prior == "none":
        return StanceClassifier(rates=rates or "data")
    raise StanceError(f"no prior {prior!r}; give 'shipped' or 'none'")


def _are_shipped(statements: Corpus) -> bool:
    files = {Path(name).resolve() for name in statements.files}
    shipped = set(SHIPPED_STATEMENTS.rglob("*.jsonl"))
    return bool(shipped) and files >= shipped


def _shipped(folder: Path) -> StanceClassifier:
    """Load the model of the shipped statements from a folder, or else train it."""
    statements = load_corpus(shipped_statements("start from nothing: --prior none"))
    try:
        known = load_classifier(folder)
        trained_on = read_manifest(find_model(folder)).get("data", {})
        if known.news is not None and files_digest(trained_on) == files_digest(statements.files):
            return known
    except ModelError:
        pass
    part, _ = split_corpus(statements)
    classifier = StanceClassifier(news=NewsWeights.load(), rates="news")
    return classifier.fit(part.texts, part.stances, groups=part.groups)


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


def _write_metrics(path: Path, metrics: Mapping[str, Any]) -> None:
    """Write what training measured, with the hash of the model that stands beside."""
    content = path.with_name(MODEL_FILE).read_bytes()
    model = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    text = json.dumps({**metrics, "model": model}, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def held_out_scores(classifier: StanceClassifier, trained_on: Corpus) -> ScoredStatements:
    """Return a model's held-out scores beside the labels it was trained on.

    Parameters
    ----------
    classifier : StanceClassifier
        Fitted on `trained_on`.
    trained_on : Corpus
        The statements, in the same order.

    Returns
    -------
    ScoredStatements
        The statements that have held-out scores.

    Raises
    ------
    pipeline.errors.CorpusError
        If none has.
    """
    rows = np.flatnonzero(~np.isnan(classifier.held_out_scores_).any(axis=1))
    if not len(rows):
        what = "too few groups have every stance, so nothing can be held out"
        remedy = "add groups, or leave the group column out"
        raise CorpusError([LabelProblem(", ".join(trained_on.files), None, what, remedy)])
    part = trained_on.select(rows)
    scores = classifier.held_out_scores_[rows]
    return ScoredStatements.of(part.stances, scores, classifier.thresholds_, part.groups)


def save_model(
    model: StanceClassifier,
    folder: str | Path,
    metrics: Mapping[str, Any] | None = None,
    **provenance: object,
) -> Path:
    """Save a model, its table of weights, their manifest and its card, all in one step.

    Parameters
    ----------
    model : StanceClassifier
        A fitted model.
    folder : path
        Made if it is not there.
    metrics : mapping, optional
        What training measured, for ``training.json`` and the card.
    **provenance
        Written to the manifest: what the model was trained on, and the like.

    Returns
    -------
    Path
        The model file.
    """
    files: dict[str, Callable[[Path], object]] = {
        MODEL_FILE: lambda path: joblib.dump(model, path, compress=3),
        TABLE_FILE: build_arrays(model).save,
    }
    if metrics is not None:
        files[TRAINING_FILE] = lambda path: _write_metrics(path, metrics)
    evaluation = Path(folder) / EVALUATION_FOLDER
    described = {
        CARD_FILE: lambda path: write_text(
            path, render_model_card(path.with_name(MODEL_FILE), evaluation)
        )
    }
    versions = installed_versions()
    return save_files(folder, files, described, versions=versions, **provenance) / MODEL_FILE
