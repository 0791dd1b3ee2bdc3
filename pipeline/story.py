"""Articles on one story: which names are one party, who accused whom, and who answered.

Two names are one party when they are equal apart from capitals, "the", titles and what follows a
comma; or when one is how the other ends ("Novak" and "Karel Novak"), unless it ends several names
that differ ("Novak" beside "Karel Novak" and "Ida Novak"). A name without a capital at its end
("the ministry") is one party only with its equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.article import Article, Sentence
from pipeline.stances import STANCES

_WORD = re.compile(r"[^\W_]+(?:[-.&'][^\W_]+)*")
_JOINING = frozenset("of for the and de van von der den du del da la le al el bin ibn".split())  # noqa: SIM905
_TITLES = frozenset(
    """mr mrs ms dr sir lord lady president vice-president minister secretary secretary-general
    premier chancellor ambassador governor gov senator sen rep mayor judge justice king queen
    prince princess sheikh pope cardinal archbishop bishop general gen colonel col major maj
    captain capt lieutenant lt sergeant sgt admiral adm chief director chairman chairwoman
    spokesman spokeswoman spokesperson professor prof
    """.split()  # noqa: SIM905
)


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
class Charge:
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
    charges: tuple[Charge, ...]


def tell_story(articles: Sequence[Article]) -> Story:
    """Put articles side by side.

    Parameters
    ----------
    articles : sequence of Article
        One or more, on one story.

    Returns
    -------
    Story
    """
    names = [
        name
        for article in articles
        for sentence in article.statements
        for name in (sentence.party, sentence.accused)
        if name is not None
    ]
    one_name = same_parties(names)
    statements = tuple(
        Statement(
            article=number,
            position=position,
            sentence=sentence,
            party=one_name.get(sentence.party or ""),
            accused=one_name.get(sentence.accused or "") if "accuse" in sentence.stances else None,
        )
        for number, article in enumerate(articles)
        for position, sentence in enumerate(article.sentences)
        if sentence.stances
    )
    parties = _parties(statements)
    return Story(tuple(articles), statements, parties, _charges(statements))


def rows(story: Story) -> list[dict[str, str | int | float | None]]:
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


def same_parties(names: Iterable[str]) -> dict[str, str]:
    """Find the names that mean one party, by the rule at the head of this file.

    Parameters
    ----------
    names : iterable of str
        Names as articles give them.

    Returns
    -------
    dict of str to str
        For each name the fullest one of its party, the first that was given.

    Examples
    --------
    >>> same_parties(["Novak", "Foreign Minister Karel Novak", "the ministry", "The Ministry"])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'Novak': 'Foreign Minister Karel Novak',
     'Foreign Minister Karel Novak': 'Foreign Minister Karel Novak',
     'the ministry': 'the ministry', 'The Ministry': 'the ministry'}
    """
    keys = {name: _key(name) for name in names}
    first = {key: name for name, key in reversed(keys.items())}
    short_names = {key for name, key in keys.items() if _is_proper(name)}
    endings: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for key in first:
        for start in range(1, len(key)):
            endings.setdefault(key[start:], []).append(key)
    fullest: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key in first:
        longer = endings.get(key, []) if key in short_names else []
        longest = max(longer, key=len, default=key)
        fullest[key] = longest if all(_ends(longest, other) for other in longer) else key
    return {name: first[fullest[key]] for name, key in keys.items()}


def _key(name: str) -> tuple[str, ...]:
    """Reduce a name to the words that tell it from others."""
    words = _words(name)
    if _is_proper(name):
        start = len(words)
        while start and (words[start - 1][0].isupper() or words[start - 1] in _JOINING):
            start -= 1
        words = words[start:]
        titles = [i for i, word in enumerate(words[:-1]) if word.lower() in _TITLES]
        if titles and words[titles[-1] + 1] not in _JOINING:
            words = words[titles[-1] + 1 :]
    while len(words) > 1 and words[0].lower() in _JOINING:
        words = words[1:]
    return tuple(word.lower() for word in words) or (name,)


def _words(name: str) -> list[str]:
    straight = name.replace("’", "'")
    head = re.split(r"[,(;]", straight, maxsplit=1)[0]
    return [word.removesuffix("'s") for word in _WORD.findall(head)]


def _is_proper(name: str) -> bool:
    return any(word[0].isupper() for word in _words(name)[-1:])


def _ends(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    return longer[-len(shorter) :] == shorter


def _parties(statements: tuple[Statement, ...]) -> tuple[Party, ...]:
    said: dict[str | None, list[Statement]] = {}
    for statement in statements:
        said.setdefault(statement.party, []).append(statement)
    order = sorted(said, key=lambda name: (name is None, -len(said[name])))
    return tuple(Party(name, tuple(said[name])) for name in order)


def _charges(statements: tuple[Statement, ...]) -> tuple[Charge, ...]:
    charges: dict[tuple[str | None, str | None], list[Statement]] = {}
    denials: dict[str, list[Statement]] = {}
    for statement in statements:
        if "accuse" in statement.stances:
            charges.setdefault((statement.party, statement.accused), []).append(statement)
        if "deny" in statement.stances and statement.party is not None:
            denials.setdefault(statement.party, []).append(statement)
    order = sorted(charges, key=lambda pair: (pair[1] is None, pair[0] is None))
    return tuple(
        Charge(
            accuser,
            accused,
            tuple(charges[accuser, accused]),
            tuple(denials.get(accused or "", ())),
        )
        for accuser, accused in order
    )
