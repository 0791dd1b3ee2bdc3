"""Who says it: from the words of a sentence to reporting cues, to the words that name their source.

There is no parser behind this. Quotations are set aside, every other word gets the letter of its
word class, and each cue ("said", "according to", "was accused by") looks for its source with
patterns over those letters: right before it, behind it where speaker and verb change places, or at
the head of its clause.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.articles.grammar.tagging import NOUN_PHRASE, Span, TaggedSentence, word_set
from pipeline.model.lexicon import ENDING_OF, FAMILY_OF

# How much a cue of each family tells of being the sentence's main attribution.
_WEIGHT = {
    **dict.fromkeys(("SAY", "ARGUE"), 3.0),
    **dict.fromkeys(("ANNOUNCE", "DENY", "ACCUSE", "VOW", "CHARGE", "CONDEMN", "WARN"), 2.5),
    **dict.fromkeys(("REJECT", "CONFIRM", "URGE"), 2.0),
    **dict.fromkeys(("HOPE", "PRAISE", "REFUSE", "AGREE", "OFFER"), 1.0),
}
# Verbs of those families that seldom report speech.
_NOT_CUES = word_set(
    """hold holds held holding stand stands stood standing back backs backed backing show shows
    showed shown showing press presses pressed pressing support supports supported supporting feel
    feels felt feeling imagine assume weigh weighs weighed submit submitted table tabled brush
    brushes shrug oppose opposes opposed opposing contest contested challenge challenged challenges
    choose chooses chose chosen choosing elect elected elects settle settled resolve resolved
    object objects finger fault rap raps thank thanks salute honor honors honour pleading
    relate relates related decide decides decided"""
)
# Forms that are nouns as often: they count only where they stand as a verb.
_NOUNS_TOO = word_set(
    """add state states note notes post posts tweet tweets reply replies comment comments remark
    remarks quote quotes email report reports claim claims charge charges call calls demand demands
    request requests appeal appeals promise promises pledge pledges vow vows hope hopes fear fears
    doubt doubts wish wishes plan plans offer offers blame protest protests complaint forecast
    forecasts estimate estimates counter retort warning alert caution worry worries welcome praise
    support press lobby email emails thought guarantee guess repeat repeats repeated"""
)
_BACK = word_set("shot fired hit hits fires struck")
# Verbs of blame that no family has; too common otherwise to tell a speaker by themselves.
_BLAMING = word_set("hammered lashed ripped faulted roasted trashed savaged upbraided")
_CUES = frozenset(
    {form for form, family in FAMILY_OF.items() if family in _WEIGHT and form not in _NOT_CUES}
    | _NOUNS_TOO
    | {"according", "alleged", "found", "finds"}
    | _BACK
    | _BLAMING
)
# What takes an object, so that a noun behind it is not its subject: "denounced the offer".
_NEVER_INVERTED = frozenset({"ACCUSE", "CHARGE", "CONDEMN", "DENY", "REJECT", "PRAISE"})
_BE = word_set("be is are was were been being am 's 're 'm isn aren wasn weren")
_BARE = word_set("the a an its their his her our your my every no")
_CITED = word_set("quoted cited")
_FINDS = word_set("found finds")
_INTENDS = word_set("vows plans pledges promises hopes offers demands")
_MODALS = word_set("will would shall should could may might must 'd 'll")
_HELD = word_set("believed thought expected said alleged reported considered feared estimated")
_WITH_OF = word_set("with of")
_NEGATIONS = word_set("not never 't")
_CORE = re.compile(NOUN_PHRASE)
_NAMED = re.compile(r",(N{0,3}M+(?:O[DM]*M|PD?M+)*'?)(?:[,;XV]|$)")
_NAMED_BEFORE = re.compile(r"(?:^|,)[DM][DN'MG]*N(?:O[DNMG']+)?,(N{0,3}M+'?),$")
_ASIDE = re.compile(r",(?:[DNM'#]+|Y)V,$|,V[DNM'#]+,$")
_WITH = re.compile(r",P(D?[NMG']*[NM])$")
_APPOSITION = re.compile(r"(?:^|[,;SQ])(D?N{0,3}M+),D[NMGA#']*$")
_APPOSED = re.compile(r"(?:^|[,;SQCB])(N{0,3}M+),D[NMGA#'OP]*,$")
_BUSY = re.compile(r"(?:^|[,;BQ])A*[NM]*[NM](G[^,;QSBRXV]*)$")
_PHRASE_BEFORE = re.compile(rf"{NOUN_PHRASE}(?:(?:[OP]|V[AT]*P){NOUN_PHRASE})*$")
_PHRASE_AFTER = re.compile(rf"{NOUN_PHRASE}(?:[OP]{NOUN_PHRASE})*")
_SUBJECT = re.compile(
    rf"{NOUN_PHRASE}(?:[OP]{NOUN_PHRASE})*(?:C{NOUN_PHRASE}(?:[OP]{NOUN_PHRASE})*(?=[,XAV]))?"
)
_JOINED_BEFORE = re.compile(
    rf"(?:^|[QB;S,])[AC]*({NOUN_PHRASE}(?:O{NOUN_PHRASE})*(?:,{NOUN_PHRASE})*,?C)$"
)
_PAIR = re.compile(r"(M+,)$")  # a headline's "Oslo, Rome"
_BETWEEN = re.compile(r"(?:[XA]|PA?D?T|D?T)*$")
_OPENING = re.compile(r"(?:[ABCTQ;,]|D?T|P[D]?[#T]+|[PSVG][^,]*,)*")
_REACH = 60
_LEAST = 1.0
_CLAUSE = 30  # letters: a shorter quotation is a phrase


class Attribution(NamedTuple):
    """One "who says" of a sentence.

    Attributes
    ----------
    source : Span
        The words that name who says it.
    cue : int
        The token that reports: "said", "according".
    weight : float
        How likely it is the sentence's main attribution.
    antecedent : Span or None
        What a source that is "who", "which" or "that" stands for.
    """

    source: Span
    cue: int
    weight: float
    antecedent: Span | None


def find_attributions(clauses: ClauseMatcher) -> list[Attribution]:
    """Find who says what in a sentence.

    Parameters
    ----------
    clauses : ClauseMatcher
        One sentence.

    Returns
    -------
    list of Attribution
        The main one first; empty where the sentence is the journalist's own.

    Examples
    --------
    >>> from pipeline.articles.grammar.tagging import tag_sentence
    >>> text = "Ana Roe, the mayor, said Oslo's port, according to the navy, was shut."
    >>> sentence = ClauseMatcher(tag_sentence(text))
    >>> [sentence.wording(found.source) for found in find_attributions(sentence)]
    ['Ana Roe', 'the navy']
    """
    quotes = "Q" in clauses.tags
    cues = [
        i
        for i, word in enumerate(clauses.words)
        if (word.lower in _CUES and clauses.is_cue(i))
        or (quotes and clauses.is_beside_quotation(i))
    ]
    found = (clauses.attribution(i) for i in cues)
    kept = (one for one in found if one is not None and one.weight >= _LEAST)
    return sorted(kept, key=lambda one: (-one.weight, one.cue))


class ClauseMatcher:
    """The tokens of a sentence, and where the sources of its cues stand."""

    def __init__(self, sentence: TaggedSentence) -> None:
        self.sentence = sentence
        self.wording = sentence.wording
        self.words = sentence.words
        self.tags = sentence.tags
        self.lower = sentence.lower
        self.is_title_case = sentence.is_title_case

    def is_cue(self, i: int) -> bool:
        """Whether token ``i`` is a reporting verb, or "according" to."""
        word = self.words[i]
        lower = word.lower
        if lower not in _CUES:
            return False
        before = self.tags[i - 1] if i else "^"
        after = self.lower(i + 1)
        if lower == "according":
            return after == "to"
        if lower in _BACK:
            return after == "back"
        if lower in _HELD and after == "to" and before in "NM":
            return False
        if lower == "alleged" and self.tags[i + 1 : i + 2] in ("N", "M", "G") and before in "DPVON":
            return False
        if lower in _FINDS:
            ends = self.tags[i + 1 : i + 2] in ("", ";") and "," in self.tags[:i]
            return after == "that" or ends
        if self.is_title_case and before == "M" and ENDING_OF.get(lower) in ("", "s"):
            return lower not in _NOUNS_TOO
        if word.text[0].isupper() and before not in "^Q;":
            return lower in ("says", "said", "tells", "tweeted", "wrote", "denies", "accuses")
        if lower in _NOUNS_TOO:
            return self.is_verb(i, before, after)
        return self.lower(i - 1) not in _BARE and (before != "O" or word.tag == "G")

    def is_beside_quotation(self, i: int) -> bool:
        """Whether token ``i`` is some verb right before or behind a quotation of a clause."""
        if self.tags[i] != "V" or self.words[i].lower in _CUES:
            return False
        beside = [j for j in (i - 1, i + 1) if self.tags[j : j + 1] == "Q"]
        return any(self.words[j].end - self.words[j].start > _CLAUSE for j in beside)

    def is_verb(self, i: int, before: str, after: str) -> bool:
        """Whether a form that may be a noun stands as a verb."""
        next_tag = self.tags[i + 1 : i + 2]
        if after == "to" and self.words[i].lower in _INTENDS:
            return re.fullmatch("[DNM]{1,4}", self.tags[:i]) is not None
        if before in "YRX":
            return True
        if i and self.words[i - 1].lower == "to":
            return ENDING_OF.get(self.words[i].lower) == "" and (
                next_tag in "DYMQS" or after == "for"
            )
        if before not in "NMAVT":
            return False
        if before == "M" and self.words[i].lower.endswith("s") and next_tag in tuple("NMG"):
            return not re.match("[NMG#]+[XV]", self.tags[i + 1 :])
        if self.words[i].lower.endswith("s") and re.match("M{1,4}X", self.tags[i + 1 :]):
            return True  # "the owner claims Oslo has paid"
        opens = re.search(r"(?:^|[,;SQB])[AC]?D[NMG'#]*$", self.tags[max(0, i - 10) : i])
        if next_tag == "R" and opens is not None and after == "that":
            return True
        return (
            next_tag in tuple("QDYS")
            or after == "for"
            or re.search(r"QD?[NMG]+$", self.tags[max(0, i - 10) : i]) is not None
        )

    def attribution(self, i: int) -> Attribution | None:
        """Find the source of the cue at token ``i``."""
        word = self.words[i]
        weight = _WEIGHT.get(FAMILY_OF.get(word.lower, ""), 2.0 if word.lower in _CUES else 1.0)
        weight = 3.0 if word.lower in _BACK else 0.5 if word.lower in _BLAMING else weight
        if word.lower == "according":
            source = self.phrase_after(i + 2)
            ends = source is not None and self.tags[source.end : source.end + 1] in ("", ";")
            weight = 5.0 if ends or i == 0 else 3.0
        else:
            source, adjust = self.source(i)
            weight += adjust
            gap = self.words[self.before(i) + 1 : i]
            weight -= 1.0 if any(word.lower in _MODALS for word in gap) else 0.0
            weight -= 3.0 if any(word.lower in _NEGATIONS for word in gap) else 0.0
        if source is None:
            return None
        meant = self.antecedent(source.start) if self.tags[source.start] == "R" else None
        return Attribution(source, i, weight, meant)

    def antecedent(self, k: int) -> Span | None:
        """Find what a relative pronoun stands for: the noun phrase before it."""
        end = k - 1 if k > 0 and self.tags[k - 1] in ",P" else k
        name = _APPOSITION.search(self.tags, max(0, end - _REACH), end)
        if name is not None and self.tags[end - 1] == "N":
            return Span(name.start(1), name.end(1), name.end(1) - 1)
        return self.phrase_before(end - 1) if end > 0 else None

    def source(self, i: int) -> tuple[Span | None, float]:
        """Find the source of a verb, and how much its place adds to its weight."""
        k = self.before(i)
        ending = ENDING_OF.get(self.words[i].lower, "")
        is_charged = self.words[i].lower in ("charged", "accused") and self.lower(i + 1) in _WITH_OF
        if self.words[i].lower in _CITED and self.is_passive(i):
            return self.patient(i), 0.5
        if ending == "ed" and (self.is_passive(i) or self.lower(i + 1) == "by" or is_charged):
            return self.agent(i), -0.5
        before = self.tags[k] if k >= 0 else "^"
        if before == "," and (aside := _ASIDE.search(self.tags, max(0, k - _REACH), k + 1)):
            k = aside.start() - 1
            before = self.tags[k] if k >= 0 else "^"
        named = (
            _NAMED_BEFORE.search(self.tags, max(0, k - _REACH), k + 1) if before == "," else None
        )
        if named is not None:
            return Span(named.start(1), named.end(1), named.end(1) - 1), 0.5
        apposed = _APPOSED.search(self.tags, max(0, k - _REACH), k + 1) if before == "," else None
        if apposed is not None:
            return Span(apposed.start(1), apposed.end(1), apposed.end(1) - 1), 0.0
        if ending == "ing" and "X" not in self.tags[k + 1 : i]:
            return self.participle_subject(i, k), 1.0 if self.lower(k) == "as" else -0.5
        may_invert = FAMILY_OF.get(self.words[i].lower) not in _NEVER_INVERTED
        if k == i - 1 and before in "^Q,;" and may_invert:
            inverted = self.inverted(i, k)
            if inverted is not None:
                return inverted, 1.0
        if before in "NMYDG#":
            trailing = self.tags[i + 1 : i + 2] in ("", ";", ",", "Q")
            quoted = self.tags[k - 1 : k] == "Q"
            return self.phrase_before(k), 1.0 if trailing or quoted else 0.5
        if before == "R":
            return Span(k, k + 1, k), -1.0
        return self.subject(i), 0.0 if before in ",;" else -0.75

    def phrase_subject(self, i: int) -> Span | None:
        """Find the subject of the active verb at token ``i``."""
        k = self.before(i)
        if k >= 0 and self.tags[k] in "NMYDG#":
            return self.phrase_before(k)
        if k >= 0 and self.tags[k] == "R":
            return self.antecedent(k)
        return self.subject(i)

    def before(self, i: int) -> int:
        """Step back from a verb over its auxiliaries, adverbs and times."""
        between = _BETWEEN.search(self.tags, max(0, i - _REACH), i)
        k = (between.start() if between else i) - 1
        is_chain = k == i - 1 and k > 1 and self.words[k].lower == "to" and self.tags[k - 1] == "V"
        return self.before(k - 1) if is_chain else k

    def is_passive(self, i: int) -> bool:
        """Whether a verb form ending in -ed has a form of "be" before it."""
        gap = self.words[self.before(i) + 1 : i]
        perfect = bool(gap) and gap[0].lower == "'s" and FAMILY_OF.get(self.lower(i)) == "SAY"
        return not perfect and any(word.lower in _BE for word in gap)

    def patient(self, i: int) -> Span | None:
        """Find whom a verb in the passive is about: "X was accused of"."""
        k = self.before(i)
        if k >= 0 and self.tags[k] == ",":
            k -= 1
        is_phrase = k >= 0 and self.tags[k] in "NMYG#"
        return self.phrase_before(k) if is_phrase else self.subject(i)

    def phrase_before(self, k: int) -> Span | None:
        """Find the noun phrase that ends with token ``k``."""
        low = max(0, k - _REACH)
        match = _PHRASE_BEFORE.search(self.tags, low, k + 1)
        if match is None:
            return None
        start = match.start()
        relative = self.tags.rfind("R", low, start)
        if relative > low and re.fullmatch(r"R[XA]*V[^,;QSBR]*", self.tags[relative:start]):
            k = relative - 1
            match = _PHRASE_BEFORE.search(self.tags, low, k + 1)
            if match is None:
                return None
            start = match.start()
        busy = _BUSY.search(self.tags, low, start + 1)
        if busy is not None and busy.start(1) < k and self.tags[start] != "G":
            k = busy.start(1) - 1
            match = _PHRASE_BEFORE.search(self.tags, low, k + 1)
            if match is None:
                return None
            start = match.start()
        joined = _JOINED_BEFORE.search(self.tags, low, start)
        if joined is None and self.sentence.text[-1:].isalnum():
            joined = _PAIR.match(self.tags[:start])
        core = _CORE.match(self.tags[start : k + 1])
        head = start + (core.end() if core else 1) - 1
        return Span(joined.start(1) if joined else start, k + 1, head)

    def named(self, span: Span) -> Span:
        """Prefer the name behind a description: "the minister, Ana Roe,"."""
        if self.tags[span.head] != "N":
            return span
        name = _NAMED.match(self.tags, span.end)
        return span if name is None else Span(name.start(1), name.end(1), name.end(1) - 1)

    def phrase_after(self, k: int) -> Span | None:
        """Find the noun phrase that begins with token ``k``."""
        core = self.core_after(k)
        match = _PHRASE_AFTER.match(self.tags, k, k + _REACH)
        return None if core is None or match is None else Span(k, match.end(), core.head)

    def core_after(self, k: int) -> Span | None:
        """Find the same without what is attached to it by prepositions."""
        core = _CORE.match(self.tags, k, k + _REACH)
        return None if core is None else Span(k, core.end(), core.end() - 1)

    def agent(self, i: int) -> Span | None:
        """Find whom a passive names: "was accused by X"."""
        for j in range(i + 1, min(i + 25, len(self.words))):
            if self.words[j].lower == "by" and self.tags[j + 1 : j + 2] not in ("G", ""):
                return self.phrase_after(j + 1)
            if self.tags[j] in ",;Q":
                return None
        return None

    def inverted(self, i: int, k: int) -> Span | None:
        """Find the source behind the verb: ", said X, who ..."."""
        span = self.phrase_after(i + 1)
        if span is None:
            return None
        if k >= 0 and "Q" in self.tags[max(0, k - 1) : k + 1]:
            return span
        if self.tags[span.end : span.end + 1] in tuple("XV") or self.words[i].lower == "told":
            return None
        return span if k < 0 or self.has_verb(k) or self.is_whole_clause(k) else None

    def is_whole_clause(self, k: int) -> bool:
        """Whether one stretch without commas stands before the comma at token ``k``."""
        low = max(0, k - _REACH)
        opening = _OPENING.match(self.tags, low, k)
        return k - low > 4 and "," not in self.tags[opening.end() if opening else low : k]

    def has_verb(self, k: int) -> bool:
        """Whether the clause that ends before token ``k`` has its own verb."""
        low = max(0, k - _REACH)
        start = max(self.tags.rfind(mark, low, k) for mark in "Q;") + 1
        segments = re.split(",", self.tags[max(low, start) : k])
        return any(re.match(r"[ABCST]*[^RPGVXS]*[XV]", segment) is not None for segment in segments)

    def participle_subject(self, i: int, k: int) -> Span | None:
        """Find the source of "saying": of "quoted X as saying", or the subject of the clause."""
        if k > 0 and self.words[k].lower == "as" and self.tags[k - 1] in "NM":
            cited = (j for j in range(max(0, k - 8), k) if self.words[j].lower in _CITED)
            passive = next((j for j in cited if self.is_passive(j)), None)
            return self.phrase_before(k - 1) if passive is None else self.patient(passive)
        opening = self.tags[: k + 1] if k < _REACH else ","
        if re.fullmatch(r"[ABC]*[PS]", opening):
            comma = self.tags.find(",", i, i + _REACH)
            return self.phrase_after(comma + 1) if comma > 0 else None
        if k >= 0 and self.tags[k] in "NM" and re.fullmatch(r"[^XVR,]*", opening):
            return self.phrase_before(k)
        beside = _WITH.search(self.tags, max(0, k - _REACH), k + 1)
        if beside is not None and self.lower(beside.start() + 1) == "with":
            return Span(beside.start(1), beside.end(1), beside.end(1) - 1)
        return self.subject(i)

    def subject(self, i: int) -> Span | None:
        """Find the subject of the clause around token ``i``: its first noun phrase."""
        low = max(0, i - _REACH)
        end = i
        while end > low and self.tags[end - 1] in "SPACX,":
            end -= 1
        start = max(self.tags.rfind(mark, low, end) for mark in "Q;B") + 1
        conjunction = self.tags.rfind("S", low, end)
        is_aside = self.tags[end:i].startswith(",") and (
            self.tags[conjunction - 1] == ","
            or re.search("[XV]", self.tags[conjunction:end]) is None
        )
        if conjunction >= start and "," not in self.tags[conjunction:end] and not is_aside:
            start = conjunction + 1
        relative = self.tags.rfind("R", max(low, start), end)
        if relative >= 0 and "," not in self.tags[relative:i]:
            if self.tags[relative + 1 : relative + 2] in tuple("XVA"):
                return Span(relative, relative + 1, relative)
            start = relative + 1
        opening = _OPENING.match(self.tags, max(low, start), i)
        first = opening.end() if opening else start
        if first >= i or self.tags[first] not in "DNMY":
            first = next((j for j in range(max(low, start), i) if self.tags[j] in "DNMY"), i)
        match = _SUBJECT.match(self.tags, first, i)
        core = _CORE.match(self.tags, first, i)
        return Span(first, match.end(), core.end() - 1) if match and core else None
