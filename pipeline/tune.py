"""Stage: search for settings by grouped cross-validation and write them down for review."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from pipeline import corpus, model, settings, store
from pipeline.errors import StanceError
from pipeline.figures import figures, held_out
from pipeline.settings import SETTINGS, Settings

GRID: dict[str, tuple[float, ...]] = {
    "C": (20.0, 40.0, 80.0),
    "min_df": (2, 3),
    "ratio_power": (0.0, 0.5, 1.0),
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
        What `pipeline.corpus.load` takes.
    tried : callable, optional
        Called with each trial as it ends.

    Returns
    -------
    list of Trial
        Best macro average precision first; it needs no threshold, so it varies less than F1.

    Raises
    ------
    pipeline.corpus.CorpusError
        If the files have problems or hold too little of a stance.
    """
    part, _ = corpus.split(corpus.load(data))
    corpus.require_trainable(part)
    trials = []
    for values in product(*GRID.values()):
        chosen = replace(SETTINGS, **dict(zip(GRID, values, strict=True)))  # type: ignore[arg-type]
        classifier = model.StanceClassifier(**{name: getattr(chosen, name) for name in GRID})
        classifier.fit(part.texts, part.stances, groups=part.groups)
        found = figures(held_out(classifier, part))
        trials.append(Trial(chosen, found.macro_average_precision or 0.0, found.macro_f1 or 0.0))
        if tried is not None:
            tried(trials[-1])
    return sorted(trials, key=lambda trial: -trial.macro_average_precision)


def write(chosen: Settings, file: str | Path = settings.__file__) -> None:
    """Write settings into the settings file, changing only the values of `GRID`.

    Parameters
    ----------
    chosen : Settings
        Where the values come from.
    file : path
        The settings file.

    Raises
    ------
    StanceError
        If a setting is not found there.
    """
    path = Path(file)
    text = path.read_text(encoding="utf-8")
    for name in GRID:
        line = re.compile(rf"^(    {name}: \w+ = ).*$", re.MULTILINE)
        text, count = line.subn(rf"\g<1>{getattr(chosen, name)!r}", text)
        if count != 1:
            raise StanceError(f"{path}: no line that sets {name}; write it back")
    store.write_text(path, text)
