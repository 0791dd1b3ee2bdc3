"""The model that `make train` left, where Make says that it is not older than code and statements.

The suite need not train it a second time then. `make test` names its folder in `STANCE_TRAINED`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from pipeline.evaluation.metrics import Metrics, StanceMetrics
from pipeline.files import ROOT, SHIPPED_STATEMENTS
from pipeline.model.artifacts import CARD_FILE, MANIFEST_FILE, MODEL_FILE, TRAINING_FILE
from pipeline.model.verification import verify_model
from pipeline.settings import SETTINGS
from pipeline.stages.train import Training

_OTHERS = ("README.md", ".trained-on", "evaluation", "benchmark", "soak", "demo.html")


def copied_training(trained: Path, folder: Path) -> Training | None:
    """Copy a model of the shipped statements, and tell of its training; None if it is another."""
    try:
        manifest = json.loads((trained / MANIFEST_FILE).read_text(encoding="utf-8"))
        metrics = json.loads((trained / TRAINING_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not _is_shipped(manifest) or any(check.problem for check in verify_model(trained)):
        return None
    shutil.copytree(trained, folder, symlinks=True, ignore=shutil.ignore_patterns(*_OTHERS))
    told = {field.name: metrics[field.name] for field in fields(Training) if field.name in metrics}
    return Training(
        **{
            **told,
            "model": folder / MODEL_FILE,
            "card": folder / CARD_FILE,
            "cross_validation": _metrics(metrics["cross_validation"]),
            "seconds": 0.0,
        }
    )


def _is_shipped(manifest: dict[str, Any]) -> bool:
    trained_on = {(ROOT / name).resolve() for name in manifest["data"]}
    return (
        trained_on == set(SHIPPED_STATEMENTS.rglob("*.jsonl"))
        and manifest["settings"] == asdict(SETTINGS)
        and manifest["rates"] == "news"
    )


def _metrics(written: dict[str, Any]) -> Metrics:
    by_stance = {
        name: StanceMetrics(**_values(found)) for name, found in written["by_stance"].items()
    }
    macro = {f"macro_{name}": value for name, value in _values(written["macro"]).items()}
    names = {field.name for field in fields(Metrics)} - {"notes"}
    told = {name: value for name, value in _values(written).items() if name in names}
    return Metrics(**{**told, **macro, "by_stance": by_stance, "notes": []})


def _values(written: dict[str, Any]) -> dict[str, Any]:
    """Leave the intervals out."""
    return {
        name: found["value"] if isinstance(found, dict) and "value" in found else found
        for name, found in written.items()
    }
