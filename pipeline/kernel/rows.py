"""What Numba compiles: texts to the probabilities of each stance."""

# mypy: allow-untyped-calls, allow-untyped-defs

from __future__ import annotations

import math

import numpy as np
from numba import types

from pipeline.kernel.instructions import (
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
from pipeline.kernel.terms import TERMS_A_TOKEN, add_terms
from pipeline.kernel.tokens import tokenize
from pipeline.table import SPELT

SIGNATURE = types.void(POINTERS, U8, I64, I64, types.int64, types.int64, F32, POINTERS)

# Where `sizes` keeps by how much to shift to a slot of each hash table, and the number of terms.
_WORDS, _PREFIXES, _PAIRS, _GRAMS, _TERMS = range(5)

_WORN = 1 << 30


def score_rows(table, data, starts, ends, rows, limit, out, room):
    """Score texts: the bytes of `data` from each of `starts` to the same of `ends`.

    Up to `limit`, bytes can be read that belong to other texts. `table` and `room` point to the
    arrays that `pipeline.scorer.Scorer` and its room name, in their order. `seen` keeps, behind a
    place for each term, a number above all that it holds: it can be used again.
    """
    sizes = as_u64(table[0])
    text = (data, as_i32(table[1]), table[2], as_i32(table[3]))
    words, word_slots = as_u64(table[4]), as_i32(table[6])
    known = (words, table[5], word_slots, as_u16(table[7]), sizes[_WORDS])
    ngrams = (
        (as_i64(table[8]), as_u16(table[9]), sizes[_PREFIXES]),
        (as_u64(table[10]), as_u16(table[11]), sizes[_PAIRS]),
        (as_u64(table[12]), as_u16(table[13]), sizes[_GRAMS]),
    )
    numbered = (
        *(as_i32(table[14]), as_i32(table[15]), as_i32(table[16]), as_i32(table[17])),
        as_i32(table[18]),
    )
    weights, intercept, base_log_odds = as_f32(table[19]), as_f64(table[20]), as_f64(table[21])
    found = (as_i32(room[0]), as_u64(room[1]), as_i64(room[2]), as_i64(room[3]))
    parts = (as_u64(room[4]), room[5], room[6], as_i64(room[7]))
    seen, sums = as_i32(room[9]), as_f64(room[10])
    counted = (as_i32(room[8]), weights, seen, sums)
    last_term = sizes[_TERMS]
    stamp = np.int64(seen[last_term])
    for number in range(rows):
        end = ends[number]
        readable = max(limit, end) - SPELT
        count, headline = tokenize(text, starts[number], end, readable, known, found)
        if count == 0:
            for stance in range(3):
                out[number * 3 + stance] = 1.0 / (1.0 + math.exp(-base_log_odds[stance]))
            continue
        sums[0], sums[1], sums[2], sums[3] = 0.0, 0.0, 0.0, 0.0
        add_terms(text, found, count, headline, words, ngrams, numbered, parts, counted, stamp)
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
