"""Metrics by kind of statement, with a mark where there are too few to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pipeline.corpus.corpus import Corpus
from pipeline.evaluation.baselines import cue_stances
from pipeline.evaluation.bootstrap import metrics_with_intervals
from pipeline.evaluation.metrics import Bits, ScoredStatements

COLUMNS = ("form", "voice", "region", "source", "stratum")
MOST_VALUES = 30
LENGTHS = ((0, 10), (10, 20), (20, 35), (35, None))
FEWEST_STATEMENTS = 30
FEWEST_GROUPS = 5
FEWEST_POSITIVES = 10


def metrics_by_slice(statements: Corpus, scored: ScoredStatements) -> list[dict[str, Any]]:
    """Compute metrics by form, voice, region, length, number of stances, and cue words.

    Parameters
    ----------
    statements : Corpus
        What was scored; of `COLUMNS` those it has are used.
    scored : ScoredStatements
        Its labels and scores, in the same order.

    Returns
    -------
    list of dict
        ``by``, ``name``, ``too_small`` (fewer than `FEWEST_STATEMENTS`, or than `FEWEST_GROUPS`
        groups), ``few_positives`` (a stance in fewer than `FEWEST_POSITIVES`, so that macro-F1 says
        nothing), and what `pipeline.evaluation.bootstrap.metrics_with_intervals` returns.
    """
    rows = []
    for by, name, inside in _masks(statements, scored):
        if inside.any():
            found = metrics_with_intervals(scored.select(inside), ranked=False)
            few = found["statements"] < FEWEST_STATEMENTS or found["groups"] < FEWEST_GROUPS
            least = min(one["statements"] for one in found["by_stance"].values())
            rows.append(
                {
                    "by": by,
                    "name": name,
                    "too_small": few,
                    "few_positives": least < FEWEST_POSITIVES,
                    **found,
                }
            )
    return rows


def _masks(statements: Corpus, scored: ScoredStatements) -> Iterator[tuple[str, str, Bits]]:
    texts = statements.texts
    has_stance: Bits = np.asarray(scored.truth.any(axis=1))
    several = scored.truth.sum(axis=1) > 1
    yield "stances", "none", ~has_stance
    yield "stances", "one", has_stance & ~several
    yield "stances", "several", several
    has_cue = np.array([bool(set(cue_stances(text)) & {*scored.names}) for text in texts])
    yield "cue words", "a stance and a cue word", has_stance & has_cue
    yield "cue words", "a stance without a cue word", has_stance & ~has_cue
    yield "cue words", "no stance, but a cue word (hard negatives)", ~has_stance & has_cue
    yield "cue words", "no stance, no cue word", ~has_stance & ~has_cue
    words = np.array([len(text.split()) for text in texts])
    for least, below in LENGTHS:
        shown = f"{least} words or more" if below is None else f"{least} to {below - 1} words"
        inside: Bits = (words >= least) & (words < (below or np.inf))
        yield "length", shown, inside
    for column in COLUMNS:
        if column in statements.statements.column_names:
            yield from _values(column, statements.statements[column][:])


def _values(column: str, values: Sequence[object]) -> Iterator[tuple[str, str, Bits]]:
    shown = np.array(["" if value is None else str(value) for value in values])
    for value, _ in Counter(shown.tolist()).most_common(MOST_VALUES):
        if value:
            yield column, value, shown == value
