"""What a mention of a party tells of whether it is the accused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from pipeline.articles.grammar.mentions import Mention, governor_class
from pipeline.articles.grammar.nouns import noun_class
from pipeline.articles.grammar.tagging import Span
from pipeline.articles.parties.attributed_sentences import AttributedSentence
from pipeline.articles.parties.descriptions import DEFINITE

ORDER = ("first", "second", "third")


class Zones:
    """Where mentions stand to who says the sentence.

    Parameters
    ----------
    line : AttributedSentence
        The sentence.
    """

    def __init__(self, line: AttributedSentence) -> None:
        self._is_quoted = line.is_quoted
        self._attribution = next(iter(line.attributions), None)
        if self._attribution is None:
            return
        source, cue = self._attribution.source, self._attribution.cue
        self._start, self._end = min(source.start, cue), max(source.end, cue + 1)
        self._is_aside = line.reading.tags[self._end : self._end + 1] in ("", ",", ";", "Q")

    def of(self, mention: Mention) -> str:
        """Return the zone of a mention.

        Parameters
        ----------
        mention : Mention
            One of the sentence.

        Returns
        -------
        str
            ``source`` for who says it, ``told`` for what is said, ``quoted`` where in quotation
            marks, ``frame`` for the rest, ``plain`` in a sentence that nobody says.
        """
        if mention.is_quoted or self._is_quoted:
            return "quoted"
        if self._attribution is None:
            return "plain"
        place, source = mention.span.start, self._attribution.source
        if source.start <= place < source.end:
            return "source"
        is_told = place >= self._end or (place < self._start and self._is_aside)
        return "told" if is_told else "frame"


class MentionReader:
    """Reads the features of a sentence's mentions, which come in order.

    Parameters
    ----------
    zones : Zones
        Of the sentence.
    """

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._order: Counter[str] = Counter()

    def features(self, mention: Mention, patterns: Mapping[str, Span]) -> list[str]:
        """List what is seen of a mention, with the patterns that point at it."""
        zone = self._zones.of(mention)
        found = [*_patterns_at(mention, patterns), *_noun_features(mention)]
        for relation, governor in mention.relations():
            found += [relation, f"{relation} {zone}", f"{relation} of {governor_class(governor)}"]
            if relation in ("subject", "patient") and self._next(f"{zone} subject") == 0:
                found.append(f"first subject {zone}")
        kind = mention.kind
        found += [kind, f"{kind} {zone}", zone]
        if zone != "source":
            place = self._next(zone)
            found.append(f"{ORDER[place] if place < len(ORDER) else 'later'} {zone}")
        kind = noun_class(mention.head) if kind == "description" else kind
        return found + [f"{name} by {kind}" for name in coarse(found)]

    def _next(self, what: str) -> int:
        self._order[what] += 1
        return self._order[what] - 1


def coarse(features: list[str]) -> list[str]:
    """Keep of a mention's features those that also tell of whom it may stand for."""
    return [name for name in features if name.startswith(("pattern", "first subject"))]


def _patterns_at(mention: Mention, patterns: Mapping[str, Span]) -> Iterator[str]:
    for pattern, span in patterns.items():
        if span.head == mention.span.head or span.start == mention.span.start:
            yield "pattern"
            yield f"pattern {pattern}"
        elif pattern in ("levelled", "charged") and mention.span.start > span.start:
            yield f"behind {pattern}"


def _noun_features(mention: Mention) -> Iterator[str]:
    if mention.kind != "description":
        return
    yield f"noun {noun_class(mention.head)}"
    if mention.determiner in DEFINITE:
        yield "definite"
    elif mention.determiner in ("a", "an"):
        yield "indefinite"
