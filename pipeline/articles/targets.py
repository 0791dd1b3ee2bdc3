"""Whom an accusation is aimed at: the best of all parties in view, by what speaks for each."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipeline.articles.attribution import ClauseMatcher
from pipeline.articles.blame import find_blamed
from pipeline.articles.coreference import PERSON, PartyResolver
from pipeline.articles.descriptions import DescriptionLinker, noun_kind
from pipeline.articles.mentions import Mention, find_mentions, governor_class, mark_verbs
from pipeline.articles.speakers import AttributedSentence
from pipeline.articles.tagging import word_set
from pipeline.articles.target_ranker import rank
from pipeline.lexicon import FAMILY_OF

_TOP = 3
_NOUNS = frozenset(
    "STATE GROUP OFFICIAL PEOPLE COMPANY COURT MEDIA INSULT PLACE".split()
)
_AGENTS = re.compile(
    r"(?:[eo]rs?|ists?|ians?|m[ae]n|(?<!m)[ae]nts?|ees|ives|crew|gang|staff|commandos|people)$"
)
_NOT_AGENTS = word_set(
    """order orders number numbers letter letters paper papers power water matter matters offer border
    center centre murder murders quarter dinner weather computer chapter river summer winter danger
    anger corner answer disaster rumor rumour error terror labor labour color colour favor favour
    behavior behaviour factor door floor honor honour horror mirror tumor event events percent cent
    account amount extent intent content patent grant plant talent print front point points want
    committees fees trees guarantees objectives initiatives alternatives perspectives lives"""
)
_SPEAKS_FOR = word_set("owner after_of after_for after_with after_at after_to")
_ORDER = ("first", "second", "third")


@dataclass(slots=True)
class Candidate:
    """A party that may be the accused, and what speaks for and against it.

    Attributes
    ----------
    name : str
        The party.
    features : dict of str to float
        What is seen of it.
    mention : Mention or None
        Where the sentence names it; None for one of the sentences around.
    """

    name: str
    mention: Mention | None = None
    features: dict[str, float] = field(default_factory=dict)

    def note(self, *features: str) -> None:
        """Take note of features."""
        self.features.update(dict.fromkeys(features, 1.0))


@dataclass(frozen=True, slots=True)
class _Accusation:
    sentence: int
    speakers: frozenset[str]
    accused: frozenset[str]


class TargetFinder:
    """Finds the accused of an article's sentences, which come in order.

    Parameters
    ----------
    lines : sequence of AttributedSentence
        The sentences of the article.
    parties : PartyResolver
        Its parties, resolved up to the sentence that is asked for.
    headline_end : int
        Where its headline ends; -1 without one.
    """

    def __init__(
        self,
        lines: Sequence[AttributedSentence],
        parties: PartyResolver,
        headline_end: int = -1,
    ) -> None:
        self._lines = lines
        self._parties = parties
        self._headline_end = headline_end
        self._past: list[_Accusation] = []
        self._sides: dict[str, set[str]] = defaultdict(set)
        self._names = [parties.names(line.reading) for line in lines]
        self._linker = DescriptionLinker(self._names, parties)

    def find(self, i: int, speakers: Iterable[str]) -> tuple[str, ...]:
        """Find whom sentence ``i`` accuses."""
        speakers = frozenset(speakers)
        ranked = rank(self.candidates(i, speakers))
        accused = tuple(candidate.name for candidate in ranked[:1])
        self.remember(i, speakers, accused)
        return accused

    def remember(self, i: int, speakers: Iterable[str], accused: Iterable[str]) -> None:
        """Take note of an accusation."""
        self._past.append(_Accusation(i, frozenset(speakers), frozenset(accused)))

    def candidates(self, i: int, speakers: Iterable[str]) -> list[Candidate]:
        """List the parties that sentence ``i`` may accuse, with their features."""
        speakers = frozenset(speakers)
        self._affiliate(self._lines[i], speakers)
        found = _Candidates()
        self._add_mentions(i, found, speakers)
        for name, features in self._fitting:
            found.note([name], *features)
        for candidate in list(found):
            if "source" in candidate.features:
                found.note([candidate.name], "also source")
        self._add_context(i, found, speakers)
        self._add_counts(found, speakers)
        for candidate in found:
            self._describe(candidate, i, speakers)
        return list(found)

    def _affiliate(self, line: AttributedSentence, speakers: frozenset[str]) -> None:
        """Learn whom the speakers speak for, from what the sentence says of them."""
        zones = _Zones(line)
        if line.attribution is None or line.is_quoted:
            return
        for mention in find_mentions(line.reading):
            if zones.of(mention) not in ("source", "frame"):
                continue
            for relation, governor in mention.relations():
                if relation.replace(' ', '_') in _SPEAKS_FOR and (FAMILY_OF.get(governor) == "OFFICIAL" or noun_kind(governor) == PERSON):
                    name = self._parties.peek(mention.sentence, mention.span)
                    for speaker in speakers:
                        self._sides[speaker].add(name)

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(name for names in self._names for name in names)

    @cached_property
    def _headline(self) -> set[str]:
        return {
            name
            for line, names in zip(self._lines, self._names, strict=True)
            if line.end <= self._headline_end
            for name in names
        }

    def _add_mentions(
        self, i: int, found: _Candidates, speakers: frozenset[str]
    ) -> None:
        line = self._lines[i]
        order: Counter[str] = Counter()
        zones = _Zones(line)
        unresolved = []
        own_side = speakers.union(*(self._sides[speaker] for speaker in speakers))
        self._fitting = []
        mentions = find_mentions(mark_verbs(line.reading))
        blamed = {id(m.sentence): m.sentence for m in mentions}
        patterns = {key: find_blamed(sentence) for key, sentence in blamed.items()}
        for mention in mentions:
            name = self._parties.peek(mention.sentence, mention.span, own_side)
            is_new = mention.kind != "pronoun" and name.lower() == mention.sentence.wording(mention.span).lower()
            fitting = None
            if is_new:
                name = self._linker.bearing(mention, speakers) or _named_beside(mention) or name
                if mention.kind == "description":
                    fitting = self._linker.fitting(mention, i, speakers)
            candidate = found.add(name, mention)
            features = [*_pattern_features(mention, patterns[id(mention.sentence)])]
            zone = zones.of(mention)
            relations = list(mention.relations())
            for relation, governor in relations:
                features += [
                    relation,
                    f"{relation} {zone}",
                    f"{relation} of {governor_class(governor)}",
                ]
                if relation in ("subject", "patient"):
                    order[f"{zone} subject"] += 1
                    if order[f"{zone} subject"] == 1:
                        features.append(f"first subject {zone}")
            features += [mention.kind, f"{mention.kind} {zone}", zone, *_noun_features(mention)]
            if zone != "source":
                features.append((*_ORDER, *["later"] * 99)[min(order[zone], 50)] + " " + zone)
                order[zone] += 1
            cls = mention.kind if mention.kind != "description" else _noun_class(mention.head)
            features += [f"{f.split()[0]} by {cls}" for f in features if f == "pattern" or f.startswith("first subject")]
            candidate.note(*features)
            if fitting:
                candidate.note("has fitting")
                self._fitting.append((fitting, ["fitting", *(f"fitting {f}" for f in features if f.startswith(("pattern", "first subject")))]))
            if mention.kind == "pronoun" or (mention.kind == "description" and mention.determiner in ("the", "this", "that", "these", "those") and name.lower() == mention.sentence.wording(mention.span).lower()):
                unresolved.append((mention, features))
        self._unresolved = unresolved

    def _add_context(self, i: int, found: _Candidates, speakers: frozenset[str]) -> None:
        own = [past for past in self._past if past.speakers == speakers]
        for past in own[-1:]:
            near = "just " if i - past.sentence < 3 else ""
            found.note(past.accused, f"accused by the speaker {near}before")
        for past in self._past[-1:]:
            near = "just " if i - past.sentence < 3 else ""
            found.note(past.accused, f"accused {near}before")
        for past in self._past:
            if past.accused & speakers:
                found.note(past.speakers, "accused the speaker")
        for distance in (1, 2):
            if i >= distance:
                found.note(self._names[i - distance], f"{distance} before")
            if i + distance < len(self._names):
                found.note(self._names[i + distance], f"{distance} after")
        found.note(self._headline, "headline")

    def _add_counts(self, found: _Candidates, speakers: frozenset[str]) -> None:
        others = [name for name, _ in self._counts.most_common(_TOP + 2) if name not in speakers]
        for rank_, name in enumerate(others[:_TOP]):
            found.note([name], f"{_ORDER[rank_]} most mentioned")

    def _describe(self, candidate: Candidate, i: int, speakers: frozenset[str]) -> None:
        name = candidate.name
        line = self._lines[i]
        most = max(self._counts.values(), default=1)
        candidate.features["share"] = self._counts[name] / most
        times = sum(name in past.accused for past in self._past)
        if self._past:
            candidate.features["accused share"] = times / len(self._past)
        if name in speakers:
            candidate.note("speaker")
        elif any(name in self._sides[speaker] for speaker in speakers):
            candidate.note("speaks for")
        elif any(name in speaker for speaker in speakers):
            candidate.note("part of speaker")
        if any(name in past.speakers for past in self._past):
            candidate.note("accuser before")
        kind = self._parties.kind(name)
        candidate.note(f"kind {kind}")
        if candidate.mention is None:
            candidate.note("elsewhere")
            if line.is_quoted:
                candidate.note("elsewhere of quoted")
            if line.attribution is None:
                candidate.note("elsewhere of unattributed")
            for mention, features in self._unresolved:
                if mention.kind == "pronoun":
                    if self._parties.fits(name, mention.head):
                        candidate.note("may be pronoun", *(f"may be pronoun {f}" for f in features if f.startswith(("pattern", "first subject"))))
                else:
                    candidate.note("may be description", *(f"may be description {f}" for f in features if f.startswith(("pattern", "first subject"))))


def _named_beside(mention: Mention) -> str | None:
    """Find the name that stands beside a description: "a contractor, Ana Roe"."""
    if mention.kind == "description":
        named = ClauseMatcher(mention.sentence).named(mention.span)
        if named is not mention.span:
            return mention.sentence.wording(named)
    return None


class _Candidates:
    def __init__(self) -> None:
        self._by_name: dict[str, list[Candidate]] = defaultdict(list)

    def __iter__(self) -> Iterator[Candidate]:
        return (one for group in self._by_name.values() for one in group)

    def add(self, name: str, mention: Mention | None = None) -> Candidate:
        candidate = Candidate(name, mention)
        self._by_name[name].append(candidate)
        return candidate

    def of(self, name: str) -> list[Candidate]:
        return self._by_name[name] or [self.add(name)]

    def note(self, names: Iterable[str], *features: str) -> None:
        for name in names:
            for candidate in self.of(name):
                candidate.note(*features)


class _Zones:
    def __init__(self, line: AttributedSentence) -> None:
        self._line = line
        own = line.attribution
        if own is None:
            return
        self._source = own.source
        self._start = min(own.source.start, own.cue)
        self._end = max(own.source.end, own.cue + 1)
        self._is_aside = line.reading.tags[self._end : self._end + 1] in ("", ",", ";", "Q")

    def of(self, mention: Mention) -> str:
        """Return where a mention stands to who says it."""
        if mention.is_quoted or self._line.is_quoted:
            return "quoted"
        if self._line.attribution is None:
            return "plain"
        place = mention.span.start
        if self._source.start <= place < self._source.end:
            return "source"
        if place >= self._end:
            return "told"
        return "told" if place < self._start and self._is_aside else "frame"


def _pattern_features(mention: Mention, patterns: dict[str, Any]) -> Iterable[str]:
    for pattern, span in patterns.items():
        if span.head == mention.span.head or span.start == mention.span.start:
            yield f"pattern {pattern}"
            yield "pattern"
        elif pattern in ("levelled", "charged") and mention.span.start > span.start:
            yield f"behind {pattern}"


def _noun_class(noun: str) -> str:
    family = FAMILY_OF.get(noun, "")
    if family in _NOUNS:
        return family
    if noun_kind(noun) is not None or (_AGENTS.search(noun) and noun not in _NOT_AGENTS):
        return "agent"
    return "thing"


def _noun_features(mention: Mention) -> Iterable[str]:
    if mention.kind != "description":
        return
    yield f"noun {_noun_class(mention.head)}"
    if mention.determiner in ("the", "this", "that", "these", "those"):
        yield "definite"
    elif mention.determiner in ("a", "an"):
        yield "indefinite"
