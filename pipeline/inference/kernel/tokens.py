"""A text to tokens, as `pipeline.model.features.tokenize` cuts it, each a row of `Table.words`."""

# mypy: allow-untyped-calls, allow-untyped-defs, allow-untyped-decorators
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import string

import numpy as np

from pipeline.inference.array_format import (
    ALPHABETIC,
    ALWAYS,
    AMPERSAND,
    APOSTROPHE,
    DIGIT,
    DOT,
    HYPHEN,
    INVISIBLE,
    JOINER,
    KIND,
    LETTER,
    LL,
    MARKS_SHIFT,
    MIX,
    MIX_AGAIN,
    NOT,
    NUMBER,
    NUMERAL,
    PUNCTUATION,
    RE,
    SLASH,
    SPECIAL,
    SPELT,
    TAIL_SHIFT,
    UNKNOWN,
    UPPER,
    VE,
    WIDTH,
    D,
    M,
    S,
)
from pipeline.inference.kernel.characters import (
    byte_of,
    bytes_of,
    decode,
    is_of_word,
    kind_at,
    pack,
    pack_character,
    small_at,
)
from pipeline.inference.kernel.hashing import slot_of
from pipeline.inference.kernel.intrinsics import compiled, load, plain_letters
from pipeline.model import features

# Words are a tuple of arrays of the table: words, long_words, word_slots, word_seeds, how far to
# shift, and roles. What is found is a tuple of arrays as well: for each token its row with a bit
# for a capital, its first 16 bytes in two integers, and where it begins and stops if it is needed.

_TO_LOOK_UP = -1
_NONE = -1
_STOPPED = -2
_SMALL_BIT = 32
_LONG_WORD = features.LONG_WORD
_HEADLINE_WORDS = features.HEADLINE_WORDS
_UNSAID, _WITHHELD = SPECIAL.index(features.UNSAID), SPECIAL.index(features.WITHHELD)
_MOST_BETWEEN, _REACH = features.MOST_BETWEEN, features.REACH
_OF_STANCE, _DENIES, _NEGATES = features.OF_STANCE, features.DENIES, features.NEGATES
_IS_BETWEEN, _IS_WITHHELD, _CHARGES = features.IS_BETWEEN, features.IS_WITHHELD, features.CHARGES
_SHORT_HEADLINE_WORDS = features.SHORT_HEADLINE_WORDS
_HEADLINE_SHARE = features.HEADLINE_SHARE
_LETTER_S, _LETTER_D, _LETTER_M, _LETTER_T, _LETTER_N = map(ord, "sdmtn")
_LETTER_R, _LETTER_V, _LETTER_E, _LETTER_L = map(ord, "rvel")
_MIX, _MIX_AGAIN = np.uint64(MIX), np.uint64(MIX_AGAIN)
_MARKS_SHIFT = np.uint64(MARKS_SHIFT)
_TAIL_SHIFT = np.uint64(TAIL_SHIFT)
_SMALL_LETTERS = np.uint64(0x2020202020202020)
# The bytes to keep of a word of so many letters, in two halves.
_KEPT = np.array(
    [[(1 << 8 * min(n, 8)) - 1, (1 << 8 * max(0, n - 8)) - 1] for n in range(SPELT)],
    dtype=np.uint64,
).ravel()
_MARK = np.full(128, UNKNOWN, dtype=np.int16)
for _place, _special in enumerate(SPECIAL):
    if len(_special) == 1:
        _MARK[ord(_special)] = _place
# What a byte is by itself: the row of a mark, `UNKNOWN` for what is no token, and where a closer
# look is needed -1, or -2 if only before a letter. First where a token begins, then after a word.
_CLOSER, _BEFORE_LETTER = -1, -2
_SINGLE = np.full(256, _CLOSER, dtype=np.int16)
_SINGLE[:128] = _MARK
_SINGLE[[ord(character) for character in string.ascii_letters + string.digits + "'`"]] = _CLOSER
_AFTER = _SINGLE.copy()
_AFTER[ord("-")] = _CLOSER
_AFTER[[ord("."), ord("&")]] = _BEFORE_LETTER


@compiled
def tokenize(text, start, end, last, words, found):
    """Cut a text into tokens; returns how many, and whether it is a headline.

    At a character that a reader does not see it stops and returns -1: words may run on behind it.

    Up to `last` sixteen bytes can be read at once, whatever they are. Most words are plain letters
    with a byte after them that is no part of a word; these, and single marks, are taken here.
    """
    data = text[0]
    tokens, spelt, _, _ = found
    count = np.int64(0)
    long = np.int64(0)
    capitals = np.int64(0)
    at = start
    while at < end:
        if at <= last:
            first = load(data, at)
            second = load(data, at + 8)
            letters = plain_letters(first, second)
            after = at + letters
            row = np.int64(_CLOSER)
            if letters == 0:
                row = np.int64(_SINGLE[data[at]])
            elif letters < SPELT and after < end:
                row = np.int64(_AFTER[data[after]])
                if row == _BEFORE_LETTER:
                    beyond = kind_at(text, after + 1, end) & KIND
                    row = np.int64(_CLOSER if beyond == LETTER else UNKNOWN)
            if row >= 0:
                if letters > 0:
                    upper = np.int64(data[at] & _SMALL_BIT == 0)
                    tokens[count] = _TO_LOOK_UP << 1 | upper
                    spelt[2 * count] = (first | _SMALL_LETTERS) & _KEPT[2 * letters]
                    spelt[2 * count + 1] = (second | _SMALL_LETTERS) & _KEPT[2 * letters + 1]
                    count += 1
                    is_long = np.int64(letters >= _LONG_WORD)
                    long += is_long
                    capitals += is_long & upper
                if row != UNKNOWN:
                    tokens[count] = row << 1
                    spelt[2 * count] = np.uint64(0)
                    spelt[2 * count + 1] = np.uint64(0)
                    count += 1
                at = after + 1
                continue
        row, at, letters, upper = _token(text, at, end, words, found, count)
        if row == _STOPPED:
            return np.int64(-1), False
        is_long = np.int64(letters >= _LONG_WORD)
        long += is_long
        capitals += is_long & upper
        tokens[count] = row << 1 | upper
        count += np.int64(row != _NONE)
    _look_up(words, found, count)
    headline = long >= _HEADLINE_WORDS and capitals >= _HEADLINE_SHARE * long
    headline = headline or _is_short_headline(tokens, words[0], count)
    _replace_not_taken(tokens, words[5], count)
    return count, headline


@compiled
def _replace_not_taken(tokens, roles, count):
    """Put other tokens for verbs of a stance that is not taken; names are as they were."""
    for index in range(count):
        role = np.int64(roles[tokens[index] >> 1])
        if not role & _OF_STANCE:
            continue
        before = index - 1
        while (
            before >= max(0, index - _MOST_BETWEEN)
            and np.int64(roles[tokens[before] >> 1]) & _IS_BETWEEN
        ):
            before -= 1
        if before >= 0 and np.int64(roles[tokens[before] >> 1]) & _NEGATES:
            tokens[index] = _UNSAID << 1 | tokens[index] & 1
        elif role & _DENIES and _is_withheld(
            tokens, roles, index + 1, min(count, index + 1 + _REACH)
        ):
            tokens[index] = _WITHHELD << 1 | tokens[index] & 1


@compiled
def _is_withheld(tokens, roles, start, stop):
    for index in range(start, stop):
        role = np.int64(roles[tokens[index] >> 1])
        if role & _CHARGES:
            return False
        if role & _IS_WITHHELD:
            return True
    return False


@compiled
def _is_short_headline(tokens, rows, count):
    """Return whether all words are capitalized but the commonest."""
    capitals = np.int64(0)
    for index in range(count):
        row = np.int64(tokens[index]) >> 1
        mark = np.int64(rows[row * WIDTH + 3] >> _MARKS_SHIFT) & 255
        if row >= UNKNOWN and not mark & ALWAYS:
            if not tokens[index] & 1:
                return False
            capitals += 1
    return capitals >= _SHORT_HEADLINE_WORDS


@compiled
def visible(text, start, end, copy):
    """Copy a text without the characters that a reader does not see; returns its bytes."""
    data = text[0]
    size = np.int64(0)
    at = start
    while at < end:
        step = decode(text, at, end)[1]
        if kind_at(text, at, end) & KIND != INVISIBLE:
            for index in range(step):
                copy[size + index] = data[at + index]
            size += step
        at += step
    return size


@compiled
def _look_up(words, found, count):
    """Turn words into rows; short loops, so that many looks at memory are under way together."""
    rows, _, slots, seeds, shifts, _ = words
    tokens, spelt, _, _ = found
    for index in range(count):
        token = np.int64(tokens[index])
        mixed = spelt[2 * index] * _MIX ^ spelt[2 * index + 1] * _MIX_AGAIN
        row = np.int64(slots[slot_of(mixed, seeds, shifts)])
        tokens[index] = row << 1 | token & 1 if token < 0 else token
    for index in range(count):
        token = np.int64(tokens[index])
        at = (token >> 1) * WIDTH
        same = (rows[at] == spelt[2 * index]) & (rows[at + 1] == spelt[2 * index + 1])
        tokens[index] = token if same else UNKNOWN << 1 | token & 1


@compiled
def _token(text, at, end, words, found, count):
    """Read one token of any kind, or what is none.

    Returns its row or `_NONE`, where it ends, how many letters it has, and whether it is a capital.
    """
    _, spelt, places, stops = found
    begin = at
    kind = kind_at(text, at, end)
    what = kind & KIND
    letters = np.int64(0)
    row = np.int64(_NONE)
    spelt[2 * count] = np.uint64(0)
    spelt[2 * count + 1] = np.uint64(0)
    if what == LETTER:
        first, second, rolled, size, letters, at, negated = _spell(text, at, end)
        if kind & NUMERAL:
            row = np.int64(NUMBER)
        elif negated:
            row = np.int64(NOT)
        else:
            row = _row(words, text, begin, at, size, np.uint64(first), np.uint64(second), rolled)
            spelt[2 * count] = np.uint64(first)
            if row != UNKNOWN:
                spelt[2 * count + 1] = np.uint64(second)
            places[count] = begin
            stops[count] = at
        if not kind & ALPHABETIC:
            letters = np.int64(0)
    elif what == DIGIT:
        at = _end_of_number(text, at, end)
        row = np.int64(NUMBER)
    elif what == PUNCTUATION or what == JOINER:
        point, step = small_at(text, at, end)
        row = np.int64(_MARK[point])
        at += step
    elif what == APOSTROPHE:
        _, step = small_at(text, at, end)
        row, size = _suffix(text, at + step, end)
        at += step + size
    else:
        if what == INVISIBLE:
            row = np.int64(_STOPPED)
        at += decode(text, at, end)[1]
    return row, at, letters, np.int64(kind & UPPER != 0)


@compiled
def _row(words, text, begin, stop, size, first, second, rolled):
    """Look a word up; where it is none of the known ones, the row is `UNKNOWN`."""
    rows, long_words, slots, seeds, shifts, _ = words
    mixed = first * _MIX ^ (second ^ np.uint64(rolled)) * _MIX_AGAIN
    row = np.int64(slots[slot_of(mixed, seeds, shifts)])
    same = (rows[row * WIDTH] == first) & (rows[row * WIDTH + 1] == second)
    tail = np.int64(rows[row * WIDTH + 3] >> _TAIL_SHIFT)
    if size > SPELT:
        same = same and tail > 0 and _same_tail(text, begin, stop, long_words, tail)
    elif tail > 0:
        same = False
    return row if same else np.int64(UNKNOWN)


@compiled
def _same_tail(text, at, stop, long_words, tail):
    """Compare what a word has beyond its first 16 bytes."""
    written = np.int64(0)
    while at < stop:
        point, size = small_at(text, at, stop)
        for index in range(bytes_of(point)):
            if written >= SPELT:
                stored = np.int64(long_words[tail])
                if stored == 0 or stored != byte_of(point, index):
                    return False
                tail += 1
            written += 1
        at += size
    return long_words[tail] == 0


@compiled
def _spell(text, at, end):
    """Read a word with more to it than up to 15 plain letters.

    Returns its first 16 bytes, the rest folded into one, bytes and letters, where it ends, and
    whether it is *n't*.
    """
    data = text[0]
    first, second, rolled = np.int64(0), np.int64(0), np.int64(0)
    size = np.int64(0)
    letters = np.int64(0)
    point = np.int64(0)
    before = (first, second, rolled)
    hyphenated = False
    while True:
        # one run of letters
        while True:
            before = (first, second, rolled)
            point, step = small_at(text, at, end)
            first, second, rolled, size = pack_character(first, second, rolled, size, point)
            letters += 1
            at += step
            what = kind_at(text, at, end) & KIND
            if what != LETTER:
                break
        if not hyphenated:
            if what == APOSTROPHE and point == _LETTER_N:  # n't is a token of its own
                after = at + small_at(text, at, end)[1]
                if (
                    after < end
                    and np.int64(data[after]) | _SMALL_BIT == _LETTER_T
                    and not is_of_word(kind_at(text, after + 1, end))
                ):
                    if letters == 1:
                        return first, second, rolled, size, letters, after + 1, True
                    first, second, rolled = before
                    return first, second, rolled, size - 1, letters - 1, at - 1, False
            # U.S.
            while what == DOT or what == AMPERSAND:
                if kind_at(text, at + 1, end) & KIND != LETTER:
                    break
                inner, step = small_at(text, at + 1, end)
                beyond = kind_at(text, at + 1 + step, end) & KIND
                if beyond != DOT and beyond != AMPERSAND:
                    break
                dot = np.int64(data[at])
                first, second, rolled, size = pack(first, second, rolled, size, dot)
                first, second, rolled, size = pack_character(first, second, rolled, size, inner)
                letters += 2
                at += 1 + step
                what = beyond
        if what != HYPHEN:
            break
        _, step = small_at(text, at, end)
        if kind_at(text, at + step, end) & KIND != LETTER:
            break
        first, second, rolled, size = pack(first, second, rolled, size, np.int64(45))
        letters += 1
        at += step
        hyphenated = True
    return first, second, rolled, size, letters, at, False


@compiled
def _end_of_number(text, at, end):
    """Return where a number ends: digits, with single points, colons and slashes between them."""
    while True:
        while kind_at(text, at, end) & KIND == DIGIT:
            at += decode(text, at, end)[1]
        what = kind_at(text, at, end) & KIND
        if not (what == DOT or what == JOINER or what == SLASH):
            return at
        if kind_at(text, at + 1, end) & KIND != DIGIT:
            return at
        at += 1


@compiled
def _suffix(text, at, end):
    """Read what follows an apostrophe: its row and bytes, or `_NONE`."""
    data = text[0]
    none = np.int64(_NONE), np.int64(0)
    if at >= end:
        return none
    first = np.int64(data[at]) | _SMALL_BIT
    if not is_of_word(kind_at(text, at + 1, end)):
        if first == _LETTER_S:
            return np.int64(S), np.int64(1)
        if first == _LETTER_D:
            return np.int64(D), np.int64(1)
        if first == _LETTER_M:
            return np.int64(M), np.int64(1)
        return none
    if at + 1 >= end or is_of_word(kind_at(text, at + 2, end)):
        return none
    second = np.int64(data[at + 1]) | _SMALL_BIT
    if first == _LETTER_R and second == _LETTER_E:
        return np.int64(RE), np.int64(2)
    if first == _LETTER_V and second == _LETTER_E:
        return np.int64(VE), np.int64(2)
    if first == _LETTER_L and second == _LETTER_L:
        return np.int64(LL), np.int64(2)
    return none
