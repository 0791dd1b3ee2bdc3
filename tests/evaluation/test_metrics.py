"""Statistics against small cases worked by hand, and against the libraries."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from pipeline.evaluation.bootstrap import (
    confidence_interval,
    metrics_with_intervals,
    replicates,
    weighted_average_precision,
)
from pipeline.evaluation.calibration import decision_margins, reliability, selective_accuracy
from pipeline.evaluation.metrics import ScoredStatements, compute_metrics
from pipeline.stages.compare import compared

STANCES = [["accuse"], ["accuse", "deny"], [], ["announce"]]
SCORES = [[0.9, 0.1, 0.1], [0.2, 0.8, 0.1], [0.6, 0.1, 0.1], [0.1, 0.1, 0.1]]
HALF = [0.5, 0.5, 0.5]


def some(seed: int, rows: int = 120, groups: int = 12) -> ScoredStatements:
    """Labels with scores that half follow them."""
    random = np.random.default_rng(seed)
    labels = np.random.default_rng(7).random((rows, 3)) < 0.3
    names = np.array(["accuse", "deny", "announce"])
    stances = [names[row].tolist() for row in labels]
    scores = 0.3 * labels + 0.7 * random.random((rows, 3))
    return ScoredStatements.of(stances, scores, HALF, [f"g{row % groups}" for row in range(rows)])


def test_figures_by_hand() -> None:
    found = compute_metrics(ScoredStatements.of(STANCES, SCORES, HALF))
    accuse, deny, announce = found.by_stance.values()
    assert (accuse.precision, accuse.recall, accuse.f1) == (0.5, 0.5, 0.5)
    # ranked: right, wrong, right -> (1/1 + 2/3) / 2
    assert accuse.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert (deny.precision, deny.recall, deny.f1) == (1.0, 1.0, 1.0)
    assert (announce.precision, announce.recall, announce.f1) == (None, 0.0, 0.0)
    assert found.macro_f1 == pytest.approx(0.5)
    assert found.macro_recall == pytest.approx(0.5)
    assert found.macro_precision is None
    assert found.main_stance_accuracy == 0.25
    assert found.exact_set_accuracy == 0.25


def test_only_some_stances_by_hand() -> None:
    found = compute_metrics(ScoredStatements.of(STANCES, SCORES, HALF, only=["deny"]))
    assert list(found.by_stance) == ["deny"]
    assert found.macro_f1 == 1.0
    assert found.main_stance_accuracy == found.exact_set_accuracy == 1.0


def test_the_strongest_stance_given_is_the_main_one() -> None:
    scored = ScoredStatements.of(
        [["deny", "accuse"], ["accuse", "deny"]], [[0.7, 0.9, 0.1]] * 2, HALF
    )
    assert scored.main_right.tolist() == [True, False]
    assert scored.set_right.tolist() == [True, True]


@pytest.mark.parametrize("seed", range(4))
def test_weighted_average_precision_is_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random(60) < 0.3
    scores = random.integers(0, 8, 60) / 8
    weights = random.integers(0, 4, (5, 60)).astype(float)
    expected = [average_precision_score(truth, scores, sample_weight=row) for row in weights]
    assert weighted_average_precision(truth, scores, weights) == pytest.approx(expected)


def test_average_precision_of_a_resample_without_positives_is_undefined() -> None:
    truth, scores = np.array([True, False]), np.array([0.9, 0.1])
    assert np.isnan(weighted_average_precision(truth, scores, np.array([[0.0, 2.0]])))[0]


def test_resamples_that_draw_every_group_once_give_the_figures_themselves() -> None:
    scored = some(1, rows=8, groups=2)
    found, drawn = compute_metrics(scored), replicates(scored)
    # Of two groups a resample draws both once, or one twice; accuracy tells which.
    accuracies = [scored.select(scored.groups == g).main_right.mean() for g in (0, 1)]
    expected = {accuracies[0], accuracies[1], found.main_stance_accuracy}
    assert {*drawn["main_stance_accuracy"].round(9)} == {round(float(x), 9) for x in expected}


def test_replicates_scatter_around_the_figures() -> None:
    scored = some(2, rows=2000, groups=400)
    found, drawn = compute_metrics(scored), replicates(scored)
    for name, value in {
        "deny.precision": found.by_stance["deny"].precision,
        "deny.recall": found.by_stance["deny"].recall,
        "deny.average_precision": found.by_stance["deny"].average_precision,
        "macro.f1": found.macro_f1,
        "exact_set_accuracy": found.exact_set_accuracy,
    }.items():
        assert np.mean(drawn[name]) == pytest.approx(value, abs=0.003)


def test_interval_is_as_wide_as_the_binomial_says() -> None:
    right = np.arange(400) < 300
    scored = ScoredStatements.of([["deny"]] * 400, np.outer(right, [0, 1, 0]), HALF)
    low, high = confidence_interval(replicates(scored)["main_stance_accuracy"]) or (0, 0)
    wide = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == pytest.approx((0.75 - wide, 0.75 + wide), abs=0.008)


def test_groups_that_err_together_make_intervals_wider() -> None:
    right = np.outer(np.repeat(np.arange(20) < 15, 20), [0, 1, 0])
    alone = metrics_with_intervals(ScoredStatements.of([["deny"]] * 400, right, HALF))[
        "main_stance_accuracy"
    ]
    groups = [str(row // 20) for row in range(400)]
    grouped = metrics_with_intervals(ScoredStatements.of([["deny"]] * 400, right, HALF, groups))[
        "main_stance_accuracy"
    ]
    assert grouped["high"] - grouped["low"] > 3 * (alone["high"] - alone["low"])


def test_interval_by_hand() -> None:
    assert confidence_interval(np.arange(101.0)) == pytest.approx((2.5, 97.5))
    assert confidence_interval([np.nan] * 10 + [1.0] * 90) is None
    assert confidence_interval([]) is None


def test_a_single_group_has_no_interval() -> None:
    found = metrics_with_intervals(ScoredStatements.of(STANCES, SCORES, HALF, ["g"] * 4))
    assert found["main_stance_accuracy"] == {"value": 0.25, "low": None, "high": None}


def test_reliability_by_hand() -> None:
    scores = [[0, 0.82, 0], [0, 0.86, 0], [0, 0.84, 0], [0, 0.88, 0], [0, 0.12, 0]]
    found = reliability(ScoredStatements.of([["deny"]] * 3 + [[], []], scores, HALF))["deny"]
    low, high = found["bins"]
    assert (low["count"], low["share"]) == (1, 0.0)
    assert (high["count"], high["share"], high["score"]) == (4, 0.75, pytest.approx(0.85))
    # Wilson's interval of 3 in 4
    assert (high["low"], high["high"]) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert found["expected_calibration_error"] == pytest.approx((1 * 0.12 + 4 * 0.10) / 5)
    squares = [0.18**2, 0.14**2, 0.16**2, 0.88**2, 0.12**2]
    assert found["brier"] == pytest.approx(np.mean(squares))


def test_selective_accuracy_keeps_the_most_confident() -> None:
    scores = [[0.01, 0.99, 0.01], [0.01, 0.9, 0.01], [0.01, 0.6, 0.01], [0.01, 0.55, 0.01]]
    scored = ScoredStatements.of([["deny"], ["deny"], ["deny"], []], scores, HALF)
    assert decision_margins(scored).argsort().tolist() == [3, 2, 1, 0]
    rows = {
        row["statements"]: row["main_stance_accuracy"]["value"]
        for row in selective_accuracy(scored)
    }
    assert rows == {4: 0.75, 3: 1.0, 2: 1.0}


def test_selective_accuracy_cannot_separate_equal_margins() -> None:
    (row,) = selective_accuracy(ScoredStatements.of([["deny"], []], [[0.5, 0.5, 0.5]] * 2, HALF))
    assert (row["coverage"], row["main_stance_accuracy"]["value"]) == (1.0, 0.0)


def test_mcnemar_by_hand() -> None:
    truth = [["deny"]] * 10
    right, wrong = [0.1, 0.9, 0.1], [0.1, 0.1, 0.1]
    first = ScoredStatements.of(truth, [wrong] * 7 + [right] * 3, HALF)
    second = ScoredStatements.of(truth, [right] * 7 + [wrong] + [right] * 2, HALF)
    texts = [f"t{i}" for i in range(10)]
    found = compared(first, second, texts, texts)
    assert (found.only_first_right, found.only_second_right) == (1, 7)
    # 2 * (1 + 8) / 2**8
    assert found.p_value == pytest.approx(18 / 256)
    assert [change.text for change in found.changes] == texts[:8]
    assert (found.changes[0].first, found.changes[0].second) == ("none", "deny")
    assert found.differences["main_stance_accuracy"].difference == pytest.approx(0.6)


def test_a_model_does_not_differ_from_itself() -> None:
    scored = some(3)
    texts = [""] * len(scored)
    found = compared(scored, scored, texts, texts)
    assert all(
        (row.difference, row.low, row.high) == (0, 0, 0) for row in found.differences.values()
    )
    assert (found.p_value, found.changes) == (1.0, [])
    assert found.verdict.startswith("no telling")


def test_pairing_tells_apart_what_two_intervals_would_not() -> None:
    base = some(4, rows=600, groups=60)
    better = base.scores.copy()
    mended = np.flatnonzero(~base.set_right)[::4]
    better[mended] = base.truth[mended] * 0.9 + 0.05
    other = ScoredStatements(
        base.names, base.truth, base.main, better, base.thresholds, base.groups
    )
    texts = [""] * len(base)
    found = compared(base, other, texts, texts)
    assert found.verdict.startswith("B is better")
    one, two = (metrics_with_intervals(each)["macro"]["f1"] for each in (base, other))
    row = found.differences["macro_f1"]
    assert row.low is not None
    assert row.high is not None
    assert row.high - row.low < 0.7 * min(one["high"] - one["low"], two["high"] - two["low"])
    assert compared(other, base, texts, texts).verdict.startswith("A is better")
