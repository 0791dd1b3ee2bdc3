"""How an article is laid out: headline, dateline, paragraphs and the sentences in them.

Everything works on offsets into the text as given. Marks that are not read (Markdown, invisible
characters) are blanked out in a copy of the same length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sentencex

from pipeline.articles.quotations import find_quotations
from pipeline.articles.tagging import tag_sentence
from pipeline.lexicon import FAMILY_OF

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2066-\u2069"
    "\ufeff\ud800-\udfff]"
)
_RULE = r"^[-=*_|:+ \t]{3,}$"
_BLOCK_MARK = r"^[ \t]{0,8}(?:>[> \t]*)?(?:(?:\#{1,6}|[-*+•]|\d{1,3}[.)])[ \t]+)?"
_FRONT_MATTER = re.compile(r"\A\s?---[ \t]*\n(?:(?!---).{0,500}\n){1,60}---[ \t]*$", re.MULTILINE)
_MARKDOWN = re.compile(
    rf"""{_RULE}|{_BLOCK_MARK}
    |!\[[^\]\n]{{0,300}}\]\([^()\s]{{0,1000}}(?:[ ]"[^"\n]{{0,300}}")?\)
    |(?<=\])\([^()\s]{{1,1000}}(?:[ ]"[^"\n]{{0,300}}")?\)
    |\[(?=[^\]\n]{{1,300}}\]\()|\](?=\()
    |<[/!a-zA-Z][^<>\n]{{0,500}}>
    |\*{{1,3}}|~~|(?<!\w)_{{1,3}}(?=\w)|(?<=[\w.,!?”"])_{{1,3}}(?!\w)|(?<!`)`(?!`)
    |[ \t]\#{{1,6}}[ \t]*$""",
    re.VERBOSE | re.MULTILINE,
)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]", re.MULTILINE)
_ITEM = re.compile(r"[ \t]{0,8}(?:#{1,6}|[-*+•]|\d{1,3}[.)])[ \t]")
_LONGEST_HEADLINE = 200
_ASIDE = 80
_PLAIN = str.maketrans('\n…"“”„‟«»″＂', " ." + " " * 9)
_WRAPPED = range(40, 101)
_DATELINE = re.compile(
    r"""\s*(?:
        [^\W\d_a-z](?:[^\W\d_a-z]|[.'’ -]){2,40}(?:,[^()\n–—]{1,40}?)?(?:[ ]?\([^()\n]{1,40}\))?
        |[^\W\d_a-z][\w.'’]*(?:[ -][^\W\d_a-z][\w.'’]*){0,3}(?:,[^()\n–—]{1,40}?)?
            [ ]?\([^()\n]{1,40}\)
        |[^\W\d_a-z][\w.'’]*(?:[ -][^\W\d_a-z][\w.'’]*){0,3},[ ][A-Z][a-z]{2,8}\.?[ ]\d{1,2}
    )[ ]*(?:--+|[–—]|-(?=[ ]))[ ]*""",
    re.VERBOSE,
)
_TRAIL = re.compile(r"[”’)\]]|\s?»|''|[\"″＂']")
_SPLIT_TITLE = re.compile(
    r"(?:^|[\s(])(?:Mr|Mrs|Ms|Mx|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Maj|Adm|Prof|Rev|Hon|St|No)\.$"
)
_INITIALS = re.compile(r"\b[A-Z]\.$")
_QUOTE_ENDS = re.compile(r"[.?!…](?:''|[\"”]|\s?»)$")


@dataclass(frozen=True, slots=True)
class ArticleSegments:
    """Where everything stands in an article.

    Attributes
    ----------
    clean : str
        The text with what is not read blanked out; as long as the text.
    headline, dateline : (int, int) or None
        Their offsets.
    paragraphs : tuple of (int, int)
        Offsets of the paragraphs, the headline among them, the dateline left out.
    """

    clean: str
    headline: tuple[int, int] | None
    dateline: tuple[int, int] | None
    paragraphs: tuple[tuple[int, int], ...]


def segment_article(text: str) -> ArticleSegments:
    r"""Find headline, dateline and paragraphs of a plain or Markdown article.

    Parameters
    ----------
    text : str
        The article.

    Returns
    -------
    ArticleSegments
        With offsets into ``text``.

    Examples
    --------
    >>> text = "# Port shut\n\nOSLO, May 3 (Agency) -- The port was *shut*."
    >>> found = segment_article(text)
    >>> [text[start:end] for start, end in (found.headline, found.dateline, *found.paragraphs)]
    ['Port shut', 'OSLO, May 3 (Agency) --', 'Port shut', 'The port was *shut*.']
    """
    clean = _blank(text)
    blocks = _blocks(text, clean)
    headline = _headline(text, clean, blocks)
    dateline = None
    for number, (start, end) in enumerate(blocks[:4]):
        match = None if (start, end) == headline else _DATELINE.match(clean, start, end)
        if match is not None and match.end() < end:
            dateline = _trim(clean, start, match.end())
            blocks[number] = _trim(clean, match.end(), end)
            break
    return ArticleSegments(clean, headline, dateline, tuple(blocks))


def _blank(text: str) -> str:
    text = re.sub(r"\r(?!\n)|[\x0b\x0c\x85\u2028\u2029]", "\n", text).replace("\r", " ")
    text = _FRONT_MATTER.sub(_newlines, _INVISIBLE.sub(" ", text))
    return _MARKDOWN.sub(lambda match: " " * len(match.group()), text)


def _newlines(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _blocks(text: str, clean: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    lines: list[tuple[int, int]] = []
    position = 0
    for line in clean.split("\n"):
        start, end = _trim(clean, position, position + len(line))
        if start >= end:
            found += _joined(clean, lines, first=not found)
            lines = []
        elif _ITEM.match(text, position):
            found += _joined(clean, lines, first=not found)
            found += (
                _joined(clean, [(start, end)], first=False) if _is_heading(text, position) else []
            )
            lines = [] if _is_heading(text, position) else [(start, end)]
        else:
            lines.append((start, end))
        position += len(line) + 1
    return found + _joined(clean, lines, first=not found)


def _is_heading(text: str, position: int) -> bool:
    return _HEADING.match(text, position) is not None


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


def _headline(text: str, clean: str, blocks: list[tuple[int, int]]) -> tuple[int, int] | None:
    if not blocks:
        return None
    start, end = blocks[0]
    if _HEADING.match(text, text.rfind("\n", 0, start) + 1):
        return blocks[0]
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
    for place in (place for first, last in quoted for place in (first, last - 1)):
        if bare[place] in "'‘’":
            bare = f"{bare[:place]} {bare[place + 1 :]}"
    openings = {first + 1 for first, _ in quoted} | {first + 2 for first, _ in quoted}
    found: list[tuple[int, int]] = []
    position = 0
    for boundary in sentencex.get_sentence_boundaries("en", bare):
        stop = position + len(bare[position : boundary["end_index"]].rstrip())
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


def _belongs_before(paragraph: str, last: tuple[int, int], piece: tuple[int, int]) -> bool:
    """Whether a cut was wrong: after "Ms.", between "No!" and "Roe said", before a bare mark."""
    text = paragraph[piece[0] : piece[1]]
    before = paragraph[max(last[0], last[1] - 12) : last[1]]
    if not any(character.isalnum() for character in text) or _SPLIT_TITLE.search(before):
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
