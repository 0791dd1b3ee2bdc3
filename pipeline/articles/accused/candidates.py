"""The parties that may be the accused of a sentence, with what is seen of each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from pipeline.articles.grammar.mentions import Mention


@dataclass(slots=True)
class Candidate:
    """A mention of a party that may be the accused, or a party of the sentences around.

    Attributes
    ----------
    name : str
        The party.
    mention : Mention or None
        Where the sentence names it; None where only the sentences around do.
    features : dict of str to float
        What speaks for and against it.
    """

    name: str
    mention: Mention | None = None
    features: dict[str, float] = field(default_factory=dict)

    def note(self, *features: str) -> None:
        """Take note of features."""
        for name in features:
            self.features[name] = 1.0


@dataclass(frozen=True, slots=True)
class Accusation:
    """A sentence that accuses.

    Attributes
    ----------
    sentence : int
        Its number.
    speakers : frozenset of str
        Who accuses; empty where nobody is said to.
    candidates : list of Candidate
        Whom it may accuse.
    """

    sentence: int
    speakers: frozenset[str]
    candidates: list[Candidate]


class Candidates:
    """All candidates of a sentence; a party that is mentioned twice has two."""

    def __init__(self) -> None:
        self._all: list[Candidate] = []
        self._by_name: dict[str, list[Candidate]] = defaultdict(list)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self._all)

    def add(self, name: str, mention: Mention | None = None) -> Candidate:
        """Add a mention of a party."""
        candidate = Candidate(name, mention)
        self._all.append(candidate)
        self._by_name[name].append(candidate)
        return candidate

    def note(self, names: Iterable[str], *features: str) -> None:
        """Take note of features of parties, mentioned in the sentence or not."""
        for name in names:
            for candidate in self._by_name[name] or [self.add(name)]:
                candidate.note(*features)


def joined_parties(
    name: str, candidates: Iterable[Candidate], but: Collection[str] = ()
) -> tuple[str, ...]:
    """Find the parties that a sentence names together with one: "Oslo, Rome and its army".

    Parameters
    ----------
    name : str
        The one.
    candidates : iterable of Candidate
        Those of the sentence, mentions in order.
    but : collection of str
        Parties to leave out: who speaks.

    Returns
    -------
    tuple of str
        All of them; the one alone where none is joined to it.
    """
    for group in _groups([one for one in candidates if one.mention is not None]):
        names = [one.name for one in group]
        if name in names:
            others = (other for other in names if other not in but)
            return tuple(dict.fromkeys([name, *others]))
    return (name,)


def _groups(mentioned: list[Candidate]) -> Iterator[list[Candidate]]:
    """Part mentions into groups that commas and "and" join."""
    group: list[Candidate] = []
    gaps = ""
    for one in mentioned:
        assert one.mention is not None
        if one.mention.is_owner:
            continue
        gap = _gap(group[-1].mention, one.mention) if group else None
        if gap is None:
            yield from [group] if "C" in gaps else []
            group, gaps = [], ""
        group.append(one)
        gaps += gap or ""
    yield from [group] if "C" in gaps else []


def _gap(before: Mention | None, mention: Mention) -> str | None:
    """Return what joins two mentions; None where they stand apart."""
    if before is None or before.sentence is not mention.sentence:
        return None
    between = before.sentence.tags[before.span.end : mention.span.start]
    joint = re.fullmatch(r"(,?C|,)(?:D|[DNM]+')?", between)
    if joint is None or (joint[1] == "," and before.kind != mention.kind):
        return None
    return joint[1]
