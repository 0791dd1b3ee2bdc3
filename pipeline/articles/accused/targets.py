"""Whom an accusation is aimed at: the likeliest of all parties in view."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipeline.articles.accused.blame import find_blamed
from pipeline.articles.accused.candidates import Accusation, Candidate, Candidates, joined_parties
from pipeline.articles.accused.target_context import add_context
from pipeline.articles.accused.target_features import ORDER, MentionReader, Zones, coarse
from pipeline.articles.accused.target_ranker import load_weights, rank_parties
from pipeline.articles.grammar.attribution import ClauseMatcher
from pipeline.articles.grammar.mentions import Mention, find_mentions, mark_verbs
from pipeline.articles.grammar.nouns import PERSON, noun_kind
from pipeline.articles.parties.attributed_sentences import AttributedSentence
from pipeline.articles.parties.coreference import PartyResolver
from pipeline.articles.parties.descriptions import DEFINITE, DescriptionLinker

_SPEAKS_FOR = frozenset({"owner", "after of", "after for", "after with", "after at", "after to"})
_TOP = 8


@dataclass(frozen=True, slots=True)
class _Anaphor:
    """A pronoun or a description that may stand for a party of the sentences around."""

    mention: Mention
    features: list[str]
    fitting: str | None


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
        self._names = [parties.names(line.reading) for line in lines]
        self._headline = {
            name
            for line, names in zip(lines, self._names, strict=True)
            if line.end <= headline_end
            for name in names
        }
        self._body_names = {
            name
            for line, names in zip(lines, self._names, strict=True)
            if not line.reading.is_title_case
            for name in names
        }
        self._counts = Counter(name for names in self._names for name in names)
        self._linker = DescriptionLinker(self._names, parties)
        self._top = [name for name, _ in self._counts.most_common(_TOP)]
        self._sides: dict[str, set[str]] = defaultdict(set)
        self._rivals: dict[frozenset[str], list[str]] = defaultdict(list)
        self.accusations: list[Accusation] = []
        self._shares: list[dict[str, float]] = []

    def see(self, i: int, speakers: Iterable[str], said_by: Iterable[str]) -> None:
        """Take note that a sentence accuses, where the article's parties are resolved up to it.

        Parameters
        ----------
        i : int
            Its number.
        speakers : iterable of str
            Who accuses; none where nobody is said to.
        said_by : iterable of str
            Who speaks or acts there: of a denial that tells the charge, who denies.
        """
        speakers = frozenset(speakers)
        accusation = Accusation(i, speakers, self._candidates(i, speakers, frozenset(said_by)))
        self.accusations.append(accusation)
        self._shares.append(rank_parties(accusation.candidates, load_weights().alone))
        likeliest = next(iter(self._shares[-1]), None)
        if likeliest is not None:
            self._parties.accuse((likeliest,))
            self._rivals[speakers].append(likeliest)
            self._rivals[frozenset({likeliest})].extend(speakers)

    def decide(self) -> dict[int, tuple[str, ...]]:
        """Find whom each accusation is aimed at, in the light of all the others.

        Returns
        -------
        dict of int to tuple of str
            By number of the sentence: the parties accused; empty where none is in view.
        """
        add_context(self.accusations, self._shares)
        together = load_weights().together
        found: dict[int, tuple[str, ...]] = {}
        for one in self.accusations:
            likeliest = next(iter(rank_parties(one.candidates, together)), None)
            if likeliest is not None:
                found[one.sentence] = joined_parties(likeliest, one.candidates, one.speakers)
        return found

    def _candidates(
        self, i: int, speakers: frozenset[str], said_by: frozenset[str]
    ) -> list[Candidate]:
        line = self._lines[i]
        self._learn_sides(line, speakers)
        found = Candidates()
        anaphors = self._add_mentions(i, found, speakers)
        self._add_neighbours(i, found, speakers)
        if line.reading.is_title_case:
            self._add_title(line, found)
        for candidate in found:
            self._describe(candidate, speakers, said_by)
            if candidate.mention is None:
                self._describe_absent(candidate, line, anaphors)
        return list(found)

    def _learn_sides(self, line: AttributedSentence, speakers: Iterable[str]) -> None:
        """Learn whom the speakers speak for: "Oslo's envoy", "a spokesman for the bank"."""
        zones = Zones(line)
        mentions = [] if line.is_quoted or not line.attributions else find_mentions(line.reading)
        for mention in mentions:
            if zones.of(mention) in ("source", "frame") and _is_side(mention):
                name = self._parties.peek(mention.sentence, mention.span)
                for speaker in speakers:
                    self._sides[speaker].add(name or mention.wording)

    def _add_mentions(self, i: int, found: Candidates, speakers: frozenset[str]) -> list[_Anaphor]:
        reader = MentionReader(Zones(self._lines[i]))
        own_side = speakers.union(*(self._sides[speaker] for speaker in speakers))
        anaphors = []
        patterns = {}
        for mention in find_mentions(mark_verbs(self._lines[i].reading)):
            if id(mention.sentence) not in patterns:
                patterns[id(mention.sentence)] = find_blamed(mention.sentence)
            features = reader.features(mention, patterns[id(mention.sentence)])
            name, is_known = self._name(mention, own_side)
            candidate = found.add(name, mention)
            candidate.note(*features)
            if mention.kind == "pronoun" or (not is_known and mention.determiner in DEFINITE):
                fitting = (
                    None
                    if is_known
                    else self._linker.fitting(
                        mention, i, own_side, reversed(self._rivals[speakers][-_TOP:])
                    )
                )
                anaphors.append(_Anaphor(mention, coarse(features), fitting))
                if fitting is not None:
                    candidate.note("has fitting")
        for anaphor in anaphors:
            if anaphor.fitting is not None:
                fits = (f"fitting {name}" for name in anaphor.features)
                found.note([anaphor.fitting], "fitting", *fits)
        sources = [candidate.name for candidate in found if "source" in candidate.features]
        found.note(sources, "also source")
        return anaphors

    def _name(self, mention: Mention, own_side: frozenset[str]) -> tuple[str, bool]:
        """Find the name of whom a mention means, and whether the article has it elsewhere."""
        known = self._parties.peek(mention.sentence, mention.span, own_side)
        if known is None and mention.kind != "pronoun":
            known = self._linker.bearing(mention, own_side) or _named_beside(mention)
        named = known or self._parties.owned(mention.sentence, mention.span) or mention.wording
        return named, known is not None

    def _add_neighbours(self, i: int, found: Candidates, speakers: Collection[str]) -> None:
        for distance in (1, 2):
            if i >= distance:
                found.note(self._names[i - distance], f"{distance} before")
            if i + distance < len(self._names):
                found.note(self._names[i + distance], f"{distance} after")
        found.note(self._headline, "headline")
        others = [name for name in self._top if name not in speakers]
        for order, name in zip(ORDER, others, strict=False):
            found.note([name], f"{order} most mentioned")

    def _add_title(self, line: AttributedSentence, found: Candidates) -> None:
        """Add the parties that a headline in capitals has by their last names."""
        words = {word.lower for word in line.reading.words}
        for name in self._body_names:
            if name.rsplit(" ", 1)[-1].lower() in words:
                found.note([name], "in title")
        for candidate in found:
            if candidate.name not in self._body_names:
                candidate.note("in title only")

    def _describe(
        self, candidate: Candidate, speakers: frozenset[str], said_by: frozenset[str]
    ) -> None:
        name = candidate.name
        most = self._counts[self._top[0]] if self._top else 1
        candidate.features["share"] = self._counts[name] / most
        candidate.note(f"kind {self._parties.kind(name)}")
        if name in speakers:
            candidate.note("speaker")
        elif name in said_by:
            candidate.note("denier" if speakers else "actor")
        elif any(name in self._sides[speaker] for speaker in speakers):
            candidate.note("speaks for")
        elif any(name in speaker for speaker in speakers):
            candidate.note("part of speaker")

    def _describe_absent(
        self, candidate: Candidate, line: AttributedSentence, anaphors: list[_Anaphor]
    ) -> None:
        candidate.note("elsewhere")
        if line.is_quoted:
            candidate.note("elsewhere of quoted")
        if not line.attributions:
            candidate.note("elsewhere of unattributed")
        for anaphor in anaphors[:_TOP]:
            pronoun = anaphor.mention.head if anaphor.mention.kind == "pronoun" else None
            if pronoun is None or self._parties.fits(candidate.name, pronoun):
                may = f"may be {anaphor.mention.kind}"
                candidate.note(may, *(f"{may} {name}" for name in anaphor.features))


def _is_side(mention: Mention) -> bool:
    """Whether a mention is that of an office or a relative: of "Oslo's envoy", "its chair"."""
    return any(
        relation in _SPEAKS_FOR and noun_kind(governor) == PERSON
        for relation, governor in mention.relations()
    )


def _named_beside(mention: Mention) -> str | None:
    """Find the name that stands beside a description: "a contractor, Ana Roe"."""
    if mention.kind != "description":
        return None
    named = ClauseMatcher(mention.sentence).named(mention.span)
    return None if named is mention.span else mention.sentence.wording(named)
