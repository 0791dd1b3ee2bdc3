"""What Numba compiles: `pipeline.analyzer` and the model's arithmetic over raw UTF-8.

Only `pipeline.scorer` imports this, and only to compile it. Indices are plain 64-bit integers and
pointers are not checked: `pipeline.table.Table.load` checks that what stands in the arrays stays
inside them.

A text goes through `_tokenize`, which cuts it into rows of `Table.words`, and `_gather`, which
masks names and looks terms up. Both write lists and keep decisions out of their loops: a processor
waits longer for a branch it guessed wrong than for a look at a table.
"""

# mypy: allow-untyped-calls, allow-untyped-defs, disable-error-code="no-any-return"

from __future__ import annotations

import math
import string

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from pipeline import analyzer
from pipeline.table import (
    ALPHABETIC,
    ALWAYS,
    AMPERSAND,
    APOSTROPHE,
    BEGINNING_SHIFT,
    CUE_SHIFT,
    CUES,
    DIGIT,
    DOT,
    END,
    FAMILY_SHIFT,
    FRAMES,
    GATHERED,
    HYPHEN,
    IS_NAME,
    IS_QUOTE,
    JOINER,
    KIND,
    KNOWN,
    LETTER,
    LL,
    LOW_LINE,
    MARKS_SHIFT,
    MIX,
    MIX_AGAIN,
    NAME,
    NOT,
    NUMBER,
    NUMERAL,
    OPENS,
    OTHER,
    PART_BITS,
    PUNCTUATION,
    QUOTED,
    RE,
    ROLLED,
    SHIFT_BITS,
    SLASH,
    SOURCE,
    SPECIAL,
    SPELT,
    START,
    STAYS_OPEN,
    STEM_BITS,
    STEM_SHIFT,
    TAIL_SHIFT,
    TERM,
    TERM_BITS,
    UNKNOWN,
    UPPER,
    VE,
    D,
    M,
    S,
)

_U8 = types.CPointer(types.uint8)
_U16 = types.CPointer(types.uint16)
_I32 = types.CPointer(types.int32)
_I64 = types.CPointer(types.int64)
_U64 = types.CPointer(types.uint64)
_F32 = types.CPointer(types.float32)
_F64 = types.CPointer(types.float64)
SIGNATURE = types.void(
    *(_I32, _U8, _I32, _U64, _U8, _I32, _I64, _U64, _U64, _U16, _U16, _U16, _U16),
    *(_I32, _I32, _I32, _I32, _I32, _F32, _F64, _F64, _U64),
    *(_U8, _I64, _I64, types.int64, types.int64, _F32),
    *(_I32, _U64, _I64, _I64, _I32, _U8, _U8, _I64, _I32, _I32, _F64),
)

# Where `sizes` keeps by how much to shift to a slot of each hash table, and the number of terms.
WORDS, PREFIXES, PAIRS, GRAMS, TERMS = range(5)

_TERMS_A_TOKEN = 16

_WIDTH = 4
_COLUMNS = 3
_TO_LOOK_UP = -1
_SMALL_BIT = 32
_STEM = analyzer.STEM
_BEGINNING = analyzer.BEGINNING
_LONG_WORD = analyzer.LONG_WORD
_HEADLINE_WORDS = analyzer.HEADLINE_WORDS
_HEADLINE_SHARE = analyzer.HEADLINE_SHARE
_LENGTH_STEP = analyzer.LENGTH_STEP
_LONGEST = analyzer.LONGEST
_PUNCTUATION_ROW = np.full(128, UNKNOWN, dtype=np.int32)
for _row, _text in enumerate(SPECIAL):
    if len(_text) == 1:
        _PUNCTUATION_ROW[ord(_text)] = _row

# What a byte is by itself: the row of a mark, `UNKNOWN` for what is no token, and where a closer
# look is needed -1, or -2 if only before a letter. First where a token begins, then after a word.
_CLOSER, _BEFORE_LETTER = -1, -2
_SINGLE = np.full(256, _CLOSER, dtype=np.int16)
_SINGLE[:128] = _PUNCTUATION_ROW
_SINGLE[[ord(character) for character in string.ascii_letters + string.digits + "'`"]] = _CLOSER
_AFTER = _SINGLE.copy()
_AFTER[ord("-")] = _CLOSER
_AFTER[[ord("."), ord("&")]] = _BEFORE_LETTER

_MIX = np.uint64(MIX)
_MIX_AGAIN = np.uint64(MIX_AGAIN)
_TERM = np.uint64(TERM)
_TERM_BITS = np.uint64(TERM_BITS)
_STEM_BITS = np.uint64(STEM_BITS)
_PART_BITS = np.uint64(PART_BITS)
_SHIFT_BITS = np.uint64(SHIFT_BITS)
_SHIFT = np.uint64((1 << SHIFT_BITS) - 1)
_LAST_2, _LAST_3, _LAST_4 = (np.uint64((1 << PART_BITS * n) - 1) for n in (2, 3, 4))
_FRAMES_2, _FRAMES_3, _FRAMES_4 = (np.uint64(FRAMES + n << 4 * PART_BITS) for n in range(3))
_CUES_2, _CUES_3 = (np.uint64(CUES + n << 4 * PART_BITS) for n in range(2))
_QUOTED_2 = np.uint64(QUOTED << 4 * PART_BITS)
_BEGINNING_SHIFT = np.uint64(BEGINNING_SHIFT)
_STEM_SHIFT = np.uint64(STEM_SHIFT)
_PART = np.uint64(255)
_SMALL_LETTERS = np.uint64(0x2020202020202020)
_NOT_ASCII = np.uint64(0x8080808080808080)
_LETTERS_OF_STEM = np.uint64((1 << 8 * _STEM) - 1)
_LETTERS_OF_BEGINNING = np.uint64((1 << 8 * _BEGINNING) - 1)

# The bytes to keep of a word of so many letters, in two halves.
_KEPT = np.array(
    [[(1 << 8 * min(n, 8)) - 1, (1 << 8 * max(0, n - 8)) - 1] for n in range(17)], dtype=np.uint64
).ravel()


# What each time a term comes again adds to its tf, 1 + ln tf, and to the square of that.
_STEPS = 64
_TF = 1 + np.log(np.arange(1, _STEPS + 1))
_MORE = np.concatenate([[0, 1], np.diff(_TF)])
_MORE_SQUARED = np.concatenate([[0, 1], np.diff(_TF**2)])

_inline = numba.njit(inline="never", error_model="numpy", fastmath=False)


@intrinsic
def _load(typing, data, at):
    """Read eight bytes from any place."""

    def generate(context, builder, signature, arguments):
        place = builder.gep(arguments[0], [arguments[1]])
        loaded = builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(types.CPointer(types.uint8), types.int64), generate


@intrinsic
def _plain_letters(typing, first, second):
    """Count the letters of ASCII with which 16 bytes begin, all of them looked at in one step."""

    def generate(context, builder, signature, arguments):
        def splat(value):
            return ir.Constant(ir.VectorType(ir.IntType(8), 16), [value] * 16)

        halves = ir.Constant(ir.VectorType(ir.IntType(64), 2), ir.Undefined)
        for index, half in enumerate(arguments):
            halves = builder.insert_element(halves, half, ir.Constant(ir.IntType(32), index))
        small = builder.or_(builder.bitcast(halves, splat(0).type), splat(0x20))
        letters = builder.icmp_unsigned("<", builder.sub(small, splat(ord("a"))), splat(26))
        mask = builder.zext(builder.bitcast(letters, ir.IntType(16)), ir.IntType(32))
        count = builder.cttz(builder.not_(mask), ir.Constant(ir.IntType(1), 1))
        return builder.zext(count, ir.IntType(64))

    return types.int64(types.uint64, types.uint64), generate


@_inline
def _decode(data, at, end):
    """Give the character at a place and its bytes; 0 for what is no UTF-8."""
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


@_inline
def _kind(data, at, end, pages, kinds):
    """Give the kind of the character at a place, with its marks; OTHER at the end."""
    if at >= end:
        return np.int64(OTHER)
    byte = np.int64(data[at])
    if byte < 0x80:
        return np.int64(kinds[byte])
    point, _ = _decode(data, at, end)
    return np.int64(kinds[pages[point >> 8] + (point & 255)])


@_inline
def _small(data, at, end, pages, small):
    """Give the small letter or plain form of the character at a place, and its bytes."""
    byte = np.int64(data[at])
    if byte < 0x80:
        return np.int64(small[byte]), np.int64(1)
    point, size = _decode(data, at, end)
    return np.int64(small[pages[point >> 8] + (point & 255)]), size


@_inline
def _byte(point, index):
    """Give one byte of a character's UTF-8."""
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


@_inline
def _bytes(point):
    """Tell how many bytes a character takes in UTF-8."""
    return (
        np.int64(1)
        + np.int64(point >= 0x80)
        + np.int64(point >= 0x800)
        + np.int64(point >= 0x10000)
    )


@_inline
def _pack(first, second, rolled, size, byte):
    """Put one more byte to a word: the first 16 in two integers, the rest folded into one."""
    if size < 8:
        first |= byte << 8 * size
    elif size < SPELT:
        second |= byte << 8 * (size - 8)
    else:
        rolled = (rolled * 31 + byte) & ROLLED
    return first, second, rolled, size + 1


@_inline
def _pack_character(first, second, rolled, size, point):
    """Put one more character to a word."""
    for index in range(_bytes(point)):
        first, second, rolled, size = _pack(first, second, rolled, size, _byte(point, index))
    return first, second, rolled, size


@_inline
def _same_tail(data, at, stop, end, pages, small, long_words, tail):
    """Compare what a word has beyond its first 16 bytes."""
    written = np.int64(0)
    while at < stop:
        point, size = _small(data, at, end, pages, small)
        for index in range(_bytes(point)):
            if written >= SPELT:
                stored = np.int64(long_words[tail])
                if stored == 0 or stored != _byte(point, index):
                    return False
                tail += 1
            written += 1
        at += size
    return long_words[tail] == 0


@_inline
def _slot(mixed, seeds, shifts):
    """Give the one slot where a key can stand; see `pipeline.table`."""
    seed = np.uint64(seeds[mixed >> (shifts & _SHIFT)])
    return mixed * seed >> (shifts >> _SHIFT_BITS)


@_inline
def _push_gram(terms, many, slots, seeds, shifts, key):
    """Gather an n-gram, if it is a term; returns how many terms there are."""
    entry = slots[_slot(key * _MIX, seeds, shifts)]
    terms[many] = entry & _TERM
    return many + np.int64(entry >> _TERM_BITS == key)


@_inline
def _prefix(prefixes, seeds, shifts, first, second):
    """Look the beginning of a word up; the term and stem it stands for, packed."""
    mixed = np.uint64(first) * _MIX ^ np.uint64(second) * _MIX_AGAIN
    at = np.int64(_slot(mixed, seeds, shifts)) * _COLUMNS
    if prefixes[at] == first and prefixes[at + 1] == second:
        return prefixes[at + 2]
    return np.int64(-1) << 32


@_inline
def _row(words, word_slots, seeds, sizes, first, second, rolled):
    """Look a word up; where it is none of the known ones, the row of `UNKNOWN`."""
    mixed = first * _MIX ^ (second ^ rolled) * _MIX_AGAIN
    row = np.int64(word_slots[_slot(mixed, seeds, sizes[WORDS])])
    same = (words[row * _WIDTH] == first) & (words[row * _WIDTH + 1] == second)
    return row if same else np.int64(UNKNOWN)


@_inline
def _spell(data, at, end, pages, kinds, small):
    """Read a word with more to it than up to 15 plain letters.

    Returns its first 16 bytes, the rest folded into one, bytes and letters, where it ends, and
    whether it is *n't*.
    """
    first, second, rolled = np.int64(0), np.int64(0), np.int64(0)
    size = np.int64(0)
    letters = np.int64(0)
    hyphens = np.int64(0)
    point = np.int64(0)
    before = (first, second, rolled)
    while True:
        # one run of letters
        while True:
            before = (first, second, rolled)
            point, step = _small(data, at, end, pages, small)
            first, second, rolled, size = _pack_character(first, second, rolled, size, point)
            letters += 1
            at += step
            what = _kind(data, at, end, pages, kinds) & KIND
            if what != LETTER:
                break
        if hyphens == 0:
            if what == APOSTROPHE and point == 110:  # n't is a token of its own
                after = at + _small(data, at, end, pages, small)[1]
                if (
                    after < end
                    and np.int64(data[after]) | _SMALL_BIT == 116
                    and not _is_word(_kind(data, after + 1, end, pages, kinds))
                ):
                    if letters == 1:
                        return first, second, rolled, size, letters, after + 1, True
                    first, second, rolled = before
                    return first, second, rolled, size - 1, letters - 1, at - 1, False
            # U.S.
            while what == DOT or what == AMPERSAND:
                inner = _kind(data, at + 1, end, pages, kinds)
                if inner & KIND != LETTER:
                    break
                small_inner, step = _small(data, at + 1, end, pages, small)
                beyond = _kind(data, at + 1 + step, end, pages, kinds) & KIND
                if beyond != DOT and beyond != AMPERSAND:
                    break
                dot = np.int64(data[at])
                first, second, rolled, size = _pack(first, second, rolled, size, dot)
                first, second, rolled, size = _pack_character(
                    first, second, rolled, size, small_inner
                )
                letters += 2
                at += 1 + step
                what = beyond
        if what != HYPHEN:
            break
        _, step = _small(data, at, end, pages, small)
        if _kind(data, at + step, end, pages, kinds) & KIND != LETTER:
            break
        first, second, rolled, size = _pack(first, second, rolled, size, np.int64(45))
        letters += 1
        at += step
        hyphens += 1
    return first, second, rolled, size, letters, at, False


@_inline
def _number(data, at, end, pages, kinds):
    """Give where a number ends."""
    while True:
        while _kind(data, at, end, pages, kinds) & KIND == DIGIT:
            at += _decode(data, at, end)[1]
        what = _kind(data, at, end, pages, kinds) & KIND
        if not (what == DOT or what == JOINER or what == SLASH):
            return at
        if _kind(data, at + 1, end, pages, kinds) & KIND != DIGIT:
            return at
        at += 1


@_inline
def _token_slowly(
    data, at, end, pages, kinds, small, words, long_words, word_slots, word_seeds, sizes, spelt, places, stops,
    count,
):  # fmt: skip
    """Read one token of any kind, or what is none; its row or -1, place, letters and marks."""
    begin = at
    kind = _kind(data, at, end, pages, kinds)
    what = kind & KIND
    letters = np.int64(0)
    row = np.int64(-1)
    spelt[2 * count] = np.uint64(0)
    spelt[2 * count + 1] = np.uint64(0)
    if what == LETTER:
        first, second, rolled, size, letters, at, negated = _spell(
            data, at, end, pages, kinds, small
        )
        if kind & NUMERAL:
            row = np.int64(NUMBER)
        elif negated:
            row = np.int64(NOT)
        else:
            row = _row(
                words, word_slots, word_seeds, sizes, np.uint64(first), np.uint64(second), np.uint64(rolled)
            )
            tail = np.int64(words[row * _WIDTH + 3] >> np.uint64(TAIL_SHIFT))
            if (tail > 0) != (size > SPELT) or (
                tail > 0
                and not _same_tail(data, begin, at, end, pages, small, long_words, tail)
            ):
                row = np.int64(UNKNOWN)
            if row != UNKNOWN:
                spelt[2 * count + 1] = np.uint64(second)
            spelt[2 * count] = np.uint64(first)
            places[count] = begin
            stops[count] = at
        if not kind & ALPHABETIC:
            letters = np.int64(0)
    elif what == DIGIT:
        at = _number(data, at, end, pages, kinds)
        row = np.int64(NUMBER)
    elif what == PUNCTUATION or what == JOINER:
        point, step = _small(data, at, end, pages, small)
        row = np.int64(_PUNCTUATION_ROW[point])
        at += step
    elif what == APOSTROPHE:
        _, step = _small(data, at, end, pages, small)
        row, size = _suffix(data, at + step, end, pages, kinds)
        at += step + size
    else:
        at += _decode(data, at, end)[1]
    return row, at, letters, np.int64(kind & UPPER != 0)


@_inline
def _look_up(words, word_slots, seeds, shifts, tokens, spelt, count):
    """Turn words into rows; short loops, so that many looks at memory are under way together."""
    for index in range(count):
        token = np.int64(tokens[index])
        mixed = spelt[2 * index] * _MIX ^ spelt[2 * index + 1] * _MIX_AGAIN
        row = np.int64(word_slots[_slot(mixed, seeds, shifts)])
        tokens[index] = row << 1 | token & 1 if token < 0 else token
    for index in range(count):
        token = np.int64(tokens[index])
        at = (token >> 1) * _WIDTH
        same = (words[at] == spelt[2 * index]) & (words[at + 1] == spelt[2 * index + 1])
        tokens[index] = token if same else UNKNOWN << 1 | token & 1


@_inline
def _tokenize(
    data, start, end, last, pages, kinds, small, words, long_words, word_slots, word_seeds, sizes, tokens,
    spelt, places, stops,
):  # fmt: skip
    """Cut a text into tokens, rows of `words` and a bit for capitals; how many, and if a headline.

    Up to `last` sixteen bytes can be read at once, whatever they are.
    """
    count = np.int64(0)
    long = np.int64(0)
    capitals = np.int64(0)
    at = start
    while at < end:
        if at <= last:
            first = _load(data, at)
            second = _load(data, at + 8)
            letters = _plain_letters(first, second)
            after = at + letters
            if letters == 0:
                row = np.int64(_SINGLE[data[at]])
            elif letters < SPELT and after < end:
                row = np.int64(_AFTER[data[after]])
                if row == _BEFORE_LETTER:
                    beyond = _kind(data, after + 1, end, pages, kinds) & KIND
                    row = np.int64(_CLOSER if beyond == LETTER else UNKNOWN)
            else:
                row = np.int64(_CLOSER)
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
        row, at, letters, upper = _token_slowly(
            data, at, end, pages, kinds, small, words, long_words, word_slots, word_seeds, sizes, spelt,
            places, stops, count,
        )  # fmt: skip
        is_long = np.int64(letters >= _LONG_WORD)
        long += is_long
        capitals += is_long & upper
        tokens[count] = row << 1 | upper
        count += np.int64(row >= 0)
    _look_up(words, word_slots, word_seeds, sizes[WORDS], tokens, spelt, count)
    headline = long >= _HEADLINE_WORDS and capitals >= _HEADLINE_SHARE * long
    return count, headline


@_inline
def _is_word(kind):
    """Tell whether a character is one of a word, as regular expressions see it."""
    what = kind & KIND
    return what == LETTER or what == DIGIT or what == LOW_LINE


@_inline
def _suffix(data, at, end, pages, kinds):
    """Read what follows an apostrophe: its row and bytes, or -1."""
    if at >= end:
        return np.int64(-1), np.int64(0)
    first = np.int64(data[at]) | 32
    if not _is_word(_kind(data, at + 1, end, pages, kinds)):
        if first == 115:
            return np.int64(S), np.int64(1)
        if first == 100:
            return np.int64(D), np.int64(1)
        if first == 109:
            return np.int64(M), np.int64(1)
        return np.int64(-1), np.int64(0)
    if at + 1 >= end or _is_word(_kind(data, at + 2, end, pages, kinds)):
        return np.int64(-1), np.int64(0)
    second = np.int64(data[at + 1]) | 32
    if first == 114 and second == 101:
        return np.int64(RE), np.int64(2)
    if first == 118 and second == 101:
        return np.int64(VE), np.int64(2)
    if first == 108 and second == 108:
        return np.int64(LL), np.int64(2)
    return np.int64(-1), np.int64(0)


@_inline
def _beginning(data, at, stop, pages, small, length):
    """Pack the first characters of a word as `Table.prefixes` does."""
    first = np.int64(0)
    second = np.int64(0)
    taken = np.int64(0)
    while at < stop and taken < length:
        point, step = _small(data, at, stop, pages, small)
        if taken < 3:
            first |= point << 21 * taken
        else:
            second |= point << 21 * (taken - 3)
        taken += 1
        at += step
    return first, second


@_inline
def _of_unknown(prefixes, seeds, sizes, data, spelt, place, stop, pages, small):
    """Give the term of the beginning and the stem of a word that is not in `words`."""
    if spelt & _NOT_ASCII:
        first, second = _beginning(data, place, stop, pages, small, _BEGINNING)
        beginning = _prefix(
            prefixes, seeds, sizes[PREFIXES], first, second
        )
        first, second = _beginning(data, place, stop, pages, small, _STEM)
    else:
        letters = np.int64(spelt & _LETTERS_OF_STEM)
        first = letters & 255 | (letters >> 8 & 255) << 21 | (letters >> 16 & 255) << 42
        second = letters >> 24 & 255
        beginning = _prefix(
            prefixes, seeds, sizes[PREFIXES], first, second
        )
        second |= (letters >> 32) << 21
    stem = _prefix(prefixes, seeds, sizes[PREFIXES], first, second)
    return beginning >> 32, np.uint64(stem & 0xFFFFFFFF)


@_inline
def _push(terms, many, term):
    """Gather a term, if it is one; returns how many there are."""
    terms[many] = term
    return many + np.int64(term >= 0)


@intrinsic
def _add_rows(typing, rows, count, weights, sums):
    """Add rows of four weights to four sums, in one step each."""

    def generate(context, builder, signature, arguments):
        rows, count, weights, sums = arguments
        integer, single, double = ir.IntType(64), ir.FloatType(), ir.DoubleType()
        narrow, wide = ir.VectorType(single, 4), ir.VectorType(double, 4)
        place = builder.bitcast(sums, wide.as_pointer())
        total = cgutils.alloca_once_value(builder, builder.load(place, align=8))
        with cgutils.for_range(builder, count) as loop:
            row = builder.zext(builder.load(builder.gep(rows, [loop.index])), integer)
            start = builder.gep(weights, [builder.shl(row, integer(2))])
            added = builder.load(builder.bitcast(start, narrow.as_pointer()), align=4)
            builder.store(builder.fadd(builder.load(total), builder.fpext(added, wide)), total)
        builder.store(builder.load(total), place, align=8)
        return context.get_dummy_value()

    return types.void(_I32, types.int64, _F32, _F64), generate


@_inline
def _add_again(term, times, weights, sums):
    """Add what a term adds that comes again."""
    if times < _STEPS:
        more = _MORE[times]
        more_squared = _MORE_SQUARED[times]
    else:
        then = 1.0 + math.log(float(times - 1))
        now = 1.0 + math.log(float(times))
        more = now - then
        more_squared = now * now - then * then
    sums[0] += more_squared * weights[term * 4]
    for stance in range(1, 4):
        sums[stance] += more * weights[term * 4 + stance]


@_inline
def _count(terms, many, stamp, weights, seen, sums):
    """Add terms to the sums: squared length, then one for each stance; tf counts as 1 + ln tf."""
    new = np.int64(0)
    for index in range(many):
        term = np.int64(terms[index])
        last = np.int64(seen[term])
        if last < stamp:
            seen[term] = stamp
            terms[new] = term
            new += 1
        else:
            seen[term] = last + 1
            _add_again(term, last - stamp + 2, weights, sums)
    _add_rows(terms, new, weights, sums)
    return np.int64(0)


@_inline
def _gather(
    data, headline, count, pages, small, words, prefixes, pairs, grams, prefix_seeds, pair_seeds,
    gram_seeds, cue_terms, quoted, sides, attributions, lengths, weights, sizes, tokens, spelt,
    places, stops, stems, frames, cues, families, terms, seen, stamp, sums,
):  # fmt: skip
    """Mask names, gather the terms of a text, and add them to the sums; returns how many."""
    stands_for = words[START * _WIDTH + 2]
    parts = words[START * _WIDTH + 3]
    stems[0] = stands_for >> _STEM_SHIFT
    pair_shifts = sizes[PAIRS]
    gram_shifts = sizes[GRAMS]
    frames[0] = parts & _PART
    cues[0] = parts >> np.uint64(CUE_SHIFT) & _PART
    frame_count = np.int64(frames[0] > 0)
    cue_count = np.int64(cues[0] > 0)
    family_count = np.int64(0)
    total = np.int64(0)
    many = _push(terms, np.int64(0), np.int64(stands_for & _TERM) - 1)
    tokens[count] = END << 1
    masked = False
    opening = True
    inside = np.int64(0)
    marks = np.int64(0)
    first_name = count
    last_name = np.int64(-1)
    length = np.int64(1)
    for index in range(count + 1):
        if many > GATHERED - _TERMS_A_TOKEN:
            total += many
            many = _count(terms, many, stamp, weights, seen, sums)
        row = np.int64(tokens[index]) >> 1
        parts = words[row * _WIDTH + 3]
        mark = np.int64(parts >> np.uint64(MARKS_SHIFT)) & 255
        if tokens[index] & 1 and not mark & ALWAYS:
            alone = not tokens[index + 1] & 1
            if not (mark & KNOWN and (headline or (opening and alone))):
                opening = False
                if masked:
                    continue
                row = np.int64(NAME)
                parts = words[NAME * _WIDTH + 3]
                mark = np.int64(IS_NAME)
                first_name = min(first_name, index)
                last_name = np.int64(index)
        masked = row == NAME
        opening = (mark & OPENS) != 0 or (opening and (mark & STAYS_OPEN) != 0)
        length += 1
        marks |= mark
        inside ^= np.int64(mark & IS_QUOTE != 0)
        stands_for = words[row * _WIDTH + 2]
        stem = stands_for >> _STEM_SHIFT
        many = _push(terms, many, np.int64(stands_for & _TERM) - 1)
        beginning = np.int64(stands_for >> _BEGINNING_SHIFT & _TERM) - 1
        if row == UNKNOWN:
            beginning, stem = _of_unknown(
                prefixes, prefix_seeds, sizes, data, spelt[2 * index], places[index], stops[index],
                pages, small,
            )  # fmt: skip
        many = _push(terms, many, beginning)
        stems[length - 1] = stem
        frames[frame_count] = parts & _PART
        frame_count += np.int64(parts & _PART > 0)
        cue = parts >> np.uint64(CUE_SHIFT) & _PART
        cues[cue_count] = cue
        cue_count += np.int64(cue > 0)
        family = np.int64(parts >> np.uint64(FAMILY_SHIFT) & _PART)
        families[family_count] = (index << 8 | np.int64(cue)) << 8 | family << 1 | inside
        family_count += np.int64(family > 0)
    for index in range(1, length):
        if many > GATHERED - _TERMS_A_TOKEN:
            total += many
            many = _count(terms, many, stamp, weights, seen, sums)
        key = np.uint64(stems[index - 1]) << _STEM_BITS | np.uint64(stems[index])
        many = _push_gram(terms, many, pairs, pair_seeds, pair_shifts, key)
    history = np.uint64(0)
    for index in range(frame_count):
        if many > GATHERED - _TERMS_A_TOKEN:
            total += many
            many = _count(terms, many, stamp, weights, seen, sums)
        history = history << _PART_BITS | np.uint64(frames[index])
        many = _push_gram(terms, many, grams, gram_seeds, gram_shifts, history & _LAST_2 | _FRAMES_2)
        many = _push_gram(terms, many, grams, gram_seeds, gram_shifts, history & _LAST_3 | _FRAMES_3)
        many = _push_gram(terms, many, grams, gram_seeds, gram_shifts, history & _LAST_4 | _FRAMES_4)
    history = np.uint64(0)
    for index in range(cue_count):
        if many > GATHERED - _TERMS_A_TOKEN:
            total += many
            many = _count(terms, many, stamp, weights, seen, sums)
        history = history << _PART_BITS | np.uint64(cues[index])
        many = _push(terms, many, cue_terms[cues[index]])
        many = _push_gram(terms, many, grams, gram_seeds, gram_shifts, history & _LAST_2 | _CUES_2)
        many = _push_gram(terms, many, grams, gram_seeds, gram_shifts, history & _LAST_3 | _CUES_3)
    tail = np.int64(marks & IS_QUOTE != 0) << 1 | np.int64(marks & SOURCE != 0)
    history = np.uint64(0)
    low = np.int64(0)
    high = np.int64(0)
    for index in range(family_count):
        if many > GATHERED - _TERMS_A_TOKEN:
            total += many
            many = _count(terms, many, stamp, weights, seen, sums)
        packed = families[index]
        part = packed & 255
        history = history << _PART_BITS | np.uint64(part)
        many = _push(terms, many, quoted[part])
        many = _push_gram(terms, many, grams, gram_seeds, gram_shifts, history & _LAST_2 | _QUOTED_2)
        cue = packed >> 8 & 255
        place = packed >> 16
        code = np.int64(first_name < place) << 1 | np.int64(last_name > place)
        many = _push(terms, many, sides[cue << 2 | code])
        family = part >> 1
        known = low if family < 64 else high
        bit = np.int64(1) << (family & 63)
        found = np.int64(attributions[family << 2 | tail])
        many = _push(terms, many, np.int64(-1) if known & bit else found)
        if family < 64:
            low |= bit
        else:
            high |= bit
    many = _push(terms, many, attributions[tail])
    many = _push(terms, many, lengths[min(length // _LENGTH_STEP, _LONGEST)])
    total += many
    _count(terms, many, stamp, weights, seen, sums)
    return total


def score_rows(
    pages, kinds, small, words, long_words, word_slots, prefixes, pairs, grams, word_seeds,
    prefix_seeds, pair_seeds, gram_seeds, cue_terms, quoted, sides, attributions, lengths, weights, intercept,
    base_log_odds, sizes, data, starts, ends, rows, limit, out,
    tokens, spelt, places, stops, stems, frames, cues, families, terms, seen, sums,
):  # fmt: skip
    """Score texts: the bytes of `data` from each of `starts` to the same of `ends`.

    Up to `limit`, bytes can be read that belong to other texts. `seen` keeps, behind a place for
    each term, a number above all that it holds: it can be used again.
    """
    stamp = np.int64(seen[sizes[TERMS]])
    for number in range(rows):
        end = ends[number]
        count, headline = _tokenize(
            data, starts[number], end, max(limit, end) - SPELT, pages, kinds, small, words,
            long_words, word_slots, word_seeds, sizes, tokens, spelt, places, stops,
        )  # fmt: skip
        if count == 0:
            for stance in range(3):
                out[number * 3 + stance] = 1.0 / (1.0 + math.exp(-base_log_odds[stance]))
            continue
        sums[0], sums[1], sums[2], sums[3] = 0.0, 0.0, 0.0, 0.0
        stamp += 1 + _gather(
            data, headline, count, pages, small, words, prefixes, pairs, grams, prefix_seeds,
            pair_seeds, gram_seeds, cue_terms, quoted, sides, attributions, lengths, weights, sizes,
            tokens, spelt, places, stops, stems, frames, cues, families, terms, seen, stamp, sums,
        )  # fmt: skip
        scale = 1.0 / math.sqrt(sums[0]) if sums[0] > 0.0 else 0.0
        for stance in range(3):
            log_odds = sums[stance + 1] * scale + intercept[stance]
            out[number * 3 + stance] = 1.0 / (1.0 + math.exp(-log_odds))
    seen[sizes[TERMS]] = stamp
