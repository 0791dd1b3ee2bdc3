"""Stage: a model and labelled statements in, figures, plots and a report out."""

from __future__ import annotations

import json
import math
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

from pipeline import baselines, behaviour, card, corpus, model, plots, store
from pipeline.bootstrap import estimates
from pipeline.confidence import abstention, reliability
from pipeline.errors import StanceError
from pipeline.figures import Evaluation, Scored, figures, main_names
from pipeline.mistakes import mistakes
from pipeline.pages.report import page
from pipeline.readers import Mapping
from pipeline.settings import SETTINGS
from pipeline.slices import slices
from pipeline.stances import NONE, STANCES
from pipeline.tabulate import tabulate
from pipeline.unseen import digest, training_part, unseen

METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.parquet"
PAGE_FILE = "report.html"
PLOTS_FOLDER = "plots"
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

    figures: Evaluation
    metrics: dict[str, Any]
    page: Path
    notes: list[str]


def evaluate(
    data: Sequence[str | Path],
    model_path: str | Path | None = None,
    report: str | Path | None = None,
    *,
    mapping: Mapping | None = None,
    only: Sequence[str] = STANCES,
    learning_curve: bool = False,
    command: str | None = None,
    force: bool = False,
) -> Report:
    """Evaluate a saved model on labelled files.

    Parameters
    ----------
    data : sequence of paths
        What `pipeline.corpus.load` takes. Statements the model was trained on are left out.
    model_path : path, optional
        See `pipeline.store.find`.
    report : path, optional
        Folder to write to; without it ``evaluation`` beside the model, and then the model card is
        written anew too.
    mapping : Mapping, optional
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
    pipeline.corpus.CorpusError
        If the files have problems, or nothing in them was held out.
    pipeline.store.ModelError
        If there is no fitting model.
    StanceError
        If other files are in the way of the report.
    """
    started = time.perf_counter()
    path = store.find(model_path)
    folder = Path(report) if report else path.parent / card.EVALUATION_FOLDER
    _check_ours(folder, force=force)
    classifier = model.load(path)
    manifest = store.read_manifest(path)
    learned_from = training_part(path, manifest)
    statements = unseen(corpus.load(data, mapping), manifest, learned_from)
    texts, stances, groups = statements.texts, statements.stances, statements.groups
    notes = list(statements.notes)

    def score(scores: Any, thresholds: Any) -> Scored:
        return Scored.of(stances, scores, thresholds, groups, only)

    scored = score(classifier.predict_proba(texts), classifier.thresholds_)
    systems = {"this model": scored}
    if learned_from is None:
        notes.append(
            "the statements it was trained on have moved or changed, so there are no plain words"
        )
    else:
        systems["plain words"] = score(*baselines.plain_words(learned_from, texts))
    systems["cue rules"] = score(*baselines.cue_rules(texts))
    systems["always none"] = score(*baselines.always_none(texts))
    curve = _learning_curve(
        folder, statements, manifest, learned_from, score if learning_curve else None
    )
    weights = {name: classifier.weights(name, SHOWN_TERMS) for name in scored.names}
    metrics: dict[str, Any] = {
        "schema_version": card.SCHEMA_VERSION,
        "name": ", ".join(map(corpus.shown, data)),
        "notes": notes,
        "statements": len(scored),
        "groups": scored.group_count,
        "counts": _counts(scored),
        "thresholds": dict(zip(scored.names, scored.thresholds, strict=True)),
        "systems": [
            {"name": name, **estimates(each), "abstention": abstention(each)}
            for name, each in systems.items()
        ],
        "slices": slices(statements, scored),
        "reliability": reliability(scored),
        "confusion": _confusion(scored),
        "learning_curve": curve,
        "mistakes": mistakes(statements, scored, tabulate(classifier)),
        "behaviour": _behaviour(classifier, notes),
        "country_swap": behaviour.swap_countries(texts, classifier),
        "weights": weights,
        "data": {
            "files": statements.files,
            "sha256": digest(statements.files),
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
            "data_sha256": digest(manifest.get("data", {})),
        },
        "run": {
            "command": command,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "seconds": None,
        },
    }
    drawn = list(plots.draw(scored, metrics, weights))
    metrics["plots"] = [{"name": name, "description": text} for name, text, _ in drawn]
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        (aside / PLOTS_FOLDER).mkdir(parents=True)
        images = {
            name: plots.save(drawing, aside / PLOTS_FOLDER, name) for name, _, drawing in drawn
        }
        _predictions(statements, scored).to_parquet(aside / PREDICTIONS_FILE)
        metrics["run"]["seconds"] = time.perf_counter() - started
        metrics = finite(metrics)
        (aside / PAGE_FILE).write_text(page(metrics, images), encoding="utf-8")
        content = json.dumps(metrics, indent=1, ensure_ascii=False, allow_nan=False)
        (aside / METRICS_FILE).write_text(content + "\n", encoding="utf-8")
        _swap_in(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if report is None:
        card.write(path)
    return Report(figures(scored, notes), metrics, folder / PAGE_FILE, notes)


def _counts(scored: Scored) -> dict[str, int]:
    counts = dict(zip(scored.names, scored.truth.sum(axis=0), strict=True))
    return {**counts, NONE: (~scored.truth.any(axis=1)).sum()}


def _confusion(scored: Scored) -> dict[str, Any]:
    names = main_names(scored)
    found = confusion_matrix(scored.main, scored.main_given, labels=range(len(names)))
    return {"names": list(names), "counts": found.tolist()}


def _behaviour(classifier: model.StanceClassifier, notes: list[str]) -> dict[str, Any] | None:
    try:
        return behaviour.summary(behaviour.run(behaviour.load(), classifier))
    except StanceError as error:
        notes.append(str(error))
        return None


def _learning_curve(
    folder: Path,
    statements: corpus.Corpus,
    manifest: dict[str, Any],
    learned_from: corpus.Corpus | None,
    score: Any | None,
) -> dict[str, Any] | None:
    """Find the curve in an earlier report on the same model and data, or train for it if asked."""
    key = digest({"data": digest(statements.files), "model": json.dumps(manifest["files"])})
    earlier = _earlier(folder).get("learning_curve")
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
            trained = model.StanceClassifier().fit(part.texts, part.stances, groups=part.groups)
        except ValueError:  # too few groups to have every stance
            continue
        found = estimates(
            score(trained.predict_proba(statements.texts), trained.thresholds_), False
        )
        points.append({"statements": len(part), "macro_f1": found["macro"]["f1"]})
    return {"key": key, "points": points} if points else None


def _earlier(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _predictions(statements: corpus.Corpus, scored: Scored) -> Any:
    names = np.array(main_names(scored))
    table = statements.statements.to_pandas()[["origin", "text"]]
    return table.assign(
        group=statements.groups,
        main=names[scored.main],
        stances=[list(names[:-1][row]) for row in scored.truth],
        main_given=names[scored.main_given],
        stances_given=[list(names[:-1][row]) for row in scored.given],
        **{name: scored.scores[:, k] for k, name in enumerate(scored.names)},
    )


def _check_ours(folder: Path, *, force: bool) -> None:
    """Check that a report into a folder overwrites nothing but an earlier one."""
    is_earlier = "schema_version" in _earlier(folder)
    for name in (METRICS_FILE, PREDICTIONS_FILE, PAGE_FILE, PLOTS_FOLDER):
        store.check_free(folder / name, force=force or is_earlier)


def _swap_in(aside: Path, folder: Path) -> None:
    """Put a report's files in place, the metrics last, and delete plots it no longer has."""
    earlier = _earlier(folder).get("plots", [])
    (folder / PLOTS_FOLDER).mkdir(parents=True, exist_ok=True)
    files = [file.relative_to(aside) for file in aside.rglob("*") if file.is_file()]
    for file in sorted(files, key=lambda file: file.name == METRICS_FILE):
        (aside / file).replace(folder / file)
    for plot in earlier:
        for ending in (".svg", ".png"):
            name = Path(PLOTS_FOLDER, Path(plot["name"]).name + ending)
            if name not in files:
                (folder / name).unlink(missing_ok=True)


def finite(value: Any) -> Any:
    """Make a value ready for JSON: plain numbers, and None for those that are not finite.

    Examples
    --------
    >>> finite({"a": np.float64("nan"), "b": (np.int64(1), np.float64(0.5))})
    {'a': None, 'b': [1, 0.5]}
    """
    if isinstance(value, dict):
        return {str(key): finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float):
        return round(plain, 6) if math.isfinite(plain) else None
    return plain
