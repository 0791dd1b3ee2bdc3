"""`predict`: the stances of one text or of many. What other people's code imports."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from pipeline.inference.explanation import Reason, explain_stances
from pipeline.inference.model_arrays import ModelArrays
from pipeline.inference.predictor import Predictor, Scores
from pipeline.inference.series import TextSeries, check_none_missing, is_series, series_like
from pipeline.model.artifacts import find_model
from pipeline.model.context import article_features
from pipeline.model.features import check_texts
from pipeline.stances import NONE, STANCES, apply_thresholds, raise_thresholds

if TYPE_CHECKING:
    import pandas as pd

_LEAST = 1e-7


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a text says.

    Attributes
    ----------
    stance : str
        The main stance: ``accuse``, ``deny``, ``announce`` or ``none``.
    stances : tuple of str
        All stances that reach their threshold (about 0.3), strongest first.
    scores : dict of str to float
        The probability of each stance, independent of the others.
    explanation : dict of str to list of Reason, or None
        Where it was asked for: for each stance the terms of the text, what each adds to the
        log-odds, and in words what it is; largest amount first.
    thresholds : dict of str to float
        The score from which each stance counts.
    """

    stance: str
    stances: tuple[str, ...]
    scores: dict[str, float]
    explanation: dict[str, list[Reason]] | None = None
    thresholds: dict[str, float] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: each score beside the threshold that it has to reach."""
        from pipeline.inference.notebook import render_prediction

        return render_prediction(self)


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
    texts: TextSeries,
    model: str | Path | Predictor | None = ...,
    *,
    explain: bool = ...,
    min_score: float | None = ...,
    in_article: bool = ...,
) -> pd.Series: ...


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
    texts: str | Iterable[str] | TextSeries,
    model: str | Path | Predictor | None = None,
    *,
    explain: bool = False,
    min_score: float | None = None,
    in_article: bool = False,
) -> Prediction | list[Prediction] | pd.Series:
    """Predict the stances of one text or of many: who accuses, denies, announces.

    Parameters
    ----------
    texts : str, iterable of str, or pandas.Series of str
        One sentence, or many. Blank ones score as ``none``, at the base rates.
    model : path or Predictor, optional
        A model file, its folder, or a model already loaded. Without it: ``$STANCE_MODEL``, then
        ``models/`` of the current folder, then of the checkout this package is installed from, then
        the model that the package carries.
    explain : bool
        Whether to return which terms moved each stance.
    min_score : float, optional
        A probability, 0 to 1: a stance counts only if its score reaches its threshold, and this.
    in_article : bool
        Whether the texts are the sentences of one article in their order: where statements stand
        together, each is more probable. The terms of an explanation are those of the sentence.

    Returns
    -------
    Prediction, list of Prediction, or pandas.Series of Prediction
        One for one text; a list in the same order for an iterable; for a series, a series with
        its index and name. `pipeline.score_table` adds columns of plain values to a frame.

    Raises
    ------
    TypeError
        If a text is not a string, naming its position, or its index where it is missing in a
        series.
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
    if is_series(texts):
        check_none_missing(texts)
        found = predict(
            list(texts), model, explain=explain, min_score=min_score, in_article=in_article
        )
        return series_like(texts, found)
    checked = check_texts(texts)
    predictor = model if isinstance(model, Predictor) else load_predictor(model)
    scores, thresholds = predictor.predict_proba(checked), predictor.thresholds
    if in_article and checked:
        scores, thresholds = _in_article(scores, predictor.arrays)
    thresholds = raise_thresholds(thresholds, min_score)
    least = thresholds.tolist()
    return [
        Prediction(
            stance=names[0] if names else NONE,
            stances=names,
            scores=dict(zip(STANCES, row, strict=True)),
            explanation=explain_stances(predictor.arrays, text) if explain else None,
            thresholds=dict(zip(STANCES, least, strict=True)),
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
