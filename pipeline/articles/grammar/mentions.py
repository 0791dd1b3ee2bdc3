"""Who is mentioned in a sentence, and in what place of its grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from pipeline.articles.grammar.attribution import ClauseMatcher
from pipeline.articles.grammar.tagging import (
    NOUN_PHRASE,
    Span,
    TaggedSentence,
    tag_sentence,
    word_set,
)
from pipeline.model.lexicon import ENDING_OF, FAMILY_OF

PRONOUNS = word_set("he him his she her hers it its they them their theirs")
_NOBODY = word_set(
    """i we you us me my our your everyone everybody someone nobody nothing anyone what this that
    these those there one others such both each another any all many most several few some"""
)
_POSSESSIVES = word_set("his her its their")
_BE = word_set("be is are was were been being am 's 're 'm isn aren wasn weren get got")
MOST_MENTIONS = 100
_REACH = 60
_QUOTATION_ENDS = "\"“”„‟«»″＂'`‘’ "
_LASHES = word_set(
    """lash lashes lashed lashing swipe swipes swiped jab jabs aim tore tear tears tearing rails
    railed railing fired rip ripped"""
)
_BLAMES = word_set(
    """blame blames hammer hammers hammered hammering rips ripped ripping bash bashes bashed
    bashing torch torched trash trashed attacked attacks attacking mocked mocks mocking"""
)
_MORE_VERBS = word_set("face faces bear bears carry carries owe owes deserve deserves")
_CLASSES = {
    "blame": "ACCUSE CONDEMN",
    "charge": "CHARGE ARREST RULE PROBE EXPEL",
    "say": """SAY ARGUE CONFIRM URGE WARN HOPE DENY REJECT REFUSE ANNOUNCE VOW PRAISE OFFER AGREE
        KNOW SOURCE""",
    "wrong": """HARM FAIL KILL SUPPRESS WRONG VIOLENCE FAILURE WRONGED FALSE INSULT BADFAITH ILLWILL
        WEAPON BLAMELESS""",
    "charges": "ACCUSATION CLAIMS REPORT STATEMENT COURT",
    "party": "STATE GROUP OFFICIAL PEOPLE COMPANY MEDIA",
    "act": "GIVE STOP MAKE START FIGHT LEAVE PLAN ORDER WANT SHOW PROTECT RESIGN CHANGE MEET",
    "be": "BE HAVE MODAL WOULD WILL",
}
_CLASS_OF = {family: name for name, families in _CLASSES.items() for family in families.split()}
_VERBS = frozenset({"blame", "charge", "say", "wrong", "act"})
_PHRASE = re.compile(NOUN_PHRASE)
_LONGEST = 24
_PREDICATE = re.compile(rf"(?:[OP]{NOUN_PHRASE})*(?:,[^,;Q]*,)?,?R?((?:[XA]|PA?D?T|D?T)*)([XVG])")


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a sentence that name a party.

    Attributes
    ----------
    sentence : TaggedSentence
        The sentence, or a quotation of it.
    span : Span
        The words.
    is_quoted : bool
        Whether they stand in a quotation of the sentence.
    """

    sentence: TaggedSentence
    span: Span
    is_quoted: bool = False

    @property
    def head(self) -> str:
        """The noun, in lowercase."""
        return self.sentence.words[self.span.head].lower

    @property
    def wording(self) -> str:
        """The words in one line, without the capital letter that opens a sentence."""
        text = self.sentence.wording(self.span)
        return text if self.sentence.tags[self.span.start] == "M" else text[0].lower() + text[1:]

    @property
    def determiner(self) -> str:
        """The first word, in lowercase."""
        return self.sentence.lower(self.span.start)

    @property
    def kind(self) -> str:
        """``name``, ``pronoun`` or ``description``."""
        start, end, head = self.span
        if end - start == 1 and self.sentence.words[head].lower in PRONOUNS:
            return "pronoun"
        return "name" if self.sentence.tags[head] == "M" else "description"

    @property
    def is_owner(self) -> bool:
        """Whether something of theirs follows: "Oslo" of "Oslo's army", "its" of "its army"."""
        is_possessive = self.kind == "pronoun" and self.sentence.tags[self.span.start] == "D"
        return is_possessive or self.sentence.tags[self.span.end : self.span.end + 1] == "'"

    def relations(self) -> Iterator[tuple[str, str]]:
        """Yield its places in the grammar, each with what governs it."""
        tags, (start, end, _) = self.sentence.tags, self.span
        lower = self.sentence.lower
        before = start
        while before and tags[before - 1] == "A":
            before -= 1
        place = before - 1
        is_attached = place >= 0 and tags[place] in "OP"
        if self.is_owner:
            owned = _PHRASE.match(tags, end)
            yield "owner", lower(owned.end() - 1) if owned else ""
            return
        if not is_attached:
            yield from self._as_subject()
        if is_attached and self._is_blamed_through(place):
            yield "object", "blamed"
        elif is_attached:
            yield f"after {lower(place)}", lower(place - 1)
        elif place >= 0 and tags[place] in "VG":
            is_deed = lower(place).startswith("blam") and lower(end) == "on"
            yield "deed" if is_deed else "object", lower(place)
        elif start > 1 and tags[start - 1] == "," and tags[start - 2] in "NM":
            yield "apposition", ""
        elif start and tags[start - 1] == "C":
            yield "joined", ""

    def _is_blamed_through(self, place: int) -> bool:
        """Whether a preposition ends "blamed it on", "lashed out at", "took aim at"."""
        before = {word.lower for word in self.sentence.words[max(0, place - 6) : place]}
        if self.sentence.lower(place) == "on":
            return any(word.startswith("blam") for word in before)
        return self.sentence.lower(place) in ("at", "against", "into") and bool(before & _LASHES)

    def _as_subject(self) -> Iterator[tuple[str, str]]:
        tags, lower = self.sentence.tags, self.sentence.lower
        verb = _PREDICATE.match(tags, self.span.end, self.span.end + _REACH)
        if verb is None:
            return
        last = verb.end() - 1
        chain = {lower(i) for i in range(verb.start(1), last)}
        is_participle = not chain and tags[verb.end() : verb.end() + 1] in ("P", "O")
        is_passive = tags[last] == "V" and (
            chain & _BE or (is_participle and governor_class(lower(last)) in ("blame", "charge"))
        )
        yield "patient" if is_passive else "subject", lower(last)
        if chain & {"allegedly", "reportedly"}:
            yield "allegedly", lower(last)


def governor_class(word: str) -> str:
    """Return the kind of word that governs a mention: ``blame``, ``wrong``, ``party``, ..."""
    return "blame" if word in _BLAMES else _CLASS_OF.get(FAMILY_OF.get(word, ""), "other")


def find_mentions(sentence: TaggedSentence) -> list[Mention]:
    """Find the noun phrases of a sentence and its quotations that may name a party.

    Parameters
    ----------
    sentence : TaggedSentence
        One sentence.

    Returns
    -------
    list of Mention
        The first `MOST_MENTIONS`, in order; owners ("Oslo" of "Oslo's army", "its" of "its army")
        stand before what they own.
    """
    found = [Mention(sentence, span) for span in islice(_spans(sentence), MOST_MENTIONS)]
    for token in sentence.words:
        if token.tag == "Q":
            text = sentence.text[token.start : token.end].strip(_QUOTATION_ENDS)
            inner = mark_verbs(tag_sentence(text))
            spans = islice(_spans(inner), MOST_MENTIONS)
            found += [Mention(inner, span, is_quoted=True) for span in spans]
    return found[:MOST_MENTIONS]


def _spans(sentence: TaggedSentence) -> Iterator[Span]:
    for start, end in _phrases(sentence.tags):
        if sentence.lower(start) in _POSSESSIVES and end - start > 1:
            yield Span(start, start + 1, start)
        owner = sentence.tags.find("'", start, end)
        while owner > start:
            yield Span(start, owner, owner - 1)
            start, owner = owner + 1, sentence.tags.find("'", owner + 1, end)
        if start < end and sentence.lower(end - 1) not in _NOBODY:
            yield Span(start, end, end - 1)


def _phrases(tags: str) -> Iterator[tuple[int, int]]:
    """Find noun phrases, each of at most `_LONGEST` words: else "the the the" takes cubic time."""
    at = 0
    while at < len(tags):
        match = _PHRASE.match(tags, at, at + _LONGEST)
        if match is not None:
            yield match.span()
        at = at + 1 if match is None else match.end()


def mark_verbs(sentence: TaggedSentence) -> TaggedSentence:
    """Mark as verbs the words of a sentence that look like nouns: "rebels attack villages"."""
    clause = ClauseMatcher(sentence)
    tags = list(sentence.tags)
    for i, word in enumerate(sentence.words):
        if word.tag == "N" and i and (clause.is_cue(i) or _is_verb(sentence, i)):
            tags[i] = "V"
    return replace(sentence, tags="".join(tags))


def _is_verb(sentence: TaggedSentence, i: int) -> bool:
    word = sentence.lower(i)
    ending = ENDING_OF.get(word)
    before, after = sentence.tags[i - 1], sentence.tags[i + 1 : i + 2]
    if ending is None and before == "M" and re.match(r"[DN]+[^XVRN]", sentence.tags[i + 1 : i + 9]):
        return word.endswith("s") and not re.search("[XV]", sentence.tags[max(0, i - _REACH) : i])
    if word in _MORE_VERBS:
        return before in "NMY" and after in tuple("DNM")
    if ending is None or governor_class(word) not in _VERBS:
        return False
    if before in "Y" or sentence.lower(i - 1) == "to" or (before == "X" and ending != "s"):
        return True
    if before not in "NM" or after not in tuple("DYMQSAN#"):
        return False
    is_plural = before == "N" and sentence.lower(i - 1).endswith("s")
    return ending == ("" if is_plural else "s")
