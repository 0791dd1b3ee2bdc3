"""Characters of UTF-8: what kind they are, and their lowercase forms."""

# mypy: allow-untyped-calls, allow-untyped-defs, allow-untyped-decorators
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from pipeline.inference.array_format import DIGIT, KIND, LETTER, LOW_LINE, OTHER, ROLLED, SPELT
from pipeline.inference.kernel.intrinsics import compiled


# A text is a tuple of its bytes and the arrays of `ModelArrays` that tell of characters: data,
# pages, kinds, small.
@compiled
def decode(text, at, end):
    """Return the character at a place and its bytes; 0 for what is no UTF-8."""
    data = text[0]
    first = np.int64(data[at])
    if first < 0x80:
        return first, np.int64(1)
    if first < 0xC0 or at + 1 >= end:
        return np.int64(0), np.int64(1)
    point = np.int64(data[at + 1]) & 0x3F
    if first < 0xE0:
        return (first & 0x1F) << 6 | point, np.int64(2)
    if at + 2 >= end:
        return np.int64(0), np.int64(1)
    point = point << 6 | np.int64(data[at + 2]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | point, np.int64(3)
    if at + 3 >= end:
        return np.int64(0), np.int64(1)
    point = (first & 0x07) << 18 | point << 6 | np.int64(data[at + 3]) & 0x3F
    return point if point < 0x110000 else np.int64(0), np.int64(4)


@compiled
def kind_at(text, at, end):
    """Return the kind of the character at a place, with its marks; OTHER at the end."""
    data, pages, kinds, _ = text
    if at >= end:
        return np.int64(OTHER)
    byte = np.int64(data[at])
    if byte < 0x80:
        return np.int64(kinds[byte])
    point, _ = decode(text, at, end)
    return np.int64(kinds[pages[point >> 8] + (point & 255)])


@compiled
def is_of_word(kind):
    """Return whether a character is one of a word, as regular expressions see it."""
    what = kind & KIND
    return what == LETTER or what == DIGIT or what == LOW_LINE


@compiled
def small_at(text, at, end):
    """Return the small letter or plain form of the character at a place, and its bytes."""
    data, pages, _, small = text
    byte = np.int64(data[at])
    if byte < 0x80:
        return np.int64(small[byte]), np.int64(1)
    point, size = decode(text, at, end)
    return np.int64(small[pages[point >> 8] + (point & 255)]), size


@compiled
def byte_of(point, index):
    """Return one byte of a character's UTF-8."""
    if point < 0x80:
        return point
    if point < 0x800:
        return 0xC0 | point >> 6 if index == 0 else 0x80 | point & 0x3F
    if point < 0x10000:
        if index == 0:
            return 0xE0 | point >> 12
        return 0x80 | point >> 6 * (2 - index) & 0x3F
    if index == 0:
        return 0xF0 | point >> 18
    return 0x80 | point >> 6 * (3 - index) & 0x3F


@compiled
def bytes_of(point):
    """Return how many bytes a character takes in UTF-8."""
    return (
        np.int64(1)
        + np.int64(point >= 0x80)
        + np.int64(point >= 0x800)
        + np.int64(point >= 0x10000)
    )


@compiled
def pack(first, second, rolled, size, byte):
    """Put one more byte to a word: the first 16 in two integers, the rest folded into one."""
    if size < 8:
        first |= byte << 8 * size
    elif size < SPELT:
        second |= byte << 8 * (size - 8)
    else:
        rolled = (rolled * 31 + byte) & ROLLED
    return first, second, rolled, size + 1


@compiled
def pack_character(first, second, rolled, size, point):
    """Put one more character to a word."""
    for index in range(bytes_of(point)):
        first, second, rolled, size = pack(first, second, rolled, size, byte_of(point, index))
    return first, second, rolled, size
