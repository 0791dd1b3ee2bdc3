"""`predict`: the stances of one text or of many. What other people's code imports."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import find_model
from pipeline.model.features import check_texts
from pipeline.stances import NONE, STANCES, apply_thresholds


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a text says.

    Attributes
    ----------
    stance : str
        The main stance: ``accuse``, ``deny``, ``announce`` or ``none``.
    stances : tuple of str
        All stances that reach their threshold, strongest first.
    scores : dict of str to float
        The probability of each stance, independent of the others.
    explanation : dict of str to list of (str, float), or None
        Where it was asked for: for each stance the terms of the text and what each adds to the
        log-odds, largest amount first; see
        `pipeline.model.features.extract_terms` for how terms are written.
    """

    stance: str
    stances: tuple[str, ...]
    scores: dict[str, float]
    explanation: dict[str, list[tuple[str, float]]] | None = None


@overload  # a str is an iterable of str too, but the first signature that fits is taken
def predict(  # type: ignore[overload-overlap]
    texts: str, model: str | Path | Predictor | None = ..., *, explain: bool = ...
) -> Prediction: ...


@overload
def predict(
    texts: Iterable[str], model: str | Path | Predictor | None = ..., *, explain: bool = ...
) -> list[Prediction]: ...


def predict(
    texts: str | Iterable[str],
    model: str | Path | Predictor | None = None,
    *,
    explain: bool = False,
) -> Prediction | list[Prediction]:
    """Predict the stances of one text or of many: who accuses, denies, announces.

    Parameters
    ----------
    texts : str or iterable of str
        One sentence, or many. Blank ones score as ``none``, at the base rates.
    model : path or Predictor, optional
        A model file, its folder, or a model already loaded. Without it: ``$STANCE_MODEL``, then
        ``models/`` of the current folder, then of the checkout this package is installed from.
    explain : bool
        Whether to return which terms moved each stance.

    Returns
    -------
    Prediction or list of Prediction
        One for one text; a list in the same order for an iterable.

    Raises
    ------
    TypeError
        If a text is not a string, naming its position.
    pipeline.errors.ModelError
        If there is no model, or it does not fit the installed versions.

    Examples
    --------
    >>> from pipeline import predict
    >>> predict("The ministry rejected the allegations as baseless.").stance  # doctest: +SKIP
    'deny'
    """
    if isinstance(texts, str):
        return predict([texts], model, explain=explain)[0]
    if isinstance(texts, bytes):
        raise TypeError("text 0 is of type bytes, not a string; decode it first")
    checked = check_texts(texts)
    predictor = model if isinstance(model, Predictor) else load_predictor(model)
    scores = predictor.predict_proba(checked)
    return [
        Prediction(
            stance=names[0] if names else NONE,
            stances=names,
            scores=dict(zip(STANCES, row, strict=True)),
            explanation=predictor.arrays.explain(text) if explain else None,
        )
        for text, names, row in zip(
            checked, apply_thresholds(scores, predictor.thresholds), scores.tolist(), strict=True
        )
    ]


def load_predictor(model: str | Path | None = None) -> Predictor:
    """Load a model to score with, or return it again if its file has not changed since.

    Parameters
    ----------
    model : path, optional
        See `pipeline.model.artifacts.find_model`.

    Returns
    -------
    Predictor

    Raises
    ------
    pipeline.errors.ModelError
        If there is no model, or it is damaged or made by another analyzer.
    """
    named = str(model) if model is not None else os.environ.get("STANCE_MODEL")
    known = _loaded.get(named)
    if known and _state(known[0]) == known[1]:
        return known[2]
    path = find_model(model)
    state = _state(path)
    predictor = Predictor.load(path)
    _loaded[named] = (path, state, predictor)
    return predictor


_loaded: dict[str | None, tuple[Path, tuple[int, int] | None, Predictor]] = {}


def _state(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 -- a third of the time of Path.stat
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
