"""Words and their classes, quotations and noun phrases: what reading a sentence begins with.

There is no parser: each word gets the letter of its word class (`WordClass`), and patterns over
those letters tell noun phrases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pipeline.articles.grammar.quotations import QUOTATION_MARKS, QUOTE, find_quotations
from pipeline.model.lexicon import ENDING_OF


def word_set(words: str) -> frozenset[str]:
    """Cut a list of words, written as one string, into a set."""
    return frozenset(words.split())


class WordClass(StrEnum):
    """The UPOS tag of a word, and the one letter that stands for it in patterns.

    Where patterns need finer classes than UPOS has, the tag has an ending.
    """

    ADJ_NOUN = "N"  # NOUN or ADJ: whatever no list and no ending tells
    PROPN = "M"  # capitalised inside a sentence
    NUM = "#"  # in digits
    DET = "D"  # articles, possessives and numbers in words
    PRON = "Y"
    PRON_REL = "R"  # who, which; "that" behind a noun
    VERB = "V"  # past forms and participles
    VERB_ING = "G"
    AUX = "X"  # be, have, do, modals; "not" with them
    ADV = "A"
    NOUN_TIME = "T"  # Monday, week, ago
    ADP = "P"
    ADP_OF = "O"
    CCONJ = "C"  # and, or
    CCONJ_BUT = "B"  # what begins a new clause: but, nor, yet, so
    SCONJ = "S"
    PART = "'"  # the 's of a possessor
    PUNCT_COMMA = ","  # commas and dashes
    PUNCT = ";"
    PUNCT_OPEN = "("
    PUNCT_CLOSE = ")"
    QUOTATION = "Q"  # a whole quotation


_WORDS = {
    WordClass.DET: """
        the a an this these those some many several few all both each every another any no most
        his her its their our your my one two three four five six seven eight nine ten dozens
        hundreds thousands more other others such
    """,
    WordClass.PRON: """
        he she they it i we you him them everyone everybody someone nobody
    """,
    WordClass.PRON_REL: "who which whose whom what",
    WordClass.ADP_OF: "of",
    WordClass.ADP: """
        in on at for from with by about against during under over between among through without
        within across around near despite including as like per via outside inside behind upon
        toward towards amid alongside versus than along beyond into onto following regarding
        besides except above below throughout unlike given to
    """,
    WordClass.CCONJ: "and or",
    WordClass.CCONJ_BUT: "but nor yet so",
    WordClass.SCONJ: """
        because while when where although though if whether whereas unless why how once after
        before since until
    """,
    WordClass.AUX: """
        be is are was were been being am has have had having do does did will would shall should
        can could may might must ought 're 've 'll 'd 'm isn aren wasn weren hasn haven hadn don
        doesn didn won wouldn shouldn couldn cannot 't not never
    """,
    WordClass.ADV: """
        also then later again still ever just only even too already now meanwhile instead
        however often always earlier previously first further soon long well here there far
        almost nevertheless nonetheless thus therefore himself herself itself themselves perhaps
        maybe rather quite very last next late recently ahead away once almost down up out off
        back over
    """,
    WordClass.NOUN_TIME: """
        monday tuesday wednesday thursday friday saturday sunday morning afternoon evening night
        week month year weekend days weeks months years hours day ago today yesterday tomorrow
        tonight time noon midnight minutes moment january february april june july august
        september october november december jan. feb. apr. aug. sept. oct. nov. dec.
    """,
    WordClass.VERB: """
        hit cut set got put let went made met left led became came took gave told found began
        kept sent saw brought thought bought held stood ran knew grew drew lost fell rose broke
        spoke wrote struck chose swore shook fled spent built sold paid cast shut quit beat dealt
        tore wore hid rang sang sank stole swept taught threw understood withdrew won includes
        contains remains seems appears becomes happens belongs provides requires involves describes
        explains believes thinks knows gives takes makes goes comes gets keeps lets wants sends
        brings tells asks allows sees finds means puts sits follows sells buys brings begins
        continues creates helps leads loses meets owns pays reads receives runs spends suggests
        tries wins writes
    """,
    WordClass.PUNCT_COMMA: ",",
    WordClass.PUNCT_OPEN: "( [",
    WordClass.PUNCT_CLOSE: ") ]",
}
_CLASS_OF = {word: tag.value for tag, words in _WORDS.items() for word in words.split()}
_NO_ADVERBS = word_set(
    "early daily weekly monthly family ally rally supply assembly elderly friendly"
)
_NO_VERBS = word_set("need indeed hundred speed seed breed feed creed united red bed media")
_NO_GERUNDS = word_set("king thing something nothing anything everything morning spring ring wing")
_TOKEN = re.compile(
    r"""[a-z]+(?=[ ,])
    |(?:Mr|Mrs|Ms|Mx|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Maj|Cmdr|Adm|Prof|Rev|Hon|Jr|Sr|St|Mt|No
        |Inc|Corp|Co|Ltd|Pres|Sens|Reps|Govs|Supt|Insp|Amb|Atty|Jan|Feb|Apr|Aug|Sept?|Oct|Nov|Dec|vs
        |[A-Z])\.(?!\w)
    |[A-Z]\.(?:-?[A-Z]\.)+
    |['’](?:s|re|ve|ll|d|m|t)\b
    |[^\W_][\w\u0300-\u036f]*
        (?:(?:[-&./@]|['’](?!(?:s|re|ve|ll|d|m|t)\b))[^\W_][\w\u0300-\u036f]*)*
    |[-–—]+|['’,;:!?…()\[\]]""",
    re.VERBOSE,
)
_tuple = tuple.__new__  # half the time of `Token(...)`, and there are many
# A noun phrase without its attachments, over the letters of word classes.
NOUN_PHRASE = r"(?:D[DA#T]*V?(?:[NMG#D]|'A?V?)*[NMG]|#*[NM][NMG'#]*(?<!['#])|Y|D)"


class Token(NamedTuple):
    """A word, a mark, or a whole quotation."""

    text: str
    lower: str
    tag: str
    start: int
    end: int


class Span(NamedTuple):
    """Tokens ``start`` to ``end`` of a sentence, which name somebody; the noun is ``head``."""

    start: int
    end: int
    head: int


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence, read.

    Attributes
    ----------
    text : str
        The sentence.
    words : list of Token
        Its words and marks; lowercase ones have straight apostrophes.
    tags : str
        The letters of their word classes, one a token.
    is_title_case : bool
        Whether all its longer words are capitalised, as in some headlines.
    """

    text: str
    words: list[Token]
    tags: str
    is_title_case: bool

    def lower(self, i: int) -> str:
        """Return token ``i`` in lowercase; nothing past the ends."""
        return self.words[i].lower if 0 <= i < len(self.words) else ""

    def wording(self, span: Span) -> str:
        """Return the words of a span as the sentence has them, in one line."""
        text = self.text[self.words[span.start].start : self.words[span.end - 1].end]
        return " ".join(text.split())


def tag_sentence(text: str, quotations: Sequence[tuple[int, int]] | None = None) -> TaggedSentence:
    """Cut a sentence into tokens with word classes.

    A quotation is one token, but a quoted word or two inside the sentence's own grammar (the "Fast
    Lane" report) stay words, and so does a sentence that is nothing but a quotation. Short
    brackets, such as a party and state, are left out.

    Parameters
    ----------
    text : str
        One sentence.
    quotations : sequence of (int, int), optional
        Where its quotations stand, if that is known from what is around it.

    Returns
    -------
    TaggedSentence
        Its tokens.

    Examples
    --------
    >>> reading = tag_sentence('"Never," Ana Roe told the paper.')
    >>> [(word.text, word.tag) for word in reading.words]
    [('"', 'Q'), ('Ana', 'M'), ('Roe', 'M'), ('told', 'V'), ('the', 'D'), ('paper', 'N')]
    """
    found: list[Token] = []
    position = 0
    for start, end in find_quotations(text) if quotations is None else quotations:
        if end - start >= len(text.rstrip()) or (start and _is_phrase(text[start:end])):
            continue
        found += _words(text, position, start)
        found.append(Token(QUOTE, QUOTE, "Q", start, end))
        position = end
    found = _without_brackets(found + _words(text, position, len(text)))
    if found:
        found[0] = _opening_word(found)
    is_title_case = _is_title_case(found)
    if is_title_case:
        found = [_lowered(word) for word in found]
    return TaggedSentence(text, found, "".join([word.tag for word in found]), is_title_case)


def _lowered(word: Token) -> Token:
    """Correct the class of a small word of a headline that is capitalised as all others are."""
    if word.tag != "M" or not word.text[1:].islower() or word.lower not in _CLASS_OF:
        return word
    return word._replace(tag=_CLASS_OF[word.lower])


def _is_title_case(words: list[Token]) -> bool:
    capitals = 0
    for word in words:
        if word.text[0].isupper():
            capitals += 1
        elif len(word.text) > 4 and word.text.isalpha():
            return False
    return 2 * capitals > len(words)


def _is_phrase(quotation: str) -> bool:
    inner = quotation.strip(QUOTATION_MARKS)
    return inner[-1:].isalnum() and len(inner) < 40 and len(inner.split()) < 4


def _words(text: str, start: int, end: int) -> list[Token]:
    found: list[Token] = []
    tag = ""
    for match in _TOKEN.finditer(text, start, end):
        word = match[0]
        lower, tag = _class(word, tag)
        first, last = match.span()
        found.append(_tuple(Token, (word, lower, tag, first, last)))
    return found


def _opening_word(found: list[Token]) -> Token:
    """Correct the class of a participle that opens a sentence: "Facing cuts, Oslo said"."""
    word, following = found[0], found[1].tag if len(found) > 1 else ""
    if word.tag != "M" or following not in tuple("PDN#ASO"):
        return word
    if word.lower.endswith("ing") and len(word.lower) > 4:
        return word._replace(tag="G")
    if word.lower.endswith("ed") and word.lower not in _NO_VERBS and following in "PDS":
        return word._replace(tag="V")
    return word._replace(tag="N") if following == "N" and word.lower.endswith("s") else word


@lru_cache(maxsize=1 << 16)
def _class(word: str, before: str) -> tuple[str, str]:
    """Return a word in lowercase, and its class, which depends on the class before it."""
    lower = word.lower().replace("’", "'")
    return lower, _tag(word, lower, before)


def _tag(word: str, lower: str, before: str) -> str:
    name = word[0].isupper() and before != ""
    if lower == "that":
        return "R" if before in ("N", "M") else "S"
    if lower == "'s":
        return "X" if before in tuple("YRXAS") else "'"
    if lower in _CLASS_OF and not (name and _CLASS_OF[lower] in "ABVXS" and word != "I"):
        return _CLASS_OF[lower]
    if word in "'’":
        return "'" if before in ("N", "M") else ";"
    if not word[0].isalnum():
        return "," if word[0] in "-–—" else ";"
    if word[0].isupper():
        return "M"
    if word[0].isdigit():
        return "#"
    if lower.endswith("ly") and lower not in _NO_ADVERBS:
        return "A"
    if lower.endswith("ing") and len(lower) > 4 and lower not in _NO_GERUNDS:
        return "G"
    ending = ENDING_OF.get(lower)
    if ending == "ed" or (lower.endswith("ed") and lower not in _NO_VERBS):
        return "V"
    return "V" if before in ("Y", "R") and ending is not None else "N"


def _without_brackets(found: list[Token]) -> list[Token]:
    if not any(token.tag == ")" for token in found):
        return found
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
