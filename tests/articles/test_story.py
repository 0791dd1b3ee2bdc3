from pathlib import Path

import pytest

from pipeline.articles.name_matching import match_party_names
from pipeline.articles.story import ROW, Story, combine_articles, statement_rows
from pipeline.stages.train import Training
from tests.articles.marked import mark_up, story


@pytest.fixture(scope="module")
def cable(training: Training) -> Story:
    return combine_articles(story(training.model))


@pytest.mark.parametrize(
    "names",
    [
        ["Karel Novak", "Novak"],
        ["the ministry's spokesman Ali Jan", "Jan", "Mr. Jan"],
        ["Foreign Minister Novak", "Karel Novak"],
        ["Ana Ruiz, the mayor of Lunden", "Ruiz"],
        ["The World Health Organization", "World Health Organization (WHO)"],
        ["Velmora's navy", "Velmora’s navy"],
        ["Bank of Lunden", "the Bank of Lunden"],
        ["Ida Brask of Kardia", "Minister Brask", "Ida Brask"],
    ],
)
def test_names_of_one_party(names: list[str]) -> None:
    assert len(set(match_party_names(names).values())) == 1


@pytest.mark.parametrize(
    "names",
    [
        ["North Korea", "South Korea"],
        ["Karel Novak", "Ida Novak"],
        ["Foreign Ministry", "Defence Ministry"],
        ["the government", "the Kardian government"],
        ["Kardia", "Kardia's navy"],
        ["Norlys", "Nor"],
        ["residents of Lunden", "Lunden"],
        ["University of Lunden", "Lunden"],
        ["Bank of Lunden", "Bank of Tolen"],
    ],
)
def test_names_of_two_parties(names: list[str]) -> None:
    assert len(set(match_party_names(names).values())) == 2


def test_a_surname_that_two_people_bear_is_neither() -> None:
    found = match_party_names(["Karel Novak", "Ida Novak", "Novak"])
    assert found["Novak"] == "Novak"


@pytest.mark.parametrize("name", ["", "-", "’s", "العربية", "a" * 10_000, "Of", "Mr."])
def test_any_name_has_a_party(name: str) -> None:
    assert match_party_names([name, "Karel Novak"])[name] == name


def test_parties_are_matched_over_articles(cable: Story) -> None:
    said = {party.name: party.statements for party in cable.parties}
    assert {one.article for one in said["the Velmoran navy"]} == {0, 2}
    assert {one.article for one in said["Captain Orin Vale"]} == {0, 2}
    assert cable.parties[-1].name is None


def test_charges_are_paired_with_denials(cable: Story) -> None:
    charges = {(charge.accuser, charge.accused): charge for charge in cable.charges}
    answered = charges["Ida Brask", "the Velmoran navy"]
    assert [one.article for one in answered.statements] == [0, 0]
    assert [one.article for one in answered.denials] == [0, 2]
    assert charges["Captain Orin Vale", "Ida Brask"].denials == ()
    assert cable.charges[-1].accused is None


def test_a_spokesman_of_one_article_is_not_that_of_another(training: Training) -> None:
    marked = "[a spokesman | a spokesman] A spokesman denied the charge of fraud."
    two = combine_articles([mark_up(marked, name, training.model) for name in ("a.txt", "b.txt")])
    assert [party.name for party in two.parties] == ["a spokesman (a.txt)", "a spokesman (b.txt)"]
    alone = combine_articles([mark_up(marked, "a.txt", training.model)])
    assert [party.name for party in alone.parties] == ["a spokesman"]


def test_rows_are_one_a_statement(cable: Story) -> None:
    found = statement_rows(cable)
    assert len(found) == len(cable.statements)
    for row, said in zip(found, cable.statements, strict=True):
        assert tuple(row) == ROW
        text = cable.articles[said.article].text
        assert text[said.sentence.start : said.sentence.end] == row["text"]


def test_an_article_without_statements(training: Training) -> None:
    empty = combine_articles([mark_up("Rain fell.", "rain.txt", Path(training.model))])
    assert (empty.statements, empty.parties, empty.charges) == ((), (), ())


def test_a_frame_has_a_row_for_each_statement(training: Training) -> None:
    article = story(training.model)[0]
    frame = article.to_frame()
    assert list(frame.columns) == list(ROW)
    assert len(frame) == len(article.statements) > 0
    assert (frame["deny"] > 0.5).any()
    first = frame.iloc[0]
    assert article.text[first["start"] : first["end"]] == article.statements[0].text
    assert list(mark_up("Rain fell.", "rain.txt", training.model).to_frame().columns) == list(ROW)
