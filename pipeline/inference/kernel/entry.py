"""What Numba compiles: texts to the probabilities of each stance."""

# mypy: allow-untyped-calls, allow-untyped-defs

from __future__ import annotations

import math

import numpy as np
from numba import types

from pipeline.inference.array_format import SPELT
from pipeline.inference.kernel.intrinsics import (
    F32,
    I64,
    POINTERS,
    U8,
    as_f32,
    as_f64,
    as_i32,
    as_i64,
    as_u16,
    as_u64,
)
from pipeline.inference.kernel.terms import TERMS_A_TOKEN, add_terms
from pipeline.inference.kernel.tokens import tokenize, visible

SIGNATURE = types.void(POINTERS, U8, I64, I64, types.int64, types.int64, F32, POINTERS)
# What `table` and `room` point to, in the order in which `Predictor` passes them.
_SIZES, _PAGES, _KINDS, _SMALL, _WORDS, _LONG_WORDS = range(6)
_WORD_SLOTS, _WORD_SEEDS, _PREFIXES, _PREFIX_SEEDS = range(6, 10)
_PAIRS, _PAIR_SEEDS, _GRAMS, _GRAM_SEEDS = range(10, 14)
_CUE_TERMS, _QUOTED, _SIDES, _ATTRIBUTIONS, _LENGTHS, _SETTINGS = range(14, 20)
_WEIGHTS, _INTERCEPT, _BASE_LOG_ODDS, _ROLES = range(20, 24)
_TOKENS, _SPELT, _BEGINS, _STOPS, _STEMS, _FRAMES, _CUES, _FAMILIES = range(8)
_TERMS, _SEEN, _SUMS, _COPY = range(8, 12)
# What `sizes` holds: by how much to shift to a slot of each hash table, and the number of terms.
_OF_WORDS, _OF_PREFIXES, _OF_PAIRS, _OF_GRAMS, _OF_TERMS = range(5)
_WORN = 1 << 30


def score_rows(table, data, starts, ends, rows, limit, out, room):
    """Score texts: the bytes of `data` from each of `starts` to the same of `ends`.

    Up to `limit`, bytes can be read that belong to other texts. `table` points to the
    model's arrays, `room` to where to work. `seen` keeps, behind a place for each term, a number
    above all that it holds: it can be used again.
    """
    sizes = as_u64(table[_SIZES])
    text = (data, as_i32(table[_PAGES]), table[_KINDS], as_i32(table[_SMALL]))
    words = as_u64(table[_WORDS])
    known = (
        *(words, table[_LONG_WORDS], as_i32(table[_WORD_SLOTS]), as_u16(table[_WORD_SEEDS])),
        *(sizes[_OF_WORDS], table[_ROLES]),
    )
    ngrams = (
        (as_i64(table[_PREFIXES]), as_u16(table[_PREFIX_SEEDS]), sizes[_OF_PREFIXES]),
        (as_u64(table[_PAIRS]), as_u16(table[_PAIR_SEEDS]), sizes[_OF_PAIRS]),
        (as_u64(table[_GRAMS]), as_u16(table[_GRAM_SEEDS]), sizes[_OF_GRAMS]),
    )
    numbered = (
        *(as_i32(table[_CUE_TERMS]), as_i32(table[_QUOTED]), as_i32(table[_SIDES])),
        *(as_i32(table[_ATTRIBUTIONS]), as_i32(table[_LENGTHS]), as_i32(table[_SETTINGS])),
    )
    intercept, base_log_odds = as_f64(table[_INTERCEPT]), as_f64(table[_BASE_LOG_ODDS])
    found = (
        as_i32(room[_TOKENS]),
        as_u64(room[_SPELT]),
        as_i64(room[_BEGINS]),
        as_i64(room[_STOPS]),
    )
    parts = (as_u64(room[_STEMS]), room[_FRAMES], room[_CUES], as_i64(room[_FAMILIES]))
    seen, sums = as_i32(room[_SEEN]), as_f64(room[_SUMS])
    counted = (as_i32(room[_TERMS]), as_f32(table[_WEIGHTS]), seen, sums)
    last_term = sizes[_OF_TERMS]
    stamp = np.int64(seen[last_term])
    for number in range(rows):
        end = ends[number]
        readable = max(limit, end) - SPELT
        read = text
        count, headline = tokenize(read, starts[number], end, readable, known, found)
        if count < 0:
            read = (room[_COPY], text[1], text[2], text[3])
            end = visible(text, starts[number], end, room[_COPY])
            count, headline = tokenize(read, np.int64(0), end, end, known, found)
        if count == 0:
            for stance in range(3):
                out[number * 3 + stance] = 1.0 / (1.0 + math.exp(-base_log_odds[stance]))
            continue
        sums[0], sums[1], sums[2], sums[3] = 0.0, 0.0, 0.0, 0.0
        add_terms(read, found, count, headline, words, ngrams, numbered, parts, counted, stamp)
        stamp += TERMS_A_TOKEN * (count + 2)
        if stamp > _WORN:
            for term in range(last_term):
                seen[term] = 0
            stamp = np.int64(1)
        scale = 1.0 / math.sqrt(sums[0]) if sums[0] > 0.0 else 0.0
        for stance in range(3):
            log_odds = sums[stance + 1] * scale + intercept[stance]
            out[number * 3 + stance] = 1.0 / (1.0 + math.exp(-log_odds))
    seen[last_term] = stamp
