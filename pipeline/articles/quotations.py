"""Quotation marks: where the quotations of a text begin and end."""

from __future__ import annotations

import re

# each way begins with a literal: so `re` skips to the next mark without trying every place
_MARK = re.compile(
    r"""''|``|"|“|”|„|‟|«|»|″|＂|‘(?<![\w’]‘)(?=[^\W\d])|’(?<=[\w.,!?…]’)(?![\w’])"""
)
QUOTATION_MARKS = "\"“”„‟«»″＂'`‘’"
_DOUBLE = re.compile("[\"“”„‟«»″＂]|''|``")
QUOTE = '"'


def find_quotations(text: str, *, opened: bool = False) -> list[tuple[int, int]]:
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
    >>> find_quotations('"Never," he said. "We left')
    [(0, 8), (18, 26)]
    >>> find_quotations("were lost,” she said")
    [(0, 11)]
    """
    found: list[tuple[int, int]] = []
    start = 0 if opened else None
    last_single = text.rfind("’")
    single = opened and _DOUBLE.search(text) is None
    for mark in _MARK.finditer(text):
        if mark.group() in "‘’":
            if start is None and mark.group() == "‘":
                start, single = mark.start(), True
            elif start is not None and single and mark.group() == "’":
                found.append((start, mark.end()))
                start = None
            continue
        if start is not None and single:
            if mark.start() < last_single and not opened:
                continue
            start = None
        opens = _opens(text, mark, start is not None)
        if start is None and opens:
            start, single = mark.start(), False
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
        return mark.group() in "„«" and before.isspace()
    if mark.group() in ("“", "„", "‟", "«", "``"):
        return True
    return before.isspace() or before in "([—–-" if inside else after not in ".,;:!?)"
