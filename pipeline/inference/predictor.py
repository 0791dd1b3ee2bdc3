"""`Predictor`: runs the compiled kernel over texts, Arrow arrays and as many cores as there are.

Numba compiles `pipeline.inference.kernel` once; the machine code is kept as an object file, so that
a process that only scores never loads Numba. Where it cannot be kept, each process compiles it.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.inference.array_format import GATHERED, SPELT
from pipeline.inference.arrow_buffers import text_places
from pipeline.inference.compiler import compiled_kernel
from pipeline.inference.model_arrays import ModelArrays
from pipeline.inference.perfect_hash import shifts_of
from pipeline.model.artifacts import TABLE_FILE, find_model
from pipeline.stances import STANCES

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow as pa

_ROWS_A_THREAD = 2048
_USUAL = 1 << 10
_KEPT = 1 << 16
Scores = npt.NDArray[np.float32]


class Predictor:
    """A model's weights and the compiled code that applies it.

    Parameters
    ----------
    arrays : ModelArrays
        Weights.

    Attributes
    ----------
    arrays : ModelArrays
        Its weights.
    thresholds : ndarray of float64, shape (3,)
        The minimum probability at which a stance is predicted.

    Examples
    --------
    >>> predictor = Predictor.load()  # doctest: +SKIP
    >>> predictor.predict_proba(["He denied it."]).shape  # doctest: +SKIP
    (1, 3)
    """

    def __init__(self, arrays: ModelArrays) -> None:
        self.arrays = arrays
        self.thresholds = arrays.thresholds
        self._run = compiled_kernel()
        by_hash: list[tuple[npt.NDArray[Any], npt.NDArray[np.uint16]]] = [
            (arrays.word_slots, arrays.word_seeds),
            (arrays.prefixes, arrays.prefix_seeds),
            (arrays.pairs, arrays.pair_seeds),
            (arrays.grams, arrays.gram_seeds),
        ]
        sizes = [*(shifts_of(*pair) for pair in by_hash), len(arrays.weights)]
        # in the order of `pipeline.inference.kernel.entry`, as is `_Workspace.addresses`
        self._arrays: list[npt.NDArray[Any]] = [
            np.array(sizes, dtype=np.uint64),
            *(arrays.pages, arrays.kinds, arrays.small, arrays.words, arrays.long_words),
            *(array for pair in by_hash for array in pair),
            *(
                arrays.cues,
                arrays.quoted,
                arrays.sides,
                arrays.attributions,
                arrays.lengths,
                arrays.settings,
            ),
            *(arrays.weights, arrays.intercept, arrays.base_log_odds, arrays.roles),
        ]
        self._addresses = _addresses(array.ctypes.data for array in self._arrays)
        self._own = threading.local()

    def __reduce__(self) -> tuple[type[Predictor], tuple[ModelArrays]]:
        return type(self), (self.arrays,)

    @classmethod
    def load(cls, model: str | Path | None = None) -> Predictor:
        """Load a trained model.

        Parameters
        ----------
        model : path, optional
            See `pipeline.model.artifacts.find_model`.

        Returns
        -------
        Predictor

        Raises
        ------
        pipeline.errors.ModelError
            If there is no model, or it is damaged or made by another analyzer.
        """
        return cls(ModelArrays.load(find_model(model).resolve().with_name(TABLE_FILE)))

    def predict_proba(self, texts: Sequence[str]) -> Scores:
        """Return the probability of each stance of each text.

        Parameters
        ----------
        texts : sequence of str
            Sentences; lone surrogates are read as what is no letter.

        Returns
        -------
        ndarray of float32, shape (n_texts, 3)
            In the order of `STANCES`.
        """
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        bounds = np.array([0, *accumulate(map(len, encoded))], dtype=np.int64)
        return self._score(b"".join(encoded), bounds[:-1], bounds[1:], int(bounds[-1]), None)

    def predict_arrow(
        self, texts: pa.Array | pa.ChunkedArray, threads: int | None = None
    ) -> Scores:
        """Return the probability of each stance of each text, straight from Arrow's buffers.

        Parameters
        ----------
        texts : pyarrow.Array or ChunkedArray
            Of strings: string, large_string, string_view, or a dictionary of one of these.
        threads : int, optional
            How many cores to use; without it, all that this process may use. Other Python threads
            go on meanwhile.

        Returns
        -------
        ndarray of float32, shape (n_texts, 3)
            In the order of `STANCES`; NaN where the text is null.

        Raises
        ------
        TypeError
            If the array is not one of strings.
        ValueError
            If the array points outside its own text, which no reader of pyarrow lets in.
        """
        import pyarrow as pa

        if isinstance(texts, pa.ChunkedArray):
            parts = [self.predict_arrow(chunk, threads) for chunk in texts.chunks]
            return np.concatenate(parts) if parts else np.empty((0, len(STANCES)), np.float32)
        if pa.types.is_dictionary(texts.type):
            missing = np.full((1, len(STANCES)), np.nan, dtype=np.float32)
            scores: Scores = np.vstack([self.predict_arrow(texts.dictionary, threads), missing])
            rows = (
                texts.indices.cast(pa.int64())
                .fill_null(len(scores) - 1)
                .to_numpy(zero_copy_only=False)
            )
            return np.asarray(scores[rows])
        base, starts, ends, limit = text_places(texts)
        scores = self._score(base, starts, ends, limit, threads)
        if texts.null_count:
            scores[np.asarray(texts.is_null())] = np.nan
        return scores

    def _score(
        self,
        base: int | bytes,
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        limit: int,
        threads: int | None,
    ) -> Scores:
        rows = len(starts)
        scores = np.empty((rows, len(STANCES)), dtype=np.float32)
        if not rows:
            return scores
        count = rows // _ROWS_A_THREAD
        if count > 1:
            count = min(count, threads or core_count())
        if count <= 1:
            self._score_rows(base, starts, ends, limit, scores)
            return scores
        bounds = np.linspace(0, rows, count + 1, dtype=np.int64).tolist()
        parts = [
            (base, starts[first:last], ends[first:last], limit, scores[first:last])
            for first, last in pairwise(bounds)
        ]
        for done in [_pool().submit(self._score_rows, *part) for part in parts]:
            done.result()
        return scores

    def _score_rows(
        self,
        base: int | bytes,
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        limit: int,
        scores: Scores,
    ) -> None:
        room = self._workspace(int((ends - starts).max()))
        self._run(
            self._addresses, base, _address(starts), _address(ends), len(starts), limit,
            _address(scores), room.addresses,
        )  # fmt: skip

    def _workspace(self, longest: int) -> _Workspace:
        """Return this thread's room to work; room for a very long text is not kept."""
        room: _Workspace | None = getattr(self._own, "room", None)
        if room is None or room.longest < longest:
            room = _Workspace(max(longest, _USUAL), len(self.arrays.weights))
            if longest <= _KEPT:
                self._own.room = room
        return room


class _Workspace:
    """Where one thread works on texts of up to so many bytes; see ``kernel.entry``.

    Attributes
    ----------
    longest : int
        The most bytes of one text.
    seen : ndarray of int32
        What has been counted, for each term; and a number above all these.
    addresses : ctypes array of int64
        Of all there is to write to, as the kernel takes them.
    """

    def __init__(self, longest: int, terms: int) -> None:
        self.longest = longest
        self.seen = np.zeros(terms + 1, dtype=np.int32)
        self.seen[-1] = 1
        places = longest + 2  # a text can have as many tokens, and the bounds are tokens too
        spelt, begins, stops, families, stems = 16 * places, *[8 * places] * 4
        sums, tokens, gathered, frames, cues = 32, 4 * places, 4 * GATHERED, places, places
        copy = longest + SPELT
        sizes = [spelt, begins, stops, families, stems, sums, tokens, gathered, frames, cues, copy]
        self._space = np.empty(sum(sizes), dtype=np.uint8)
        (spelt, begins, stops, families, stems, sums, tokens, gathered, frames, cues, copy) = (
            accumulate(sizes[:-1], initial=_address(self._space))
        )
        self.addresses = _addresses(
            [
                *(tokens, spelt, begins, stops, stems, frames, cues, families, gathered),
                *(_address(self.seen), sums, copy),
            ]
        )


def _address(array: npt.NDArray[Any]) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(array.data))  # quicker than `array.ctypes`


def _addresses(places: Iterable[int]) -> ctypes.Array[ctypes.c_int64]:
    known = list(places)
    return (ctypes.c_int64 * len(known))(*known)


def core_count() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(core_count(), thread_name_prefix="stance")
    if hasattr(os, "register_at_fork"):  # threads do not survive a fork
        os.register_at_fork(after_in_child=_pool.cache_clear)
    return pool
