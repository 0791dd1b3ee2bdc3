"""Loading a trained estimator after checking it, and checking every file of a model."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import sklearn

from pipeline.errors import ModelError
from pipeline.model import features
from pipeline.model.artifacts import (
    MODEL_FILE,
    TABLE_FILE,
    TRAIN,
    find_model,
    read_manifest,
    read_verified,
)
from pipeline.model.classifier import StanceClassifier


@dataclass(frozen=True)
class Check:
    """What `verify_model` found of one file.

    Attributes
    ----------
    file : str
        Its name.
    bytes : int
        Its size as the manifest names it.
    sha256 : str
        Its SHA-256 as the manifest names it.
    problem : str or None
        What is wrong with it, and what to do.
    """

    file: str
    bytes: int
    sha256: str
    problem: str | None


def verify_model(model: str | Path | None = None) -> list[Check]:
    """Check every file of a model against its manifest: size, SHA-256 and versions.

    Parameters
    ----------
    model : path, optional
        See `pipeline.model.artifacts.find_model`.

    Returns
    -------
    list of Check
        One for each file that the manifest names. Nothing is unpickled.

    Raises
    ------
    pipeline.errors.ModelError
        If there is no model, or no manifest beside it.
    """
    path = find_model(model).resolve()
    return [
        Check(name, entry["bytes"], entry["sha256"], _problem(path.with_name(name)))
        for name, entry in read_manifest(path)["files"].items()
    ]


def _problem(path: Path) -> str | None:
    try:
        read_verified(path, needed_versions(path.name))
    except ModelError as error:
        return str(error)
    return None


def installed_versions() -> dict[str, str]:
    """Return the versions that a model depends on.

    Returns
    -------
    dict of str to str
        Versions of scikit-learn and numpy, and the fingerprint of the analyzer.
    """
    return {
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "analyzer": features.fingerprint(),
    }


def needed_versions(file: str) -> dict[str, str]:
    """Return the versions that must be the same as when a file of a model was written.

    Parameters
    ----------
    file : str
        Its name.

    Returns
    -------
    dict of str to str
        For the estimator those of `installed_versions` but numpy's; for the others the analyzer's.
    """
    names = ("scikit-learn", "analyzer") if file == MODEL_FILE else ("analyzer",)
    return {name: installed_versions()[name] for name in names}


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
