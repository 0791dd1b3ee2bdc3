"""Limits that the shipped statements keep, and that say nothing about anybody else's."""

import numpy as np
import pytest

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.stages.audit import (
    CUE_SHARES,
    LONG_WORDS,
    SHORT_WORDS,
    audit_corpus,
    cue_shares,
    leaning_names,
    most_repeated_sequence,
    word_counts,
)
from tests.conftest import STATEMENTS


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The shipped statements, read once."""
    return load_corpus(STATEMENTS)


def test_nothing_is_wrong_with_them(corpus: Corpus) -> None:
    found = audit_corpus(corpus)
    assert found.problems == []
    assert float(found.figures["near-duplicates"].rstrip("%")) <= 0.3


def test_no_sequence_of_words_is_in_many(corpus: Corpus) -> None:
    sequence, count = most_repeated_sequence(corpus)
    assert count <= 15, sequence


def test_they_are_as_long_as_sentences_of_news(corpus: Corpus) -> None:
    words = word_counts(corpus)
    assert 21 <= np.median(words) <= 27
    assert (words >= LONG_WORDS).mean() >= 0.10
    assert (words < SHORT_WORDS).mean() >= 0.04


def test_no_frequent_name_leans_to_a_stance(corpus: Corpus) -> None:
    assert leaning_names(corpus) == []


def test_telling_words_are_about_as_frequent_as_in_news(corpus: Corpus) -> None:
    found = cue_shares(corpus)
    assert len(found) == sum(map(len, CUE_SHARES.values()))
    off = [one for one in found if not 1 / 1.5 <= one.share / one.in_news <= 1.5]
    assert off == []
