"""Tokens to terms, as `extract_terms` reads them off; each is counted as it is found."""

# mypy: allow-untyped-calls, allow-untyped-defs, allow-untyped-decorators
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from pipeline.inference.array_format import (
    ALWAYS,
    CUE_SHIFT,
    CUES,
    END,
    FAMILY_SHIFT,
    FRAMES,
    GATHERED,
    IS_NAME,
    IS_QUOTE,
    KNOWN,
    MARKS_SHIFT,
    MIX,
    MIX_AGAIN,
    NAME,
    OF_WORDS,
    OPENS,
    PART_BITS,
    QUOTED,
    SETTING_BITS,
    SOURCE,
    START,
    STAYS_OPEN,
    STEM_BITS,
    STEM_SHIFT,
    TERM,
    TERM_BITS,
    UNKNOWN,
    WIDTH,
)
from pipeline.inference.kernel.characters import small_at
from pipeline.inference.kernel.hashing import slot_of
from pipeline.inference.kernel.intrinsics import compiled
from pipeline.inference.kernel.sums import add_counts
from pipeline.model import features

# The most terms that one token adds in any of the loops below.
TERMS_A_TOKEN = 8
_COLUMNS = 3
_STEM = features.STEM
_BEGINNING = features.BEGINNING
_LENGTH_STEP = features.LENGTH_STEP
_LONGEST = features.LONGEST
_MIX, _MIX_AGAIN = np.uint64(MIX), np.uint64(MIX_AGAIN)
_TERM = np.uint64(TERM)
_PART = np.uint64((1 << PART_BITS) - 1)
_TERM_BITS, _STEM_BITS, _PART_BITS = (np.uint64(n) for n in (TERM_BITS, STEM_BITS, PART_BITS))
_STEM_SHIFT = np.uint64(STEM_SHIFT)
_CUE_SHIFT, _FAMILY_SHIFT, _MARKS_SHIFT = (
    np.uint64(shift) for shift in (CUE_SHIFT, FAMILY_SHIFT, MARKS_SHIFT)
)
_LAST_2, _LAST_3, _LAST_4 = (np.uint64((1 << PART_BITS * n) - 1) for n in (2, 3, 4))
_FRAMES_2, _FRAMES_3, _FRAMES_4 = (np.uint64(FRAMES + n << 4 * PART_BITS) for n in range(3))
_CUES_2, _CUES_3 = (np.uint64(CUES + n << 4 * PART_BITS) for n in range(2))
_QUOTED_2 = np.uint64(QUOTED << 4 * PART_BITS)
_ROW_SHIFT = np.uint64(32)
_STEM_PART, _OF_WORDS = np.uint64((1 << STEM_BITS) - 1), np.uint64(OF_WORDS)
_NOT_ASCII = np.uint64(0x8080808080808080)
_LETTERS_OF_STEM = np.uint64((1 << 8 * _STEM) - 1)


@compiled
def add_terms(text, found, count, headline, words, ngrams, numbered, parts, counted, stamp):
    """Mask names, look the terms of a text up, and add them to the sums.

    Each loop writes lists and keeps decisions out of its way: a processor waits longer for a branch
    it guessed wrong than for a look at a table.
    """
    prefixes, pairs, grams = ngrams
    cue_terms, _, _, _, lengths, settings = numbered
    stems, frames, cues, families = parts
    listed, names, marks, many = _list_parts(
        text, found, count, headline, words, prefixes, parts, counted, stamp
    )
    length, frame_count, cue_count, family_count = listed
    many = _add_pairs(stems, length, pairs, counted, many, stamp)
    setting = np.int64(2) - np.int64(marks & SOURCE != 0)
    setting = np.int64(0) if marks & IS_QUOTE else setting
    many = _add_settings(stems, length, settings, setting, counted, many, stamp)
    many = _add_frames(frames, frame_count, grams, counted, many, stamp)
    many = _add_cues(cues, cue_count, cue_terms, grams, counted, many, stamp)
    tail = np.int64(marks & IS_QUOTE != 0) << 1 | np.int64(marks & SOURCE != 0)
    many = _add_families(families, family_count, names, tail, numbered, grams, counted, many, stamp)
    many = _push(counted[0], many, lengths[min(length // _LENGTH_STEP, _LONGEST)])
    _count(counted, many, stamp)


@compiled
def _list_parts(text, found, count, headline, words, prefixes, parts, counted, stamp):
    """Gather the terms of words and beginnings, and list what n-grams are made of.

    Returns how long each list is (stems, which are as many as tokens; frames, cues, families), the
    first and last name, all marks there are, and how many terms are gathered.
    """
    tokens, spelt, places, stops = found
    stems, frames, cues, families = parts
    terms = counted[0]
    stands_for = words[START * WIDTH + 2]
    packed = words[START * WIDTH + 3]
    stems[0] = stands_for >> _STEM_SHIFT | np.uint64(START) << _ROW_SHIFT
    frames[0] = packed & _PART
    cues[0] = packed >> _CUE_SHIFT & _PART
    frame_count = np.int64(frames[0] > 0)
    cue_count = np.int64(cues[0] > 0)
    family_count = np.int64(0)
    many = np.int64(0)
    tokens[count] = END << 1
    masked = False
    opening = True
    inside = np.int64(0)
    marks = np.int64(0)
    first_name = count
    last_name = np.int64(-1)
    length = np.int64(1)
    for index in range(count + 1):
        many = _with_room(counted, many, stamp)
        row = np.int64(tokens[index]) >> 1
        packed = words[row * WIDTH + 3]
        mark = np.int64(packed >> _MARKS_SHIFT) & 255
        if tokens[index] & 1 and not mark & ALWAYS:
            alone = not tokens[index + 1] & 1
            if not (mark & KNOWN and (headline or (opening and alone))):
                opening = False
                if masked:
                    continue
                row = np.int64(NAME)
                packed = words[NAME * WIDTH + 3]
                mark = np.int64(IS_NAME)
                first_name = min(first_name, index)
                last_name = np.int64(index)
        masked = row == NAME
        opening = (mark & OPENS) != 0 or (opening and (mark & STAYS_OPEN) != 0)
        marks |= mark
        inside ^= np.int64(mark & IS_QUOTE != 0)
        stands_for = words[row * WIDTH + 2]
        stem = stands_for >> _STEM_SHIFT
        beginning = np.int64(stands_for & _TERM) - 1
        if row == UNKNOWN:
            beginning, stem = _of_unknown(
                text, prefixes, spelt[2 * index], places[index], stops[index]
            )
        many = _push(terms, many, beginning)
        stems[length] = np.uint64(stem) | np.uint64(row) << _ROW_SHIFT
        length += 1
        frames[frame_count] = packed & _PART
        frame_count += np.int64(packed & _PART > 0)
        cue = packed >> _CUE_SHIFT & _PART
        cues[cue_count] = cue
        cue_count += np.int64(cue > 0)
        family = np.int64(packed >> _FAMILY_SHIFT & _PART)
        families[family_count] = (index << 8 | np.int64(cue)) << 8 | family << 1 | inside
        family_count += np.int64(family > 0)
    return (length, frame_count, cue_count, family_count), (first_name, last_name), marks, many


@compiled
def _add_pairs(stems, length, pairs, counted, many, stamp):
    for index in range(1, length):
        many = _with_room(counted, many, stamp)
        before, here = np.uint64(stems[index - 1]), np.uint64(stems[index])
        key = (before & _STEM_PART) << _STEM_BITS | here & _STEM_PART
        many = _push_gram(counted[0], many, pairs, key)
        key = before >> _ROW_SHIFT << _STEM_BITS | here >> _ROW_SHIFT | _OF_WORDS
        many = _push_gram(counted[0], many, pairs, key)
    return many


@compiled
def _add_settings(stems, length, settings, setting, counted, many, stamp):
    for index in range(length):
        many = _with_room(counted, many, stamp)
        row = np.int64(stems[index] >> _ROW_SHIFT)
        many = _push(counted[0], many, np.int64(settings[row << SETTING_BITS | setting]))
    return many


@compiled
def _add_frames(frames, frame_count, grams, counted, many, stamp):
    history = np.uint64(0)
    for index in range(frame_count):
        many = _with_room(counted, many, stamp)
        history = history << _PART_BITS | np.uint64(frames[index])
        many = _push_gram(counted[0], many, grams, history & _LAST_2 | _FRAMES_2)
        many = _push_gram(counted[0], many, grams, history & _LAST_3 | _FRAMES_3)
        many = _push_gram(counted[0], many, grams, history & _LAST_4 | _FRAMES_4)
    return many


@compiled
def _add_cues(cues, cue_count, cue_terms, grams, counted, many, stamp):
    history = np.uint64(0)
    for index in range(cue_count):
        many = _with_room(counted, many, stamp)
        history = history << _PART_BITS | np.uint64(cues[index])
        many = _push(counted[0], many, cue_terms[cues[index]])
        many = _push_gram(counted[0], many, grams, history & _LAST_2 | _CUES_2)
        many = _push_gram(counted[0], many, grams, history & _LAST_3 | _CUES_3)
    return many


@compiled
def _add_families(families, family_count, names, tail, numbered, grams, counted, many, stamp):
    """Gather families inside and outside quotation marks, beside names, and with attributions.

    Of attributions there is one for each family, however often it stands there.
    """
    _, quoted, sides, attributions, _, _ = numbered
    first_name, last_name = names
    history = np.uint64(0)
    low = np.int64(0)
    high = np.int64(0)
    for index in range(family_count):
        many = _with_room(counted, many, stamp)
        part = families[index] & 255
        history = history << _PART_BITS | np.uint64(part)
        many = _push(counted[0], many, quoted[part])
        many = _push_gram(counted[0], many, grams, history & _LAST_2 | _QUOTED_2)
        place = families[index] >> 16
        code = np.int64(first_name < place) << 1 | np.int64(last_name > place)
        many = _push(counted[0], many, sides[(families[index] >> 8 & 255) << 2 | code])
        family = part >> 1
        known = low if family < 64 else high
        bit = np.int64(1) << (family & 63)
        term = np.int64(attributions[family << 2 | tail])
        many = _push(counted[0], many, np.int64(-1) if known & bit else term)
        if family < 64:
            low |= bit
        else:
            high |= bit
    return _push(counted[0], many, attributions[tail])


@compiled
def _push(terms, many, term):
    """Gather a term, if it is one; returns how many there are."""
    terms[many] = term
    return many + np.int64(term >= 0)


@compiled
def _push_gram(terms, many, grams, key):
    """Gather an n-gram, if it is a term; returns how many terms there are."""
    slots, seeds, shifts = grams
    entry = slots[slot_of(key * _MIX, seeds, shifts)]
    terms[many] = entry & _TERM
    return many + np.int64(entry >> _TERM_BITS == key)


@compiled
def _with_room(counted, many, stamp):
    """Count what is gathered before there is no room for another token; returns how many wait."""
    if many > GATHERED - TERMS_A_TOKEN:
        return _count(counted, many, stamp)
    return many


@compiled
def _count(counted, many, stamp):
    terms, weights, seen, sums = counted
    return add_counts(terms, many, stamp, weights, seen, sums)


@compiled
def _of_unknown(text, prefixes, spelt, place, stop):
    """Return the term of the beginning and the stem of a word that is not in `Table.words`."""
    if spelt & _NOT_ASCII:
        first, second = _beginning(text, place, stop, _BEGINNING)
        beginning = _prefix(prefixes, first, second)
        first, second = _beginning(text, place, stop, _STEM)
    else:
        letters = np.int64(spelt & _LETTERS_OF_STEM)
        first = letters & 255 | (letters >> 8 & 255) << 21 | (letters >> 16 & 255) << 42
        second = letters >> 24 & 255
        beginning = _prefix(prefixes, first, second)
        second |= letters >> 32 << 21
    stem = _prefix(prefixes, first, second)
    return beginning >> 32, np.uint64(stem & 0xFFFFFFFF)


@compiled
def _beginning(text, at, stop, length):
    """Pack the first characters of a word as `Table.prefixes` does."""
    first = np.int64(0)
    second = np.int64(0)
    taken = np.int64(0)
    while at < stop and taken < length:
        point, step = small_at(text, at, stop)
        if taken < 3:
            first |= point << 21 * taken
        else:
            second |= point << 21 * (taken - 3)
        taken += 1
        at += step
    return first, second


@compiled
def _prefix(prefixes, first, second):
    """Look the beginning of a word up; the term and stem it stands for, packed."""
    rows, seeds, shifts = prefixes
    mixed = np.uint64(first) * _MIX ^ np.uint64(second) * _MIX_AGAIN
    at = np.int64(slot_of(mixed, seeds, shifts)) * _COLUMNS
    if rows[at] == first and rows[at + 1] == second:
        return rows[at + 2]
    return np.int64(-1) << 32
