"""Fit the weights that tell whom an accusation is aimed at, from labelled articles."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from pipeline.articles.accused.candidates import Accusation, Candidate
from pipeline.articles.accused.target_context import add_context
from pipeline.articles.accused.target_ranker import Weights, rank_parties
from pipeline.articles.parties.attributed_sentences import attribute_sentences
from pipeline.articles.reader import attribute_stances
from pipeline.articles.text.decoding import decode_article
from pipeline.articles.text.extraction import extract_text
from pipeline.articles.text.segmentation import segment_article
from pipeline.errors import ArticleError
from pipeline.files import write_text

# What grammar and sense lead to expect: the fit departs from it as far as the articles show.
EXPECTED = {
    "source": -2.0,
    "speaker": -1.5,
    "part of speaker": -1.5,
    "speaks for": -1.5,
    "object of blame": 2.0,
    "pattern": 1.0,
    "pattern levelled": 1.0,
    "pattern by thing": -0.7,
    "patient of blame": 1.5,
    "patient of charge": 1.5,
    "object of charge": 1.0,
    "allegedly": 1.0,
    "after against": 1.0,
    "after by": 0.5,
    "after of of charges": 0.5,
    "subject of blame": -1.0,
    "subject of wrong": 0.7,
    "object of wrong": -0.7,
    "first subject told": 1.0,
    "first subject quoted": 0.7,
    "behind levelled": -0.5,
    "behind charged": -0.5,
    "noun thing": -1.5,
    "name": 0.7,
    "after in": -1.0,
    "after to": -0.7,
    "after for": -0.7,
    "after on": -0.7,
    "after with": -0.5,
    "frame": -0.5,
    "has fitting": -0.5,
    "denier": 1.0,
    "elsewhere": -0.5,
    "only accused": -0.5,
    "share": 0.5,
    "speaker's last accusation": 1.0,
    "last accusation": 0.5,
    "other accusations": 1.0,
    "speaker's other accusations": 1.0,
    "accused the speaker": 0.7,
}
SPREAD = 0.3
LEAST_SEEN = 3
FOLDS = 8
_SOURCES = (".txt", ".md", ".html")
_SMALL_WORDS = frozenset(
    """the a an of in for and or mr mrs ms dr sen rep gov president minister senator representative
    former his her their its that who which on to at by from with""".split()  # noqa: SIM905
)


class LabelledAccusation(NamedTuple):
    """An accusation and the names of whom it is aimed at."""

    accusation: Accusation
    accused: tuple[str, ...]


def fit_targets(expectations: Sequence[Path], into: Path) -> Weights:
    """Fit the weights on labelled articles and write them.

    Parameters
    ----------
    expectations : sequence of path
        JSON files as tests/articles/texts describes them, each beside its article.
    into : path
        File to write: for the package, ``pipeline/articles/accused/target_weights.json``.

    Returns
    -------
    Weights
        What was written.
    """
    weights = fit_weights([read_labelled(path) for path in expectations])
    content = {name: dict(sorted(part.items())) for name, part in weights._asdict().items()}
    write_text(into, json.dumps(content, indent=1) + "\n")
    return weights


def read_labelled(expectations: Path) -> list[LabelledAccusation]:
    """Read an article and whom its sentences accuse.

    Parameters
    ----------
    expectations : path
        Its JSON file.

    Returns
    -------
    list of LabelledAccusation
        In order; those without a label too, for what they tell of the others.

    Raises
    ------
    ArticleError
        If there is no article beside the file.
    """
    source = next(
        (p for p in map(expectations.with_suffix, _SOURCES) if p.exists()),
        None,
    )
    if source is None:
        raise ArticleError(f"{expectations}: no article beside it ({', '.join(_SOURCES)})")
    text = decode_article(source.read_bytes(), str(source))
    text = extract_text(text, source.name).text
    statements = json.loads(expectations.read_text(encoding="utf-8"))["statements"]
    stances = {_key(one["text"]): tuple(one["stances"]) for one in statements}
    accused = {_key(one["text"]): _accused(one) for one in statements}
    return label_accusations(text, stances, accused)


def label_accusations(
    text: str,
    stances: Mapping[str, tuple[str, ...]],
    accused: Mapping[str, tuple[str, ...]],
) -> list[LabelledAccusation]:
    """Find the candidates of an article's accusations.

    Parameters
    ----------
    text : str
        The article.
    stances, accused : mapping
        By the letters of a sentence, in lowercase: its stances, and whom it accuses.

    Returns
    -------
    list of LabelledAccusation
        In order.
    """
    layout = segment_article(text)
    lines = attribute_sentences(layout)
    keys = [_key(line.words) for line in lines]
    headline_end = layout.headline[1] if layout.headline else -1
    taken = [stances.get(key, ()) for key in keys]
    _, targets = attribute_stances(lines, headline_end, taken)
    return [
        LabelledAccusation(one, accused.get(keys[one.sentence], ())) for one in targets.accusations
    ]


def fit_weights(articles: Sequence[Sequence[LabelledAccusation]]) -> Weights:
    """Fit the weights of what is seen in a sentence alone, then with the other accusations.

    Parameters
    ----------
    articles : sequence of sequence of LabelledAccusation
        The accusations of each article. What the others tell of each is added to it.

    Returns
    -------
    Weights
        The weights.
    """
    alone = fit_part([one for article in articles for one in article])
    for fold in range(min(FOLDS, len(articles))):
        others = [a for k, a in enumerate(articles) if k % FOLDS != fold]
        weights = fit_part([one for article in others for one in article])
        for article in articles[fold::FOLDS]:
            accusations = [one.accusation for one in article]
            add_context(accusations, [rank_parties(a.candidates, weights) for a in accusations])
    return Weights(alone, fit_part([one for article in articles for one in article]))


def fit_part(examples: Iterable[LabelledAccusation]) -> dict[str, float]:
    """Fit weights by conditional logistic regression, with what is expected as its prior.

    Parameters
    ----------
    examples : iterable of LabelledAccusation
        The accusations; those of which no candidate is right, or all, tell nothing.

    Returns
    -------
    dict of str to float
        The weight of each feature seen `LEAST_SEEN` times.
    """
    told = [(one.accusation.candidates, _right(one)) for one in examples]
    told = [(candidates, right) for candidates, right in told if any(right) and not all(right)]
    seen = Counter(name for candidates, _ in told for one in candidates for name in one.features)
    names = sorted(name for name, count in seen.items() if count >= LEAST_SEEN)
    matrix = _matrix([one for candidates, _ in told for one in candidates], names)
    right = np.array([flag for _, flags in told for flag in flags], dtype=bool)
    sizes = np.array([len(candidates) for candidates, _ in told], dtype=np.intp)
    expected = np.array([EXPECTED.get(name, 0.0) for name in names])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = _loss(weights, matrix, right, sizes)
        away = weights - expected
        return value + float(away @ away) / (2 * SPREAD), gradient + away / SPREAD

    fitted = minimize(loss, expected, jac=True, method="L-BFGS-B").x if told else expected
    return {name: round(float(w), 3) for name, w in zip(names, fitted, strict=True)}


def _loss(
    weights: NDArray[np.float64],
    matrix: NDArray[np.float64],
    right: NDArray[np.bool_],
    sizes: NDArray[np.intp],
) -> tuple[float, NDArray[np.float64]]:
    """Return the negative log-likelihood that a right candidate is chosen, and its gradient."""
    scores = matrix @ weights
    starts = np.cumsum(sizes) - sizes
    shares = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
    total = np.add.reduceat(shares, starts)
    of_right = np.where(right, shares, 0.0)
    total_right = np.add.reduceat(of_right, starts)
    value = float(np.log(total).sum() - np.log(total_right).sum())
    surprise = shares / np.repeat(total, sizes) - of_right / np.repeat(total_right, sizes)
    return value, matrix.T @ surprise


def _matrix(candidates: Sequence[Candidate], names: Sequence[str]) -> NDArray[np.float64]:
    column = {name: j for j, name in enumerate(names)}
    matrix = np.zeros((len(candidates), len(names)))
    for i, candidate in enumerate(candidates):
        for name, value in candidate.features.items():
            if name in column:
                matrix[i, column[name]] = value
    return matrix


def _right(example: LabelledAccusation) -> list[bool]:
    """Return which candidates share a word with a name of the accused."""
    wanted = [_words(name) for name in example.accused]
    found = [_words(candidate.name) for candidate in example.accusation.candidates]
    return [any(words & want for want in wanted) for words in found]


def _words(name: str) -> frozenset[str]:
    words = re.findall(r"\w+", re.sub(r"['’]s\b", "", name.lower()))
    return frozenset(words) - _SMALL_WORDS


def _accused(statement: Mapping[str, object]) -> tuple[str, ...]:
    several = statement.get("accused_all")
    if isinstance(several, list):
        return tuple(map(str, several))
    one = statement.get("accused")
    return () if one is None else (str(one),)


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())
