"""Quotation marks: where the quotations of a text begin and end."""

from __future__ import annotations

import re
from bisect import bisect_right

QUOTE = '"'
QUOTATION_MARKS = "\"“”„‟«»″＂'`‘’"
# each way begins with a literal: so `re` skips to the next mark without trying every place
_DOUBLE = re.compile("''|``|[\"“”„‟«»″＂]")
_SINGLE = re.compile("['‘’]")
_ELISION = re.compile(r"(?:em|til|cause|tis|twas|round|bout|n|\d\ds?)\b", re.IGNORECASE)
_CLOSES_SURELY = ".,!?…—–"


def find_quotations(text: str) -> list[tuple[int, int]]:
    """Find the stretches between quotation marks, the marks included.

    Parameters
    ----------
    text : str
        A sentence or a paragraph.

    Returns
    -------
    list of (int, int)
        Start and end offsets. A quotation that is not closed ends with the text; one whose opening
        is not in the text begins with it. Quotations inside quotations are left out.

    Examples
    --------
    >>> find_quotations('"Never," he said. "We left')
    [(0, 8), (18, 26)]
    >>> find_quotations("were lost,” she said")
    [(0, 11)]
    >>> find_quotations("'We don't know,' the workers' union said.")
    [(0, 16)]
    """
    double, single = _between_double(text), _between_single(text)
    if not single:
        return double
    return sorted(_not_inside(double, single) + _not_inside(single, double))


def _not_inside(
    spans: list[tuple[int, int]], others: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Keep the spans that do not begin inside one of the others."""
    starts = [start for start, _ in others]
    kept = []
    for span in spans:
        place = bisect_right(starts, span[0]) - 1
        if place < 0 or others[place][1] <= span[0]:
            kept.append(span)
    return kept


def _between_double(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start: int | None = None
    for mark in _DOUBLE.finditer(text):
        opens = _opens(text, mark, start is not None)
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


def _opens(text: str, mark: re.Match[str], inside: bool) -> bool:
    before = text[mark.start() - 1] if mark.start() else " "
    after = text[mark.end()] if mark.end() < len(text) else " "
    if mark.group() in "”»":
        return False
    if after.isspace():
        is_loose = mark.group() == '"' and not inside and mark.start() > 0
        return before.isspace() and (is_loose or mark.group() in "„«")
    if mark.group() in ("“", "„", "‟", "«", "``"):
        return True
    return before.isspace() or before in "([—–-" if inside else after not in ".,;:!?)"


def _between_single(text: str) -> list[tuple[int, int]]:
    """Pair single marks; an apostrophe is none, and a plural's possessor closes nothing."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    doubtful: int | None = None
    for mark in _SINGLE.finditer(text):
        place = mark.start()
        if _opens_single(text, place):
            if start is not None and doubtful is not None:
                found.append((start, doubtful))
            start, doubtful = place, None
        elif start is not None and _closes_single(text, place):
            doubtful = place + 1
            if not _may_be_possessor(text, place):
                found.append((start, doubtful))
                start = doubtful = None
    if start is not None and (doubtful or start == 0 or text[start] == "‘"):
        found.append((start, doubtful or len(text)))
    return found


def _opens_single(text: str, place: int) -> bool:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if text[place] == "’" or not (before == "" or before.isspace() or before in '([—–-"“'):
        return False
    if text[place] == "‘":
        return after.isalnum()
    return (after.isalnum() or after in '“"') and _ELISION.match(text, place + 1) is None


def _closes_single(text: str, place: int) -> bool:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    is_end = not (after.isalnum() or (after in "'’" and after != ""))
    return text[place] != "‘" and is_end and (before.isalnum() or before in _CLOSES_SURELY + '"”)')


def _may_be_possessor(text: str, place: int) -> bool:
    return text[place - 1] in "sS" and re.match(r"\s\w", text[place + 1 : place + 3]) is not None
