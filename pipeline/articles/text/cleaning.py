"""The text that is read, without invisible characters and entities, and a map back."""

from __future__ import annotations

import html
import re
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from html.entities import html5

from pipeline.model.features import INVISIBLE

_LEFT_OUT = re.compile(
    rf"[{INVISIBLE}]+|&(?:amp;){{0,3}}(#\d{{1,7}}|#[xX][\da-fA-F]{{1,6}}|[A-Za-z]\w{{1,30}});"
)
_UNSEEN = re.compile(f"[{INVISIBLE}]")
_LINE_BREAK = re.compile(r"\r(?!\n)|[\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\r\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Where the characters of a text stood before some were left out.

    Attributes
    ----------
    clean, given : array of int
        Offsets at which stretches begin, in the clean text and in the text given.
    is_kept : array of int
        Whether the stretch is as it was, and not what an entity means.
    """

    clean: array[int] = field(default_factory=lambda: array("q", [0]))
    given: array[int] = field(default_factory=lambda: array("q", [0]))
    is_kept: array[int] = field(default_factory=lambda: array("b", [1]))

    def add(self, clean: int, given: int, *, is_kept: bool) -> None:
        """Begin a stretch."""
        self.clean.append(clean)
        self.given.append(given)
        self.is_kept.append(is_kept)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the text given of a stretch of the clean one."""
        first = bisect_right(self.clean, start) - 1
        last = max(bisect_left(self.clean, end) - 1, 0)
        into_first = start - self.clean[first] if self.is_kept[first] else 0
        if not self.is_kept[last]:
            return self.given[first] + into_first, self.given[last + 1]
        return self.given[first] + into_first, self.given[last] + end - self.clean[last]


def clean_text(text: str) -> tuple[str, OffsetMap]:
    r"""Leave out what is not seen, write entities as characters, and blanks and breaks as one kind.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str, OffsetMap
        The clean text, and where it stood.

    Examples
    --------
    >>> clean, offsets = clean_text("The min\u00adis\u00adtry &quot;de\u200bnied&quot; it.")
    >>> clean
    'The ministry "denied" it.'
    >>> offsets.span(4, 12)
    (4, 14)
    """
    text = _BLANK.sub(" ", _LINE_BREAK.sub("\n", text))
    offsets = OffsetMap()
    pieces: list[str] = []
    size = position = 0
    for match in _LEFT_OUT.finditer(text):
        meant = _meant(match)
        if meant == match.group():
            continue
        pieces += text[position : match.start()], meant
        size += match.start() - position
        if meant:
            offsets.add(size, match.start(), is_kept=False)
            size += len(meant)
        offsets.add(size, match.end(), is_kept=True)
        position = match.end()
    return "".join([*pieces, text[position:]]), offsets


def _meant(match: re.Match[str]) -> str:
    name = match.group(1)
    if name is None:
        return ""
    if name[0] != "#" and f"{name};" not in html5:
        return match.group()
    found = _LINE_BREAK.sub(" ", html.unescape(f"&{name};")).replace("\n", " ")
    return _UNSEEN.sub("", _BLANK.sub(" ", found))
