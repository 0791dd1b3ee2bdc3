"""A trained estimator as a file to pass on, which holds no code; and checking a model on disk."""

from __future__ import annotations

import copy
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import MissingExtraError, ModelError, StanceError
from pipeline.files import check_free, write_atomically
from pipeline.model.artifacts import (
    MANIFEST_FILE,
    MODEL_FILE,
    find_model,
    read_manifest,
    require_versions,
)
from pipeline.model.classifier import StanceClassifier
from pipeline.model.persistence import load_classifier
from pipeline.model.verification import needed_versions

SUFFIX = ".skops"
TRUSTED = (
    "builtins.frozenset",
    "functools.partial",
    "pipeline.model.features.extract_terms",
    "pipeline.model.classifier.StanceClassifier",
)
_MOST_BYTES = 1 << 30


def export_skops(path: str | Path, model: str | Path | None = None, *, force: bool = False) -> Path:
    """Write a trained estimator with skops: arrays and names, no code.

    Parameters
    ----------
    path : path
        A file that ends in ``.skops``.
    model : path, optional
        See `pipeline.model.artifacts.find_model`. It is unpickled, so it has to be one that you
        trust.
    force : bool
        Whether an existing file may be overwritten.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    StanceError
        If the name ends otherwise, the file exists, or skops is not installed.
    pipeline.errors.ModelError
        If there is no model, or it is damaged or made by other versions.
    """
    path = Path(path)
    if path.suffix != SUFFIX:
        raise StanceError(f"{path} is to be written; give a name that ends in {SUFFIX}")
    check_free(path, force=force)
    skops = _skops()
    found = find_model(model).resolve()
    estimator = load_classifier(found)
    with write_atomically(path) as written:
        skops.dump(_standing_alone(estimator), written, compression=zipfile.ZIP_DEFLATED)
        with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as file:
            file.writestr(MANIFEST_FILE, json.dumps(read_manifest(found)))
    return path


def _standing_alone(estimator: StanceClassifier) -> StanceClassifier:
    """Return an estimator without what it was learned from besides the statements."""
    alone = copy.copy(estimator)
    alone.news = alone.prior = None
    return alone


def load_skops(path: str | Path) -> StanceClassifier:
    """Load an exported estimator; of code only what `TRUSTED` names is called.

    Parameters
    ----------
    path : path
        What `export_skops` wrote.

    Returns
    -------
    StanceClassifier

    Raises
    ------
    StanceError
        If skops is not installed.
    pipeline.errors.ModelError
        If the file cannot be read, asks for anything else, or was made by other versions.
    """
    skops = _skops()
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as file:
            if sum(entry.file_size for entry in file.infolist()) > _MOST_BYTES:
                raise ModelError(f"{path} unpacks to more than 1 GB, which no model does")
            versions: Mapping[str, str] = json.loads(file.read(MANIFEST_FILE))["versions"]
        strange = set(skops.get_untrusted_types(file=path)) - set(TRUSTED)
        if not strange:
            require_versions(path, versions, needed_versions(MODEL_FILE))
            loaded = skops.load(path, trusted=list(TRUSTED))
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror})") from None
    except ModelError:
        raise
    except Exception as error:  # whatever a file of strangers makes skops stumble over
        raise ModelError(
            f"{path} is no exported model ({type(error).__name__}: {error}); "
            "write one with: stance export model.skops"
        ) from None
    if strange:
        raise ModelError(
            f"{path} asks for {', '.join(sorted(strange))}, which no exported model needs; "
            "do not load it"
        )
    if not isinstance(loaded, StanceClassifier):
        raise ModelError(f"{path} holds a {type(loaded).__name__}, not a StanceClassifier")
    return loaded


def _skops() -> Any:
    try:
        import skops.io
    except ModuleNotFoundError:
        raise MissingExtraError("skops", "export") from None
    return skops.io
