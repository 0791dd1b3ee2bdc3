"""The surest mistakes of each kind, with what led to them, so that a labeller can mend data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import logit

from pipeline.corpus.corpus import Corpus
from pipeline.evaluation.metrics import ScoredStatements
from pipeline.files import shown_path
from pipeline.stances import NONE

Explain = Callable[[str], dict[str, list[tuple[str, float]]]]

SHOWN = 8
TERMS = 6


def most_confident_errors(
    statements: Corpus, scored: ScoredStatements, explain: Explain
) -> list[dict[str, Any]]:
    """Find the mistakes a model was surest of.

    Parameters
    ----------
    statements : Corpus
        What was scored.
    scored : ScoredStatements
        Its labels and scores, in the same order.
    explain : callable
        Tells of a text which terms moved each stance, strongest first, and what each adds.

    Returns
    -------
    list of dict
        For each stance, statements given it wrongly and statements it was missed on: ``stance``,
        ``kind`` (``false alarm`` or ``miss``), ``count``, and ``surest``, the `SHOWN` whose
        log-odds are farthest on the wrong side of the threshold, with the terms that moved them
        most.
    """
    texts, stances = statements.texts, statements.stances
    origins = statements.statements["origin"][:]
    given = scored.predicted
    kinds = []
    for k, name in enumerate(scored.names):
        sureness = np.abs(logit(scored.scores[:, k]) - logit(scored.thresholds[k]))
        for kind, wrong in (
            ("false alarm", given[:, k] & ~scored.truth[:, k]),
            ("miss", ~given[:, k] & scored.truth[:, k]),
        ):
            rows = np.flatnonzero(wrong)
            surest = rows[np.argsort(-sureness[rows], kind="stable")][:SHOWN]
            explained = [explain(texts[row]) for row in surest]
            kinds.append(
                {
                    "stance": name,
                    "kind": kind,
                    "count": len(rows),
                    "surest": [
                        {
                            "text": texts[row],
                            "origin": shown_path(origins[row]),
                            "labelled": list(stances[row]) or [NONE],
                            "given": [scored.names[j] for j in np.flatnonzero(given[row])]
                            or [NONE],
                            "score": float(scored.scores[row, k]),
                            "terms": parts[name][:TERMS],
                        }
                        for row, parts in zip(surest, explained, strict=True)
                    ],
                }
            )
    return kinds
