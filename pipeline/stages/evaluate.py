"""Stage: a model and labelled statements in, metrics, plots and a report out.

It measures what is served: the arrays that `predict` reads, not the estimator they come from.
"""

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
from pipeline.evaluation.baselines import Baseline, always_none, cue_rules, plain_words
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
from pipeline.files import CARRIED_MODEL, shown_path
from pipeline.inference.explanation import strongest_terms
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import EVALUATION_FOLDER, SCHEMA_VERSION, find_model, read_manifest
from pipeline.model.classifier import StanceClassifier
from pipeline.model.model_card import write_model_card
from pipeline.model.news import whole_article_line
from pipeline.settings import SETTINGS
from pipeline.stances import NONE, STANCES

SHOWN_TERMS = 8
CURVE_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)


@dataclass(frozen=True)
class Report:
    """What an evaluation found and wrote.

    Attributes
    ----------
    figures : Metrics
        The main ones.
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
        written again too. For the model that the package carries, in the current folder.
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
    if report is None and path.parent == CARRIED_MODEL:
        report = EVALUATION_FOLDER
    folder = Path(report) if report else path.parent / EVALUATION_FOLDER
    check_ours(folder, force=force)
    loaded = path.resolve()  # one training's files, whatever is put in place meanwhile
    predictor, manifest = Predictor.load(loaded), read_manifest(loaded)
    learned_from = load_training_split(path, manifest)
    statements = exclude_training_statements(load_corpus(data, mapping), manifest, learned_from)
    notes = list(statements.notes)

    def beside_labels(scores: Any, thresholds: Any) -> ScoredStatements:
        return ScoredStatements.of(statements.stances, scores, thresholds, statements.groups, only)

    scored = beside_labels(predictor.predict_proba(statements.texts), predictor.thresholds)
    baselines = _baselines(learned_from, statements.texts, notes)
    systems = {name: beside_labels(*found) for name, found in baselines.items()}
    train_curve = beside_labels if learning_curve else None
    metrics = {
        "schema_version": SCHEMA_VERSION,
        "name": ", ".join(map(shown_path, data)),
        "whole_articles": manifest.get("news") and whole_article_line(manifest["news"]),
        "notes": notes,
        **_measured(statements, scored, {"this model": scored, **systems}),
        "learning_curve": _learning_curve(folder, statements, manifest, learned_from, train_curve),
        **_examined(predictor, statements, scored, notes),
        "data": _data_facts(statements, mapping, scored),
        "model": _model_facts(path, manifest),
        "run": _run_facts(command),
    }
    metrics = _write_report(folder, statements, scored, metrics, started)
    if report is None:
        write_model_card(path)
    return Report(compute_metrics(scored, notes), metrics, folder / PAGE_FILE, notes)


def _baselines(
    learned_from: Corpus | None, texts: list[str], notes: list[str]
) -> dict[str, Baseline]:
    found = {"cue rules": cue_rules(texts), "always none": always_none(texts)}
    if learned_from is not None:
        return {"plain words": plain_words(learned_from, texts), **found}
    notes.append(
        "the statements it was trained on have moved or changed, so there are no plain words"
    )
    return found


def _measured(
    statements: Corpus, scored: ScoredStatements, systems: dict[str, ScoredStatements]
) -> dict[str, Any]:
    return {
        "statements": len(scored),
        "groups": scored.group_count,
        "counts": _counts(scored),
        "thresholds": dict(zip(scored.names, scored.thresholds, strict=True)),
        "systems": [
            {
                "name": name,
                **metrics_with_intervals(each),
                "selective_accuracy": selective_accuracy(each),
            }
            for name, each in systems.items()
        ],
        "slices": metrics_by_slice(statements, scored),
        "reliability": reliability(scored),
        "confusion": _confusion(scored),
    }


def _examined(
    predictor: Predictor, statements: Corpus, scored: ScoredStatements, notes: list[str]
) -> dict[str, Any]:
    arrays = predictor.arrays
    return {
        "errors": most_confident_errors(statements, scored, arrays.explain),
        "behaviour": _behaviour(predictor, notes),
        "country_swap": swap_countries(statements.texts, predictor),
        "weights": {name: strongest_terms(arrays, name, SHOWN_TERMS) for name in scored.names},
    }


def _data_facts(
    statements: Corpus, mapping: LabelMapping | None, scored: ScoredStatements
) -> dict[str, Any]:
    return {
        "files": statements.files,
        "sha256": files_digest(statements.files),
        "grouped": "group" in statements.statements.column_names,
        "mapping": mapping.meaning if mapping else None,
        "only": list(scored.names),
    }


def _model_facts(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "file": path.name,
        "sha256": manifest["files"][path.name]["sha256"],
        "created": manifest.get("created"),
        "versions": manifest["versions"],
        "statements": manifest.get("statements"),
        "files": len(manifest.get("data", {})),
        "data_sha256": files_digest(manifest.get("data", {})),
    }


def _run_facts(command: str | None) -> dict[str, Any]:
    return {
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "seconds": None,
    }


def _write_report(
    folder: Path,
    statements: Corpus,
    scored: ScoredStatements,
    metrics: dict[str, Any],
    started: float,
) -> dict[str, Any]:
    """Write a report aside, then put it in place; return its metrics as they are written."""
    drawn = list(draw(scored, metrics, metrics["weights"]))
    plots = [{"name": name, "description": text} for name, text, _ in drawn]
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        (aside / PLOTS_FOLDER).mkdir(parents=True)
        images = {name: save(drawing, aside / PLOTS_FOLDER, name) for name, _, drawing in drawn}
        predictions_frame(statements, scored).to_parquet(aside / PREDICTIONS_FILE)
        run = {**metrics["run"], "seconds": time.perf_counter() - started}
        written: dict[str, Any] = finite({**metrics, "plots": plots, "run": run})
        (aside / PAGE_FILE).write_text(render_report(written, images), encoding="utf-8")
        content = json.dumps(written, indent=1, ensure_ascii=False, allow_nan=False)
        (aside / METRICS_FILE).write_text(content + "\n", encoding="utf-8")
        swap_in(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return written


def _counts(scored: ScoredStatements) -> dict[str, int]:
    counts = dict(zip(scored.names, scored.truth.sum(axis=0), strict=True))
    return {**counts, NONE: (~scored.truth.any(axis=1)).sum()}


def _confusion(scored: ScoredStatements) -> dict[str, Any]:
    names = main_names(scored)
    found = confusion_matrix(scored.main, scored.predicted_main, labels=range(len(names)))
    return {"names": list(names), "counts": found.tolist()}


def _behaviour(predictor: Predictor, notes: list[str]) -> dict[str, Any] | None:
    try:
        return summarize(run_cases(load_cases(), predictor))
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
