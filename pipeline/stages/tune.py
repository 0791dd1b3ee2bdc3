"""Stage: search for settings by grouped cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from pipeline.corpus.corpus import load_corpus, require_trainable
from pipeline.corpus.splitting import split_corpus
from pipeline.evaluation.metrics import compute_metrics
from pipeline.model.classifier import StanceClassifier
from pipeline.settings import SETTINGS, Settings
from pipeline.stages.train import held_out_scores

GRID: dict[str, tuple[float, ...]] = {
    "C": (10.0, SETTINGS.C, 90.0),
    "min_df": (SETTINGS.min_df, 3),
    "ratio_power": (0.0, SETTINGS.ratio_power, 1.0),
}


@dataclass(frozen=True)
class Trial:
    """One choice of settings and how it did on held-out folds.

    Attributes
    ----------
    settings : Settings
        What was tried.
    macro_average_precision, macro_f1 : float
        On the held-out folds of the training part.
    """

    settings: Settings
    macro_average_precision: float
    macro_f1: float


def tune(data: Sequence[str | Path], tried: Callable[[Trial], None] | None = None) -> list[Trial]:
    """Try every combination of `GRID` on the training part of labelled files.

    Parameters
    ----------
    data : sequence of paths
        What `pipeline.corpus.corpus.load_corpus` takes.
    tried : callable, optional
        Called with each trial as it ends.

    Returns
    -------
    list of Trial
        Best macro average precision first; it needs no threshold, so it varies less than F1.

    Raises
    ------
    pipeline.errors.CorpusError
        If the files have problems or hold too little of a stance.
    """
    part, _ = split_corpus(load_corpus(data))
    require_trainable(part)
    trials = []
    for values in product(*GRID.values()):
        chosen = replace(SETTINGS, **dict(zip(GRID, values, strict=True)))  # type: ignore[arg-type]
        classifier = StanceClassifier(**{name: getattr(chosen, name) for name in GRID})
        classifier.fit(part.texts, part.stances, groups=part.groups)
        found = compute_metrics(held_out_scores(classifier, part))
        trials.append(Trial(chosen, found.macro_average_precision or 0.0, found.macro_f1 or 0.0))
        if tried is not None:
            tried(trials[-1])
    return sorted(trials, key=lambda trial: -trial.macro_average_precision)
