"""Explanations in words, and the one scale they are on."""

import re

import numpy as np
import pytest

from pipeline.inference.explanation import Reason, explain_stances, strongest_terms
from pipeline.inference.predict import load_predictor, predict
from pipeline.inference.wording import TermWording
from pipeline.model.features import extract_terms
from pipeline.model.term_kinds import TERM_KINDS
from pipeline.stages.train import Training
from tests.cli.test_cli import stance

SENTENCES = (
    "Oslo flatly denied the charges.",
    "“We didn't pay 1,200 crowns,” the spokesman said; he'll sue.",
    "Rome's ministry never accused Oslo of spying (or so it says): was it right?",
    "Denied Bail",
    "The “baseless” claims angered Rome.",
)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("w:denied", "the word “denied”"),
        ("w:<name>", "a name"),
        ('w:"', "a quotation mark"),
        ("b:deni", "a word that begins like “denied”"),
        ("b:the", "the word “the”"),
        ("g:the charges", "the words “the charges”"),
        ("g:<name> flatly", "a name followed by “flatly”"),
        ("p:DENY the", "“denied” followed by “the”"),
        ("p:the CLAIMS", "“the” followed by “charges”"),
        ("s:plain denied", "“denied” in a sentence that neither quotes nor cites"),
        ("f:<start> <name> DENY", "the beginning, later a name, later “denied”"),
        ("c:DENYed", "the telling word “denied”"),
        ("c:DENYed CLAIMS", "“denied”, later “charges”"),
        ("q:out DENY out CLAIMS", "“denied”, later “charges” outside quotation marks"),
        ("q:in FALSE", "a word like “false” inside quotation marks"),
        ("n:<name> DENYed ", "“denied” after a name"),
        ("n: FALSE ", "a word like “false” without a name before or after it"),
        ("a:DENY", "“denied” in a sentence that neither quotes nor names a source"),
        ("a:quote source ", "it quotes and names a source"),
        ("l:1", "its length: 4 to 9 words and marks"),
        ("l:8", "its length: 46 words and marks or more"),
        ("<intercept>", "what every sentence starts from"),
    ],
)
def test_a_term_in_the_words_of_its_sentence(term: str, words: str) -> None:
    assert TermWording("Oslo flatly denied the charges.")(term) == words


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("c:ACCUSEed", "a telling word like “accused”"),
        ("f:SAY that", "a word like “say”, later “that”"),
        ("p:any evide", "“any” followed by a word that begins with “evide”"),
        ("b:deni", "a word that begins with “deni”"),
    ],
)
def test_a_term_without_a_sentence(term: str, words: str) -> None:
    assert TermWording()(term) == words


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_term_has_words_and_what_is_no_word_is_not_called_one(sentence: str) -> None:
    in_words, plain = TermWording(sentence), TermWording()
    for term in extract_terms(sentence, {"denied", "bail"}):
        assert term[0] in TERM_KINDS
        for words in (in_words(term), plain(term)):
            assert words != term
            assert "<" not in words
            assert not re.search(r"\b[A-Z]{2,}", words), (term, words)
            if term[0] == "l":
                assert words.startswith("its length")
                assert "“" not in words
        named = re.findall("“(.*?)”", in_words(term))
        shown = sentence.lower().replace("’", "'")
        assert all(word in shown for word in named), (term, named)


def test_the_legend_names_every_kind_of_term() -> None:
    kinds = {term[0] for sentence in SENTENCES for term in extract_terms(sentence)}
    assert kinds == set(TERM_KINDS)


@pytest.mark.usefixtures("shipped_model")
def test_reasons_of_a_prediction_hold_the_term_and_its_words() -> None:
    found = predict("Oslo flatly denied the charges.", explain=True).explanation
    assert found is not None
    assert all(isinstance(reason, Reason) for reason in found["deny"])
    assert "“denied”" in found["deny"][0].words
    assert {reason.term: reason.words for reason in found["deny"]}["w:denied"] == (
        "the word “denied”"
    )


@pytest.mark.usefixtures("shipped_model")
def test_weights_and_explanations_are_on_one_scale() -> None:
    """A term adds to a sentence of usual length what the list of the strongest says it adds."""
    arrays = load_predictor(None).arrays
    text = (
        "The ferry company of Kardia rejected the report on Monday and said that it would repair "
        "both of its ships."
    )
    weights = {one.term: one.added for one in strongest_terms(arrays, "deny", len(arrays.terms))}
    explained = explain_stances(arrays, text)["deny"]
    ratios = [
        one.added / weights[one.term]
        for one in explained
        if one.term in weights and extract_terms(text, arrays.common_words).count(one.term) == 1
    ]
    assert len(ratios) > 30
    assert max(ratios) == pytest.approx(min(ratios), rel=1e-4)
    assert 0.75 < np.mean(ratios) < 1.33


def test_the_command_shows_words_terms_and_the_scale(training: Training) -> None:
    text = "Oslo flatly denied the charges."
    done = stance("predict", "--explain", "--model", training.model, text).stdout
    assert "log-odds\tin words\tterm\n" in done
    assert re.search(r"\+\d\.\d\d\ta word that begins like “denied”\tb:deni\n", done)
    assert "in log-odds: +0.7 doubles the odds" in done
    done = stance("weights", "deny", "--model", training.model).stdout
    assert "log-odds\tin words\tterm\n" in done
    assert "In a sentence of usual length: + speaks for" in done
    for command in ("predict", "weights"):
        assert "log-odds" in stance(command, "--help").stdout
    shown = stance("predict", "--help").stdout
    for kind, meaning in TERM_KINDS.items():
        assert f"{kind}: {meaning[:40]}" in shown


@pytest.mark.usefixtures("shipped_model")
def test_a_stance_that_is_none_has_no_weights() -> None:
    with pytest.raises(ValueError, match="'praise' is not one of"):
        strongest_terms(load_predictor(None).arrays, "praise")
