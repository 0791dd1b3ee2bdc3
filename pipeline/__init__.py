"""Who accuses, who denies, who announces: a stance pipeline for statements in news."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import version

    from pipeline.articles.reader import read_article
    from pipeline.articles.stream import read_articles
    from pipeline.errors import StanceError
    from pipeline.inference.arrow import score_table
    from pipeline.inference.predict import Prediction, predict
    from pipeline.inference.predict import load_predictor as load

    __version__ = version("stance-pipeline")

_CALLED = {"load": "load_predictor"}

# Loaded when first asked for: who only predicts does not wait for the reader of articles.
_HOMES = {
    "Prediction": "pipeline.inference.predict",
    "StanceError": "pipeline.errors",
    "load": "pipeline.inference.predict",
    "predict": "pipeline.inference.predict",
    "read_article": "pipeline.articles.reader",
    "read_articles": "pipeline.articles.stream",
    "score_table": "pipeline.inference.arrow",
}

__all__ = [
    "Prediction",
    "StanceError",
    "__version__",
    "load",
    "predict",
    "read_article",
    "read_articles",
    "score_table",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("stance-pipeline")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), _CALLED.get(name, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
