"""A trained model on disk: find it, check it, and put a new one in place in one step.

The files of one training stand together in a folder of their own under ``.sets``; the names that
people use are links through ``.current``, and renaming that one link is the step. Whoever resolves
a folder once reads one training's files, whatever happens meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError, StanceError
from pipeline.files import CARRIED_MODEL, IS_CHECKOUT, ROOT, flush

MODEL_FILE = "stance.joblib"
TABLE_FILE = "stance.npz"
MANIFEST_FILE = "manifest.json"
# What to do where a model is of no use: an installed package has no Makefile and no statements.
TRAIN = "run: make train" if IS_CHECKOUT else "train one: stance train --data LABELS --prior none"
_SETS = ".sets"
_CURRENT = ".current"
_KEPT_SETS = 2


def find_model(model: str | Path | None = None) -> Path:
    """Find the model file.

    Parameters
    ----------
    model : path, optional
        A model file or the folder it is in. Without it: ``$STANCE_MODEL``, then ``models/`` of the
        current folder, then of the checkout this package is installed from, then the model that
        the package carries.

    Returns
    -------
    Path
        The model file, or the table where that stands alone. Resolve it once where several files of
        one training are read.

    Raises
    ------
    ModelError
        If there is none, with the places looked at.
    """
    named = model if model is not None else os.environ.get("STANCE_MODEL")
    places = [Path(named)] if named else _usual_places()
    for place in places:
        names = (MODEL_FILE, TABLE_FILE)
        for path in (place / name for name in names) if place.is_dir() else (place,):
            if path.is_file():
                return path
    looked = " and ".join(str(place.absolute()) for place in places)
    hint = "" if named else " with --model or $STANCE_MODEL"
    raise ModelError(f"no model at {looked}; name another{hint}, or {TRAIN}")


def _usual_places() -> list[Path]:
    checkout = [ROOT / "models"] if IS_CHECKOUT else []
    return [Path("models"), *checkout, CARRIED_MODEL]


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest beside a model file.

    Parameters
    ----------
    path : Path
        The model file.

    Returns
    -------
    dict
        With ``files``, ``versions``, ``created`` and what `save_files` was told.

    Raises
    ------
    ModelError
        If there is none or it cannot be read.
    """
    beside = path.with_name(MANIFEST_FILE)
    try:
        manifest = json.loads(beside.read_text(encoding="utf-8"))
        files, versions = manifest["files"], manifest["versions"]
        if not isinstance(versions, dict) or not all(
            Path(name).name == name
            and isinstance(entry["sha256"], str)
            and isinstance(entry["bytes"], int)
            for name, entry in files.items()
        ):
            raise KeyError
    except FileNotFoundError:
        raise ModelError(f"no {MANIFEST_FILE} beside {path}; {TRAIN}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ModelError(f"{beside} is not a model manifest; {TRAIN}") from None
    return dict(manifest)


def read_verified(
    path: Path, versions: Mapping[str, str], manifest: Mapping[str, Any] | None = None
) -> bytes:
    """Read a file of a model after checking it against the manifest beside it.

    Parameters
    ----------
    path : Path
        The file.
    versions : mapping of str to str
        What must be the same as when the model was trained.
    manifest : mapping, optional
        The manifest, where it has been read already.

    Returns
    -------
    bytes
        What stands in the file; just what was checked.

    Raises
    ------
    ModelError
        If the file is missing, is not in the manifest, is shorter, longer or altered, or was made
        by other versions; it says which.
    """
    manifest = read_manifest(path) if manifest is None else manifest
    entry = manifest["files"].get(path.name)
    if entry is None:
        raise ModelError(f"{path} is not in {MANIFEST_FILE} beside it; {TRAIN}")
    require_versions(path, manifest["versions"], versions)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); {TRAIN}") from None
    if len(content) != entry["bytes"]:
        raise ModelError(
            f"{path} has {len(content):,} bytes, its manifest names {entry['bytes']:,}; {TRAIN}"
        )
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ModelError(f"{path} is not the file its manifest names; {TRAIN}")
    return content


def require_versions(path: Path, then: Mapping[str, str], needed: Mapping[str, str]) -> None:
    """Check that a model was made by the versions that are here.

    Parameters
    ----------
    path : Path
        The file, for the error.
    then : mapping of str to str
        Versions it was made by.
    needed : mapping of str to str
        Versions that must be the same.

    Raises
    ------
    ModelError
        Naming the first that differs.
    """
    for name, now in needed.items():
        if then.get(name) != now:
            raise ModelError(
                f"{path} was trained with {name} {then.get(name)}, here is {now}; {TRAIN}"
            )


def check_ours(folder: Path, others: Iterable[str] = ()) -> None:
    """Check that a training into a folder overwrites nothing but an earlier training.

    Parameters
    ----------
    folder : Path
        Where the model would go.
    others : iterable of str
        Files that training writes beside the model's.

    Raises
    ------
    StanceError
        Naming the file that is in the way.
    """
    names = [MODEL_FILE, TABLE_FILE, MANIFEST_FILE]
    foreign = [name for name in names if not _is_ours(folder / name)]
    if not (folder / _CURRENT).is_symlink():
        foreign += [name for name in others if os.path.lexists(folder / name)]
    if foreign:
        raise StanceError(
            f"{folder / foreign[0]}: not from a training here; give another folder with --models, "
            "or overwrite it with --force"
        )


def _is_ours(path: Path) -> bool:
    if not os.path.lexists(path):
        return True
    return path.is_symlink() and path.readlink() == Path(_CURRENT) / path.name


def save_files(
    folder: str | Path,
    files: Mapping[str, Callable[[Path], object]],
    described: Mapping[str, Callable[[Path], object]] | None = None,
    **provenance: object,
) -> Path:
    """Save the files of a model, all in one step.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    files : mapping of str to callable
        For each file name, what writes it to a path; those before it are there then.
    described : mapping of str to callable, optional
        The same for files that are written from the manifest, which does not name them.
    **provenance
        Written to the manifest: versions, what the model was trained on, and the like.

    Returns
    -------
    Path
        The folder.
    """
    import shutil  # with those below some milliseconds that who only predicts does not need
    from datetime import UTC, datetime

    folder, described = Path(folder), described or {}
    sets = folder / _SETS
    sets.mkdir(parents=True, exist_ok=True)
    home = sets / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.urandom(4).hex()}"
    aside = home.with_name(f".{home.name}")
    aside.mkdir()
    try:
        entries = {}
        for name, write in files.items():
            write(aside / name)
            content = (aside / name).read_bytes()
            entries[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        manifest = {
            "files": entries,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            **provenance,
        }
        (aside / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for name, write in described.items():
            write(aside / name)
        for path in aside.iterdir():
            flush(path)
        aside.rename(home)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    names = (*files, *described, MANIFEST_FILE)
    if (folder / _CURRENT).is_symlink():  # what stood beside an earlier set goes before it does
        _link_missing(folder, [name for name in names if os.path.lexists(folder / name)])
    _link(folder / _CURRENT, Path(_SETS) / home.name)
    _link_missing(folder, names)
    flush(sets)
    flush(folder)
    for old in sorted(sets.iterdir())[:-_KEPT_SETS]:
        if old.is_symlink():
            old.unlink(missing_ok=True)
        elif old != home:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _link_missing(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        if not (os.path.lexists(folder / name) and _is_ours(folder / name)):
            _link(folder / name, Path(_CURRENT) / name)


def _link(path: Path, target: Path) -> None:
    aside = path.with_name(_SETS) / f".{path.name}.{os.urandom(4).hex()}"
    aside.symlink_to(target)
    aside.replace(path)


SCHEMA_VERSION = 2
CARD_FILE = "MODEL_CARD.md"
TRAINING_FILE = "training.json"
EVALUATION_FOLDER = "evaluation"


def read_model_files(model: str | Path | None, versions: Mapping[str, str]) -> dict[str, bytes]:
    """Read the files that scoring needs, all of one training.

    Parameters
    ----------
    model : path, optional
        See `find_model`.
    versions : mapping of str to str
        See `read_verified`.

    Returns
    -------
    dict of str to bytes
        The table and a manifest that names it alone, by file name.

    Raises
    ------
    ModelError
        See `read_verified`.
    """
    table = find_model(model).resolve().with_name(TABLE_FILE)
    manifest = read_manifest(table)
    content = read_verified(table, versions, manifest)
    alone = {**manifest, "files": {TABLE_FILE: manifest["files"][TABLE_FILE]}}
    return {TABLE_FILE: content, MANIFEST_FILE: json.dumps(alone, indent=2).encode() + b"\n"}
