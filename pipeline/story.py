"""Articles on one story: which names are one party, who accused whom, and who answered.

Two names are one party when they are equal apart from capitals, "the", titles and what follows a
comma; or when one is how the other ends, leaving out "of" and what follows ("Novak", "Karel
Novak", "Karel Novak of Lunden"), unless it ends several names that differ ("Novak" beside "Karel
Novak" and "Ida Novak"). What is no proper name ("the ministry", "residents of Lunden") is one party
only with its equal, and what is indefinite ("a spokesman") only in its own article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.article import Article, Sentence
from pipeline.stances import STANCES

_WORD = re.compile(r"[^\W_]+(?:[-.&'][^\W_]+)*")
_JOINING = frozenset("of for the and de van von der den du del da la le al el bin ibn".split())  # noqa: SIM905
_INDEFINITE = frozenset(
    "a an one some two several many he she it they we i you his her its their".split()  # noqa: SIM905
)
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

Key = tuple[str, ...]


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
    one_name = same_parties(
        name
        for article in articles
        for sentence in article.statements
        for name in (sentence.party, sentence.accused)
        if name is not None
    )

    def known_as(name: str | None, number: int) -> str | None:
        if name is None or len(articles) == 1 or not _is_indefinite(name):
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
    proper = {keys[name] for name in keys if _proper_name(_words(name))}
    longer: dict[Key, list[Key]] = {}
    for key in filter(proper.__contains__, first):
        for ending in _endings(key):
            longer.setdefault(ending, []).append(key)
    fullest = dict(zip(first, first, strict=True))
    for key in proper:
        longest = max(longer.get(key, []), key=len, default=key)
        if set(longer.get(key, [])) <= _endings(longest) | {longest}:
            fullest[key] = longest
    return {name: first[fullest[key]] for name, key in keys.items()}


def _key(name: str) -> Key:
    """Reduce a name to the words that tell it from others."""
    words = _words(name)
    words = _proper_name(words) or words
    while len(words) > 1 and words[0].lower() in _JOINING:
        words = words[1:]
    return tuple(word.lower() for word in words) or (name,)


def _words(name: str) -> list[str]:
    straight = name.replace("’", "'")
    head = re.split(r"[,(;]", straight, maxsplit=1)[0]
    return [word.removesuffix("'s") for word in _WORD.findall(head)]


def _is_indefinite(name: str) -> bool:
    return any(word.lower() in _INDEFINITE for word in _words(name)[:1])


def _proper_name(words: list[str]) -> list[str]:
    """Give the capitalised words that end a name, without titles; none if they are not its head."""
    start = len(words)
    while start and (words[start - 1][0].isupper() or words[start - 1] in _JOINING):
        start -= 1
    proper = words[start:]
    if not proper or not proper[-1][0].isupper() or (start and proper[0] in _JOINING):
        return []
    titles = [i for i, word in enumerate(proper[:-1]) if word.lower() in _TITLES]
    if titles and proper[titles[-1] + 1] not in _JOINING:
        return proper[titles[-1] + 1 :]
    return proper


def _endings(key: Key) -> set[Key]:
    """List the shorter names of a party: how its name ends, leaving out "of" and after."""
    cut = key[: key.index("of")] if "of" in key else key
    return {cut[start:] for start in range(len(cut))} - {key}


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
