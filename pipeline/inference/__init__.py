"""Weights to probabilities, fast: flat arrays, a compiled kernel, no pickles."""
