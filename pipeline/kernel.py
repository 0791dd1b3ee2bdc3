"""The compiled scorer: the same probabilities as the estimator, over Arrow string buffers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Scorer:
    """A model's table of weights, ready to score. (stand-in: the estimator behind the interface)

    Attributes
    ----------
    thresholds : ndarray of float32, shape (3,)
    """

    def __init__(self, estimator) -> None:  # type: ignore[no-untyped-def]
        self._estimator = estimator
        self.thresholds = estimator.thresholds_.astype(np.float32)

    @classmethod
    def load(cls, model: str | Path | None = None) -> Scorer:
        """Load the table of the model found by `pipeline.model.find`."""
        from pipeline.model import load

        return cls(load(model))

    def score(self, texts: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.float32]:
        """Give the probability of each stance: (n, 3) float32; a null scores NaN."""
        values = texts.to_pylist()
        found = np.full((len(values), 3), np.nan, dtype=np.float32)
        known = [i for i, value in enumerate(values) if value is not None]
        if known:
            found[known] = self._estimator.predict_proba([values[i] for i in known])
        return found
