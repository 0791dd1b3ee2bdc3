"""The model card: written from what training and evaluation measured, never by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.files import write_text
from pipeline.model.artifacts import (
    CARD_FILE,
    EVALUATION_FOLDER,
    SCHEMA_VERSION,
    TRAINING_FILE,
    read_manifest,
)
from pipeline.model.news import whole_article_line
from pipeline.stances import DEFINITIONS
from pipeline.templates import render_template


def write_model_card(model_file: Path) -> Path:
    """Write the card of a saved model anew, in the place of the one that is saved with it.

    Parameters
    ----------
    model_file : Path
        The model; ``training.json`` and ``evaluation/metrics.json`` beside it are read if they are
        there and are about this very model.

    Returns
    -------
    Path
        The card, as seen beside the model.

    Raises
    ------
    pipeline.errors.ModelError
        If the model has no manifest.
    """
    saved = model_file.resolve()  # one training's files, whatever is put in place meanwhile
    text = render_model_card(saved, model_file.parent / EVALUATION_FOLDER)
    card = saved.with_name(CARD_FILE)
    beside = model_file.with_name(CARD_FILE)
    write_text(card if card.exists() else beside, text)
    return beside


def render_model_card(model_file: Path, evaluation: Path) -> str:
    """Return the card of a model.

    Parameters
    ----------
    model_file : Path
        The model; its manifest is beside it, and perhaps ``training.json``.
    evaluation : Path
        The folder of the last evaluation, if there is one.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    pipeline.errors.ModelError
        If the model has no manifest.
    """
    manifest = read_manifest(model_file)
    digest = manifest["files"].get(model_file.name, {}).get("sha256")
    return render_template(
        Path(__file__).with_name("model_card.md.jinja"),
        {"estimate": _shown},
        manifest=manifest,
        news_line=manifest.get("news") and whole_article_line(manifest["news"]),
        definitions=DEFINITIONS,
        training=_about(model_file.with_name(TRAINING_FILE), digest),
        evaluation=_about(evaluation / "metrics.json", digest),
    )


def _about(file: Path, digest: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        is_ours = found["schema_version"] == SCHEMA_VERSION and found["model"]["sha256"] == digest
        return dict(found) if is_ours else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _shown(estimate: dict[str, float | None]) -> str:
    value, low, high = (estimate[key] for key in ("value", "low", "high"))
    if value is None:
        return "-"
    return f"{value:.3f}" if low is None else f"{value:.3f} ({low:.3f} to {high:.3f})"
