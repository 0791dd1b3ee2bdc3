import numpy as np
from scipy import sparse
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from pipeline.model.regression import fit_correction, fit_regression, most_contributing


def some_news(rows: int = 400) -> tuple[sparse.csr_array, np.ndarray]:
    draw = np.random.default_rng(0)
    matrix = draw.random((rows, 6)) * (draw.random((rows, 6)) < 0.5)
    truth = expit(matrix @ [4.0, -3.0, 0, 0, 2.0, 0] - 0.5)
    return sparse.csr_array(matrix), (draw.random(rows) < truth).astype(np.int8)


def test_without_an_offset_it_is_plain_logistic_regression() -> None:
    matrix, labels = some_news()
    weights, intercept = fit_correction(matrix, labels, np.zeros(400), np.ones(6), 0.5)
    plain = LogisticRegression(C=2.0, tol=1e-8).fit(matrix, labels)
    np.testing.assert_allclose(weights, plain.coef_[0], atol=2e-3)
    np.testing.assert_allclose(intercept, plain.intercept_[0], atol=2e-3)


def test_an_offset_that_is_right_needs_little_correction() -> None:
    matrix, labels = some_news(4000)
    right = matrix @ np.array([4.0, -3.0, 0, 0, 2.0, 0]) - 0.5
    weights, intercept = fit_correction(matrix, labels, right, np.ones(6), 10.0)
    assert np.abs([*weights, intercept]).max() < 0.5
    weights, _ = fit_correction(matrix, labels, np.zeros(4000), np.ones(6), 10.0)
    assert np.abs(weights).max() > 2


def test_a_strong_penalty_leaves_the_given_model() -> None:
    matrix, labels = some_news()
    weights, _ = fit_correction(matrix, labels, np.zeros(400), np.ones(6), 1e6)
    assert np.abs(weights).max() < 1e-3


def test_a_term_with_a_larger_scale_is_penalized_less() -> None:
    matrix, labels = some_news()
    low, _ = fit_correction(matrix, labels, np.zeros(400), np.ones(6), 20.0)
    scale = np.array([5.0, 1, 1, 1, 1, 1])
    high, _ = fit_correction(matrix, labels, np.zeros(400), scale, 20.0)
    assert high[0] > 1.5 * low[0] > 0


def test_what_contributes_is_large_and_frequent() -> None:
    matrix = sparse.csr_array([[1.0, 0, 1], [1, 0, 0], [1, 1, 0], [1, 0, 0]])
    coef = np.array([[1.0, 1, 0], [0, 0, 0.1], [0, 0, 0]])
    assert most_contributing(matrix, coef, 5).tolist() == [0, 1, 2]
    assert most_contributing(matrix, coef, 2).tolist() == [0, 1]
    assert most_contributing(matrix, 0 * coef + [[0, 0, 1]], 1).tolist() == [2]


def test_one_regression_a_stance() -> None:
    matrix, labels = some_news()
    counts = sparse.csr_matrix((matrix > 0).astype(int))
    both = np.column_stack([labels, 1 - labels])
    tfidf, weights, intercepts = fit_regression(counts, both, C=1.0, ratio_power=0.5, seed=0)
    assert weights.shape == (2, 6)
    assert intercepts.shape == (2,)
    np.testing.assert_allclose(weights[0], -weights[1], atol=1e-2)
    assert tfidf.idf_.shape == (6,)
