"""What Numba compiles: texts to the probabilities of each stance."""

# mypy: allow-untyped-calls, allow-untyped-defs

from __future__ import annotations

import math

import numpy as np
from numba import types

from pipeline.kernel.instructions import F32, F64, I32, I64, U8, U16, U64
from pipeline.kernel.terms import TERMS_A_TOKEN, add_terms
from pipeline.kernel.tokens import tokenize
from pipeline.table import SPELT

SIGNATURE = types.void(
    *(I32, U8, I32, U64, U8, I32, I64, U64, U64, U16, U16, U16, U16),
    *(I32, I32, I32, I32, I32, F32, F64, F64, U64),
    *(U8, I64, I64, types.int64, types.int64, F32),
    *(I32, U64, I64, I64, U64, U8, U8, I64, I32, I32, F64),
)

# Where `sizes` keeps by how much to shift to a slot of each hash table, and the number of terms.
_WORDS, _PREFIXES, _PAIRS, _GRAMS, _TERMS = range(5)

_WORN = 1 << 30


def score_rows(
    pages, kinds, small, words, long_words, word_slots, prefixes, pairs, grams, word_seeds,
    prefix_seeds, pair_seeds, gram_seeds, cue_terms, quoted, sides, attributions, lengths, weights,
    intercept, base_log_odds, sizes, data, starts, ends, rows, limit, out, tokens, spelt, places,
    stops, stems, frames, cues, families, terms, seen, sums,
):  # fmt: skip
    """Score texts: the bytes of `data` from each of `starts` to the same of `ends`.

    First what `pipeline.table.Table` holds, then the texts and where scores go, then room to work.
    Up to `limit`, bytes can be read that belong to other texts. `seen` keeps, behind a place for
    each term, a number above all that it holds: it can be used again.
    """
    text = (data, pages, kinds, small)
    known = (words, long_words, word_slots, word_seeds, sizes[_WORDS])
    ngrams = (
        (prefixes, prefix_seeds, sizes[_PREFIXES]),
        (pairs, pair_seeds, sizes[_PAIRS]),
        (grams, gram_seeds, sizes[_GRAMS]),
    )
    numbered = (cue_terms, quoted, sides, attributions, lengths)
    found = (tokens, spelt, places, stops)
    parts = (stems, frames, cues, families)
    counted = (terms, weights, seen, sums)
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
