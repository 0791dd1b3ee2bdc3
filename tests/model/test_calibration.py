import numpy as np
import pytest
from scipy.special import expit

from pipeline.model.calibration import platt, rate_weights


def test_weights_move_the_rate() -> None:
    labels = np.array([1] * 30 + [0] * 70, dtype=np.int8)
    weights = rate_weights(labels, 0.05)
    assert np.average(labels, weights=weights) == pytest.approx(0.05)
    assert weights.mean() == pytest.approx(1)
    assert rate_weights(labels, None).tolist() == [1.0] * 100


def test_calibrated_at_another_rate_probabilities_fall() -> None:
    draw = np.random.default_rng(0)
    log_odds = draw.normal(0, 2, 20_000)
    labels = (draw.random(20_000) < expit(log_odds)).astype(np.int8)
    slope, shift = platt(3 * log_odds, labels, np.ones(20_000))
    assert slope == pytest.approx(1 / 3, rel=0.05)
    assert shift == pytest.approx(0, abs=0.1)
    _, rarer = platt(log_odds, labels, rate_weights(labels, 0.1))
    assert rarer == pytest.approx(np.log(0.1 / 0.9), abs=0.15)


def test_nothing_is_learned_of_one_kind() -> None:
    assert platt(np.zeros(3), np.zeros(3, dtype=np.int8), np.ones(3)) == (1.0, 0.0)
