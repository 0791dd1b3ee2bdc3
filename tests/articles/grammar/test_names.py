import pytest

from pipeline.articles.grammar.countries import COUNTRY_OF, find_country
from pipeline.articles.grammar.names import find_names, join_words, place_and_core, split_titles
from pipeline.articles.grammar.tagging import tag_sentence
from pipeline.articles.parties.sides import side_of


def names(text: str) -> list[str]:
    words = tag_sentence(text).words
    return [join_words([w.text for w in words[slice(*run)]]) for run in find_names(words)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Then the Department of Energy and Rural Water left.",
            "Department of Energy and Rural Water",
        ),
        ("Then the Food and Fisheries Board left.", "Food and Fisheries Board"),
        ("Then Norway's Fisheries Board left.", "Norway's Fisheries Board"),
        ("Then the Fisheries Board in Bergen left.", "Fisheries Board in Bergen"),
        ("Then Minister of State for Water Ana Roe left.", "Minister of State for Water Ana Roe"),
    ],
)
def test_a_long_name_is_one(text: str, found: str) -> None:
    assert names(text) == [found]


def test_two_parties_are_two_names() -> None:
    assert names("Then Oslo and Bergen left.") == ["Oslo", "Bergen"]
    assert names("Then Roe's lawyer Ola Berg left.") == ["Roe", "Ola Berg"]


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        ("Acting Minister for Fisheries", "Ana Roe"),
        ("Under Secretary for Rural Affairs", "Ana Roe"),
        ("Minister of State for Home Affairs", "Ana Roe"),
        ("Vice President", "Ana Roe"),
        ("Chief Executive", "Ana Roe"),
        ("Mayor of Bergen", "Ana Roe"),
        ("President of Norway", "Ana Roe"),
        ("Norwegian Finance Minister", "Ana Roe"),
        ("Prime Minister", ""),
        ("", "General Motors"),
        ("", "Oslo District Court"),
        ("", "Ministry of Energy"),
    ],
)
def test_titles_are_no_part_of_a_name(titles: str, name: str) -> None:
    found = split_titles(f"{titles} {name}".split())
    assert (" ".join(found[0]), " ".join(found[1])) == (titles, name)


@pytest.mark.parametrize(
    "name",
    ["Norway 's Energy Ministry", "Norwegian Energy Ministry", "Energy Ministry in Oslo"],
)
def test_a_body_is_told_by_its_country(name: str) -> None:
    assert place_and_core(name.split()) == ("Norway", "energy ministry")


def test_countries_have_names_people_and_capitals() -> None:
    assert len(set(COUNTRY_OF.values())) == 190
    assert find_country(["Papua", "New", "Guinean", "police"]) == ("Papua New Guinea", 3)
    assert find_country(["Danes"]) == ("Denmark", 1)
    assert find_country(["Bergen"]) is None


@pytest.mark.parametrize(
    "name",
    [
        "Denmark",
        "Copenhagen",
        "Danish forces",
        "the Danish army",
        "Denmark's Foreign Ministry",
        "the Foreign Ministry in Copenhagen",
        "Ministry of Defence of Denmark",
    ],
)
def test_a_country_and_what_acts_for_it_are_one_side(name: str) -> None:
    assert side_of(name) == "Denmark"


@pytest.mark.parametrize("name", ["Danish brewers", "Ana Roe", "the army", "Bergen", "", "'s"])
def test_others_are_on_no_side(name: str) -> None:
    assert side_of(name) is None
