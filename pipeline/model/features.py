"""Text to tokens to terms: the one definition of a feature, used to train, to score and to explain.

A sentence is cut into tokens; names and numbers become one token each, so that no country carries a
stance; then the terms (words, stems and n-grams of word families) are read off the tokens.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from pipeline.model import lexicon

NAME = "<name>"
NUMBER = "<number>"
START = "<start>"
END = "<end>"
UNSAID = "<unsaid>"
WITHHELD = "<withheld>"
# Soft hyphens, zero-width spaces and joiners, marks of direction, byte order marks: nobody sees
# them, so they separate no words.
INVISIBLE = "".join(
    map(
        chr,
        [
            *(0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF),
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2065),
            *range(0x2066, 0x206A),
        ],
    )
)
UNIFORM = str.maketrans(
    {
        **dict.fromkeys(INVISIBLE),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―", "-"),
    }
)
_TOKEN = re.compile(
    r"[^\W\d_]+(?=[nN]'[tT]\b)|[nN]'[tT]\b|'(?:[sdmSDM]|[rvRV][eE]|[lL][lL])\b"
    r"|[^\W\d_]+(?:[.&](?=[^\W\d_][.&])[^\W\d_])*(?:-[^\W\d_]+)*"
    r"|\d+(?:[.,:/]\d+)*"
    r'|["?!:;,()]'
)
STEM = 5
BEGINNING = 4
OPENING = frozenset('":?!')
LENGTH = "l:"
LENGTH_STEP = 6
LONGEST = 8
HEADLINE_SHARE = 0.8
HEADLINE_WORDS = 4
SHORT_HEADLINE_WORDS = 2
LONG_WORD = 4
MOST_BETWEEN = 3
REACH = 5


def tokenize(text: str, common_words: Collection[str] = ()) -> list[str]:
    """Cut a sentence into small-letter tokens, with names and numbers masked.

    Parameters
    ----------
    text : str
        One sentence, at most a few.
    common_words : collection of str
        Words known in lowercase. At the start of a sentence, and anywhere in a headline that is
        set in capitals, a capitalised word is a name unless it is one of these.

    Returns
    -------
    list of str
        Words in lowercase; `NAME` for a run of capitalized words; `NUMBER`; punctuation; `UNSAID`
        for a verb of a stance that is not taken ("did not accuse"); `WITHHELD` for denying somebody
        something, which is no denial ("denied him bail").

    Examples
    --------
    >>> tokenize("The Oslo City Council didn't pay 1,200 crowns.")
    ['the', '<name>', 'did', "n't", 'pay', '<number>', 'crowns']
    """
    raw = split_tokens(text)
    headline = _is_headline(raw)
    replaced = _not_taken([lower(token) for token in raw])
    tokens: list[str] = []
    opening = True
    for position, token in enumerate(raw):
        small = lower(token)
        if position in replaced:
            token = replaced[position]
        elif token[0].isdigit():
            token = NUMBER
        elif token[0].isupper() and small != "i":
            known = small in common_words or small in lexicon.FAMILY_OF
            alone = position + 1 == len(raw) or not raw[position + 1][0].isupper()
            is_word = known and (headline or (opening and alone))
            token = small if is_word or small in ALWAYS_WORDS else NAME
        else:
            token = small
        opening = token in OPENING or (opening and token == "(")
        if token != NAME or tokens[-1:] != [NAME]:
            tokens.append(token)
    return tokens


def split_tokens(text: str) -> list[str]:
    """Cut a text into tokens as they stand: words, numbers and marks.

    Examples
    --------
    >>> split_tokens("We didn't pay 1,200.")
    ['We', 'did', "n't", 'pay', '1,200']
    """
    return _TOKEN.findall(text.translate(UNIFORM))


def lower(token: str) -> str:
    """Write each letter of a token small by itself, where that is one letter.

    Examples
    --------
    >>> lower("ÉTAT")
    'état'
    """
    if token.isascii():
        return token.lower()
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in token)


def is_blank(text: str) -> bool:
    """Return whether a text has no tokens, and so no terms.

    Examples
    --------
    >>> is_blank(" -- "), is_blank("No.")
    (True, False)
    """
    return _TOKEN.search(text.translate(UNIFORM)) is None


def _is_headline(raw: list[str]) -> bool:
    """Return whether nearly all long words are capitalized, or all but the commonest words."""
    long = [token for token in raw if len(token) >= LONG_WORD and token[0].isalpha()]
    capitals = sum(token[0].isupper() for token in long)
    if len(long) >= HEADLINE_WORDS and capitals >= HEADLINE_SHARE * len(long):
        return True
    words = [token for token in raw if token[0].isalnum() and not token[0].isdigit()]
    known = {*ALWAYS_WORDS, "i", "n't"}
    telling = [word for word in words if lower(word) not in known]
    return len(telling) >= SHORT_HEADLINE_WORDS and all(word[0].isupper() for word in telling)


def _not_taken(words: list[str]) -> dict[int, str]:
    """Find verbs of a stance that is not taken, and what stands for them."""
    found = {}
    for i, word in enumerate(words):
        if ROLES.get(word, 0) & OF_STANCE:
            before = i - 1
            while before >= max(0, i - MOST_BETWEEN) and ROLES.get(words[before], 0) & IS_BETWEEN:
                before -= 1
            if before >= 0 and ROLES.get(words[before], 0) & NEGATES:
                found[i] = UNSAID
            elif ROLES[word] & DENIES and _is_withheld(words[i + 1 : i + 1 + REACH]):
                found[i] = WITHHELD
    return found


def _is_withheld(words: list[str]) -> bool:
    for role in (ROLES.get(word, 0) for word in words):
        if role & (CHARGES | IS_WITHHELD):
            return not role & CHARGES
    return False


# Bits of what a word does in `_not_taken`.
OF_STANCE, DENIES, NEGATES, IS_BETWEEN, IS_WITHHELD, CHARGES = 1, 2, 4, 8, 16, 32


def _role(word: str) -> int:
    family = lexicon.FAMILY_OF.get(word)
    charges = family in lexicon.CHARGED_FAMILIES or lexicon.ENDING_OF.get(word) == "ing"
    return (
        OF_STANCE * (family in lexicon.NEGATED_FAMILIES)
        | DENIES * (word in lexicon.DENYING)
        | NEGATES * (word in lexicon.NEGATORS)
        | IS_BETWEEN * (word in lexicon.BETWEEN)
        | IS_WITHHELD * (word in lexicon.WITHHELD)
        | CHARGES * (charges or word in _CUTS)
    )


_CUTS = frozenset('that , : ; " ? ! ( )'.split())  # noqa: SIM905
_WITH_ROLES = (
    *lexicon.FAMILY_OF,
    *(lexicon.NEGATORS | lexicon.BETWEEN | lexicon.WITHHELD | _CUTS),
)
ROLES = {word: role for word in _WITH_ROLES if (role := _role(word))}
ALWAYS_WORDS = frozenset(
    """the a an this that these those it its he she they we you his her their our my in on at by for
    from with of to as and but or if when while after before since until although though because
    there what who which how why where not no is are was were has have had will would
    """.split()  # noqa: SIM905
)


def lowercase_vocabulary(texts: Iterable[str], least: int = 2) -> frozenset[str]:
    """Collect the words that texts use in lowercase.

    Parameters
    ----------
    texts : iterable of str
        Sentences.
    least : int
        How often a word must stand in lowercase.

    Returns
    -------
    frozenset of str
        What `tokenize` takes as `lowercase_vocabulary`.

    Examples
    --------
    >>> sorted(lowercase_vocabulary(["Turkey and trade", "trade and Turkey"]))
    ['and', 'trade']
    """
    counts = Counter(token for text in texts for token in split_tokens(text) if token[0].islower())
    return frozenset(word for word, count in counts.items() if count >= least)


def extract_terms(text: str, common_words: Collection[str] = ()) -> list[str]:
    """Read the terms off a sentence.

    Parameters
    ----------
    text : str
        One sentence, at most a few.
    common_words : collection of str
        See `tokenize`.

    Returns
    -------
    list of str
        Terms, repeated as often as they occur; none for a text without tokens. In this order:

        - ``w:`` words;
        - ``b:`` beginnings of words, which stand for their stems;
        - ``g:`` pairs of words that follow each other;
        - ``s:`` words, each with its sentence's setting: ``quote`` where something stands in
          quotation marks, else ``source`` where somebody is cited, else ``plain``;
        - ``p:`` pairs of neighbours, each a word family or a stem;
        - ``f:`` frames: 2 to 4 successive tokens of those that make the frame of a statement (word
          families, names, quotation marks, connectives), whatever stands between them;
        - ``c:`` cues: 1 to 3 successive word families of the frame, with the verb's ending;
        - ``q:`` 1 or 2 of them, each with whether it stands in quotation marks;
        - ``n:`` each with whether a name stands before it, and after it;
        - ``a:`` each with whether the sentence has a quotation, and whether it names a source;
        - ``l:`` how long the sentence is, in steps of six tokens.

    Examples
    --------
    >>> [term for term in extract_terms("Oslo flatly denied the charges.") if term[0] in "fc"][:4]
    ['f:<start> <name>', 'f:<name> DENY', 'f:DENY CLAIMS', 'f:CLAIMS <end>']
    """
    tokens = tokenize(text, common_words)
    if not tokens:
        return []
    words = [START, *tokens, END]
    return [
        *(f"w:{word}" for word in words),
        *(f"b:{beginning(word)}" for word in tokens),
        *_ngrams("g", words, (2,)),
        *_in_setting(words),
        *_ngrams("p", [stem(word) for word in words], (2,)),
        *_ngrams("f", list(filter(None, map(FRAME.get, words))), (2, 3, 4)),
        *_ngrams("c", list(filter(None, map(CUE.get, words))), (1, 2, 3)),
        *_ngrams("q", list(_quoted(words)), (1, 2)),
        *_sided(words),
        *_attributed(words),
        f"{LENGTH}{min(len(words) // LENGTH_STEP, LONGEST)}",
    ]


def _in_setting(words: list[str]) -> list[str]:
    if '"' in words:
        setting = "quote"
    elif any(lexicon.FAMILY_OF.get(word) in lexicon.SOURCE_FAMILIES for word in words):
        setting = "source"
    else:
        setting = "plain"
    return [f"s:{setting} {word}" for word in words]


def _quoted(words: list[str]) -> Iterator[str]:
    """Return for each family of the frame whether it stands inside quotation marks."""
    inside = False
    for word in words:
        if word == '"':
            inside = not inside
        elif word in IN_FRAME:
            yield f"{'in' if inside else 'out'} {IN_FRAME[word]}"


def _sided(words: list[str]) -> Iterator[str]:
    """Return for each family of the frame whether names stand before and after it."""
    names = [position for position, word in enumerate(words) if word == NAME]
    first, last = (names[0], names[-1]) if names else (len(words), -1)
    for position, word in enumerate(words):
        if word in IN_FRAME:
            yield sided(CUE[word], first < position, last > position)


def _attributed(words: list[str]) -> Iterator[str]:
    """Return for each family of the frame whether the sentence quotes, and attributes."""
    families = {lexicon.FAMILY_OF[word] for word in words if word in lexicon.FAMILY_OF}
    quotes = '"' in words
    has_source = bool(families & lexicon.SOURCE_FAMILIES)
    for family in ("", *sorted(families & lexicon.FRAME_FAMILIES)):
        yield attributed(family, quotes, has_source)


def sided(cue: str, after_name: bool, before_name: bool) -> str:
    """Write the term of a cue and whether a name stands before and after it."""
    return f"n:{NAME if after_name else ''} {cue} {NAME if before_name else ''}"


def attributed(family: str, quotes: bool, has_source: bool) -> str:
    """Write the term of a family and whether its sentence quotes, and names a source."""
    return f"a:{'quote ' if quotes else ''}{'source ' if has_source else ''}{family}"


def _ngrams(kind: str, tokens: list[str], lengths: tuple[int, ...]) -> list[str]:
    return [
        f"{kind}:{' '.join(tokens[i : i + n])}" for n in lengths for i in range(len(tokens) - n + 1)
    ]


def beginning(word: str) -> str:
    """Return the letters that stand for a word's stem."""
    return word[:BEGINNING]


@cache
def stem(word: str) -> str:
    """Return the family of a word, or its first letters."""
    return lexicon.FAMILY_OF.get(word, word if word.startswith("<") else word[:STEM])


IN_FRAME = {
    word: family for word, family in lexicon.FAMILY_OF.items() if family in lexicon.FRAME_FAMILIES
}
_BOUNDS = {START: START, END: END, '"': '"'}
_CONNECTIVES = ["to", "that", "by", "of", "against", "for", "over", "from", "on", ","]
FRAME = {**IN_FRAME, **_BOUNDS, NAME: NAME, **{word: word for word in _CONNECTIVES}}
CUE = {
    **{word: f"{family}{lexicon.ENDING_OF[word]}" for word, family in IN_FRAME.items()},
    **_BOUNDS,
}


@cache
def fingerprint() -> str:
    """Return a name of this definition of a feature; it changes whenever the definition does.

    Returns
    -------
    str
        Twelve hexadecimal digits: SHA-256 over the lexicon, the constants of the tokenizer, and the
        terms of some sentences that take every path through it.
    """
    parts = (
        sorted(lexicon.FAMILY_OF.items()),
        sorted(lexicon.ENDING_OF.items()),
        sorted(lexicon.FRAME_FAMILIES),
        sorted(lexicon.SOURCE_FAMILIES),
        sorted(UNIFORM.items()),
        _TOKEN.pattern,
        (STEM, BEGINNING, LENGTH_STEP, LONGEST),
        (HEADLINE_SHARE, HEADLINE_WORDS, SHORT_HEADLINE_WORDS, LONG_WORD),
        sorted(ALWAYS_WORDS),
        sorted(OPENING),
        sorted(ROLES.items()),
        (MOST_BETWEEN, REACH),
        [extract_terms(sentence, {"rain", "state"}) for sentence in _SAMPLES],
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


_SAMPLES = (
    "Oslo flatly denied the charges.",
    "“We didn't pay the U.S. 1,200.50 crowns,” the spokesman said; he'll sue.",
    "State Police Deny Killing Rain Forest Activist In Northern Town",
    'He asked: "Why blame us?" (The ministry accused Rome of spying on 3/4 of its allies.)',
    "AT&T's ex-director-general won't, she'd say, be charged; they've vowed it — and I'm sure.",
    "L’ÉTAT, c’est moi",
)


def check_texts(texts: Any) -> list[str]:
    """Check that texts are strings.

    Parameters
    ----------
    texts : iterable of str
        Not a single string.

    Returns
    -------
    list of str

    Raises
    ------
    TypeError
        Naming the position of the first that is not a string, or if `texts` is a table.

    Examples
    --------
    >>> check_texts(["one", None])
    Traceback (most recent call last):
        ...
    TypeError: text 1 is None, not a string
    """
    if isinstance(texts, str | bytes):
        raise TypeError("expected a sequence of texts, got a single one; put it in a list")
    if isinstance(texts, Mapping) or hasattr(texts, "columns"):  # gives its names, not its texts
        what = f"expected texts, got {type(texts).__name__}"
        raise TypeError(f"{what}, which has columns; pass one of them, as frame['text']")
    try:
        found: list[str] = list(texts)
    except TypeError:
        raise TypeError(f"expected texts, got {_named(texts)}") from None
    for position, text in enumerate(found):
        if not isinstance(text, str):
            raise TypeError(f"text {position} is {_named(text)}, not a string")
    return found


def _named(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, float) and value != value:
        return "NaN"
    return f"of type {type(value).__name__}"
