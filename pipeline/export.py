"""A trained estimator as a file to pass on, which holds no code; and checking a model on disk."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import store
from pipeline.errors import StanceError
from pipeline.model import StanceClassifier, needed
from pipeline.model import load as load_model

SUFFIX = ".skops"
TRUSTED = (
    "builtins.frozenset",
    "functools.partial",
    "pipeline.analyzer.terms",
    "pipeline.model.StanceClassifier",
)
_MOST_BYTES = 1 << 30
_INSTALL = "skops is not installed; run: .venv/bin/python -m pip install --editable '.[export]'"


@dataclass(frozen=True)
class Check:
    """What `verify` found of one file.

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


def verify(model: str | Path | None = None) -> list[Check]:
    """Check every file of a model against its manifest: size, SHA-256 and versions.

    Parameters
    ----------
    model : path, optional
        See `pipeline.store.find`.

    Returns
    -------
    list of Check
        One for each file that the manifest names. Nothing is unpickled.

    Raises
    ------
    pipeline.store.ModelError
        If there is no model, or no manifest beside it.
    """
    path = store.find(model).resolve()
    return [
        Check(name, entry["bytes"], entry["sha256"], _problem(path.with_name(name)))
        for name, entry in store.read_manifest(path)["files"].items()
    ]


def _problem(path: Path) -> str | None:
    try:
        store.verified(path, needed(path.name))
    except store.ModelError as error:
        return str(error)
    return None


def export(path: str | Path, model: str | Path | None = None, *, force: bool = False) -> Path:
    """Write a trained estimator with skops: arrays and names, no code.

    Parameters
    ----------
    path : path
        A file that ends in ``.skops``.
    model : path, optional
        See `pipeline.store.find`. It is unpickled, so it has to be one that you trust.
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
    pipeline.store.ModelError
        If there is no model, or it is damaged or made by other versions.
    """
    path = Path(path)
    if path.suffix != SUFFIX:
        raise StanceError(f"{path} is to be written; give a name that ends in {SUFFIX}")
    store.check_free(path, force=force)
    skops = _skops()
    found = store.find(model).resolve()
    estimator = load_model(found)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("xb") as written:
            skops.dump(estimator, written, compression=zipfile.ZIP_DEFLATED)
        with zipfile.ZipFile(aside, "a", zipfile.ZIP_DEFLATED) as file:
            file.writestr(store.MANIFEST_FILE, json.dumps(store.read_manifest(found)))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def load(path: str | Path) -> StanceClassifier:
    """Load an exported estimator; of code only what `TRUSTED` names is called.

    Parameters
    ----------
    path : path
        What `export` wrote.

    Returns
    -------
    StanceClassifier

    Raises
    ------
    StanceError
        If skops is not installed.
    pipeline.store.ModelError
        If the file cannot be read, asks for anything else, or was made by other versions.
    """
    skops = _skops()
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as file:
            if sum(entry.file_size for entry in file.infolist()) > _MOST_BYTES:
                raise store.ModelError(f"{path} unpacks to more than 1 GB, which no model does")
            versions: Mapping[str, str] = json.loads(file.read(store.MANIFEST_FILE))["versions"]
        strange = set(skops.get_untrusted_types(file=path)) - set(TRUSTED)
        if not strange:
            store.require_versions(path, versions, needed(store.MODEL_FILE))
            loaded = skops.load(path, trusted=list(TRUSTED))
    except OSError as error:
        raise store.ModelError(f"{path} cannot be read ({error.strerror})") from None
    except store.ModelError:
        raise
    except Exception as error:  # whatever a file of strangers makes skops stumble over
        raise store.ModelError(
            f"{path} is no exported model ({type(error).__name__}: {error}); "
            "write one with: stance export model.skops"
        ) from None
    if strange:
        raise store.ModelError(
            f"{path} asks for {', '.join(sorted(strange))}, which no exported model needs; "
            "do not load it"
        )
    if not isinstance(loaded, StanceClassifier):
        raise store.ModelError(f"{path} holds a {type(loaded).__name__}, not a StanceClassifier")
    return loaded


def _skops() -> Any:
    try:
        import skops.io
    except ImportError:
        raise StanceError(_INSTALL) from None
    return skops.io
