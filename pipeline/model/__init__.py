"""Terms and weights: the features, the estimator, and its files."""
