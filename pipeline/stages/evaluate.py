"""Stage: a model and labelled statements in, figures, plots and a report out."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.labels import LabelMapping
from pipeline.corpus.leakage import exclude_training_statements, files_digest, load_training_split
from pipeline.errors import StanceError
from pipeline.evaluation.baselines import always_none, cue_rules, plain_words
from pipeline.evaluation.behaviour import load_cases, run_cases, summarize, swap_countries
from pipeline.evaluation.bootstrap import metrics_with_intervals
from pipeline.evaluation.calibration import reliability, selective_accuracy
from pipeline.evaluation.error_analysis import most_confident_errors
from pipeline.evaluation.metrics import Metrics, ScoredStatements, compute_metrics, main_names
from pipeline.evaluation.plots import draw, save
from pipeline.evaluation.report import render_report
from pipeline.evaluation.report_files import (
    METRICS_FILE,
    PAGE_FILE,
    PLOTS_FOLDER,
    PREDICTIONS_FILE,
    check_ours,
    earlier_metrics,
    finite,
    predictions_frame,
    swap_in,
)
from pipeline.evaluation.slices import metrics_by_slice
from pipeline.files import shown_path
from pipeline.inference.build import build_arrays
from pipeline.model.artifacts import EVALUATION_FOLDER, SCHEMA_VERSION, find_model, read_manifest
from pipeline.model.classifier import StanceClassifier
from pipeline.model.model_card import write_model_card
from pipeline.model.persistence import load_classifier
from pipeline.settings import SETTINGS
from pipeline.stances import NONE, STANCES

SHOWN_TERMS = 8
CURVE_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)


@dataclass(frozen=True)
class Report:
    """What an evaluation found and wrote.

    Attributes
    ----------
    figures : Evaluation
        The main figures.
    metrics : dict
        Everything, as in ``metrics.json``.
    page : Path
        The report.
    notes : list of str
        What the reader should know, such as statements left out.
    """

    figures: Metrics
    metrics: dict[str, Any]
    page: Path
    notes: list[str]


def evaluate(
    data: Sequence[str | Path],
    model_path: str | Path | None = None,
    report: str | Path | None = None,
    *,
    mapping: LabelMapping | None = None,
    only: Sequence[str] = STANCES,
    learning_curve: bool = False,
    command: str | None = None,
    force: bool = False,
) -> Report:
    """Evaluate a saved model on labelled files.

    Parameters
    ----------
    data : sequence of paths
        What `load_corpus` takes. Statements the model was trained on are left out.
    model_path : path, optional
        See `pipeline.model.artifacts.find_model`.
    report : path, optional
        Folder to write to; without it ``evaluation`` beside the model, and then the model card is
        written anew too.
    mapping : LabelMapping, optional
        For labels of another scheme.
    only : sequence of str
        The stances to look at; the others count as none.
    learning_curve : bool
        Whether to train on parts of the training statements, to see what more would bring.
    command : str, optional
        Noted in the report.
    force : bool
        Whether files in the folder that are no earlier report may be overwritten.

    Returns
    -------
    Report

    Raises
    ------
    pipeline.errors.CorpusError
        If the files have problems, or nothing in them was held out.
    pipeline.errors.ModelError
        If there is no fitting model.
    StanceError
        If other files are in the way of the report.
    """
    started = time.perf_counter()
    path = find_model(model_path)
    folder = Path(report) if report else path.parent / EVALUATION_FOLDER
    check_ours(folder, force=force)
    classifier = load_classifier(path)
    manifest = read_manifest(path)
    learned_from = load_training_split(path, manifest)
    statements = exclude_training_statements(load_corpus(data, mapping), manifest, learned_from)
    texts, stances, groups = statements.texts, statements.stances, statements.groups
    notes = list(statements.notes)

    def score(scores: Any, thresholds: Any) -> ScoredStatements:
        return ScoredStatements.of(stances, scores, thresholds, groups, only)

    scored = score(classifier.predict_proba(texts), classifier.thresholds_)
    systems = {"this model": scored}
    if learned_from is None:
        notes.append(
            "the statements it was trained on have moved or changed, so there are no plain words"
        )
    else:
        systems["plain words"] = score(*plain_words(learned_from, texts))
    systems["cue rules"] = score(*cue_rules(texts))
    systems["always none"] = score(*always_none(texts))
    curve = _learning_curve(
        folder, statements, manifest, learned_from, score if learning_curve else None
    )
    weights = {name: classifier.weights(name, SHOWN_TERMS) for name in scored.names}
    metrics: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "name": ", ".join(map(shown_path, data)),
        "notes": notes,
        "statements": len(scored),
        "groups": scored.group_count,
        "counts": _counts(scored),
        "thresholds": dict(zip(scored.names, scored.thresholds, strict=True)),
        "systems": [
            {"name": name, **metrics_with_intervals(each), "abstention": selective_accuracy(each)}
            for name, each in systems.items()
        ],
        "slices": metrics_by_slice(statements, scored),
        "reliability": reliability(scored),
        "confusion": _confusion(scored),
        "learning_curve": curve,
        "mistakes": most_confident_errors(statements, scored, build_arrays(classifier).explain),
        "behaviour": _behaviour(classifier, notes),
        "country_swap": swap_countries(texts, classifier),
        "weights": weights,
        "data": {
            "files": statements.files,
            "sha256": files_digest(statements.files),
            "grouped": "group" in statements.statements.column_names,
            "mapping": mapping.meaning if mapping else None,
            "only": list(scored.names),
        },
        "model": {
            "file": path.name,
            "sha256": manifest["files"][path.name]["sha256"],
            "created": manifest.get("created"),
            "versions": manifest["versions"],
            "statements": manifest.get("statements"),
            "files": len(manifest.get("data", {})),
            "data_sha256": files_digest(manifest.get("data", {})),
        },
        "run": {
            "command": command,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "seconds": None,
        },
    }
    drawn = list(draw(scored, metrics, weights))
    metrics["plots"] = [{"name": name, "description": text} for name, text, _ in drawn]
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        (aside / PLOTS_FOLDER).mkdir(parents=True)
        images = {name: save(drawing, aside / PLOTS_FOLDER, name) for name, _, drawing in drawn}
        predictions_frame(statements, scored).to_parquet(aside / PREDICTIONS_FILE)
        metrics["run"]["seconds"] = time.perf_counter() - started
        metrics = finite(metrics)
        (aside / PAGE_FILE).write_text(render_report(metrics, images), encoding="utf-8")
        content = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False)
        (aside / METRICS_FILE).write_text(content + "\n", encoding="utf-8")
        swap_in(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if report is None:
        write_model_card(path)
    return Report(compute_metrics(scored, notes), metrics, folder / PAGE_FILE, notes)


def _counts(scored: ScoredStatements) -> dict[str, int]:
    counts = dict(zip(scored.names, scored.truth.sum(axis=0), strict=True))
    return {**counts, NONE: (~scored.truth.any(axis=1)).sum()}


def _confusion(scored: ScoredStatements) -> dict[str, Any]:
    names = main_names(scored)
    found = confusion_matrix(scored.main, scored.predicted_main, labels=range(len(names)))
    return {"names": list(names), "counts": found.tolist()}


def _behaviour(classifier: StanceClassifier, notes: list[str]) -> dict[str, Any] | None:
    try:
        return summarize(run_cases(load_cases(), classifier))
    except StanceError as error:
        notes.append(str(error))
        return None


def _learning_curve(
    folder: Path,
    statements: Corpus,
    manifest: dict[str, Any],
    learned_from: Corpus | None,
    score: Any | None,
) -> dict[str, Any] | None:
    """Find the curve in an earlier report on the same model and data, or train for it if asked."""
    key = files_digest(
        {"data": files_digest(statements.files), "model": json.dumps(manifest["files"])}
    )
    earlier = earlier_metrics(folder).get("learning_curve")
    if earlier and earlier.get("key") == key:
        return dict(earlier)
    if score is None or learned_from is None:
        return None
    names = np.unique(learned_from.groups)
    order = np.random.default_rng(SETTINGS.seed).permutation(names)
    groups = np.array(learned_from.groups)
    points = []
    for share in (*CURVE_SHARES, 1.0):
        kept = order[: max(1, round(share * len(order)))]
        part = learned_from.select(np.flatnonzero(np.isin(groups, kept)))
        try:
            trained = StanceClassifier().fit(part.texts, part.stances, groups=part.groups)
        except ValueError:  # too few groups to have every stance
            continue
        found = metrics_with_intervals(
            score(trained.predict_proba(statements.texts), trained.thresholds_), False
        )
        points.append({"statements": len(part), "macro_f1": found["macro"]["f1"]})
    return {"key": key, "points": points} if points else None
