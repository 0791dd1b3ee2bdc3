"""Articles on one story: which names are one party, who accused whom, and who answered.

Two names are one party when they are equal apart from capitals, "the", titles and what follows a
comma; or when one is how the other ends, leaving out "of" and what follows ("Novak", "Karel
Novak", "Karel Novak of Lunden"), unless it ends several names that differ ("Novak" beside "Karel
Novak" and "Ida Novak"), or whose it is or where differs ("Velmora's navy" beside "the navy"). What
is no proper name ("the ministry", "residents of Lunden") is one party only with its equal, and what
is indefinite ("a spokesman") only in its own article. A charge finds its answer also where the
accused and who denies are one country's ("Norwegian forces", "the ministry in Oslo").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.articles.article import Article, Sentence
from pipeline.articles.name_matching import is_indefinite, match_party_names
from pipeline.articles.parties.sides import side_of
from pipeline.stances import STANCES

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

VERBS = {"accuse": "accuses", "deny": "denies", "announce": "announces"}
ROW = (
    "article", "sentence", "start", "end", "party", "speaker", "manner", "stances", "accused",
    *STANCES, "text", "parties", "accused_parties",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with a stance, and where it stands.

    Attributes
    ----------
    article : int
        Number of its article, from 0.
    position : int
        Number of the sentence in its article, from 0.
    sentence : Sentence
        What is said, by whom, of whom: parties have the one name that they have in the story.
    """

    article: int
    position: int
    sentence: Sentence

    @property
    def party(self) -> str | None:
        """The first party that says it."""
        return self.sentence.party

    @property
    def parties(self) -> tuple[str, ...]:
        """All parties that say it."""
        return self.sentence.parties

    @property
    def accused(self) -> str | None:
        """The first party accused."""
        return self.sentence.accused

    @property
    def accused_parties(self) -> tuple[str, ...]:
        """All parties accused."""
        return self.sentence.accused_parties

    @property
    def stances(self) -> tuple[str, ...]:
        """The stances that pass their thresholds, strongest first."""
        return self.sentence.stances


@dataclass(frozen=True, slots=True)
class Party:
    """A party and what it says.

    Attributes
    ----------
    name : str or None
        Its fullest name; None collects the statements of no known party.
    statements : tuple of Statement
        In the order of the articles.
    """

    name: str | None
    statements: tuple[Statement, ...]

    def by_stance(self) -> dict[str, list[Statement]]:
        """Sort the statements by stance; one with two stances stands under both."""
        return {
            stance: [said for said in self.statements if stance in said.stances]
            for stance in STANCES
        }


@dataclass(frozen=True, slots=True)
class Accusation:
    """What one party lays on another, and whether the other denies anything in these articles.

    Attributes
    ----------
    accuser, accused : str or None
        Names of parties; None where the articles name nobody.
    statements : tuple of Statement
        The accusations.
    denials : tuple of Statement
        Every denial by the accused, or by who stands for the same country; whether it answers this
        charge is for a person to judge.
    """

    accuser: str | None
    accused: str | None
    statements: tuple[Statement, ...]
    denials: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Articles, and who stands where in them.

    Attributes
    ----------
    articles : tuple of Article
        As given, but that a party has one name in all of them.
    statements : tuple of Statement
        All of them, in the order of the articles.
    parties : tuple of Party
        Those that say most first; statements of no known party last.
    charges : tuple of Charge
        One for each pair of accuser and accused, in order of appearance; those with a name missing
        last.
    """

    articles: tuple[Article, ...]
    statements: tuple[Statement, ...]
    parties: tuple[Party, ...]
    charges: tuple[Accusation, ...]


def combine_articles(articles: Sequence[Article]) -> Story:
    """Put articles side by side.

    Parameters
    ----------
    articles : sequence of Article
        One or more, on one story.

    Returns
    -------
    Story
    """
    one_name = match_party_names(
        name
        for article in articles
        for sentence in article.sentences
        for name in (*sentence.parties, *sentence.accused_parties, *sentence.accusers)
    )

    def known_as(names: tuple[str, ...], article: Article, number: int) -> tuple[str, ...]:
        found = (
            f"{name} ({article.name or f'article {number + 1}'})"
            if len(articles) > 1 and is_indefinite(name)
            else one_name[name]
            for name in names
        )
        return tuple(dict.fromkeys(found))

    def renamed(article: Article, number: int) -> Article:
        sentences = (
            replace(
                sentence,
                parties=known_as(sentence.parties, article, number),
                accused_parties=known_as(sentence.accused_parties, article, number),
                accusers=known_as(sentence.accusers, article, number),
            )
            if sentence.parties or sentence.accused_parties or sentence.accusers
            else sentence
            for sentence in article.sentences
        )
        return replace(article, sentences=tuple(sentences))

    told = tuple(renamed(article, number) for number, article in enumerate(articles))
    statements = tuple(
        Statement(number, position, sentence)
        for number, article in enumerate(told)
        for position, sentence in enumerate(article.sentences)
        if sentence.stances
    )
    return Story(told, statements, _parties(statements), _charges(statements))


def statement_rows(story: Story) -> list[dict[str, str | int | float | None]]:
    """Flatten a story for a table: one row a statement.

    Parameters
    ----------
    story : Story

    Returns
    -------
    list of dict
        The columns of `ROW`: `article` (its name), `sentence` (its number, from 1),
        `start` and `end` (characters), `party`, `speaker`, `manner`, `stances` (joined by commas,
        strongest first), `accused`, the probability of each stance, `text` on one line, and all
        `parties` and `accused_parties`, joined by semicolons. In the order of the articles.
    """
    return [dict(zip(ROW, _cells(story, said), strict=True)) for said in story.statements]


def _cells(story: Story, said: Statement) -> tuple[str | int | float | None, ...]:
    sentence = said.sentence
    return (
        story.articles[said.article].name,
        said.position + 1,
        sentence.start,
        sentence.end,
        said.party,
        sentence.speaker,
        sentence.manner,
        ",".join(said.stances),
        said.accused,
        *(round(sentence.scores[stance], 4) for stance in STANCES),
        " ".join(sentence.text.split()),
        "; ".join(said.parties),
        "; ".join(said.accused_parties),
    )


def _parties(statements: tuple[Statement, ...]) -> tuple[Party, ...]:
    said: dict[str | None, list[Statement]] = {}
    for statement in statements:
        for party in statement.parties or (None,):
            said.setdefault(party, []).append(statement)
    order = sorted(said, key=lambda name: (name is None, -len(said[name])))
    return tuple(Party(name, tuple(said[name])) for name in order)


def _charges(statements: tuple[Statement, ...]) -> tuple[Accusation, ...]:
    charges: dict[tuple[str | None, str | None], list[Statement]] = {}
    denials: dict[str, list[Statement]] = {}
    for statement in statements:
        if "accuse" in statement.stances:
            for pair in _pairs(statement):
                charges.setdefault(pair, []).append(statement)
        if "deny" in statement.stances:
            for party in statement.parties:
                denials.setdefault(party, []).append(statement)
    order = sorted(charges, key=lambda pair: (pair[1] is None, pair[0] is None))
    return tuple(
        Accusation(accuser, accused, tuple(charges[accuser, accused]), _answers(accused, denials))
        for accuser, accused in order
    )


def _pairs(statement: Statement) -> Iterator[tuple[str | None, str | None]]:
    for accuser in statement.sentence.accusers or (None,):
        for accused in statement.accused_parties or (None,):
            yield accuser, accused


def _answers(accused: str | None, denials: dict[str, list[Statement]]) -> tuple[Statement, ...]:
    """Find the denials of a party, and of others who stand for the same country."""
    if accused is None:
        return ()
    side = side_of(accused)
    found = [
        statement
        for party, said in denials.items()
        if party == accused or (side is not None and side_of(party) == side)
        for statement in said
    ]
    return tuple(sorted(found, key=lambda said: (said.article, said.position)))


def _article_record(article: Article) -> dict[str, Any]:
    record = _record(article)
    record["metadata"] = _record(article.metadata)
    record["sentences"] = [
        {
            "sentence": number,
            **_record(sentence),
            "prediction": _record(sentence.prediction),
            "party": sentence.party,
            "accused": sentence.accused,
        }
        for number, sentence in enumerate(article.sentences, start=1)
    ]
    return record


def _record(item: DataclassInstance) -> dict[str, Any]:
    """Return the fields of a dataclass by name; `asdict` takes ten times as long."""
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def story_references(story: Story) -> dict[str, Any]:
    """Put a story into plain data, with statements given by their place.

    Articles are counted from 0, as they stand in the list; sentences from 1, as in rows and pages.
    """

    def places(statements: Iterable[Statement]) -> list[dict[str, int]]:
        return [{"article": said.article, "sentence": said.position + 1} for said in statements]

    return {
        "articles": [_article_record(article) for article in story.articles],
        "parties": [
            {"name": party.name, "statements": places(party.statements)} for party in story.parties
        ],
        "charges": [
            {
                "accuser": charge.accuser,
                "accused": charge.accused,
                "statements": places(charge.statements),
                "denials": places(charge.denials),
            }
            for charge in story.charges
        ],
    }
