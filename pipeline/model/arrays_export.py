"""The arrays of a model in a folder of their own: what scoring needs, and what a wheel carries."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipeline.errors import StanceError
from pipeline.files import flush
from pipeline.model import features
from pipeline.model.artifacts import CARD_FILE, find_model, read_model_files


def export_arrays(folder: str | Path, model: str | Path | None = None) -> Path:
    """Write the arrays of a model, a manifest of them and the card to a new folder.

    Parameters
    ----------
    folder : path
        Must not exist yet; what holds it must.
    model : path, optional
        See `pipeline.model.artifacts.find_model`. It is checked, and never unpickled.

    Returns
    -------
    Path
        The folder, which can be given as ``model=`` then.

    Raises
    ------
    StanceError
        If the folder exists, or there is none to make it in.
    pipeline.errors.ModelError
        If there is no model, or it is damaged or made by another analyzer.
    """
    folder = Path(folder)
    if os.path.lexists(folder):
        raise StanceError(f"{folder}: exists; name a folder that is not there yet")
    if not folder.parent.is_dir():
        raise StanceError(f"{folder}: there is no folder {folder.parent}; make it first")
    found = find_model(model).resolve()  # one training's files, whatever is put in place meanwhile
    files = read_model_files(found, {"analyzer": features.fingerprint()})
    card = found.with_name(CARD_FILE)
    if card.is_file():
        files[CARD_FILE] = card.read_bytes()
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        aside.mkdir()
        for name, content in files.items():
            (aside / name).write_bytes(content)
            flush(aside / name)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder
