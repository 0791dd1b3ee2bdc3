"""Checking every file of a model; scikit-learn need not be there, and nothing is unpickled."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from pipeline.errors import ModelError
from pipeline.model import features
from pipeline.model.artifacts import MODEL_FILE, find_model, read_manifest, read_verified


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
        Versions of scikit-learn ("none" where it is not installed) and numpy, and the fingerprint
        of the analyzer.
    """
    return {
        "scikit-learn": _version_of("scikit-learn"),
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


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
