import dataclasses
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import ModelError
from pipeline.model.news import SHIPPED_NEWS, NewsWeights
from pipeline.settings import SETTINGS
from pipeline.stances import STANCES

SOME = NewsWeights(
    terms=("w:denied", "g:denied the"),
    sentences=np.array([9, 5]),
    weights=np.array([[0.0, 0.5], [1.5, 0.25], [0, 0]]),
    intercept=np.array([0.5, -1, 0]),
    share=0.7,
    slope=np.ones(3),
    shift=np.zeros(3),
    thresholds=np.full(3, 0.3),
    context=np.eye(3, 13),
    context_thresholds=np.full(3, 0.4),
    rates=np.full(3, 0.1),
    facts={"sentences": 20},
)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    SOME.save(tmp_path / "weights.parquet")
    found = NewsWeights.load(tmp_path / "weights.parquet")
    for field in dataclasses.fields(NewsWeights):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(SOME, field.name))


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.parquet"
    with pytest.raises(ModelError, match="no such file; write one with: stance correct"):
        NewsWeights.load(file)
    file.write_bytes(b"PAR1")
    with pytest.raises(ModelError, match="holds no weights of news"):
        NewsWeights.load(file)
    pq.write_table(pa.table({"term": ["w:a"]}), file)
    with pytest.raises(ModelError, match="holds no weights of news"):
        NewsWeights.load(file)
    endless = dataclasses.replace(SOME, weights=np.full((3, 2), np.inf))
    endless.save(file)
    with pytest.raises(ModelError, match="no numbers"):
        NewsWeights.load(file)


def test_no_sentence_can_be_read_back_from_what_is_shipped() -> None:
    news = NewsWeights.load()
    corrected = news.weights.any(axis=0)
    assert news.sentences[corrected].min() >= SETTINGS.news_min_df
    for term, is_corrected in zip(news.terms, corrected, strict=True):
        words = term.partition(":")[2].split(" ")
        if is_corrected and term[0] in "wgs":
            assert len(words) <= 2, term
            assert not any(c.isdigit() for c in term), term
            assert term == term.lower(), term
    labels = pq.read_table(SHIPPED_NEWS.with_name("labels.parquet"))
    assert labels.column_names == ["source", "document", "position", "sha256", "stances"]
    assert set(map(len, labels["sha256"].to_pylist())) == {64}
    assert labels.num_rows == news.facts["sentences"]


def test_the_shipped_weights_are_for_whole_articles() -> None:
    news = NewsWeights.load()
    assert len(news.terms) == SETTINGS.terms
    assert (news.rates < 0.15).all()
    held_out = news.facts["held_out"]
    assert held_out["macro"]["f1"]["value"] >= 0.55
    assert set(held_out["by_stance"]) == set(STANCES)


def test_probabilities_hold_on_whole_articles() -> None:
    facts = NewsWeights.load().facts
    assert max(facts["calibration_error"].values()) <= 0.03
    assert facts["marks_right_from_0.8"] >= 0.8
