"""Whose statements are whose, with the stances given: no model is read."""

from collections.abc import Callable

import pytest

from pipeline.articles.article import Article
from pipeline.articles.reader import read_article
from pipeline.articles.story import combine_articles
from pipeline.inference.predict import Prediction
from pipeline.stances import STANCES

Told = Callable[..., Article]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Read an article with the given main stance of each sentence; the last one's to the end."""

    def read(text: str, *stances: str) -> Article:
        def predict(texts: list[str], *_: object, **__: object) -> list[Prediction]:
            found = [stances[min(i, len(stances) - 1)].split() for i in range(len(texts))]
            return [
                Prediction(
                    next(iter(one), "none"), tuple(one), {s: float(s in one) for s in STANCES}
                )
                for one in found
            ]

        monkeypatch.setattr("pipeline.articles.reader.predict", predict)
        return read_article(text, "article.txt")

    return read


def parties(article: Article) -> list[tuple[str, ...]]:
    return [sentence.parties for sentence in article.sentences]


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("Harbour Board to close two piers in May", "Harbour Board"),
        ("The owners will close two piers in May.", "the owners"),
        ("Ana Roe plans to close two piers in May, a day after the strike.", "Ana Roe"),
        ("Nordic Bulk is set to sell two ships, according to the Coast Post.", "Nordic Bulk"),
        ("Roe has said little, while Ola Berg has said he will sell two ships.", "Ola Berg"),
        ("Ana Roe's plan to close two piers was made public.", "Ana Roe"),
    ],
)
def test_who_acts_announces_where_nobody_speaks(told: Told, text: str, party: str) -> None:
    (sentence,) = told(text, "announce").sentences
    assert sentence.parties == (party,)


def test_who_acts_is_no_speaker(told: Told) -> None:
    (sentence,) = told("Harbour Board to close two piers in May", "announce").sentences
    assert (sentence.speaker, sentence.manner) == (None, None)


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("The board said that inspectors had found that Roe hid a spill.", ("inspectors",)),
        ("Ola Berg, she said, blames Roe for the spill.", ("Ola Berg",)),
        ("The owner drew criticism from Ola Berg for the spill.", ("Ola Berg",)),
        ("In a message sent on Monday Ana Roe accused the owner of fraud.", ("Ana Roe",)),
        ("Ana Roe's letter said the owner had lied.", ("Ana Roe",)),
        ("A report by Port Watch said the owner had lied.", ("Port Watch",)),
        ("According to the official version, the owner lied.", ()),
        ("The owner was charged with fraud.", ()),
    ],
)
def test_a_charge_is_whose_it_was_first(told: Told, text: str, party: tuple[str, ...]) -> None:
    (sentence,) = told(text, "accuse").sentences
    assert sentence.parties == party


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("Oslo said on Friday it had agreed to close two piers.", "Oslo"),
        ("The owner claims Ola Berg has closed two piers.", "the owner"),
        ("Ana Roe, the harbour minister, denounced the plan as a fraud.", "Ana Roe"),
        ("Ana Roe called it “a lie,” denounced the plan and left.", "Ana Roe"),
        ("One pilot was quoted by the Coast Post as saying Roe had lied.", "one pilot"),
        ("A lawsuit, which was filed by Ola Berg, says the owner lied.", "Ola Berg"),
        ("Two pilots hired by Roe cast doubt on the report.", "two pilots"),
    ],
)
def test_the_clause_tells_who_speaks(told: Told, text: str, party: str) -> None:
    (sentence,) = told(text, "accuse").sentences
    assert sentence.party == party


def test_a_headline_in_capitals_has_small_words(told: Told) -> None:
    headline = told("Ana Roe: I Can Close The Pier Over The Summer", "announce").sentences[0]
    assert "Can" not in headline.parties


def test_a_government_is_no_department(told: Told) -> None:
    found = told("The Harbour Department denied it. The government denied it.", "deny")
    assert parties(found) == [("Harbour Department",), ("the government",)]


def test_what_somebody_owns_is_named_by_its_owner(told: Told) -> None:
    found = told("Ana Roe left. The board said her office had hidden the spill.", "", "accuse")
    assert found.sentences[1].accused_parties == ("Ana Roe's office",)


def test_they_are_those_who_spoke_together(told: Told) -> None:
    found = told("Ana Roe and Ola Berg denied it. They denied the rest too.", "deny")
    assert parties(found) == [("Ana Roe", "Ola Berg")] * 2


def test_a_described_office_is_its_holder(told: Told) -> None:
    found = told("Prime Minister Ana Roe denied it. The tired-looking minister left it.", "deny")
    assert parties(found) == [("Ana Roe",)] * 2


def test_a_statement_is_of_who_spoke(told: Told) -> None:
    found = told("Ana Roe denied it in a statement. The statement called it a lie.", "deny")
    assert parties(found) == [("Ana Roe",)] * 2


def test_a_denial_keeps_whose_charge_it_answers(told: Told) -> None:
    (sentence,) = told("Bergen rejected Drammen's claim that it had lied.", "deny accuse").sentences
    assert sentence.parties == ("Bergen",)
    assert sentence.accusers == ("Drammen",)
    assert sentence.accused_parties == ("Bergen",)


def test_several_parties_are_kept_in_order(told: Told) -> None:
    found = told(
        "Oslo, Bergen and Bonn denied it. The three will meet. Both lied.", "deny", "announce"
    )
    assert parties(found)[:2] == [("Oslo", "Bergen", "Bonn")] * 2
    assert found.sentences[0].party == "Oslo"


@pytest.mark.xfail(reason="the subject is taken to be Bergen alone", strict=True)
def test_what_of_holds_together_is_one_party(told: Told) -> None:
    found = told("The mayor of Oslo and Bergen denied it.", "deny")
    assert parties(found) == [("the mayor of Oslo and Bergen",)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Norway's Energy Ministry", "Denmark's Energy Ministry"),
        ("The Norwegian Energy Ministry", "The Danish Energy Ministry"),
        ("The Energy Ministry in Oslo", "The Energy Ministry in Copenhagen"),
        ("Bergen's Harbour Board", "Drammen's Harbour Board"),
    ],
)
def test_bodies_of_two_countries_are_never_one(told: Told, one: str, other: str) -> None:
    first, second = parties(told(f"{one} denied it. {other} denied it.", "deny"))
    assert first != second
    assert first[0] in one
    assert second[0] in other


def test_a_body_is_one_by_country_capital_and_nationality(told: Told) -> None:
    found = told(
        "Norway's Energy Ministry denied it. The Norwegian Energy Ministry denied it. "
        "The Energy Ministry in Oslo denied it. The Energy Ministry denied it.",
        "deny",
    )
    assert len(set(parties(found))) == 1


def test_a_person_is_one_by_name_office_and_this_official(told: Told) -> None:
    found = told(
        "Fisheries Minister Ana Roe denied it. The Minister of Fisheries denied it. "
        "This official denied it. The fisheries minister denied it. Ms Roe denied it.",
        "deny",
    )
    assert parties(found) == [("Ana Roe",)] * 5


def test_initials_mean_the_name_they_begin(told: Told) -> None:
    found = told("The North Sea Harbour Board denied it. The NSHB denied it.", "deny")
    assert parties(found)[1] == ("North Sea Harbour Board",)


def test_the_accused_answers_for_the_club(told: Told) -> None:
    found = told("Rosenborg accused Brann of theft. The club denied it.", "accuse", "deny")
    assert parties(found) == [("Rosenborg",), ("Brann",)]


def test_we_and_i_are_no_parties(told: Told) -> None:
    assert parties(told("We reject it. I reject it.", "deny")) == [(), ()]


TRANSCRIPT = """ANA ROE: We shut the pier. Nobody was hurt.

Q Will it open?

OLA BERG: It will not.

It cannot, for it is gone.

ROE: I never said it was safe."""


def test_a_transcript_has_its_speakers(told: Told) -> None:
    found = told(TRANSCRIPT, "announce")
    assert parties(found) == [
        ("ANA ROE",),
        ("ANA ROE",),
        (),
        ("OLA BERG",),
        ("OLA BERG",),
        ("ANA ROE",),
    ]
    assert {s.manner for s in found.sentences if s.parties} == {"quoted"}


@pytest.mark.parametrize(
    "text",
    [
        "“We never hid the spill.” —Harbour Minister Ana Roe",
        "And from Harbour Minister Ana Roe:\n\n“We never hid the spill.”",
        "“We never hid the spill.\n\n“We told the mayor,” Ana Roe said.",
        "'We never hid the spill. We told the mayor,' Ana Roe said.",
        "We never hid the spill.\n\n— Ana Roe (@anaroe) May 3, 2024",
    ],
)
def test_a_quotation_is_of_the_name_beside_it(told: Told, text: str) -> None:
    found = [s for s in told(text, "deny").sentences if "never hid" in s.text]
    assert [s.parties for s in found] == [("Ana Roe",)]
    assert [s.manner for s in found] == ["quoted"]


def test_a_note_is_no_speaker(told: Told) -> None:
    found = told("Note: the pier is shut.\n\nUpdate: it is open.\n\nIt rained.", "")
    assert [s.speaker for s in found.sentences] == [None] * 3


def test_a_charge_finds_the_denial_of_its_side(told: Told) -> None:
    article = told(
        "Norway's Defence Ministry said Danish forces had fired on a boat. "
        "The Defence Ministry in Copenhagen called the claim false.",
        "accuse",
        "deny",
    )
    (charge,) = [one for one in combine_articles([article]).charges if one.accused]
    assert [said.position for said in charge.denials] == [1]


def test_a_party_has_one_name_in_all_a_story_tells(told: Told) -> None:
    one = told("Ola Berg denied it. Berg denied it.", "deny")
    other = told("Harbour Minister Ola Berg denied it.", "deny")
    story = combine_articles([one, other])
    assert {s.party for article in story.articles for s in article.sentences} == {"Ola Berg"}
    assert [party.name for party in story.parties] == ["Ola Berg"]
