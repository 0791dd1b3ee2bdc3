"""`predict`: the stances of one text or of many. What other people's code imports."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
import numpy.typing as npt

from pipeline.inference.model_arrays import ModelArrays
from pipeline.inference.predictor import Predictor, Scores
from pipeline.model.artifacts import find_model
from pipeline.model.context import article_features
from pipeline.model.features import check_texts
from pipeline.stances import NONE, STANCES, apply_thresholds

_LEAST = 1e-7


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a text says.

    Attributes
    ----------
    stance : str
        The main stance: ``accuse``, ``deny``, ``announce`` or ``none``.
    stances : tuple of str
        All stances that reach their threshold (some 0.25 to 0.35), strongest first.
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
    texts: str,
    model: str | Path | Predictor | None = ...,
    *,
    explain: bool = ...,
    min_score: float | None = ...,
    in_article: bool = ...,
) -> Prediction: ...


@overload
def predict(
    texts: Iterable[str],
    model: str | Path | Predictor | None = ...,
    *,
    explain: bool = ...,
    min_score: float | None = ...,
    in_article: bool = ...,
) -> list[Prediction]: ...


def predict(
    texts: str | Iterable[str],
    model: str | Path | Predictor | None = None,
    *,
    explain: bool = False,
    min_score: float | None = None,
    in_article: bool = False,
) -> Prediction | list[Prediction]:
    """Predict the stances of one text or of many: who accuses, denies, announces.

    Parameters
    ----------
    texts : str or iterable of str
        One sentence, or many. Blank ones score as ``none``, at the base rates.
    model : path or Predictor, optional
        A model file, its folder, or a model already loaded. Without it: ``$STANCE_MODEL``, then
        ``models/`` of the current folder, then of the checkout this package is installed from, then
        the model that the package carries.
    explain : bool
        Whether to return which terms moved each stance.
    min_score : float, optional
        The minimum probability at which a stance is given, 0 to 1: the higher, the more often a
        text gets none. Without it, the thresholds of the model.
    in_article : bool
        Whether the texts are the sentences of one article in their order: where statements stand
        together, each is more probable. The terms of an explanation are those of the sentence.

    Returns
    -------
    Prediction or list of Prediction
        One for one text; a list in the same order for an iterable.

    Raises
    ------
    TypeError
        If a text is not a string, naming its position.
    ValueError
        If `min_score` is not from 0 to 1.
    pipeline.errors.ModelError
        If there is no model, or it does not fit the installed versions.

    Examples
    --------
    >>> from pipeline import predict
    >>> predict("The ministry rejected the allegations as baseless.").stance  # doctest: +SKIP
    'deny'
    """
    if isinstance(texts, str):
        return predict([texts], model, explain=explain, min_score=min_score)[0]
    if isinstance(texts, bytes):
        raise TypeError("text 0 is of type bytes, not a string; decode it first")
    checked = check_texts(texts)
    predictor = model if isinstance(model, Predictor) else load_predictor(model)
    scores, thresholds = predictor.predict_proba(checked), predictor.thresholds
    if in_article and checked:
        scores, thresholds = _in_article(scores, predictor.arrays)
    if min_score is not None:
        thresholds = _same_for_all(min_score)
    return [
        Prediction(
            stance=names[0] if names else NONE,
            stances=names,
            scores=dict(zip(STANCES, row, strict=True)),
            explanation=predictor.arrays.explain(text) if explain else None,
        )
        for text, names, row in zip(
            checked, apply_thresholds(scores, thresholds), scores.tolist(), strict=True
        )
    ]


def _in_article(scores: Scores, arrays: ModelArrays) -> tuple[Scores, npt.NDArray[np.float64]]:
    inside = np.clip(scores.astype(np.float64), _LEAST, 1 - _LEAST)
    rates = 1 / (1 + np.exp(-arrays.base_log_odds))
    described = article_features(np.log(inside / (1 - inside)), rates)
    found = 1 / (1 + np.exp(-described @ arrays.context.T))
    return found.astype(np.float32), arrays.context_thresholds


def _same_for_all(min_score: float) -> npt.NDArray[np.float64]:
    if not 0 <= min_score <= 1:
        raise ValueError(f"min_score is {min_score}; give a probability from 0 to 1")
    return np.full(len(STANCES), min_score)


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
