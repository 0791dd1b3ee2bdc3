"""What Numba compiles: `pipeline.analyzer` and the model's arithmetic over raw UTF-8.

Only `pipeline.scorer` imports this, and only to compile it. Indices are plain 64-bit integers and
pointers are not checked: `pipeline.table.Table.load` checks that what stands in the arrays stays
inside them.
"""

# mypy: allow-untyped-calls, allow-untyped-defs, disable-error-code="no-any-return"

from __future__ import annotations

import math

import numba
import numpy as np
from numba import types

from pipeline import analyzer
from pipeline.table import (
    ALPHABETIC,
    ALWAYS,
    AMPERSAND,
    APOSTROPHE,
    BEGINNING_TERM,
    CUE,
    CUES,
    DIGIT,
    DOT,
    END,
    FAMILY,
    FRAME,
    FRAMES,
    GATHERED,
    HYPHEN,
    IS_NAME,
    IS_QUOTE,
    JOINER,
    KIND,
    KNOWN,
    LENGTH,
    LETTER,
    LL,
    LOW_LINE,
    MARKS,
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
    SLASH,
    SLOT_SHIFT,
    SOURCE,
    SPECIAL,
    START,
    STAYS_OPEN,
    STEM,
    STEM_BITS,
    TERM,
    TERM_BITS,
    UPPER,
    VE,
    WORD_TERM,
    D,
    M,
    S,
)

_U8 = types.CPointer(types.uint8)
_I32 = types.CPointer(types.int32)
_I64 = types.CPointer(types.int64)
_F32 = types.CPointer(types.float32)
_F64 = types.CPointer(types.float64)
SIGNATURE = types.void(
    *(_I32, _U8, _I32, _I32, _I64, _U8, _I32, _I64, _I64, _I64, _I32, _I32, _I32, _I32),
    *(_I32, _I32),
    *(_I32, _F32, _F64, _F64, _I64, _U8, _I64, _I64, types.int64, _F32, _I32, _I64, _I64),
    *(_U8, _I64, _I32, _I32, _I64, _I32),
)

# Where `sizes` keeps the number of slots, less one, of each hash table.
WORDS, PREFIXES, PAIRS, GRAMS, WORD_SEEDS, PREFIX_SEEDS, PAIR_SEEDS, GRAM_SEEDS, SEEN = range(9)

_TERMS_A_TOKEN = 16

_WIDTH = 8
_COLUMNS = 3
_SPELT = 16
_STEM = analyzer.STEM
_BEGINNING = analyzer.BEGINNING
_LONG_WORD = analyzer.LONG_WORD
_HEADLINE_WORDS = analyzer.HEADLINE_WORDS
_HEADLINE_SHARE = analyzer.HEADLINE_SHARE
_LENGTH_STEP = analyzer.LENGTH_STEP
_LONGEST = analyzer.LONGEST
_PUNCTUATION_ROW = np.full(128, -1, dtype=np.int32)
for _row, _text in enumerate(SPECIAL):
    if len(_text) == 1:
        _PUNCTUATION_ROW[ord(_text)] = _row
_PUNCTUATION_ROWS = tuple(int(row) for row in _PUNCTUATION_ROW)

_MIX = np.uint64(MIX)
_MIX_AGAIN = np.uint64(MIX_AGAIN)
_HALF = np.uint64(32)
_SLOT_SHIFT = np.uint64(SLOT_SHIFT)

# What a byte does to a run of plain letters: its small letter goes on, 0 ends the word, 1 asks for
# a closer look (an apostrophe, a hyphen, the dot of U.S., what is not ASCII).
_RUN = np.array(
    [
        ord(chr(byte).lower()) if chr(byte).isalpha() else int(chr(byte) in "'`-.&")
        for byte in range(128)
    ]
    + [1] * 128,
    dtype=np.uint8,
)

_UPPER_TOKEN = 1
_SPREAD = 0x9E3779B1
_TO_LOOK_UP = -2

_inline = numba.njit(inline="never", error_model="numpy", fastmath=False)


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
    elif size < _SPELT:
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
def _same_tail(data, at, stop, end, pages, small, long_words, tail, count):
    """Compare what a word has beyond its first 16 bytes."""
    written = np.int64(0)
    while at < stop:
        point, size = _small(data, at, end, pages, small)
        for index in range(_bytes(point)):
            if written >= _SPELT and (
                written >= count
                or np.int64(long_words[tail + written - _SPELT]) != _byte(point, index)
            ):
                return False
            written += 1
        at += size
    return written == count


@_inline
def _slot(first, second, seeds, seeds_mask, mask):
    """Give the one slot where a key can stand; see `pipeline.table`."""
    mixed = np.uint64(first) * _MIX ^ np.uint64(second) * _MIX_AGAIN
    mixed ^= mixed >> _HALF
    seed = np.uint64(seeds[np.int64(mixed) & seeds_mask])
    return np.int64((mixed ^ seed * _MIX_AGAIN) * _MIX >> _SLOT_SHIFT) & mask


@_inline
def _term(slots, mask, seeds, seeds_mask, key):
    """Look an n-gram up; -1 where it is no term."""
    entry = slots[_slot(key, np.int64(0), seeds, seeds_mask, mask)]
    return entry & TERM if entry >> TERM_BITS == key else np.int64(-1)


@_inline
def _prefix(prefixes, mask, seeds, seeds_mask, first, second):
    """Look the beginning of a word up; the term and stem it stands for, packed."""
    at = _slot(first, second, seeds, seeds_mask, mask) * _COLUMNS
    if prefixes[at] == first and prefixes[at + 1] == second:
        return prefixes[at + 2]
    return np.int64(-1) << 32


@_inline
def _tokenize(
    data, start, end, pages, kinds, small, words, spelling, long_words, word_slots, word_seeds,
    sizes, tokens, places, stops, marks, spelt,
):  # fmt: skip
    """Cut a text into tokens: rows of `words`, or -1; returns how many, and if it is a headline."""
    count = np.int64(0)
    long = np.int64(0)
    capitals = np.int64(0)
    at = start
    while at < end:
        kind = _kind(data, at, end, pages, kinds)
        what = kind & KIND
        row = np.int64(-1)
        mark = np.int64(0)
        begin = at
        if what == LETTER:
            first = np.int64(0)
            second = np.int64(0)
            hyphens = np.int64(0)
            rolled = np.int64(0)
            size = np.int64(0)
            letters = np.int64(0)
            point = np.int64(0)
            before = (first, second, rolled)
            # most words: up to 16 plain letters
            byte = np.int64(_RUN[data[at]])
            while byte > 1 and size < 8:
                first |= byte << 8 * size
                size += 1
                at += 1
                byte = np.int64(_RUN[data[at]]) if at < end else np.int64(0)
            while byte > 1 and size < _SPELT:
                second |= byte << 8 * (size - 8)
                size += 1
                at += 1
                byte = np.int64(_RUN[data[at]]) if at < end else np.int64(0)
            letters = size
            if byte != 0 or size == 0:
                byte = np.int64(1)
                first, second, rolled = before
                size = np.int64(0)
                letters = np.int64(0)
                at = begin
            while byte != 0:
                # one run of letters
                while True:
                    byte = np.int64(data[at])
                    if byte < 0x80:
                        point = np.int64(small[byte])
                        step = np.int64(1)
                        before = (first, second, rolled)
                        first, second, rolled, size = _pack(first, second, rolled, size, point)
                    else:
                        point, step = _small(data, at, end, pages, small)
                        first, second, rolled, size = _pack_character(
                            first, second, rolled, size, point
                        )
                    letters += 1
                    at += step
                    if at >= end:
                        what = np.int64(OTHER)
                        break
                    what = _kind(data, at, end, pages, kinds) & KIND
                    if what != LETTER:
                        break
                if hyphens == 0:
                    if what == APOSTROPHE and point == 110:  # n't is a token of its own
                        after = at + _small(data, at, end, pages, small)[1]
                        if (
                            after < end
                            and np.int64(data[after]) | 32 == 116
                            and not _is_word(_kind(data, after + 1, end, pages, kinds))
                        ):
                            if letters == 1:
                                row = np.int64(NOT)
                                at = after + 1
                            else:
                                first, second, rolled = before
                                letters -= 1
                                size -= 1
                                at -= 1
                            break
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
            if kind & UPPER:
                mark = np.int64(_UPPER_TOKEN)
            if letters >= _LONG_WORD and kind & ALPHABETIC:
                long += 1
                capitals += kind & UPPER
            if kind & NUMERAL:
                row = np.int64(NUMBER)
            elif row < 0:
                spelt[count * 4] = first
                spelt[count * 4 + 1] = second
                spelt[count * 4 + 2] = rolled
                spelt[count * 4 + 3] = size
                row = np.int64(_TO_LOOK_UP)
        elif what == DIGIT:
            while True:
                while at < end and _kind(data, at, end, pages, kinds) & KIND == DIGIT:
                    at += _decode(data, at, end)[1]
                if at + 1 >= end:
                    break
                what = _kind(data, at, end, pages, kinds) & KIND
                if not (what == DOT or what == JOINER or what == SLASH):
                    break
                if _kind(data, at + 1, end, pages, kinds) & KIND != DIGIT:
                    break
                at += 1
            row = np.int64(NUMBER)
        elif what == PUNCTUATION or what == JOINER:
            point, step = _small(data, at, end, pages, small)
            row = np.int64(_PUNCTUATION_ROW[point])
            at += step
        elif what == APOSTROPHE:
            _, step = _small(data, at, end, pages, small)
            at += step
            row, size = _suffix(data, at, end, pages, kinds)
            at += size
            if row < 0:
                continue
        else:
            at += _decode(data, at, end)[1]
            continue
        tokens[count] = row
        places[count] = begin
        stops[count] = at
        marks[count] = mark
        count += 1
    for index in range(count):
        if tokens[index] != _TO_LOOK_UP:
            continue
        first = spelt[index * 4]
        second = spelt[index * 4 + 1]
        size = spelt[index * 4 + 3]
        slot = _slot(
            first, second ^ spelt[index * 4 + 2], word_seeds, sizes[WORD_SEEDS], sizes[WORDS]
        )
        row = np.int64(word_slots[slot])
        same = (
            spelling[row * _COLUMNS] == first
            and spelling[row * _COLUMNS + 1] == second
            and words[row * _WIDTH + LENGTH] == size
        )
        if same and size > _SPELT:
            same = _same_tail(
                data, places[index], stops[index], end, pages, small, long_words,
                spelling[row * _COLUMNS + 2], size,
            )  # fmt: skip
        tokens[index] = row if same else -1
    headline = long >= _HEADLINE_WORDS and capitals / UPPER >= _HEADLINE_SHARE * long
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
def _mask_names(words, tokens, places, stops, marks, count, headline):
    """Make capitalised words names, and runs of names one; returns how many tokens are left."""
    left = np.int64(0)
    opening = True
    for index in range(count):
        row = np.int64(tokens[index])
        mark = np.int64(words[row * _WIDTH + MARKS]) if row >= 0 else np.int64(0)
        if marks[index] & _UPPER_TOKEN and not mark & ALWAYS:
            alone = index + 1 == count or not marks[index + 1] & _UPPER_TOKEN
            if not (mark & KNOWN and (headline or (opening and alone))):
                row = np.int64(NAME)
                mark = np.int64(IS_NAME)
        opening = (mark & OPENS) != 0 or (opening and (mark & STAYS_OPEN) != 0)
        if row != NAME or left == 0 or tokens[left - 1] != NAME:
            tokens[left] = row
            places[left] = places[index]
            stops[left] = stops[index]
            left += 1
    return left


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
def _push(terms, many, term):
    """Gather a term, if it is one; returns how many there are."""
    terms[many] = term
    return many + np.int64(term >= 0)


@_inline
def _push_grams(terms, many, grams, seeds, sizes, kind, parts, shortest, longest):
    """Gather the n-grams that end with the last of some parts."""
    for length in range(shortest, longest + 1):
        gram = parts & ((np.int64(1) << PART_BITS * length) - 1)
        if gram >> PART_BITS * (length - 1) == 0:
            break
        key = np.int64(kind) << 4 * PART_BITS | gram
        many = _push(terms, many, _term(grams, sizes[GRAMS], seeds, sizes[GRAM_SEEDS], key))
    return many


@_inline
def _count(terms, many, stamp, weights, seen_keys, seen_counts, mask, sums):
    """Add terms to the sums: squared length, then one for each stance; tf counts as 1 + ln tf."""
    norm, accuse, deny, announce = sums
    for index in range(many):
        term = np.int64(terms[index])
        key = stamp << TERM_BITS | term
        slot = (term * _SPREAD >> 16) & mask
        while seen_keys[slot] != key and seen_keys[slot] >> TERM_BITS == stamp:
            slot = slot + 1 & mask
        if seen_keys[slot] != key:
            seen_keys[slot] = key
            seen_counts[slot] = 1
            more = 1.0
            more_squared = 1.0
        else:
            times = np.int64(seen_counts[slot])
            seen_counts[slot] = times + 1
            then = 1.0 + math.log(float(times))
            now = 1.0 + math.log(float(times + 1))
            more = now - then
            more_squared = now * now - then * then
        at = term * 4
        norm += more_squared * weights[at]
        accuse += more * weights[at + 1]
        deny += more * weights[at + 2]
        announce += more * weights[at + 3]
    return norm, accuse, deny, announce


def score_rows(
    pages, kinds, small, words, spelling, long_words, word_slots, prefixes, pairs, grams,
    word_seeds, prefix_seeds, pair_seeds, gram_seeds, sides, attributions, lengths, weights,
    intercept, base_log_odds, sizes, data, starts, ends, rows, out, tokens,
    places, stops, marks, spelt, cues, terms, seen_keys, seen_counts,
):  # fmt: skip
    """Score texts: the bytes of `data` from each of `starts` to the same of `ends`."""
    seen_mask = sizes[SEEN]
    for number in range(rows):
        count, headline = _tokenize(
            data, starts[number], ends[number], pages, kinds, small, words, spelling, long_words,
            word_slots, word_seeds, sizes, tokens, places, stops, marks, spelt,
        )  # fmt: skip
        if count == 0:
            for stance in range(3):
                out[number * 3 + stance] = 1.0 / (1.0 + math.exp(-base_log_odds[stance]))
            continue
        count = _mask_names(words, tokens, places, stops, marks, count, headline)
        stamp = np.int64(number + 1)
        sums = (0.0, 0.0, 0.0, 0.0)
        many = np.int64(0)
        stem_before = np.int64(words[START * _WIDTH + STEM])
        frame = np.int64(words[START * _WIDTH + FRAME])
        cue = np.int64(words[START * _WIDTH + CUE])
        quote = np.int64(0)
        inside = np.int64(0)
        has_quote = np.int64(0)
        has_source = np.int64(0)
        first_name = count + 2
        last_name = np.int64(-1)
        cue_count = np.int64(0)
        # the bounds are words as well: one before the first token, one after the last
        many = _push(terms, many, words[START * _WIDTH + WORD_TERM])
        many = _push_grams(terms, many, grams, gram_seeds, sizes, CUES, cue, 1, 1)
        for index in range(count + 1):
            row = np.int64(tokens[index]) if index < count else np.int64(END)
            if many > GATHERED - _TERMS_A_TOKEN:
                sums = _count(terms, many, stamp, weights, seen_keys, seen_counts, seen_mask, sums)
                many = np.int64(0)
            if row < 0:
                first, second = _beginning(
                    data, places[index], stops[index], pages, small, _BEGINNING
                )
                packed = _prefix(
                    prefixes, sizes[PREFIXES], prefix_seeds, sizes[PREFIX_SEEDS], first, second
                )
                many = _push(terms, many, packed >> 32)
                first, second = _beginning(data, places[index], stops[index], pages, small, _STEM)
                packed = _prefix(
                    prefixes, sizes[PREFIXES], prefix_seeds, sizes[PREFIX_SEEDS], first, second
                )
                stem = packed & 0xFFFFFFFF
            else:
                at = row * _WIDTH
                many = _push(terms, many, words[at + WORD_TERM])
                many = _push(terms, many, words[at + BEGINNING_TERM])
                stem = np.int64(words[at + STEM])
            if stem > 0 and stem_before > 0:
                key = stem_before << STEM_BITS | stem
                found = _term(pairs, sizes[PAIRS], pair_seeds, sizes[PAIR_SEEDS], key)
                many = _push(terms, many, found)
            stem_before = stem
            if row < 0:
                continue
            at = row * _WIDTH
            mark = np.int64(words[at + MARKS])
            if mark & IS_QUOTE:
                inside ^= 1
                has_quote = np.int64(1)
            if mark & SOURCE:
                has_source = np.int64(1)
            if mark & IS_NAME:
                first_name = min(first_name, index)
                last_name = np.int64(index)
            part = np.int64(words[at + FRAME])
            if part > 0:
                frame = (frame << PART_BITS | part) & 0xFFFFFFFF
                many = _push_grams(terms, many, grams, gram_seeds, sizes, FRAMES, frame, 2, 4)
            part = np.int64(words[at + CUE])
            if part > 0:
                cue = (cue << PART_BITS | part) & 0xFFFFFF
                many = _push_grams(terms, many, grams, gram_seeds, sizes, CUES, cue, 1, 3)
            family = np.int64(words[at + FAMILY])
            if family > 0:
                quote = (quote << PART_BITS | family << 1 | inside) & 0xFFFF
                many = _push_grams(terms, many, grams, gram_seeds, sizes, QUOTED, quote, 1, 2)
                cues[cue_count * 3] = index
                cues[cue_count * 3 + 1] = part
                cues[cue_count * 3 + 2] = family
                cue_count += 1
        tail = np.int64(has_quote << 1 | has_source)
        low = np.int64(0)
        high = np.int64(0)
        for index in range(cue_count):
            if many > GATHERED - _TERMS_A_TOKEN:
                sums = _count(terms, many, stamp, weights, seen_keys, seen_counts, seen_mask, sums)
                many = np.int64(0)
            place = np.int64(cues[index * 3])
            code = np.int64(first_name < place) << 1 | np.int64(last_name > place)
            many = _push(terms, many, sides[np.int64(cues[index * 3 + 1]) << 2 | code])
            family = np.int64(cues[index * 3 + 2])
            bit = np.int64(1) << (family & 63)
            known = low if family < 64 else high
            if known & bit == 0:
                many = _push(terms, many, attributions[family << 2 | tail])
                if family < 64:
                    low |= bit
                else:
                    high |= bit
        many = _push(terms, many, attributions[tail])
        many = _push(terms, many, lengths[min((count + 2) // _LENGTH_STEP, _LONGEST)])
        norm, accuse, deny, announce = _count(
            terms, many, stamp, weights, seen_keys, seen_counts, seen_mask, sums
        )
        scale = 1.0 / math.sqrt(norm) if norm > 0.0 else 0.0
        out[number * 3] = 1.0 / (1.0 + math.exp(-(accuse * scale + intercept[0])))
        out[number * 3 + 1] = 1.0 / (1.0 + math.exp(-(deny * scale + intercept[1])))
        out[number * 3 + 2] = 1.0 / (1.0 + math.exp(-(announce * scale + intercept[2])))
