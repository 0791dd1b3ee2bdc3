"""Who says it: from the words of a sentence to reporting cues, to the words that name their source.

There is no parser behind this. Quotations are set aside, every other word gets the letter of its
word class, and each cue ("said", "according to", "was accused by") looks for its source with
patterns over those letters: right before it, behind it where speaker and verb change places, or at
the head of its clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.lexicon import ENDING_OF, FAMILY_OF


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# How much a cue of each family tells of being the sentence's main attribution.
_WEIGHT = {
    **dict.fromkeys(("SAY", "ARGUE"), 3.0),
    **dict.fromkeys(("ANNOUNCE", "DENY", "ACCUSE", "VOW", "CHARGE", "CONDEMN", "WARN"), 2.5),
    **dict.fromkeys(("REJECT", "CONFIRM", "URGE"), 2.0),
    **dict.fromkeys(("HOPE", "PRAISE", "REFUSE", "AGREE", "OFFER"), 1.0),
}
# Verbs of those families that seldom report speech.
_NOT_CUES = _set(
    """hold holds held holding stand stands stood standing back backs backed backing show shows
    showed shown showing press presses pressed pressing support supports supported supporting feel
    feels felt feeling imagine assume weigh weighs weighed submit submitted table tabled brush
    brushes shrug oppose opposes opposed opposing contest contested challenge challenged challenges
    choose chooses chose chosen choosing elect elected elects settle settled resolve resolved
    object objects finger fault rap raps thank thanks salute honor honors honour pleading relate relates
    related decide decides decided"""
)
# Forms that are nouns as often: they count only where they stand as a verb.
_NOUNS_TOO = _set(
    """add state states note notes post posts tweet tweets reply replies comment comments remark
    remarks quote quotes email report reports claim claims charge charges call calls demand demands
    request requests appeal appeals promise promises pledge pledges vow vows hope hopes fear fears
    doubt doubts wish wishes plan plans offer offers blame protest protests complaint forecast
    forecasts estimate estimates counter retort warning alert caution worry worries welcome praise
    support press lobby email emails thought guarantee sue guess"""
)
_CLASSES = {
    "D": """the a an this these those some many several few all both each every another any no most
        his her its their our your my one two three four five six seven eight nine ten dozens
        hundreds thousands more other others such""",
    "Y": "he she they it i we you him them everyone everybody someone nobody",
    "R": "who which whose whom what",
    "O": "of",
    "P": """in on at for from with by about against after before during under over between among
        through without within across around near since until despite including as like per via
        outside inside behind upon toward towards amid alongside versus than along beyond into onto
        following regarding besides except above below throughout unlike given to""",
    "C": "and or",
    "B": "but nor yet so",
    "S": "because while when where although though if whether whereas unless why how once",
    "X": """be is are was were been being am has have had having do does did will would shall should
        can could may might must ought 're 've 'll 'd 'm isn aren wasn weren hasn haven hadn don
        doesn didn won wouldn shouldn couldn cannot 't not never""",
    "A": """also then later again still ever just only even too already now meanwhile instead
        however often always earlier previously first further soon long well here there far almost
        nevertheless nonetheless thus therefore himself herself itself themselves perhaps maybe
        rather quite very last next late recently ahead away once almost""",
    "T": """monday tuesday wednesday thursday friday saturday sunday morning afternoon evening night
        week month year weekend days weeks months years hours day ago today yesterday tomorrow
        tonight time noon midnight minutes moment january february april june july august september
        october november december jan. feb. apr. aug. sept. oct. nov. dec.""",
    "V": "hit cut set got put let went made met left led became came took gave told found began kept sent saw",
    ",": ",",
    "(": "( [",
    ")": ") ]",
}
_CLASS_OF = {word: tag for tag, words in _CLASSES.items() for word in words.split()}
_BE = _set("be is are was were been being am 's 're 'm isn aren wasn weren")
_BARE = _set("the a an its their our your my every no")
_NO_ADVERBS = _set("early daily weekly monthly family ally rally supply assembly elderly friendly")
_NO_VERBS = _set("need indeed hundred speed seed breed feed creed united red bed media")
_NO_GERUNDS = _set("king thing something nothing anything everything morning spring ring wing")

_TOKEN = re.compile(
    r"""(?:Mr|Mrs|Ms|Mx|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Maj|Cmdr|Adm|Prof|Rev|Hon|Jr|Sr|St|Mt|No
        |Inc|Corp|Co|Ltd|Pres|Sens|Reps|Govs|Supt|Insp|Amb|Atty|Jan|Feb|Apr|Aug|Sept?|Oct|Nov|Dec|vs
        |[A-Z])\.(?!\w)
    |[A-Z]\.(?:-?[A-Z]\.)+
    |['’](?:s|re|ve|ll|d|m|t)\b
    |[^\W_][\w\u0300-\u036f]*(?:(?:[-&./@]|['’](?!(?:s|re|ve|ll|d|m|t)\b))[^\W_][\w\u0300-\u036f]*)*
    |--+|[^\w\s]""",
    re.VERBOSE,
)
_MARK = re.compile(r"''|``|[\"“”„‟«»″＂]")
_STOPS = ",;:!?…()[]"
_MARKS = "\"“”„‟«»″＂'`"
QUOTE = '"'

# Noun phrases over the letters of word classes.
_CORE = r"(?:D[DNMGVA'T#]*[NMG]|#*[NM][NMG'#]*(?<!['#])|Y|D)"
_PHRASE_BEFORE = re.compile(rf"{_CORE}(?:(?:[OP]|V[AT]*P){_CORE})*$")
_PHRASE_AFTER = re.compile(rf"{_CORE}(?:[OP]{_CORE})*")
_SUBJECT = re.compile(rf"{_CORE}(?:[OP]{_CORE})*(?:C{_CORE}(?:[OP]{_CORE})*(?=[,XAV]))?")
_JOINED_BEFORE = re.compile(rf"(?:^|[QB;S,])[AC]*({_CORE}(?:O{_CORE})*(?:,{_CORE})*,?C)$")
_BETWEEN = re.compile(r"(?:[XA]|P?[DA]?T+)*$")
_OPENING = re.compile(r"(?:[ABCTQ;,]|D?T|P[D]?[#T]+|[PSVG][^,]*,)*")
_REACH = 80


class Token(NamedTuple):
    """A word, a mark, or a whole quotation; ``tag`` is the letter of its word class."""

    text: str
    start: int
    end: int
    tag: str

    @property
    def lower(self) -> str:
        """The word in small letters, with a straight apostrophe."""
        return self.text.lower().replace("’", "'")


class Attribution(NamedTuple):
    """One "who says"; offsets are into the sentence.

    Attributes
    ----------
    start, end : int
        The words that name the source.
    head : str
        The last word of its name, or its noun: "Cruz", "spokeswoman".
    cue : str
        The reporting word: "said", "according".
    cue_start : int
        Where that stands.
    weight : float
        How likely it is the sentence's main attribution.
    """

    start: int
    end: int
    head: str
    cue: str
    cue_start: int
    weight: float


def quotations(text: str, *, opened: bool = False) -> list[tuple[int, int]]:
    """Find the stretches between quotation marks, the marks included.

    Parameters
    ----------
    text : str
        A sentence or a paragraph.
    opened : bool
        Whether a quotation runs on from what stands before.

    Returns
    -------
    list of (int, int)
        Start and end offsets. A quotation that is not closed ends with the text; one whose opening
        is not in the text begins with it.

    Examples
    --------
    >>> quotations('"Never," he said. "We left')
    [(0, 8), (18, 26)]
    >>> quotations("were lost,” she said")
    [(0, 11)]
    """
    found: list[tuple[int, int]] = []
    start = 0 if opened else None
    for mark in _MARK.finditer(text):
        opens = _opens(text, mark)
        if start is None and opens:
            start = mark.start()
        elif start is not None and not opens:
            found.append((start, mark.end()))
            start = None
        elif start is None and (mark.group() == "”" or not found) and mark.group() != "''":
            found.append((found[-1][1] if found else 0, mark.end()))
    if start is not None:
        found.append((start, len(text)))
    return found


def _opens(text: str, mark: re.Match[str]) -> bool:
    before = text[mark.start() - 1] if mark.start() else " "
    after = text[mark.end()] if mark.end() < len(text) else " "
    if mark.group() in "”»":
        return False
    if after.isspace():
        return mark.group() in "„«" and before.isspace()
    return mark.group() in ("“", "„", "‟", "«", "``") or not (
        before.isalnum() or before in ".,!?;:…)]'’"
    )


def tokens(text: str, *, opened: bool = False) -> list[Token]:
    """Cut a sentence into tokens with word classes.

    A quotation is one token, but a quoted word or two inside the sentence's own grammar (the "Fast
    Lane" report) stay words. Short brackets, such as a party and state, are left out.
    """
    found: list[Token] = []
    position = 0
    for start, end in quotations(text, opened=opened):
        inner = text[start:end].strip(_MARKS)
        if start and inner[-1:].isalnum() and len(inner) < 40 and len(inner.split()) < 4:
            continue
        found += _tagged(text, position, start)
        found.append(Token(QUOTE, start, end, "Q"))
        position = end
    return _without_brackets(found + _tagged(text, position, len(text)))


def _tagged(text: str, start: int, end: int) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        word = match.group()
        if word[0].isalnum() or word in _STOPS or word[0] in "'’-–—":
            tag = _tag(word, found[-1] if found else None)
            found.append(Token(word, match.start(), match.end(), tag))
    return found


def _tag(word: str, before: Token | None) -> str:
    lower = word.lower().replace("’", "'")
    name = word[0].isupper() and before is not None
    if lower == "that":
        return "R" if before is not None and before.tag in "NM" else "S"
    if lower == "'s":
        return "X" if before is not None and before.tag in "YRXAS" else "'"
    if lower in _CLASS_OF and not (name and _CLASS_OF[lower] in "ABVXS" and word != "I"):
        return _CLASS_OF[lower]
    if not word[0].isalnum():
        return "," if word[0] in "-–—" else ";"
    if word[0].isupper():
        return "M"
    if word in "'’":
        return "'" if before is not None and before.tag in "NM" else ";"
    if word[0].isdigit():
        return "#"
    if lower.endswith("ly") and lower not in _NO_ADVERBS:
        return "A"
    if lower.endswith("ing") and len(lower) > 4 and lower not in _NO_GERUNDS:
        return "G"
    ending = ENDING_OF.get(lower)
    if ending == "ed" or (lower.endswith("ed") and lower not in _NO_VERBS):
        return "V"
    if before is not None and before.tag in "YR" and ending is not None and lower in ENDING_OF:
        return "V" if before.lower not in ("her", "it") or ending == "s" else "N"
    return "N"


def _without_brackets(found: list[Token]) -> list[Token]:
    kept: list[Token] = []
    opening: int | None = None
    for token in found:
        kept.append(token)
        if token.tag == "(":
            opening = len(kept) - 1
        elif token.tag == ")" and opening is not None and opening > 0:
            if len(kept) - opening < 10:
                del kept[opening:]
            opening = None
    return kept


def attributions(text: str, *, opened: bool = False) -> list[Attribution]:
    """Find who says what in a sentence.

    Parameters
    ----------
    text : str
        One sentence.
    opened : bool
        Whether it begins inside a quotation.

    Returns
    -------
    list of Attribution
        The main one first; empty where the sentence is the journalist's own.

    Examples
    --------
    >>> sentence = "Ana Roe, the mayor, said Oslo's port, according to the navy, was shut."
    >>> [(sentence[a.start : a.end], a.cue) for a in attributions(sentence)]
    [('Ana Roe', 'said'), ('the navy', 'according')]
    """
    clause = _Clauses(tokens(text, opened=opened))
    found = [clause.attribution(i) for i in range(len(clause.words)) if clause.is_cue(i)]
    return sorted((a for a in found if a is not None), key=lambda a: (-a.weight, a.cue_start))


@dataclass(frozen=True, slots=True)
class _Span:
    """Tokens ``start`` to ``end`` name somebody; the noun is token ``head``."""

    start: int
    end: int
    head: int


class _Clauses:
    """The tokens of a sentence, and where the sources of its cues stand."""

    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.tags = "".join(word.tag for word in words)

    def is_cue(self, i: int) -> bool:
        word = self.words[i]
        lower = word.lower
        before = self.tags[i - 1] if i else "^"
        after = self.words[i + 1].lower if i + 1 < len(self.words) else ""
        if lower == "according":
            return after == "to"
        if word.text[0].isupper() and before not in "^Q;":
            return lower in ("says", "said", "tells", "tweeted", "wrote", "denies", "accuses")
        if lower in _NOUNS_TOO:
            return self.is_verb(i, before, after)
        if (i and self.words[i - 1].lower in _BARE) or (before == "O" and word.tag != "G"):
            return False
        return lower == "alleged" or FAMILY_OF.get(lower) in _WEIGHT and lower not in _NOT_CUES

    def is_verb(self, i: int, before: str, after: str) -> bool:
        """Whether a form that may be a noun stands as a verb."""
        next_tag = self.tags[i + 1 : i + 2]
        if before in "YRX":
            return True
        if i and self.words[i - 1].lower == "to":
            return ENDING_OF.get(self.words[i].lower) == "" and (next_tag in "DYMQS" or after == "for")
        if before not in "NMAVT":
            return False
        return next_tag in tuple("QDYS") or after == "for" or re.search(
            r"QD?[NMG]+$", self.tags[max(0, i - 10) : i]
        ) is not None

    def attribution(self, i: int) -> Attribution | None:
        """Find the source of the cue at token ``i``."""
        word = self.words[i]
        weight = _WEIGHT.get(FAMILY_OF.get(word.lower, ""), 2.0)
        if word.lower == "according":
            source = self.phrase_after(i + 2)
            ends = source is not None and self.tags[source.end : source.end + 1] in ("", ";")
            weight = 5.0 if ends and i else 3.0
        else:
            source, adjust = self.source(i)
            weight += adjust
        if source is None:
            return None
        return Attribution(
            self.words[source.start].start,
            self.words[source.end - 1].end,
            self.words[source.head].text,
            word.text,
            word.start,
            weight,
        )

    def source(self, i: int) -> tuple[_Span | None, float]:
        """Find the source of a verb, and how much its place adds to its weight."""
        low = max(0, i - _REACH)
        between = _BETWEEN.search(self.tags, low, i)
        k = (between.start() if between else i) - 1
        gap = self.words[k + 1 : i]
        ending = ENDING_OF.get(self.words[i].lower, "")
        is_passive = any(w.lower in _BE for w in gap) and not (
            gap[0].lower == "'s" and FAMILY_OF.get(self.words[i].lower) == "SAY"
        )
        by = self.words[i + 1].lower == "by" if i + 1 < len(self.words) else False
        if ending == "ed" and (is_passive or by):
            return self.agent(i), -0.5
        before = self.tags[k] if k >= 0 else "^"
        if ending == "ing" and not any(w.tag == "X" for w in gap):
            return self.participle_subject(i, k), -0.5
        if before in "^Q,;" and (inverted := self.inverted(i, k)) is not None:
            return inverted, 1.0
        if before in "NMYDG#":
            trailing = self.tags[i + 1 : i + 2] in ("", ";", ",", "Q")
            quoted = self.tags[k - 1 : k] == "Q"
            return self.phrase_before(k), 1.0 if trailing or quoted else 0.5
        if before == "R":
            return _Span(k, k + 1, k), -1.0
        return self.subject(i), 0.0 if before in ",;" else -0.75

    def phrase_before(self, k: int) -> _Span | None:
        """The noun phrase that ends with token ``k``."""
        low = max(0, k - _REACH)
        match = _PHRASE_BEFORE.search(self.tags, low, k + 1)
        if match is None:
            return None
        start = match.start()
        relative = self.tags.rfind("R", low, start)
        if relative > low and re.fullmatch(r"R[XA]*V[^,;QSBR]*", self.tags[relative:start]):
            return self.phrase_before(relative - 1)
        joined = _JOINED_BEFORE.search(self.tags, low, start)
        core = re.match(_CORE, self.tags[start : k + 1])
        head = start + (core.end() if core else 1) - 1
        return _Span(joined.start(1) if joined else start, k + 1, head)

    def phrase_after(self, k: int) -> _Span | None:
        """The noun phrase that begins with token ``k``."""
        match = _PHRASE_AFTER.match(self.tags, k, min(len(self.tags), k + _REACH))
        core = re.compile(_CORE).match(self.tags, k)
        if match is None or core is None:
            return None
        return _Span(k, match.end(), core.end() - 1)

    def agent(self, i: int) -> _Span | None:
        """Whom a passive names: "was accused by X"."""
        for j in range(i + 1, min(i + 25, len(self.words))):
            if self.words[j].lower == "by" and self.tags[j + 1 : j + 2] not in ("G", ""):
                return self.phrase_after(j + 1)
            if self.tags[j] in ",;Q":
                return None
        return None

    def inverted(self, i: int, k: int) -> _Span | None:
        """The source behind the verb: ", said X, who ..."."""
        span = self.phrase_after(i + 1)
        if span is None:
            return None
        if k >= 0 and self.tags[k] == "Q":
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
        return any(
            re.match(r"[ABCST]*[^RPGVXS]*[XV]", segment) is not None for segment in segments
        )

    def participle_subject(self, i: int, k: int) -> _Span | None:
        """The source of "saying": of "quoted X as saying", or the subject of the clause."""
        if k > 0 and self.words[k].lower == "as" and self.tags[k - 1] in "NM":
            return self.phrase_before(k - 1)
        if re.fullmatch(r"[ABC]*[PS]", self.tags[: k + 1]):
            comma = self.tags.find(",", i, i + _REACH)
            return self.phrase_after(comma + 1) if comma > 0 else None
        if k >= 0 and self.tags[k] in "NM" and re.fullmatch(r"[^XVR,]*", self.tags[: k + 1]):
            return self.phrase_before(k)
        return self.subject(i)

    def subject(self, i: int) -> _Span | None:
        """The subject of the clause around token ``i``: its first noun phrase."""
        low = max(0, i - _REACH)
        end = i
        while end > low and self.tags[end - 1] in "SPACX,":
            end -= 1
        start = max(self.tags.rfind(mark, low, end) for mark in "Q;B") + 1
        conjunction = self.tags.rfind("S", low, end)
        if conjunction >= start and "," not in self.tags[conjunction:end]:
            start = conjunction + 1
        relative = self.tags.rfind("R", max(low, start), end)
        if relative >= 0 and "," not in self.tags[relative:i]:
            if self.tags[relative + 1 : relative + 2] in tuple("XVA"):
                return _Span(relative, relative + 1, relative)
            start = relative + 1
        opening = _OPENING.match(self.tags, max(low, start), i)
        first = opening.end() if opening else start
        if first >= i or self.tags[first] not in "DNMY":
            first = next((j for j in range(max(low, start), i) if self.tags[j] in "DNMY"), i)
        match = _SUBJECT.match(self.tags, first, i)
        core = re.compile(_CORE).match(self.tags, first, i)
        return _Span(first, match.end(), core.end() - 1) if match and core else None
