"""Who accuses, who denies, who announces: a stance pipeline for statements in news."""

from __future__ import annotations

from pipeline.predict import Prediction, predict

__all__ = ["Prediction", "predict"]
