"""Articles on one story: which names are one party, who accused whom, and who answered.

Two names are one party when they are equal apart from capitals, "the", titles and what follows a
comma; or when one is how the other ends, leaving out "of" and what follows ("Novak", "Karel
Novak", "Karel Novak of Lunden"), unless it ends several names that differ ("Novak" beside "Karel
Novak" and "Ida Novak"). What is no proper name ("the ministry", "residents of Lunden") is one party
only with its equal, and what is indefinite ("a spokesman") only in its own article.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.articles.article import Article, Sentence
from pipeline.articles.name_matching import is_indefinite, match_party_names
from pipeline.stances import STANCES

VERBS = {"accuse": "accuses", "deny": "denies", "announce": "announces"}
ROW = (
    "article", "sentence", "start", "end", "party", "speaker", "manner", "stances", "accused",
    *STANCES, "text",
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
        What is said, by whom.
    party : str or None
        The party that says it, under the one name it has in the story.
    accused : str or None
        The party accused, under the one name it has in the story; None unless the sentence accuses.
    """

    article: int
    position: int
    sentence: Sentence
    party: str | None
    accused: str | None

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
        Every denial by the accused; whether it answers this charge is for a person to judge.
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
        As given.
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
        for sentence in article.statements
        for name in (sentence.party, sentence.accused)
        if name is not None
    )

    def known_as(name: str | None, number: int) -> str | None:
        if name is None or len(articles) == 1 or not is_indefinite(name):
            return one_name.get(name or "")
        return f"{name} ({articles[number].name or f'article {number + 1}'})"

    statements = tuple(
        Statement(
            article=number,
            position=position,
            sentence=sentence,
            party=known_as(sentence.party, number),
            accused=known_as(sentence.accused, number) if "accuse" in sentence.stances else None,
        )
        for number, article in enumerate(articles)
        for position, sentence in enumerate(article.sentences)
        if sentence.stances
    )
    parties = _parties(statements)
    return Story(tuple(articles), statements, parties, _charges(statements))


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
        strongest first), `accused`, the probability of each stance, and `text` on one line. In the
        order of the articles.
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
    )


def _parties(statements: tuple[Statement, ...]) -> tuple[Party, ...]:
    said: dict[str | None, list[Statement]] = {}
    for statement in statements:
        said.setdefault(statement.party, []).append(statement)
    order = sorted(said, key=lambda name: (name is None, -len(said[name])))
    return tuple(Party(name, tuple(said[name])) for name in order)


def _charges(statements: tuple[Statement, ...]) -> tuple[Accusation, ...]:
    charges: dict[tuple[str | None, str | None], list[Statement]] = {}
    denials: dict[str, list[Statement]] = {}
    for statement in statements:
        if "accuse" in statement.stances:
            charges.setdefault((statement.party, statement.accused), []).append(statement)
        if "deny" in statement.stances and statement.party is not None:
            denials.setdefault(statement.party, []).append(statement)
    order = sorted(charges, key=lambda pair: (pair[1] is None, pair[0] is None))
    return tuple(
        Accusation(
            accuser,
            accused,
            tuple(charges[accuser, accused]),
            tuple(denials.get(accused or "", ())),
        )
        for accuser, accused in order
    )


def _article_record(article: Article) -> dict[str, Any]:
    record = asdict(article)
    for sentence, values in zip(article.sentences, record["sentences"], strict=True):
        values |= {"party": sentence.party, "accused": sentence.accused}
    return record


def story_references(story: Story) -> dict[str, Any]:
    """Put a story into plain data, with statements given by their place."""

    def places(statements: Iterable[Statement]) -> list[dict[str, int]]:
        return [{"article": said.article, "sentence": said.position} for said in statements]

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
