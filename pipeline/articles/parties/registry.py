"""The parties of an article, and the names and descriptions that it has for each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.articles.grammar.countries import find_country
from pipeline.articles.grammar.given_names import GENDER_OF_NAME
from pipeline.articles.grammar.names import (
    find_names,
    gender_of,
    head_of,
    initials_of,
    is_body,
    is_institution,
    is_office,
    join_words,
    place_and_core,
    split_titles,
)
from pipeline.articles.grammar.nouns import BODY, PERSON
from pipeline.articles.grammar.tagging import TaggedSentence, Token, word_set
from pipeline.model.lexicon import FAMILY_OF, TITLES

HE = word_set("he him his himself")
SHE = word_set("she her hers herself")
IT = word_set("it its itself")
THEY = word_set("they them their themselves")
GENERIC = word_set(
    """group organisation organization company agency firm body union association movement newspaper
    daily manufacturer maker airline bank broadcaster charity club federation coalition carrier
    operator team force department developer retailer supplier network"""
)
_FIRMS = word_set("inc. corp. co. ltd. inc corp co ltd plc group holdings ag gmbh llc")
_STATE = frozenset({"STATE", "COURT"})
_NO_LAST_NAMES = word_set(
    """house states state city county kingdom islands nations street square party republic union
    river bay beach valley district province parliament senate times post news"""
)
_RULERS = word_set("government administration regime state kingdom republic")
# What a body is also called, by the last word of its name.
_ALSO = {
    **dict.fromkeys(("airways", "airlines", "air"), word_set("airline carrier company")),
    **dict.fromkeys(("constabulary", "police"), word_set("police force department")),
    **dict.fromkeys(("attendants", "workers", "teachers", "teamsters"), word_set("union")),
    **dict.fromkeys(("hospital", "clinic", "infirmary"), word_set("hospital clinic")),
    **dict.fromkeys(("united", "city", "fc", "rovers", "albion"), word_set("club team side")),
    **dict.fromkeys(("commission", "administration", "service"), word_set("agency")),
    **dict.fromkeys(_FIRMS, word_set("company firm group")),
}
_LONG = {
    "gov.": "governor", "sen.": "senator", "rep.": "representative", "gov": "governor",
    "sen": "senator", "rep": "representative", "gen.": "general", "amb.": "ambassador",
}  # fmt: skip
_SHORT_NAME = re.compile(r"\s?\(\W?([A-Z][A-Za-z]{0,3}[A-Z]{1,5})\W?\)")
_OR_SHORT_NAME = re.compile(r",? or ([A-Z]{2,6})\b")
_MEMORY = 20
_SHORT = 5
_NO_NOUNS = TITLES - _LONG.keys()


@dataclass(slots=True, eq=False)
class Party:
    """Somebody who speaks, acts or is accused.

    Attributes
    ----------
    name : str
        The fullest name there is.
    kind : str or None
        `PERSON` or `BODY` where the article shows which.
    gender : str or None
        "he" or "she" where the article shows which.
    place : str or None
        For a body, whose it is or where: a country, or a possessor.
    nouns : set of str
        What the article says that it is: "minister", "finance"; in lowercase.
    """

    name: str
    kind: str | None = None
    gender: str | None = None
    place: str | None = None
    nouns: set[str] = field(default_factory=set)

    def fits(self, pronoun: str) -> bool:
        """Whether a pronoun may stand for it."""
        if pronoun in HE or pronoun in SHE:
            return self.kind != BODY and self.gender in (None, gender_by(pronoun))
        return pronoun in THEY or self.kind != PERSON

    @property
    def may_be_person(self) -> bool:
        """Whether it is known for one, or bears a first and a last name."""
        is_name = self.name[0].isupper() and self.name.count(" ") in (1, 2)
        last = self.name.rsplit(" ", 1)[-1].lower()
        is_name = is_name and not (describes(last) or is_body(last) or last in _NO_LAST_NAMES)
        is_name = is_name and find_country(self.name.split()) is None
        return self.kind == PERSON or (self.kind is None and is_name)

    def learn(self, pronoun: str) -> None:
        """Take note that a pronoun stands for it."""
        if pronoun in HE or pronoun in SHE:
            self.kind, self.gender = PERSON, gender_by(pronoun)
        elif pronoun in IT:
            self.kind = BODY


def fits_kind(party: Party, noun: str) -> bool:
    """Whether a body that is not known for a kind may be meant by it: no ministry is a club."""
    head = party.name.rsplit(" ", 1)[-1].lower()
    if noun in party.nouns:
        return True
    if FAMILY_OF.get(noun) == "MEDIA":
        return FAMILY_OF.get(head) == "MEDIA"
    is_state = FAMILY_OF.get(head) == "STATE"
    if noun in _RULERS:
        return head in _RULERS or find_country(party.name.split()) is not None
    return party.name[0].isupper() and (not is_state or FAMILY_OF.get(noun) == "STATE")


def gender_by(word: str) -> str | None:
    """Return "he" or "she" for a pronoun or a title, None for others."""
    if word in HE:
        return "he"
    return "she" if word in SHE else gender_of(word)


class _Name(NamedTuple):
    """A name in a sentence: where it stands, its titles, itself, and what they tell."""

    start: int
    end: int
    titles: list[str]
    name: list[str]
    gender: str | None


def _names_of(words: list[Token]) -> list[_Name]:
    found = []
    for start, end in find_names(words):
        titles, name = split_titles([word.text for word in words[start:end]])
        gender = next(filter(None, map(gender_of, titles)), None)
        found.append(_Name(start, end, titles, name, gender))
    return found


class PartyRegistry:
    """All parties of an article by name, by last name, by what they are.

    Attributes
    ----------
    recent : list of Party
        Those mentioned last, the latest at the end.
    """

    def __init__(self, sentences: Iterable[TaggedSentence]) -> None:
        self.recent: list[Party] = []
        self.by_key: dict[str, Party] = {}
        self.by_noun: dict[str, list[Party]] = defaultdict(list)
        self._by_first: dict[str, list[Party]] = defaultdict(list)
        self._by_last: dict[str, list[Party]] = defaultdict(list)
        self._by_core: dict[str, list[Party]] = defaultdict(list)
        self._by_initials: dict[str, Party] = {}
        self._names: dict[int, tuple[list[Token], list[_Name]]] = {}
        for sentence in sentences:
            self._learn(sentence)

    def latest(self, parties: Sequence[Party]) -> Party | None:
        """Choose the one mentioned last; the first where none was."""
        found = next((party for party in reversed(self.recent) if party in parties), None)
        return found or next(iter(parties), None)

    def names_in(self, words: list[Token]) -> list[_Name]:
        """Find the names in the words of a sentence, once."""
        if id(words) not in self._names:
            self._names[id(words)] = words, _names_of(words)
        return self._names[id(words)][1]

    def named(self, words: list[Token]) -> list[Party]:
        """Find the known parties that some words name."""
        _, names = self._names.get(id(words)) or (words, _names_of(words))
        found = (self.known(one.name, one.gender) for one in names if one.name)
        return [*dict.fromkeys(party for party in found if party is not None)]

    def known(self, name: Sequence[str], gender: str | None = None) -> Party | None:
        """Find the party that a name without titles means."""
        exact = self.by_key.get(join_words(name).lower())
        if exact is not None and (len(name) > 1 or gender is None):
            return exact
        if is_institution(name):
            return self._institution(name)
        if len(name) == 1 and (initials := name[0].replace(".", "")) in self._by_initials:
            return self._by_initials[initials]
        alike = [
            party
            for party in self._by_last.get(name[-1].lower(), ())[:_MEMORY]
            if party.gender in (None, gender) or gender is None
            if len(name) == 1 or party.name.split()[0] in (name[0], party.name)
        ]
        if not alike and len(name) == 1:
            alike = self._by_first.get(name[0].lower(), [])[:_MEMORY]
        return self.latest(alike)

    def _institution(self, name: Sequence[str]) -> Party | None:
        """Find a body: never one whose possessor, nationality or place is another."""
        place, core = place_and_core(name)
        known = self._by_core[core]
        if place is None:
            return self.latest(known)
        exact = next((party for party in known if party.place == place), None)
        unplaced = [party for party in known if party.place is None]
        return exact or (unplaced[0] if len(unplaced) == 1 == len(known) else None)

    def register(self, name: Sequence[str]) -> Party:
        """Find the party that a name means, or add it; a fuller name replaces a shorter one."""
        party = self.known(name)
        full = join_words(name)
        if party is None:
            party = self._add(full, name)
        elif len(full) > len(party.name) and not (party.kind == BODY and party.place):
            party.name = full
        if party.place is None and is_institution(name):
            party.place = place_and_core(name)[0]
        self.by_key[full.lower()] = party
        return party

    def _add(self, full: str, name: Sequence[str]) -> Party:
        party = Party(full)
        last = head_of(name)
        self._by_last[last].append(party)
        if is_institution(name):
            party.kind = BODY
            party.place, core = place_and_core(name)
            self._by_core[core].append(party)
            self.describe(party, {last} | _ALSO.get(last, frozenset()))
        elif len(name) > 1 and (gender := GENDER_OF_NAME.get(name[0].lower())) is not None:
            party.kind, party.gender = PERSON, gender
            self._by_first[name[0].lower()].append(party)
        elif len(name) > 1 and not any(FAMILY_OF.get(word.lower()) in _STATE for word in name):
            self._by_first[name[0].lower()].append(party)
        if len(initials := initials_of(name)) > 1:
            self._by_initials.setdefault(initials, party)
        if last in _ALSO and len(name) > 1:
            self.describe(party, _ALSO[last])
        if last in _FIRMS:
            party.kind = BODY
            self.by_key[" ".join(name[:-1]).lower()] = party
        return party

    def describe(self, party: Party, nouns: Iterable[str]) -> None:
        """Take note of what a party is."""
        new = {_LONG.get(noun, noun) for noun in nouns} - party.nouns
        for noun in filter(describes if party.kind != BODY else is_kind, new):
            self.by_noun[noun].append(party)
        party.nouns |= new

    def office(self, noun: str, others: set[str]) -> Party | None:
        """Find who holds an office, by the words around it: "finance" of "the finance minister"."""
        holders = [party for party in self.by_noun[noun] if party.kind != BODY]
        if not others:
            return self.latest(holders)
        fit = max((len(others & party.nouns) for party in holders), default=0)
        if not fit:
            return None
        return self.latest([p for p in holders if len(others & p.nouns) == fit])

    def _learn(self, sentence: TaggedSentence) -> None:
        words = sentence.words
        if sentence.is_title_case and sentence.text[-1:].isalnum() and len(words) > _SHORT:
            return
        for start, end, titles, name, _ in self.names_in(words):
            titles = [*titles]
            while start and words[start - 1].tag == "N" and describes(words[start - 1].lower):
                start -= 1
                titles.append(words[start].text)
            if not name or (len(name) == 1 and not titles):
                continue
            party = self.register(name)
            nouns = {title.lower() for title in titles} | _apposition(words, end)
            nouns |= _described_before(words, start)
            _tell_kind(party, nouns)
            if party.kind == BODY:
                nouns |= {word.lower() for word in name if is_body(word.lower())}
            self.describe(party, nouns - _NO_NOUNS)
            self._learn_short_name(sentence.text, words[end - 1].end, party)

    def _learn_short_name(self, text: str, end: int, party: Party) -> None:
        short = _SHORT_NAME.match(text, end) or _OR_SHORT_NAME.match(text, end)
        if short is not None:
            party.kind = BODY
            self.by_key.setdefault(short.group(1).lower(), party)


def is_kind(word: str) -> bool:
    """Whether a lowercase noun is a kind of body."""
    return word in GENERIC or is_body(word)


def describes(word: str) -> bool:
    """Whether a lowercase noun says what a party is: an office, or a kind of body."""
    return is_office(word) or word in GENERIC


def _described_before(words: list[Token], start: int) -> set[str]:
    """Collect what a name behind a comma is said to be: "its chief of staff, Ana Roe"."""
    if start < 2 or words[start - 1].tag != ",":
        return set()
    before = []
    for word in reversed(words[max(0, start - 10) : start - 1]):
        if word.tag not in "DNMGO#":
            break
        before.append(word.lower)
    if any(map(is_office, before)):
        return set(before)
    return {*before[:1]} & GENERIC


def _apposition(words: list[Token], end: int) -> set[str]:
    """Collect what is said right after a name: ", the defence minister,"."""
    if end >= len(words) or words[end].tag != ",":
        return set()
    following: list[str] = []
    for word in words[end + 1 : end + 11]:
        if word.tag not in "DNM'GO":
            break
        if word.tag == "'":
            following.clear()  # "the president's adviser" is no president
        else:
            following.append(word.lower)
    if any(map(is_office, following)):
        return set(following)
    return {word for word in following[:4] if word in GENERIC}


def _tell_kind(party: Party, nouns: set[str]) -> None:
    gender = next(filter(None, map(gender_by, nouns)), None)
    if party.kind == BODY:
        return
    party.gender = party.gender or gender
    if any(is_office(noun) or noun in TITLES for noun in nouns):
        party.kind = PERSON
    elif nouns & GENERIC or is_body(party.name.split()[-1].lower()):
        party.kind = party.kind or BODY
