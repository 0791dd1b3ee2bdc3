"""`predict`: the stances of one text or of many. What other people's code imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, overload

from pipeline.stances import NONE, STANCES, passing

if TYPE_CHECKING:
    from pipeline.model import StanceClassifier


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
        log-odds, largest amount first; see `pipeline.analyzer.terms` for how terms are written.
    """

    stance: str
    stances: tuple[str, ...]
    scores: dict[str, float]
    explanation: dict[str, list[tuple[str, float]]] | None = None


@overload  # a str is an iterable of str too, but the first signature that fits is taken
def predict(  # type: ignore[overload-overlap]
    texts: str, model: str | Path | StanceClassifier | None = ..., *, explain: bool = ...
) -> Prediction: ...
@overload
def predict(
    texts: Iterable[str],
    model: str | Path | StanceClassifier | None = ...,
    *,
    explain: bool = ...,
) -> list[Prediction]: ...
def predict(
    texts: str | Iterable[str],
    model: str | Path | StanceClassifier | None = None,
    *,
    explain: bool = False,
) -> Prediction | list[Prediction]:
    """Tell who accuses, denies or announces.

    Parameters
    ----------
    texts : str or iterable of str
        One sentence, or many. Blank ones score as ``none``, at the base rates.
    model : path or StanceClassifier, optional
        A model file, its folder, or a fitted model. Without it: ``$STANCE_MODEL``, then ``models/``
        of the current folder, then of the checkout this package is installed from.
    explain : bool
        Whether to tell which terms moved each stance.

    Returns
    -------
    Prediction or list of Prediction
        One for one text; a list in the same order for an iterable.

    Raises
    ------
    TypeError
        If a text is not a string, naming its position.
    pipeline.model.ModelError
        If there is no model, or it does not fit the installed versions.

    Examples
    --------
    >>> from pipeline import predict
    >>> predict("The ministry rejected the allegations as baseless.").stance  # doctest: +SKIP
    'deny'
    """
    from pipeline.model import StanceClassifier, check_texts

    if isinstance(texts, str):
        return predict([texts], model, explain=explain)[0]
    if isinstance(texts, bytes):
        raise TypeError("text 0 is of type bytes, not a string; decode it first")
    checked = check_texts(texts)
    classifier = model if isinstance(model, StanceClassifier) else _load(model)
    scores = classifier.predict_proba(checked)
    explanations = classifier.explain(checked) if explain else [None] * len(checked)
    return [
        Prediction(
            stance=names[0] if names else NONE,
            stances=names,
            scores=dict(zip(STANCES, map(float, row), strict=True)),
            explanation=explanation,
        )
        for names, row, explanation in zip(
            passing(scores, classifier.thresholds_), scores, explanations, strict=True
        )
    ]


def _load(model: str | Path | None) -> StanceClassifier:
    from pipeline.model import find

    path = find(model).resolve()
    status = path.stat()
    return _load_once(path, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=4)
def _load_once(path: Path, changed: int, inode: int) -> StanceClassifier:
    from pipeline.model import load

    return load(path)
