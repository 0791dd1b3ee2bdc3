"""Who is who: the name an article has for whom "he", "the ministry" or a short name means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from pipeline.articles.grammar.countries import find_country
from pipeline.articles.grammar.documents import DOCUMENTS
from pipeline.articles.grammar.names import find_names, gender_of, is_body, is_office, split_titles
from pipeline.articles.grammar.nouns import BODY, PERSON
from pipeline.articles.grammar.tagging import Span, TaggedSentence, Token, word_set
from pipeline.articles.parties.registry import (
    GENERIC,
    HE,
    IT,
    SHE,
    THEY,
    Party,
    PartyRegistry,
    fits_kind,
)
from pipeline.model.lexicon import FAMILY_OF, PORTFOLIOS, TITLES

_PRONOUNS = HE | SHE | IT | THEY
_NO_NAMES = _PRONOUNS | word_set(
    "i we you me us my our your this that these those who which what one q are"
)
_MEMORY = 20
_OPENS_DESCRIPTION = word_set(
    """the a an this that these those some several many few one two three four five six seven eight
    nine ten dozens hundreds thousands both other others more his her its their"""
)
_KNOWN_ALREADY = re.compile(r"(?:(?:the|that|this|these|those|its|his|her|their) )?[\w-]+")
_ONE_OF_A_KIND = re.compile(r"(?:the )?([\w-]+) [\w-]+")
_THIS = re.compile(r"(?:this|that) (?:[\w-]+ )?(?:official|man|woman|leader|minister|politician)")
_PERSON = re.compile(
    r"(?:[^e]er|or|ist|man|woman|ian|ee|mother|father|star|boy|girl|suspect|actress|veteran|victim)$"
)
_THINGS = word_set(
    """number paper matter river power water computer chapter tower error floor door motor terror
    sector letter order summer winter disaster border shelter cover corner center centre newspaper
    chamber register quarter weather danger tender finger server poster theater theatre filter
    factor visitor-centre list twist"""
)
_ALL = re.compile(r"(?:the |all )?(two|three|four|both|pair|each)\b(?: [\w-]+)?")
_HOW_MANY = {"two": 2, "both": 2, "pair": 2, "three": 3, "four": 4}
_TOGETHER = re.compile(r"(?:D?M[MO']*,)*D?M[MO']*,?CD?M[MO']*")


class PartyResolver:
    """The parties of an article: first learns all its names, then follows it in order.

    Parameters
    ----------
    sentences : iterable of TaggedSentence
        The sentences of the article.

    Examples
    --------
    >>> from pipeline.articles.grammar.tagging import Span, tag_sentence
    >>> parties = PartyResolver([tag_sentence("Defence Minister Ana Roe spoke.")])
    >>> parties.resolve(tag_sentence("The minister left."), Span(0, 2, 1))
    ('Ana Roe',)
    >>> parties.resolve(tag_sentence("She denied it."), Span(0, 1, 0))
    ('Ana Roe',)
    """

    def __init__(self, sentences: Iterable[TaggedSentence]) -> None:
        self._registry = PartyRegistry(sentences)
        self._together: list[Party] = []
        self._accused: list[Party] = []
        self._authors: dict[str, tuple[str, ...]] = {}

    def resolve(
        self, sentence: TaggedSentence, span: Span, *, is_denial: bool = False
    ) -> tuple[str, ...]:
        """Find the names of those who speak, and let pronouns to come look there first.

        Parameters
        ----------
        sentence : TaggedSentence
            The sentence.
        span : Span
            The words: names, a pronoun, or a description; several where "and" joins them.
        is_denial : bool
            Whether they deny: then "the company" is rather whom a charge was aimed at.

        Returns
        -------
        tuple of str
            One name a party; empty for a pronoun that nobody fits.
        """
        wording = _lower_article(sentence.wording(span))
        if (several := self._all_of(wording)) is not None:
            return tuple(party.name for party in several)
        found = [
            party
            for part in split_parties(sentence, span)
            if (party := self._find(sentence, part, (), is_denial, speaks=True)) is not None
        ]
        for party in reversed(found):
            self._remember(party)
        if len(found) > 1:
            self._together = found
        names = tuple(dict.fromkeys(party.name for party in found))
        written = {word.lower for word in sentence.words} & DOCUMENTS
        self._authors |= dict.fromkeys([*written, ""], names)
        return names

    def author(self, noun: str) -> tuple[str, ...]:
        """Find who wrote "the statement": who issued one before, else who spoke last."""
        if noun not in DOCUMENTS:
            return ()
        return self._authors.get(noun) or self._authors.get("", ())

    def find(
        self, sentence: TaggedSentence, span: Span, but: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Find the names of others than the speaker: whom the sentence is about.

        Parameters
        ----------
        sentence : TaggedSentence
            The sentence.
        span : Span
            The words.
        but : collection of str
            Parties that a pronoun does not mean: who speaks.

        Returns
        -------
        tuple of str
            As for `resolve`.
        """
        parts = split_parties(sentence, span)
        found = [p for part in parts if (p := self._find(sentence, part, but)) is not None]
        for party in reversed(found):
            self._remember(party, behind=1)
        return tuple(dict.fromkeys(party.name for party in found))

    def accuse(self, names: Collection[str]) -> None:
        """Take note of who is accused: "the company" that denies next is among them."""
        known = [self._registry.by_key.get(name.lower()) or self._add(name) for name in names]
        self._accused = known or self._accused

    def _add(self, name: str) -> Party:
        return self._registry.register(name.split()) if name[:1].isupper() else Party(name)

    def mention(self, sentence: TaggedSentence) -> None:
        """Take note of the names of a sentence in which nobody speaks."""
        for party in reversed(self._registry.named(sentence.words)[:2]):
            self._remember(party)

    def note_together(self, sentence: TaggedSentence) -> None:
        """Take note of names that "and" joins: "the three" may mean them later."""
        if "C" in sentence.tags and (joined := _TOGETHER.search(sentence.tags)) is not None:
            words = sentence.words[joined.start() : joined.end()]
            names = [[w.text for w in words[slice(*run)]] for run in find_names(words)]
            bare = [name for _, name in map(split_titles, names) if name]
            if len(bare) == len(names) > 1:
                self._together = [self._registry.register(name) for name in bare]

    def _all_of(self, wording: str) -> list[Party] | None:
        """Find whom "both", "the three" or "each country" means; "they" right after they spoke."""
        if not self._together:
            return None
        if wording.lower() == "they":
            latest = self._registry.recent[-len(self._together) :]
            return self._together if set(latest) == set(self._together) else None
        match = _ALL.fullmatch(wording)
        if match is None:
            return None
        wanted = _HOW_MANY.get(match.group(1), len(self._together))
        return self._together if len(self._together) == wanted else None

    def _find(
        self,
        sentence: TaggedSentence,
        span: Span,
        but: Collection[str] = (),
        is_denial: bool = False,
        *,
        speaks: bool = False,
    ) -> Party | None:
        word = sentence.words[span.start]
        is_alone = span.end - span.start == 1
        is_shouted = word.text.isupper() and len(word.text) > 2
        if is_alone and (word.tag in "YR" or word.lower in _NO_NAMES) and not is_shouted:
            return self._of_pronoun(word.lower, sentence.words[: span.start], but, is_denial)
        party = self._of_words(sentence, span, is_denial, speaks)
        is_own = party.name in but and word.tag == "D" and party.name[0].isupper()
        return Party(_lower_article(sentence.wording(span))) if is_own else party

    def _remember(self, party: Party, behind: int = 0) -> None:
        recent = self._registry.recent
        if party in recent[-1 - behind :]:
            return
        others = [other for other in recent[-_MEMORY:] if other is not party]
        place = max(0, len(others) - behind)
        self._registry.recent = [*others[:place], party, *others[place:]]

    def _of_pronoun(
        self, pronoun: str, before: list[Token], but: Collection[str], is_denial: bool
    ) -> Party | None:
        if pronoun not in _PRONOUNS:
            return None
        accused = self._accused if is_denial and pronoun in IT | THEY else []
        ranked = [*self._registry.named(before), *accused, *reversed(self._registry.recent)]
        if pronoun in IT | THEY:
            ranked.sort(key=lambda party: party.kind != BODY)
        else:
            ranked.sort(key=lambda party: not party.may_be_person)
        fitting = (party for party in ranked if party.name not in but and party.fits(pronoun))
        party = next(fitting, None)
        if party is not None:
            party.learn(pronoun)
        return party

    def _of_words(
        self, sentence: TaggedSentence, span: Span, is_denial: bool, speaks: bool
    ) -> Party:
        words = sentence.words[span.start : span.end]
        last = span.head + 1 - span.start
        run = next((run for run in find_names(words) if run[0] < last <= run[1]), None)
        if run is not None:
            titles, name = split_titles([word.text for word in words[slice(*run)]])
            gender = next(filter(None, map(gender_of, titles)), None)
            party = self._registry.known(name, gender) if name else None
            if party is None and name and sentence.is_title_case and span.start < 2:
                party = self._beginning(name)
            if party is not None:
                return party
            if name and words[0].tag != "D":
                return self._registry.register(name)
        return self._described(sentence, span, is_denial, speaks)

    def _beginning(self, name: list[str]) -> Party | None:
        """Find the party that a headline in capitals begins with."""
        shorter = (self._registry.known(name[:end]) for end in range(len(name) - 1, 0, -1))
        return next(filter(None, shorter), None)

    def _described(
        self, sentence: TaggedSentence, span: Span, is_denial: bool, speaks: bool
    ) -> Party:
        text = _lower_article(sentence.wording(span))
        noun = sentence.words[span.head].lower
        key = re.sub(r"^(?:the|a|an) ", "", text.lower())
        known = None
        if not re.match(r"(?:an?|some|one|another|two|several) ", text):
            known = self._registry.by_key.get(key) or self._described_before(
                sentence.words[span.start : span.end], text.lower(), noun, is_denial, speaks
            )
        if known is not None:
            return known
        party = self._registry.by_key[key] = Party(self.owned(sentence, span) or text)
        if is_office(noun):
            party.kind = PERSON
        elif is_body(noun):
            party.kind = BODY
        self._registry.describe(party, {noun})
        return party

    def _described_before(
        self, words: list[Token], text: str, noun: str, is_denial: bool, speaks: bool
    ) -> Party | None:
        """Find a party that the article has named by what it is called now."""
        registry = self._registry
        if _THIS.fullmatch(text):
            people = (party for party in reversed(registry.recent) if party.may_be_person)
            return next(people, None)
        office = next((w.lower for w in words if is_office(w.lower)), None)
        if office is not None and (is_office(noun) or words[-1].tag == "M"):
            others = {w.lower for w in words if w.tag == "M" or w.lower in PORTFOLIOS}
            others -= {office, *TITLES}
            if "'" not in {w.tag for w in words} and (others or registry.by_noun[office]):
                return registry.office(office, others)
            if len(holders := registry.by_noun[office]) == 1 and words[-2].tag == "'":
                return holders[0]
        generic = noun in GENERIC and len(text.split()) < 5
        if _KNOWN_ALREADY.fullmatch(text) and words[-1].tag != "M":
            described = registry.by_noun[noun]
            answering = [party for party in self._accused if party in described and is_denial]
            if described:
                return registry.latest(answering or described)
        if generic and is_denial:
            fit = [party for party in self._accused if party.kind != PERSON]
            if fit:
                return fit[0]
        if generic and _KNOWN_ALREADY.fullmatch(text):
            bodies = [p for p in registry.recent if p.kind == BODY and fits_kind(p, noun)]
            if bodies:
                return bodies[-1]
        one = _ONE_OF_A_KIND.fullmatch(text)
        if generic and one is not None and find_country([one.group(1)]) is None:
            described = registry.by_noun[noun]
            if len(described) == 1:
                return described[0]
        is_plain = text.startswith("the ") and "M" not in {word.tag for word in words}
        if speaks and is_plain and len(text.split()) < 5:
            return self._of_kind(noun, is_bare=len(words) == 2)
        return None

    def _of_kind(self, noun: str, *, is_bare: bool) -> Party | None:
        """Find the person or body last named, for a noun that tells which: "the striker"."""
        recent = list(reversed(self._registry.recent))
        if FAMILY_OF.get(noun) == "OFFICIAL" or is_person(noun):
            return next((party for party in recent if party.kind == PERSON), None) or next(
                (party for party in recent if party.may_be_person), None
            )
        if is_bare and (noun in GENERIC or (is_body(noun) and not noun.endswith("s"))):
            bodies = (p for p in recent if p.kind == BODY and fits_kind(p, noun))
            names = (p for p in recent if not p.may_be_person and fits_kind(p, noun))
            return next(bodies, None) or next(names, None)
        if FAMILY_OF.get(noun) is None and not noun.endswith("s") and noun not in _THINGS:
            return next((party for party in recent if party.name[0].isupper()), None)
        return None

    def peek(self, sentence: TaggedSentence, span: Span, but: Collection[str] = ()) -> str | None:
        """Find the name of a party that the article names elsewhere, and remember nothing.

        Parameters
        ----------
        sentence, span, but
            As for `find`.

        Returns
        -------
        str or None
            The name; None where the words stand for nobody known.
        """
        words = sentence.words[span.start : span.end]
        if len(words) == 1 and words[0].lower in _PRONOUNS and not words[0].text.isupper():
            return self._peek_pronoun(words[0].lower, sentence.words[: span.start], but)
        last = span.head + 1 - span.start
        run = next((run for run in find_names(words) if run[0] < last <= run[1]), None)
        if run is not None:
            name = split_titles([word.text for word in words[slice(*run)]])[1]
            party = self._registry.known(name) if name else None
            if party is None and name and sentence.is_title_case:
                party = self._beginning(name)
            if party is not None:
                return party.name
        text = _lower_article(sentence.wording(span)).lower()
        noun = sentence.words[span.head].lower
        known = self._registry.by_key.get(re.sub(r"^(?:the|a|an) ", "", text))
        if known is None and not text.startswith(("a ", "an ")):
            known = self._described_before(words, text, noun, is_denial=False, speaks=False)
        return None if known is None else known.name

    def _peek_pronoun(self, pronoun: str, before: list[Token], but: Collection[str]) -> str | None:
        ranked = [*self._registry.named(before), *reversed(self._registry.recent)]
        is_body = pronoun in IT | THEY
        ranked.sort(key=lambda p: p.kind != BODY if is_body else not p.may_be_person)
        return next((p.name for p in ranked if p.name not in but and p.fits(pronoun)), None)

    def owned(self, sentence: TaggedSentence, span: Span) -> str | None:
        """Name what somebody owns by its owner: "Ana Roe's office" for "her office"."""
        first = sentence.words[span.start]
        if first.tag != "D" or first.lower not in _PRONOUNS or span.end - span.start < 2:
            return None
        owner = self._peek_pronoun(first.lower, sentence.words[: span.start], ())
        rest = Span(span.start + 1, span.end, span.head)
        return None if owner is None else f"{owner}'s {sentence.wording(rest)}"

    def kind(self, name: str) -> str | None:
        """Return whether a party is a person or a body, where that is known."""
        party = self._registry.by_key.get(name.lower())
        return None if party is None else party.kind

    def fits(self, name: str, pronoun: str) -> bool:
        """Whether a pronoun may mean a party."""
        party = self._registry.by_key.get(name.lower())
        return party is not None and party.fits(pronoun)

    def names(self, sentence: TaggedSentence) -> list[str]:
        """List the parties that a sentence names by their names."""
        return [party.name for party in self._registry.named(sentence.words)]


def is_person(noun: str) -> bool:
    """Whether a lowercase noun that no list has tells a person: "striker", "pianist"."""
    if FAMILY_OF.get(noun) not in (None, "PEOPLE", "GROUP", "MEDIA") or is_body(noun):
        return False
    return noun not in _THINGS and _PERSON.search(noun) is not None


def split_parties(sentence: TaggedSentence, span: Span) -> list[Span]:
    """Split "Oslo, Rome and Bonn" into its parties; what "of" holds together stays.

    Parameters
    ----------
    sentence : TaggedSentence
        The sentence.
    span : Span
        Words that name one party or several.

    Returns
    -------
    list of Span
        In order; the span itself where it names one.
    """
    tags = sentence.tags
    if not {"C", ","} & set(tags[span.start : span.end]):
        return [span]
    words = sentence.words[span.start : span.end]
    inside = {span.start + i for run in find_names(words) for i in range(*run)}
    cuts = [i for i in range(span.start, span.end) if tags[i] in "C," and i not in inside]
    parts: list[Span] = []
    start = span.start
    for cut in [*cuts, span.end]:
        if start < cut and (part := _part(sentence, start, cut, span)) is not None:
            parts.append(part)
        start = cut + 1
    attached = any(set(tags[part.start : part.end]) & set("OP") for part in parts[:-1])
    follows = [tags[part.start] for part in parts[1:]]
    if len(parts) < 2 or (attached and any(tag not in "D" for tag in follows)):
        return [span] if parts else []
    return parts


def _part(sentence: TaggedSentence, start: int, end: int, span: Span) -> Span | None:
    tags = sentence.tags
    if sentence.words[start].lower in ("both", "either", "neither") and start + 1 < end:
        start += 1
    if sentence.words[start].lower in ("other", "others"):
        return None
    if start <= span.head < end:
        return Span(start, end, span.head)
    stop = next((i for i in range(start + 1, end) if tags[i] in "OP"), end)
    return Span(start, end, stop - 1)


def _lower_article(text: str) -> str:
    is_common = text.split(" ", 1)[0].lower() in _OPENS_DESCRIPTION
    return text[0].lower() + text[1:] if is_common else text
