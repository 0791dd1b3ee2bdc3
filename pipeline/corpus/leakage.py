"""What a model was trained on, and which statements it has not seen."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import CorpusError, LabelProblem
from pipeline.settings import SETTINGS


def exclude_training_statements(
    statements: Corpus, manifest: dict[str, Any], learned_from: Corpus | None
) -> Corpus:
    """Leave out the statements that a model was trained on.

    Parameters
    ----------
    statements : Corpus
        What the model is to be evaluated on.
    manifest : dict
        The model's.
    learned_from : Corpus or None
        What it was trained on, if that is still there; otherwise files are told by their hash.

    Returns
    -------
    Corpus
        With a note if any were left out.

    Raises
    ------
    pipeline.errors.CorpusError
        If none is left.
    """
    if learned_from is not None:
        learned = {_same(text) for text in learned_from.texts}
        rows = [row for row, text in enumerate(statements.texts) if _same(text) not in learned]
    else:
        rows = _held_out(statements, manifest)
    if not rows:
        what, remedy = "every statement was trained on", "give other files"
        raise CorpusError([LabelProblem(", ".join(statements.files), None, what, remedy)])
    left_out = len(statements) - len(rows)
    if not left_out:
        return statements
    note = f"{left_out:,} statements on which the model was trained are left out"
    kept = statements.select(rows)
    return Corpus(kept.statements, kept.files, [*kept.notes, note])


def _same(text: str) -> str:
    return " ".join(text.lower().split())


def _held_out(statements: Corpus, manifest: dict[str, Any]) -> list[int]:
    trained_on = set(manifest.get("data", {}).values())
    seen = {name for name, digest in statements.files.items() if digest in trained_on}
    origins = statements.statements["origin"][:]
    in_seen = [row for row, origin in enumerate(origins) if origin.rpartition(":")[0] in seen]
    if not in_seen:
        return list(range(len(statements)))
    known = statements.select(in_seen)
    training, _ = split_corpus(known, manifest.get("test_share", SETTINGS.test_share))
    learned = set(training.statements["origin"][:])
    return [row for row, origin in enumerate(origins) if origin not in learned]


def load_training_split(path: Path, manifest: dict[str, Any]) -> Corpus | None:
    """Load what a model was trained on.

    Parameters
    ----------
    path : Path
        The model file.
    manifest : dict
        The model's.

    Returns
    -------
    Corpus or None
        None unless all of it is where it was, seen from here or from the model's checkout, and
        unchanged.
    """
    named = manifest.get("data", {})
    for root in (Path(), path.parent.resolve().parent):
        files = [root / name for name in named]
        if files and all(file.is_file() for file in files):
            found = load_corpus(files)
            if list(found.files.values()) == list(named.values()):
                return split_corpus(found, manifest.get("test_share", SETTINGS.test_share))[0]
    return None


def files_digest(files: dict[str, str]) -> str:
    """Return one SHA-256 for a set of files, whatever their names and order.

    Examples
    --------
    >>> files_digest({"a.csv": "12", "b.csv": "34"}) == files_digest({"d.csv": "34", "c.csv": "12"})
    True
    """
    return hashlib.sha256("\n".join(sorted(files.values())).encode()).hexdigest()
