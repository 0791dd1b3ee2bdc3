import numpy as np
import pytest
from sklearn.metrics import f1_score

from pipeline.stances import (
    DEFINITIONS,
    NONE,
    STANCES,
    apply_thresholds,
    best_f1_threshold,
    to_indicators,
)


def test_every_stance_is_defined() -> None:
    assert set(DEFINITIONS) == {*STANCES, NONE}


def test_encode_gives_a_column_a_stance() -> None:
    assert to_indicators([["announce"], ["deny", "accuse"], []]).tolist() == [
        [0, 0, 1],
        [1, 1, 0],
        [0, 0, 0],
    ]


def test_encode_names_the_statement_with_an_unknown_stance() -> None:
    with pytest.raises(ValueError, match=r"statement 1: 'denies' is not one of accuse"):
        to_indicators([["deny"], ["denies"]])


def test_passing_is_strongest_first_and_threshold_is_reached_by_equality() -> None:
    scores = np.array([[0.5, 0.9, 0.2], [0.49, 0.1, 0.1]])
    assert apply_thresholds(scores, [0.5, 0.5, 0.2]) == [("deny", "accuse", "announce"), ()]


def test_best_threshold_by_hand() -> None:
    truth, scores = [0, 1, 0, 1, 1], [0.1, 0.4, 0.6, 0.8, 0.9]
    by_f1 = {step: f1_score(truth, [score >= step for score in scores]) for step in sorted(scores)}
    best = max(by_f1.values())
    assert best_f1_threshold(truth, scores) == min(s for s, f1 in by_f1.items() if f1 == best)
    assert best_f1_threshold(truth, scores, slack=0.2) == 0.1
    assert best_f1_threshold(truth, scores, 1.0, highest=True) == max(scores)
    assert best_f1_threshold([1, 0, 1], [0.9, 0.8, 0.7], 0, [1, 9, 1]) == 0.9
    assert best_f1_threshold([0, 0], [0.1, 0.2]) == 0.5
