import time

import pytest

from pipeline.articles.grammar.attribution import ClauseMatcher, find_attributions
from pipeline.articles.grammar.quotations import find_quotations
from pipeline.articles.grammar.tagging import tag_sentence
from pipeline.articles.parties.coreference import PartyResolver


def speaker(text: str) -> str | None:
    sentence = tag_sentence(text)
    found = find_attributions(ClauseMatcher(sentence))
    return sentence.wording(found[0].source) if found else None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Ana Roe said the port would open.", "Ana Roe"),
        ('"It will open," Ana Roe said.', "Ana Roe"),
        ('"It will open," said Ana Roe, who runs the port.', "Ana Roe"),
        ("''It will open,'' said she.", "she"),
        ("“It will open,” Roe, after a pause, said of the port.", "Roe"),
        ("The port, he said, would open.", "he"),
        ("The port would open on Monday, said Ola Berg, head of the union.", "Ola Berg"),
        ("Ola Berg, head of the union, said the port would open.", "Ola Berg"),
        ("Ola Berg, 41, of Bergen, said he would wait.", "Ola Berg"),
        ("Jo Lie, Berg's lawyer, told reporters that he would wait.", "Jo Lie"),
        ("Berg's spokesman Jo Lie declined to say.", "Berg's spokesman Jo Lie"),
        ("A spokeswoman for the port said it was shut.", "A spokeswoman for the port"),
        ("A statement from the ministry said nobody was hurt.", "A statement from the ministry"),
        ("According to the coast guard, two ships sank.", "the coast guard"),
        ("Two ships sank, Roe said, according to the coast guard.", "the coast guard"),
        ("According to Berg, it wrote in May.", "Berg"),
        ("The mayor was accused by residents of hiding the report.", "residents"),
        ("It was a claim rejected by the navy.", "the navy"),
        ("Sources quoted the envoy as saying the talks had failed.", "the envoy"),
        ("Oslo hit back, saying the treaty was dead.", "Oslo"),
        ("By accusing Rome of theft, Oslo ended the talks.", "Oslo"),
        ("The minister has freed the funds and on Monday announced a plan.", "The minister"),
        ("Voters who backed the treaty said they had been misled.", "Voters"),
        (
            "Roe and other senators on the panel refused to answer.",
            "Roe and other senators on the panel",
        ),
        ("The report, which was leaked on Friday, alleged fraud.", "The report"),
        ("After the vote, Sen. Jo Lie (R-Vt.) vowed to appeal.", "Sen. Jo Lie"),
        ("The court denied on Monday that it had been warned.", "The court"),
        ("He's said he will not run.", "He"),
    ],
)
def test_the_source_of_an_attribution(text: str, source: str) -> None:
    assert speaker(text) == source


@pytest.mark.parametrize(
    "text",
    [
        "The bridge was closed on Monday.",
        "Heavy rain fell across the valley.",
        "He was accused of fraud.",
        "The report was 300 pages long.",
        "Troops entered the town before dawn.",
        "The United States has 50 states.",
        "Prices rose after the claims were paid.",
        "The claim, the charge and the plan were printed.",
        "“We won.”",
        "",
        "…",
    ],
)
def test_narration_has_no_source(text: str) -> None:
    assert speaker(text) is None


def test_a_relative_pronoun_knows_what_it_stands_for() -> None:
    sentence = tag_sentence("They met a miner, who said the shaft was flooded.")
    (found,) = find_attributions(ClauseMatcher(sentence))
    assert sentence.wording(found.source) == "who"
    assert found.antecedent is not None
    assert sentence.wording(found.antecedent) == "a miner"


def test_all_attributions_are_found_the_main_one_first() -> None:
    sentence = tag_sentence("Roe said she believed that Berg, who denied it, had lied.")
    found = [sentence.wording(one.source) for one in find_attributions(ClauseMatcher(sentence))]
    assert found[0] == "Roe"
    assert {"she", "who"} <= set(found)


def test_quotation_marks_of_all_kinds() -> None:
    for text in ("«No.»", "“No.”", '"No."', "''No.''", "„No.“", "``No.''"):
        assert find_quotations(f"Roe said: {text} He left.") == [(10, 10 + len(text))]
    assert find_quotations("Berg's and the workers' ship") == []


def parties_of(*sentences: str) -> list[str]:
    readings = [tag_sentence(sentence) for sentence in sentences]
    parties = PartyResolver(readings)
    found = []
    for reading in readings:
        for one in find_attributions(ClauseMatcher(reading))[:1]:
            found.extend(parties.resolve(reading, one.source))
    return found


def test_one_person_under_many_names_is_one_party() -> None:
    found = parties_of(
        "Defence Minister Ana Roe said so.",
        "Roe said so.",
        "Ms. Roe said so.",
        "The minister said so.",
        "She said so.",
        "Ola Berg said no.",
        "He said no.",
        "She said so.",
    )
    assert found == ["Ana Roe"] * 5 + ["Ola Berg"] * 2 + ["Ana Roe"]


def test_a_name_is_fuller_later_and_the_same_surname_is_told_by_title() -> None:
    assert parties_of("Mr. Roe said so.", "Then Jon Roe said so.") == ["Jon Roe"] * 2
    found = parties_of(
        "Mr. Jon Roe said so.", "Mrs. Ana Roe said no.", "Mr. Roe said so.", "Mrs. Roe said no."
    )
    assert found == ["Jon Roe", "Ana Roe", "Jon Roe", "Ana Roe"]


def test_an_organisation_and_its_abbreviation_are_one_party() -> None:
    found = parties_of(
        "The World Shipping Council (WSC) said so.",
        "The WSC said so.",
        "It said so.",
        "Acme Corp. said no.",
        "Acme said no.",
        "The company said no.",
    )
    assert found == ["World Shipping Council"] * 3 + ["Acme Corp."] * 3


def test_a_pronoun_without_anyone_to_stand_for_is_no_party() -> None:
    assert parties_of("He said so.") == []


@pytest.mark.parametrize("unit", ["said ", "saying, ", "who said ", "Ann of ", "“", '" ', "(a. "])
def test_time_grows_with_length(unit: str) -> None:
    def spent(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        sentence = tag_sentence(text)
        find_attributions(ClauseMatcher(sentence))
        return time.process_time() - start

    spent(1_000)
    assert spent(80_000) < 12 * spent(20_000) + 0.1
