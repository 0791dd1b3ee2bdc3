"""How an article is laid out: headline, dateline, paragraphs and the sentences in them.

Everything works on offsets into the clean text, in which what is not read is left out or blank; a
map leads back to the text as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sentencex

from pipeline.articles.grammar.quotations import QUOTATION_MARKS, find_quotations
from pipeline.articles.grammar.tagging import tag_sentence
from pipeline.articles.text.cleaning import OffsetMap, clean_text
from pipeline.articles.text.framing import blank_frame
from pipeline.model.lexicon import FAMILY_OF

_RULE = re.compile(r"^[-=*_|:+ \t]{3,}$", re.MULTILINE)
_ITEM = re.compile(r"[ \t]{0,8}(?:[-*+•▪◦‣·●]|#{1,6})[ \t]+")
_LONGEST_HEADLINE = 200
_ASIDE = 80
_STRETCH = 20_000
_PLAIN = str.maketrans('\n…"“”„‟«»″＂', " ." + " " * 9)
_WRAPPED = range(40, 101)
_DATELINE = re.compile(
    r"""\s*(?:
        [^\W\d_a-z](?:[^\W\d_a-z]|[.'’/ -]){2,40}(?:,[^()\n–—]{1,40}?)?(?:[ ]?\([^()\n]{1,40}\))?
        |[^\W\d_a-z][\w.'’]*(?:[ -][^\W\d_a-z][\w.'’]*){0,3}(?:,[^()\n–—]{1,40}?)?
            [ ]?\([^()\n]{1,40}\)
        |[^\W\d_a-z][\w.'’]*(?:[ -][^\W\d_a-z][\w.'’]*){0,3},[ ][A-Z][a-z]{2,8}\.?[ ]\d{1,2}
    )[ ]*(?:--+|[–—]|-(?=[ ]))[ ]*""",
    re.VERBOSE,
)
_TRAIL = re.compile(r"[”’)\]]|\s?»|''|[\"″＂']")
# what a sentence goes on after, where a name or number follows
_TITLES = (
    "Mr|Mrs|Ms|Mx|Dr|Sen|Rep|Gov|Gen|Lt|Lieut|Col|Sgt|Capt|Maj|Adm|Prof|Rev|Hon|St|No|Atty|Spc|Pfc|"
    "Pvt|Pte|Cpl|Cmdr|Comdr|Cmdre|Brig|Ald|Amb|Ofc|Supt|Insp|Det|Cllr|Coun|Asst|Dep|Pres|Msgr|Fr|"
    "Wm|Chas|Geo|Jas|Jos|Thos|Robt|Pty|Del|Messrs|Sec|Treas|Dir"
)
_SPLIT_TITLE = re.compile(rf"(?:^|[\s(])(?:{_TITLES})\.$")
_SPLIT_HOUR = re.compile(r"\b[ap]\.[ ]?m\.$", re.IGNORECASE)
_AFTER_HOUR = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)\.|"
    r"(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Septem|Octo|Novem|Decem)ber|"
    r"(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.|"
    r"(?:Eastern|Central|Mountain|Pacific|Greenwich|London|Moscow|Beijing)(?:[ ]\w+)?[ ][Tt]ime|"
    r"[A-Z]{2,4}T|UTC|Eastern|Pacific)\b"
)
_SPLIT_ELLIPSIS = re.compile(r"(?:…|\.[ ]?\.[ ]?\.)[\"”’'»]?$")
_INITIALS = re.compile(r"\b[A-Z]\.$")
_QUOTE_ENDS = re.compile(r"[.?!…](?:''|[\"”]|\s?»)$")


@dataclass(frozen=True, slots=True)
class ArticleSegments:
    """Where everything stands in an article.

    Attributes
    ----------
    clean : str
        The text without what is not read.
    offsets : OffsetMap
        Where the clean text stood in the text given.
    headline, dateline : (int, int) or None
        Their offsets in the clean text.
    paragraphs : tuple of (int, int)
        Offsets of the paragraphs, the headline among them, the dateline left out.
    """

    clean: str
    offsets: OffsetMap
    headline: tuple[int, int] | None
    dateline: tuple[int, int] | None
    paragraphs: tuple[tuple[int, int], ...]


def segment_article(text: str, *, is_titled: bool = False) -> ArticleSegments:
    r"""Find headline, dateline and paragraphs of an article.

    Parameters
    ----------
    text : str
        Its text, as `pipeline.articles.text.extraction.extract_text` returns it.
    is_titled : bool
        Whether the first paragraph is known to be the headline.

    Returns
    -------
    ArticleSegments
        With offsets into its clean text.

    Examples
    --------
    >>> found = segment_article("Port shut\n\nOSLO, May 3 (Agency) -- The port was shut.")
    >>> places = (found.headline, found.dateline, *found.paragraphs)
    >>> [found.clean[start:end] for start, end in places]
    ['Port shut', 'OSLO, May 3 (Agency) --', 'Port shut', 'The port was shut.']
    """
    clean, offsets = clean_text(text)
    clean, has_subject = blank_frame(clean)
    blocks = _blocks(clean)
    is_known = bool(blocks) and (is_titled or has_subject)
    headline = blocks[0] if is_known else _headline(clean, blocks)
    dateline = None
    for number, (start, end) in enumerate(blocks[:4]):
        match = None if (start, end) == headline else _DATELINE.match(clean, start, end)
        if match is not None and match.end() < end:
            dateline = _trim(clean, start, match.end())
            blocks[number] = _trim(clean, match.end(), end)
            break
    return ArticleSegments(clean, offsets, headline, dateline, tuple(blocks))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _blocks(clean: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    lines: list[tuple[int, int]] = []
    position = 0
    for line in _RULE.sub(_blanked, clean).split("\n"):
        item = _ITEM.match(line)
        start, end = _trim(clean, position + (item.end() if item else 0), position + len(line))
        if item or not line.strip():
            found += _joined(clean, lines, first=not found)
            lines = []
        if start < end and line.strip():
            lines.append((start, end))
        position += len(line) + 1
    return found + _joined(clean, lines, first=not found)


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _joined(clean: str, lines: list[tuple[int, int]], *, first: bool) -> list[tuple[int, int]]:
    """Join the lines of a block where they are wrapped; else each is a paragraph."""
    if len(lines) < 2:
        return lines
    if first and _stands_alone(clean, lines):
        return [lines[0], *_joined(clean, lines[1:], first=False)]
    widths = [end - start for start, end in lines]
    return [(lines[0][0], lines[-1][1])] if max(widths) in _WRAPPED else lines


def _stands_alone(clean: str, lines: list[tuple[int, int]]) -> bool:
    start, end = lines[0]
    longest = max(end - start for start, end in lines[1:])
    opening = clean[lines[1][0]]
    return (
        clean[end - 1] not in ".,;:"
        and not (opening.islower() or opening.isdigit())
        and (longest >= _WRAPPED.stop or end - start < 0.85 * longest)
    )


def _headline(clean: str, blocks: list[tuple[int, int]]) -> tuple[int, int] | None:
    if not blocks:
        return None
    start, end = blocks[0]
    line = clean[start:end]
    if len(line) > _LONGEST_HEADLINE or line[-1] in ".,;:" or re.search(r"[.,][\"”»']+$", line):
        return None
    return None if _DATELINE.match(clean, start, end) else blocks[0]


def split_sentences(
    clean: str, start: int, end: int, quoted: Sequence[tuple[int, int]] | None = None
) -> list[tuple[int, int]]:
    """Cut a paragraph into sentences, inside quotations too.

    Parameters
    ----------
    clean : str
        The text, see `ArticleSegments`.
    start, end : int
        The paragraph.
    quoted : sequence of (int, int), optional
        The quotations in it, counted from its start, where they are known.

    Returns
    -------
    list of (int, int)
        Offsets of its sentences.

    Examples
    --------
    >>> text = "“We won. They lost,” Mr. Roe said. “It is over.”"
    >>> [text[start:end] for start, end in split_sentences(text, 0, len(text))]
    ['“We won.', 'They lost,” Mr. Roe said.', '“It is over.”']
    """
    paragraph = clean[start:end]
    quoted = find_quotations(paragraph) if quoted is None else quoted
    bare = paragraph.replace("''", "  ").replace("``", "  ").translate(_PLAIN)
    marks = (place for span in quoted for place in (span[0], span[1] - 1))
    bare = _with_spaces(bare, sorted({place for place in marks if bare[place] in "'‘’"}))
    openings = {first + 1 for first, _ in quoted} | {first + 2 for first, _ in quoted}
    found: list[tuple[int, int]] = []
    position = 0
    for end_of_sentence in _ends_of_sentences(bare):
        stop = position + len(bare[position:end_of_sentence].rstrip())
        while (trail := _TRAIL.match(paragraph, stop)) and trail.end() not in openings:
            stop = trail.end()
        if stop <= position:
            continue
        piece = _trim(paragraph, position, stop)
        if found and _belongs_before(paragraph, found[-1], piece):
            piece = (found.pop()[0], piece[1])
        if piece[0] < piece[1]:
            found.append(piece)
        position = stop
    return [(start + first, start + last) for first, last in found]


def _ends_of_sentences(text: str) -> Iterator[int]:
    """Find where sentences end, in stretches: the library takes time with their square."""
    start = 0
    while start < len(text):
        stretch = text[start : start + _STRETCH]
        ends = [found["end_index"] for found in sentencex.get_sentence_boundaries("en", stretch)]
        if start + _STRETCH < len(text):
            del ends[-1:]  # the stretch ends there, not the sentence
        yield from (start + end for end in ends)
        start += ends[-1] if ends else _STRETCH


def _with_spaces(text: str, places: list[int]) -> str:
    pieces = [text[start + 1 : end] for start, end in pairwise([-1, *places, len(text)])]
    return " ".join(pieces)


def _belongs_before(paragraph: str, last: tuple[int, int], piece: tuple[int, int]) -> bool:
    """Whether a cut was wrong: after "Ms.", between "No!" and "Roe said", before a bare mark."""
    before = paragraph[max(last[0], last[1] - 12) : last[1]]
    text = paragraph[piece[0] : piece[1]]
    if not any(character.isalnum() for character in text) or _SPLIT_TITLE.search(before):
        return True
    if _SPLIT_HOUR.search(before) and _AFTER_HOUR.match(text):
        return True
    if _SPLIT_ELLIPSIS.search(before) and text.lstrip(QUOTATION_MARKS)[:1].islower():
        return True
    if last[1] == piece[0] and _INITIALS.search(before):
        return True
    ending = _QUOTE_ENDS.search(before)
    if ending is None or text[0].islower():
        return ending is not None
    words = tag_sentence(text[:_ASIDE]).words
    verb = next((i for i, word in enumerate(words) if word.tag not in "DMN"), 0)
    says = verb > 0 and FAMILY_OF.get(words[verb].lower) in ("SAY", "ARGUE", "URGE")
    return says and ending.group()[0] != "."
