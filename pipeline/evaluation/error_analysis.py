"""The most confident errors of each kind, with what led to them, so that labels can be mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import logit

from pipeline.corpus.corpus import Corpus
from pipeline.evaluation.metrics import ScoredStatements
from pipeline.files import shown_path
from pipeline.stances import NONE

Explain = Callable[[str], Mapping[str, Sequence[tuple[str, float, str]]]]

SHOWN = 8
TERMS = 6


def most_confident_errors(
    statements: Corpus, scored: ScoredStatements, explain: Explain
) -> list[dict[str, Any]]:
    """Find the errors that a model was most confident of.

    Parameters
    ----------
    statements : Corpus
        What was scored.
    scored : ScoredStatements
        Its labels and scores, in the same order.
    explain : callable
        Takes a text and returns which terms moved each stance, strongest first: the term, what
        it adds, and the term in words.

    Returns
    -------
    list of dict
        For each stance, false positives and false negatives: ``stance``, ``kind`` (one of these
        two), ``count``, and ``most_confident``, the `SHOWN` whose log-odds are farthest on the
        wrong side of the threshold, with the terms that moved them most.
    """
    texts, stances = statements.texts, statements.stances
    origins = statements.statements["origin"][:]
    predicted = scored.predicted
    kinds = []
    for k, name in enumerate(scored.names):
        margin = np.abs(logit(scored.scores[:, k]) - logit(scored.thresholds[k]))
        for kind, wrong in (
            ("false positive", predicted[:, k] & ~scored.truth[:, k]),
            ("false negative", ~predicted[:, k] & scored.truth[:, k]),
        ):
            rows = np.flatnonzero(wrong)
            worst = rows[np.argsort(-margin[rows], kind="stable")][:SHOWN]
            explained = [explain(texts[row]) for row in worst]
            kinds.append(
                {
                    "stance": name,
                    "kind": kind,
                    "count": len(rows),
                    "most_confident": [
                        {
                            "text": texts[row],
                            "origin": shown_path(origins[row]),
                            "labelled": list(stances[row]) or [NONE],
                            "predicted": [scored.names[j] for j in np.flatnonzero(predicted[row])]
                            or [NONE],
                            "score": float(scored.scores[row, k]),
                            "terms": parts[name][:TERMS],
                        }
                        for row, parts in zip(worst, explained, strict=True)
                    ],
                }
            )
    return kinds
