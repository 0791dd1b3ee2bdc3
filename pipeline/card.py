"""The model card: written from what training and evaluation measured, never by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline import store
from pipeline.stances import DEFINITIONS

SCHEMA_VERSION = 1
CARD_FILE = "MODEL_CARD.md"
TRAINING_FILE = "training.json"
EVALUATION_FOLDER = "evaluation"


def write(model_file: Path) -> Path:
    """Write the card of a model.

    Parameters
    ----------
    model_file : Path
        The model; ``training.json`` and ``evaluation/metrics.json`` beside it are read if they are
        there and are about this very model.

    Returns
    -------
    Path
        The card.

    Raises
    ------
    pipeline.store.ModelError
        If the model has no manifest.
    """
    manifest = store.read_manifest(model_file)
    digest = manifest["files"].get(model_file.name, {}).get("sha256")
    environment = Environment(
        loader=PackageLoader("pipeline", "pages"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["estimate"] = _shown
    text = environment.get_template("card.md.jinja").render(
        manifest=manifest,
        definitions=DEFINITIONS,
        training=_about(model_file.with_name(TRAINING_FILE), digest),
        evaluation=_about(model_file.parent / EVALUATION_FOLDER / "metrics.json", digest),
    )
    path = model_file.with_name(CARD_FILE)
    store.write_text(path, text)
    return path


def _about(file: Path, digest: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return dict(found) if found["model"]["sha256"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _shown(estimate: dict[str, float | None]) -> str:
    value, low, high = (estimate[key] for key in ("value", "low", "high"))
    if value is None:
        return "-"
    return f"{value:.3f}" if low is None else f"{value:.3f} ({low:.3f} to {high:.3f})"
