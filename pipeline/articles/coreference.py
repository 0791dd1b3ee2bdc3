"""Who is who: the names an article has for one party, and whom "he" or "the ministry" means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipeline.articles.tagging import Span, TaggedSentence, Token, word_set
from pipeline.lexicon import FAMILY_OF

_HE = word_set("he him his himself")
_SHE = word_set("she her hers herself")
_IT = word_set("it its itself")
_THEY = word_set("they them their themselves")
_PRONOUNS = _HE | _SHE | _IT | _THEY
_TITLES = word_set(
    """mr. mrs. ms. mx. dr. sen. rep. gov. gen. lt. col. sgt. capt. maj. adm. prof. rev. hon. mr mrs
    ms dr sir dame lord lady justice doctor professor captain major colonel sergeant lieutenant
    admiral father sister brother reverend imam rabbi sheikh former acting deputy vice prime"""
)
_MALE = word_set("mr. mr sir lord spokesman chairman congressman businessman king prince brother")
_FEMALE = word_set(
    """mrs. mrs ms. ms dame lady spokeswoman chairwoman congresswoman businesswoman queen princess
    sister mother actress"""
)
_PARTICLES = word_set("de da di du van von der den bin ibn al el la le")
_FIRMS = word_set("inc. corp. co. ltd. inc corp co ltd plc group holdings ag gmbh")
_BODIES = frozenset({"STATE", "GROUP", "COMPANY", "COURT", "MEDIA"})
_MEMORY = 20
_GENERIC = word_set(
    """group organisation organization company agency firm body union association movement newspaper
    daily manufacturer maker airline bank broadcaster charity club federation coalition"""
)
_FOR_CAUSES = word_set(
    """alliance center centre institute citizens council committee campaign coalition association
    foundation fund office department ministry secretary minister union movement mission network"""
)
_SHORT_NAME = re.compile(r"\s?\(\W?([A-Z][A-Za-z]{0,3}[A-Z]{1,5})\W?\)")
_KNOWN_ALREADY = re.compile(r"(?:(?:the|that|this|these|those|its|his|her|their) )?[\w-]+")
_ONE_OF_A_KIND = re.compile(r"(?:the )?[\w-]+ [\w-]+")
PERSON, BODY = "person", "body"


@dataclass(slots=True, eq=False)
class _Party:
    name: str
    kind: str | None = None
    gender: str | None = None
    nouns: set[str] = field(default_factory=set)

    def fits(self, pronoun: str) -> bool:
        if pronoun in _HE or pronoun in _SHE:
            return self.kind != BODY and self.gender in (None, _gender(pronoun))
        return pronoun in _THEY or self.kind != PERSON

    @property
    def may_be_person(self) -> bool:
        """Whether it is known for one, or bears a first and a last name."""
        return self.kind == PERSON or (self.name[0].isupper() and self.name.count(" ") in (1, 2))

    def learn(self, pronoun: str) -> None:
        if pronoun in _HE or pronoun in _SHE:
            self.kind, self.gender = PERSON, _gender(pronoun)
        elif pronoun in _IT:
            self.kind = BODY


class PartyResolver:
    """The parties of an article: first learns all its names, then follows it in order.

    Parameters
    ----------
    sentences : iterable of TaggedSentence
        The sentences of the article.

    Examples
    --------
    >>> from pipeline.articles.tagging import Span, tag_sentence
    >>> parties = PartyResolver([tag_sentence("Defence Minister Ana Roe spoke.")])
    >>> parties.resolve(tag_sentence("The minister left."), Span(0, 2, 1))
    'Ana Roe'
    >>> parties.resolve(tag_sentence("She denied it."), Span(0, 1, 0))
    'Ana Roe'
    """

    def __init__(self, sentences: Iterable[TaggedSentence]) -> None:
        self._by_key: dict[str, _Party] = {}
        self._by_first: dict[str, list[_Party]] = defaultdict(list)
        self._by_last: dict[str, list[_Party]] = defaultdict(list)
        self._by_noun: dict[str, list[_Party]] = defaultdict(list)
        self._recent: list[_Party] = []
        for sentence in sentences:
            self._learn(sentence)

    def resolve(self, sentence: TaggedSentence, span: Span) -> str:
        """Do the same as `find` for who speaks: pronouns to come look there first."""
        party = self._find(sentence, span)
        if party is None:
            return sentence.wording(span)
        self._remember(party)
        return party.name

    def find(self, sentence: TaggedSentence, span: Span, but: str | None = None) -> str:
        """Tell the fullest name of the party that some words of a sentence stand for.

        Parameters
        ----------
        sentence : TaggedSentence
            The sentence.
        span : Span
            The words: a name, a pronoun, or a description.
        but : str, optional
            A party that a pronoun does not mean: who speaks.

        Returns
        -------
        str
            The party's name; the words themselves where the article names nobody they fit.
        """
        party = self._find(sentence, span, but)
        if party is None:
            return sentence.wording(span)
        self._remember(party, behind=1)
        return party.name

    def mention(self, sentence: TaggedSentence) -> None:
        """Take note of the names of a sentence in which nobody speaks."""
        for party in reversed(self._named(sentence.words)[:2]):
            self._remember(party)

    def _find(self, sentence: TaggedSentence, span: Span, but: str | None = None) -> _Party | None:
        word = sentence.words[span.start]
        is_alone = span.end - span.start == 1
        is_pronoun = word.tag in "YR" or word.lower in _PRONOUNS
        if is_alone and is_pronoun and not (word.text.isupper() and len(word.text) > 2):
            return self._of_pronoun(word.lower, sentence.words[: span.start], but)
        return self._of_words(sentence, span)

    def _remember(self, party: _Party, behind: int = 0) -> None:
        if party in self._recent[-1 - behind :]:
            return
        others = [other for other in self._recent[-_MEMORY:] if other is not party]
        place = max(0, len(others) - behind)
        self._recent = [*others[:place], party, *others[place:]]

    def _of_pronoun(self, pronoun: str, before: list[Token], but: str | None) -> _Party | None:
        if pronoun not in _PRONOUNS:
            return None
        ranked = [*self._named(before), *reversed(self._recent)]
        if pronoun in _IT | _THEY:
            ranked.sort(key=lambda party: party.kind != BODY)
        else:
            ranked.sort(key=lambda party: not party.may_be_person)
        fitting = (party for party in ranked if party.name != but and party.fits(pronoun))
        party = next(fitting, None)
        if party is not None:
            party.learn(pronoun)
        return party

    def _of_words(self, sentence: TaggedSentence, span: Span) -> _Party:
        words = sentence.words[span.start : span.end]
        last = span.head + 1 - span.start
        run = next((run for run in _name_runs(words) if run[0] < last <= run[1]), None)
        if run is not None:
            titles, name = _split_titles([word.text for word in words[slice(*run)]])
            gender = next(filter(None, map(_gender, titles)), None)
            party = self._known(name, gender) if name else None
            if party is not None:
                return party
            if name and words[0].tag != "D":
                return self._register(name)
        return self._described(_with_small_article(sentence.wording(span)), words[last - 1].lower)

    def _described(self, text: str, noun: str) -> _Party:
        key = re.sub(r"^(?:the|a|an) ", "", text.lower())
        if key in self._by_key:
            return self._by_key[key]
        if _KNOWN_ALREADY.fullmatch(text.lower()):
            described = self._by_noun[noun]
            recent = next((p for p in reversed(self._recent) if p in described), None)
            if recent is not None or described:
                return recent or described[0]
            bodies = [party for party in self._recent if party.kind == BODY]
            if noun in _GENERIC and bodies:
                return bodies[-1]
        if noun in _GENERIC and _ONE_OF_A_KIND.fullmatch(text.lower()):
            described = self._by_noun[noun]
            if len(described) == 1:
                return described[0]
        party = self._by_key[key] = _Party(text)
        if _is_office(noun):
            party.kind = PERSON
        if FAMILY_OF.get(noun) in _BODIES:
            party.kind = BODY
        self._describe(party, {noun})
        return party

    def _describe(self, party: _Party, nouns: set[str]) -> None:
        for noun in nouns - party.nouns:
            self._by_noun[noun].append(party)
        party.nouns |= nouns

    def _named(self, words: list[Token]) -> list[_Party]:
        found = []
        for start, end in _name_runs(words):
            titles, name = _split_titles([word.text for word in words[start:end]])
            gender = next(filter(None, map(_gender, titles)), None)
            party = self._known(name, gender) if name else None
            if party is not None:
                found.append(party)
        return list(dict.fromkeys(found))

    def _learn(self, sentence: TaggedSentence) -> None:
        words = sentence.words
        for start, end in _name_runs(words):
            titles, name = _split_titles([word.text for word in words[start:end]])
            while start and words[start - 1].tag == "N" and _describes(words[start - 1].lower):
                start -= 1
                titles.append(words[start].text)
            if not name or (len(name) == 1 and not titles):
                continue
            party = self._register(name)
            nouns = {title.lower() for title in titles} | _apposition(words, end)
            nouns |= _described_before(words, start)
            _tell_kind(party, nouns)
            if party.kind == BODY:
                nouns |= {word.lower() for word in name if FAMILY_OF.get(word.lower()) in _BODIES}
            self._describe(party, nouns - _TITLES)
            short = _SHORT_NAME.match(sentence.text, words[end - 1].end)
            if short is not None:
                party.kind = BODY
                self._by_key.setdefault(short.group(1).lower(), party)

    def _register(self, name: list[str]) -> _Party:
        party = self._known(name, None)
        full = " ".join(name)
        if party is None:
            party = _Party(full)
            self._by_last[_last_name(name)].append(party)
            if len(name) > 1 and not any(FAMILY_OF.get(word.lower()) == "STATE" for word in name):
                self._by_first[name[0].lower()].append(party)
            if name[-1].lower() in _FIRMS:
                party.kind = BODY
                self._by_key[" ".join(name[:-1]).lower()] = party
                self._describe(party, {"company", "firm", "group"})
        elif len(full) > len(party.name):
            party.name = full
        self._by_key[full.lower()] = party
        return party

    def _known(self, name: list[str], gender: str | None) -> _Party | None:
        exact = self._by_key.get(" ".join(name).lower())
        if exact is not None and (len(name) > 1 or gender is None):
            return exact
        alike = [
            party
            for party in self._by_last.get(name[-1].lower(), ())[:_MEMORY]
            if party.gender in (None, gender) or gender is None
            if len(name) == 1 or party.name.split()[0] in (name[0], party.name)
        ]
        if not alike and len(name) == 1:
            alike = self._by_first.get(name[0].lower(), [])[:_MEMORY]
        return next((p for p in reversed(self._recent) if p in alike), alike[0] if alike else None)


def _name_runs(words: list[Token]) -> Iterator[tuple[int, int]]:
    """Find runs of capitalised words, with "of" and particles inside them."""
    i = 0
    while i < len(words):
        if words[i].tag != "M":
            i += 1
            continue
        end = i + 1
        while end < len(words) and (step := _continues(words, end)):
            end += step
        yield i, end
        i = end


def _continues(words: list[Token], i: int) -> int:
    if words[i].tag == "M" or words[i].lower.startswith("al-"):
        return 1
    is_link = words[i].tag == "O" or words[i].lower in _PARTICLES
    following = words[i + 1 : i + 3]
    if words[i].lower == "for" and words[i - 1].lower in _FOR_CAUSES:
        tags = "".join(word.tag for word in following)
        return 2 if tags[:1] == "M" else 3 if tags == "DM" else 0
    if is_link and following and following[0].tag == "M":
        return 2
    return 3 if words[i].tag == "O" and [w.tag for w in following] == ["D", "M"] else 0


def _split_titles(name: list[str]) -> tuple[list[str], list[str]]:
    """Part the titles before a person's name from the name."""
    last = -1
    for i, word in enumerate(name[:-1]):
        lower = word.lower()
        if lower in _TITLES or (_is_office(lower) and name[i + 1] != "of"):
            last = i
    return name[: last + 1], name[last + 1 :]


def _is_office(word: str) -> bool:
    return FAMILY_OF.get(word) == "OFFICIAL"


def _describes(word: str) -> bool:
    return _is_office(word) or word in _GENERIC


def _last_name(name: list[str]) -> str:
    """Give the last word of a name, before "of" and "for"."""
    links = (i for i, word in enumerate(name) if i and word in ("of", "for"))
    return name[next(links, len(name)) - 1].lower()


def _described_before(words: list[Token], start: int) -> set[str]:
    """Collect what a name behind a comma is said to be: "its chief of staff, Ana Roe"."""
    if start < 2 or words[start - 1].tag != ",":
        return set()
    before = []
    for word in reversed(words[max(0, start - 10) : start - 1]):
        if word.tag not in "DNMGO#'":
            break
        before.append(word.lower)
    return {word for word in before if _is_office(word)} | ({*before[:1]} & _GENERIC)


def _apposition(words: list[Token], end: int) -> set[str]:
    """Collect the offices named right after a name: ", the defence minister,"."""
    if end >= len(words) or words[end].tag != ",":
        return set()
    following = []
    for word in words[end + 1 : end + 8]:
        if word.tag not in "DNM'G":
            break
        following.append(word.lower)
    return {word for word in following if _is_office(word)}


def _tell_kind(party: _Party, nouns: set[str]) -> None:
    gender = next(filter(None, map(_gender, nouns)), None)
    party.gender = party.gender or gender
    if any(_is_office(noun) or noun in _TITLES for noun in nouns):
        party.kind = PERSON
    elif nouns & _GENERIC or any(
        FAMILY_OF.get(word.lower()) in _BODIES for word in party.name.split()
    ):
        party.kind = party.kind or BODY


def _gender(word: str) -> str | None:
    lower = word.lower()
    if lower in _HE or lower in _MALE:
        return "he"
    return "she" if lower in _SHE or lower in _FEMALE else None


def _with_small_article(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[0].lower() + text[1:] if first in ("The", "A", "An", "This", "That") else text
