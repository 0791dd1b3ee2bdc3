from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.classifier import features
from pipeline.model.features import (
    NAME,
    NUMBER,
    UNSAID,
    WITHHELD,
    check_texts,
    extract_terms,
    lowercase_vocabulary,
    tokenize,
)
from pipeline.model.lexicon import FAMILY_OF


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kabul accused Islamabad of lying.", "Oslo accused Chad of lying."),
        ("The United States said so.", "The Chad said so."),
        ("He paid 1,200 crowns.", "He paid 7 crowns."),
        ("“We did not,” she said.", '"We did not," she said.'),
        ("It wasn’t so.", "It wasn't so."),
        ("Talks—in 2019—failed.", "Talks-in 1998-failed."),
        ("A  spaced   sentence.", "A spaced sentence."),
    ],
)
def test_same_evidence_gives_same_terms(one: str, other: str) -> None:
    assert extract_terms(one) == extract_terms(other)


def test_negation_is_a_token_of_its_own() -> None:
    assert tokenize("He didn't say it.")[:4] == ["he", "did", "n't", "say"]


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("She didn't accuse the board.", UNSAID),
        ("Nobody has yet announced a price.", UNSAID),
        ("The firm stopped short of blaming its pilots.", UNSAID),
        ("The judge denied them a visa.", WITHHELD),
        ("GUARDS DENIED VISITORS ENTRY", WITHHELD),
    ],
)
def test_a_stance_that_is_not_taken_is_told(text: str, token: str) -> None:
    assert token in tokenize(text)


@pytest.mark.parametrize(
    "text",
    [
        "She accused the board of not paying.",
        "He denied a report that visas were sold.",
        "The port denied blocking access.",
        "Not long ago they denied it.",
    ],
)
def test_a_stance_that_is_taken_stays(text: str) -> None:
    assert not {UNSAID, WITHHELD} & {*tokenize(text)}


def test_first_word_is_a_name_unless_known_in_small_letters() -> None:
    assert tokenize("Police denied it.", {"police"})[0] == "police"
    assert tokenize("Bolivia denied it.", {"police"})[0] == NAME
    assert tokenize("Police Minister Oru denied it.", {"police"})[0] == NAME


def test_headline_in_capitals_keeps_known_words() -> None:
    known = {"minister", "denies", "claims", "fraud"}
    assert tokenize("Minister Denies Fraud Claims In Oslo", known) == [
        "minister",
        "denies",
        "fraud",
        "claims",
        "in",
        NAME,
    ]


def test_numbers_are_one_token() -> None:
    assert tokenize("1,200.50 in 12:30") == [NUMBER, "in", NUMBER]


def test_rare_verb_shares_a_term_with_its_family() -> None:
    assert FAMILY_OF["castigated"] == FAMILY_OF["blamed"]
    assert set(extract_terms("She castigated him.")) & set(extract_terms("She blamed him.")) >= {
        "c:ACCUSEed"
    }


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u00a0", "--"])
def test_text_without_words_has_no_terms(blank: str) -> None:
    assert extract_terms(blank) == []


def test_common_words_are_counted_in_small_letters_only() -> None:
    assert lowercase_vocabulary(["Jordan will. it will", "jordan Will"]) == frozenset({"will"})


@given(st.text())
def test_any_text_has_tokens_in_small_letters(text: str) -> None:
    for token in tokenize(text):
        assert token == token.lower()
        assert token
    assert bool(extract_terms(text)) == bool(tokenize(text))


def test_fingerprint_is_of_the_source() -> None:
    assert len(features.fingerprint()) == 12


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"text": ["Rain fell."], "day": [1]}),
        pa.table({"text": ["Rain fell."]}),
        pa.RecordBatch.from_pydict({"text": ["Rain fell."]}),
        {"text": ["Rain fell."]},
    ],
    ids=lambda table: type(table).__name__,
)
def test_a_table_is_not_taken_for_texts(table: Any) -> None:
    with pytest.raises(TypeError, match=r"has columns; pass one of them, as frame\['text'\]"):
        check_texts(table)


def test_a_series_is_texts() -> None:
    assert check_texts(pd.Series(["Rain fell.", "No."], index=[7, 9])) == ["Rain fell.", "No."]
    with pytest.raises(TypeError, match="text 1 is NaN, not a string"):
        check_texts(pd.Series(["Rain fell.", float("nan")], dtype=object))
