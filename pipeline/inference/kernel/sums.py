"""Terms to sums: tf-idf weights, each text's length and its log-odds, in one walk."""

# mypy: allow-untyped-defs, allow-untyped-decorators, disable-error-code="no-any-return"

from __future__ import annotations

import math

import numpy as np

from pipeline.inference.kernel.intrinsics import add_rows, compiled

# What the n-th time of a term adds to its tf, 1 + ln n, and to the square of that.
_STEPS = 64
_TF = np.array([0.0, *(1 + np.log(np.arange(1, _STEPS)))])
_MORE = np.array([0.0, *np.diff(_TF)])
_MORE_SQUARED = np.array([0.0, *np.diff(_TF**2)])


@compiled
def add_counts(terms, many, stamp, weights, seen, sums):
    """Add terms to the sums: squared length, then each stance; returns 0, for none are left.

    `seen` has for each term a number under `stamp`, or `stamp` and from there on how often the term
    came again in this text.
    """
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
    add_rows(terms, new, weights, sums)
    return np.int64(0)


@compiled
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
