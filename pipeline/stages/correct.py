"""Stage: learn from labelled sentences of real news what corrects the shipped statements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse
from scipy.special import expit
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.leakage import files_digest
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import CorpusError, LabelProblem
from pipeline.evaluation.bootstrap import metrics_with_intervals
from pipeline.evaluation.calibration import reliability
from pipeline.evaluation.metrics import ScoredStatements
from pipeline.files import write_atomically
from pipeline.model import features
from pipeline.model.calibration import platt
from pipeline.model.context import FEATURES, article_features
from pipeline.model.news import NewsWeights
from pipeline.model.regression import (
    fit_correction,
    fit_regression,
    log_count_ratios,
    most_contributing,
)
from pipeline.settings import SETTINGS
from pipeline.stances import best_f1_threshold, to_indicators

WEIGHTS_FILE = "weights.parquet"
LABELS_FILE = "labels.parquet"
_SURE = 0.8

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


@dataclass(frozen=True)
class _Taught:
    """What the statements teach, on all terms; its log-odds times `Settings.news_share`."""

    tfidf: TfidfTransformer
    coef: Floats
    intercept: Floats


@dataclass(frozen=True)
class _Corrected:
    """Weights of the terms that are kept, before calibration."""

    kept: npt.NDArray[np.intp]
    tfidf: TfidfTransformer
    news: Floats
    news_intercept: Floats
    coef: Floats
    intercept: Floats

    def log_odds(self, counts: sparse.csr_matrix) -> Floats:
        """Return the log-odds of each stance of each sentence."""
        matrix = self.tfidf.transform(counts[:, self.kept])
        return np.asarray(matrix @ self.coef.T + self.intercept)


def correct(
    sentences: Sequence[str | Path],
    folder: str | Path,
    statements: Sequence[str | Path],
    articles: Sequence[str] = (),
) -> NewsWeights:
    """Learn weights from sentences of real news, given what the statements teach.

    Parameters
    ----------
    sentences : sequence of paths
        What `load_corpus` takes, with columns ``source``, ``doc`` and ``number``: sentences of one
        document are held out together, and follow each other by number.
    folder : path
        Where ``weights.parquet`` goes, and ``labels.parquet``: the labels by source, document,
        position and SHA-256 of the sentence, without its text.
    statements : sequence of paths
        The statements that the corrected model will be trained on.
    articles : sequence of str
        The sources that hold whole articles: probabilities and thresholds hold at their rates.
        Without any, all sources.

    Returns
    -------
    NewsWeights

    Raises
    ------
    pipeline.errors.CorpusError
        If the files have problems, lack a column, or no sentence is of a source in `articles`.
    """
    news = load_corpus(sentences)
    whole = _of_articles(news, articles)
    taught, _ = split_corpus(load_corpus(statements))
    counter, counts, news_counts = _count(taught.texts, news.texts)
    corrected = _may_be_corrected(counter)
    news_labels = to_indicators(news.stances)
    tfidf, coef, intercept = fit_regression(
        counts, to_indicators(taught.stances), SETTINGS.C, SETTINGS.ratio_power, SETTINGS.seed
    )
    share = SETTINGS.news_share
    fit = partial(_fit, _Taught(tfidf, share * coef, share * intercept), corrected)
    held_out = np.full(news_labels.shape, np.nan)
    folds = GroupKFold(SETTINGS.folds, shuffle=True, random_state=SETTINGS.seed)
    for train, test in folds.split(news.texts, groups=_documents(news)):
        model = fit(news_counts[train], news_labels[train])
        held_out[test] = model.log_odds(news_counts[test])
    model = fit(news_counts, news_labels)
    slope, shift, thresholds = _calibrate(held_out[whole], news_labels[whole])
    part = news.select(np.flatnonzero(whole))
    rates = news_labels[whole].mean(axis=0)
    log_odds = held_out[whole] * slope + shift
    scored = ScoredStatements.of(part.stances, expit(log_odds), thresholds, _documents(part))
    context, context_thresholds = _learn_context(part, log_odds, news_labels[whole], rates)
    found = NewsWeights(
        terms=tuple(counter.get_feature_names_out()[model.kept]),
        sentences=news_counts[:, model.kept].getnnz(axis=0),
        weights=model.news,
        intercept=model.news_intercept,
        share=SETTINGS.news_share,
        slope=slope,
        shift=shift,
        thresholds=thresholds,
        context=context,
        context_thresholds=context_thresholds,
        rates=rates,
        facts=_facts(news, taught, scored),
    )
    Path(folder).mkdir(parents=True, exist_ok=True)
    found.save(Path(folder, WEIGHTS_FILE))
    _write_labels(news, Path(folder, LABELS_FILE))
    return found


def _of_articles(news: Corpus, articles: Sequence[str]) -> npt.NDArray[np.bool_]:
    missing = {"source", "doc", "number"} - set(news.statements.column_names)
    if missing:
        what = f"no column {', '.join(sorted(missing))}"
        remedy = "name the source and the document of each sentence, and its number there"
        raise CorpusError([LabelProblem(", ".join(news.files), None, what, remedy)])
    sources = np.array(news.statements["source"][:])
    whole = np.isin(sources, articles) if articles else np.ones(len(sources), dtype=bool)
    if not whole.any():
        what = f"no sentence of {', '.join(articles)}"
        remedy = f"the sources are: {', '.join(sorted(set(sources)))}"
        raise CorpusError([LabelProblem(", ".join(news.files), None, what, remedy)])
    return np.asarray(whole)


def _documents(news: Corpus) -> list[str]:
    columns = (news.statements[name][:] for name in ("source", "doc"))
    return [f"{source}/{document}" for source, document in zip(*columns, strict=True)]


def _count(
    taught: list[str], news: list[str]
) -> tuple[CountVectorizer, sparse.csr_matrix, sparse.csr_matrix]:
    """Count the terms of `SETTINGS.min_df` statements or of `SETTINGS.news_min_df` sentences."""
    analyzer = partial(features.extract_terms, common_words=features.lowercase_vocabulary(taught))
    counter = CountVectorizer(analyzer=analyzer, lowercase=False, dtype=np.int32)
    counts = counter.fit_transform([*taught, *news])
    parts = counts[: len(taught)], counts[len(taught) :]
    frequent = np.logical_or(
        *(
            part.getnnz(axis=0) >= least
            for part, least in zip(parts, (SETTINGS.min_df, SETTINGS.news_min_df), strict=True)
        )
    )
    counter.set_params(vocabulary=counter.get_feature_names_out()[frequent]).fit(taught[:1])
    return counter, parts[0][:, frequent], parts[1][:, frequent]


def _may_be_corrected(counter: CountVectorizer) -> npt.NDArray[np.bool_]:
    """Leave out lengths: most short sentences of news are scraps, those of users are not."""
    terms = counter.get_feature_names_out()
    return np.array([not term.startswith(features.LENGTH) for term in terms])


def _fit(
    taught: _Taught, corrected: npt.NDArray[np.bool_], news: sparse.csr_matrix, labels: Labels
) -> _Corrected:
    """Correct the statements' weights on all terms, then keep those that contribute most."""
    matrix = taught.tfidf.transform(news)
    offset = matrix @ taught.coef.T + taught.intercept
    often = np.flatnonzero(corrected & (news.getnnz(axis=0) >= SETTINGS.news_min_df))
    weights, shift = np.zeros_like(taught.coef), np.zeros_like(taught.intercept)
    for k, column in enumerate(labels.T):
        scale = log_count_ratios(news[:, often], column) ** SETTINGS.ratio_power
        weights[k, often], shift[k] = fit_correction(
            matrix[:, often], column, offset[:, k], scale, SETTINGS.news_penalty
        )
    kept = most_contributing(matrix, taught.coef + weights, SETTINGS.terms)
    tfidf = TfidfTransformer(sublinear_tf=True)
    tfidf.idf_ = taught.tfidf.idf_[kept]
    return _Corrected(
        kept=kept,
        tfidf=tfidf,
        news=weights[:, kept],
        news_intercept=shift,
        coef=(taught.coef + weights)[:, kept],
        intercept=taught.intercept + shift,
    )


def _calibrate(log_odds: Floats, labels: Labels) -> tuple[Floats, Floats, Floats]:
    weights = np.ones(len(labels))
    found = []
    for k, column in enumerate(labels.T):
        slope, shift = platt(log_odds[:, k], column, weights)
        scores = expit(log_odds[:, k] * slope + shift)
        found.append((slope, shift, _precise_threshold(scores, column)))
    slopes, shifts, thresholds = np.array(found).T
    return slopes, shifts, thresholds


def _precise_threshold(scores: Floats, column: npt.NDArray[np.int8]) -> float:
    return best_f1_threshold(column, scores, SETTINGS.news_threshold_slack, highest=True)


def _learn_context(
    part: Corpus, log_odds: Floats, labels: Labels, rates: Floats
) -> tuple[Floats, Floats]:
    """Learn what the other sentences of an article add, and the thresholds then."""
    described = np.empty((len(log_odds), FEATURES))
    documents = np.array(_documents(part))
    position = np.array(part.statements["number"][:])
    for document in np.unique(documents):
        rows = np.flatnonzero(documents == document)
        rows = rows[np.argsort(position[rows], kind="stable")]
        described[rows] = article_features(log_odds[rows], rates)
    weights, thresholds = np.empty((len(rates), FEATURES)), np.empty(len(rates))
    for k, column in enumerate(labels.T):
        fitted = LogisticRegression(C=1.0, fit_intercept=False, max_iter=1000)
        weights[k] = fitted.fit(described, column).coef_[0]
        scores = expit(described @ weights[k])
        thresholds[k] = _precise_threshold(scores, column)
    return weights, thresholds


def _facts(news: Corpus, taught: Corpus, scored: ScoredStatements) -> dict[str, Any]:
    given = scored.predicted
    return {
        "sentences": len(news),
        "documents": len(set(_documents(news))),
        "article_sentences": len(scored),
        "statements": len(taught),
        "statements_sha256": files_digest(taught.files),
        "analyzer": features.fingerprint(),
        "articles": scored.group_count,
        "marks_right": float(scored.truth[given].mean()),
        "marks_right_from_0.8": float(scored.truth[scored.scores >= _SURE].mean()),
        "calibration_error": {
            name: found["expected_calibration_error"] for name, found in reliability(scored).items()
        },
        "held_out": metrics_with_intervals(scored),
    }


def _write_labels(news: Corpus, path: Path) -> None:
    table = pa.table(
        {
            "source": news.statements["source"][:],
            "document": news.statements["doc"][:],
            "position": news.statements["number"][:],
            "sha256": [sentence_digest(text) for text in news.texts],
            "stances": pa.array([list(names) for names in news.stances], pa.list_(pa.string())),
        }
    )
    with write_atomically(path) as file:
        pq.write_table(table, file, compression="zstd")


def sentence_digest(text: str) -> str:
    """Return the SHA-256 of a sentence, whatever its case and white space.

    Examples
    --------
    >>> sentence_digest("He  denied it.") == sentence_digest("he denied it.")
    True
    """
    return hashlib.sha256(" ".join(text.lower().split()).encode()).hexdigest()
