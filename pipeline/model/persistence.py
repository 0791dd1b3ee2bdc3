"""Loading a trained estimator after checking it."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import sklearn

from pipeline.errors import ModelError
from pipeline.model.artifacts import (
    MODEL_FILE,
    TABLE_FILE,
    TRAIN,
    find_model,
    read_verified,
)
from pipeline.model.classifier import StanceClassifier
from pipeline.model.verification import needed_versions


def load_classifier(model: str | Path | None = None) -> StanceClassifier:
    """Load a model after checking that it is whole and fits the installed versions.

    Parameters
    ----------
    model : path, optional
        See `pipeline.model.artifacts.find_model`.

    Returns
    -------
    StanceClassifier

    Raises
    ------
    pipeline.errors.ModelError
        If the model is missing, is not the file its manifest names, or was made by another version
        of scikit-learn or with another analyzer. A refused file is not unpickled.
    """
    path = find_model(model).resolve()
    if path.name == TABLE_FILE:
        path = path.with_name(MODEL_FILE)
    content = read_verified(path, needed_versions(path.name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sklearn.exceptions.InconsistentVersionWarning)
        loaded = joblib.load(io.BytesIO(content))
    if not isinstance(loaded, StanceClassifier):
        raise ModelError(f"{path} holds a {type(loaded).__name__}, not a StanceClassifier")
    for name, numbers in _numbers(loaded).items():
        if not np.isfinite(numbers).all():
            raise ModelError(f"{path} is damaged: {name} is not finite; {TRAIN}")
    return loaded


def _numbers(model: StanceClassifier) -> dict[str, npt.ArrayLike]:
    """Return all numbers that a score comes from: no comparison with NaN is ever true."""
    names = (
        *("coef_", "intercept_", "base_rates_", "thresholds_"),
        *("context_", "context_thresholds_"),
    )
    return {"idf_": model.tfidf_.idf_, **{name: getattr(model, name) for name in names}}
