"""`Scorer`: runs the compiled kernel over texts, Arrow arrays and as many cores as there are.

Numba compiles `pipeline.kernel` once; the machine code is kept as an object file, so that a process
that only scores never loads Numba. Where it cannot be kept, each process compiles for itself.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import stat
import sys
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np
import numpy.typing as npt

from pipeline import store
from pipeline.perfect_hash import shifts_of
from pipeline.stances import STANCES
from pipeline.table import GATHERED, Table

if TYPE_CHECKING:
    import pyarrow as pa

_ENTRY = "score_rows"
_ROWS_A_THREAD = 2048
_USUAL = 1 << 10
_KEPT = 1 << 16
_INLINE_VIEW = 12
_NOWHERE = -(1 << 62)

Scores = npt.NDArray[np.float32]


class Scorer:
    """A table of weights and the compiled code that applies it.

    Parameters
    ----------
    table : Table
        Weights.

    Attributes
    ----------
    table : Table
        Its weights.
    thresholds : ndarray of float64, shape (3,)
        The least probability at which a stance is given.

    Examples
    --------
    >>> scorer = Scorer.load()  # doctest: +SKIP
    >>> scorer.score_texts(["He denied it."]).shape  # doctest: +SKIP
    (1, 3)
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.thresholds = table.thresholds
        self._run = _compiled()
        by_hash: list[tuple[npt.NDArray[Any], npt.NDArray[np.uint16]]] = [
            (table.word_slots, table.word_seeds),
            (table.prefixes, table.prefix_seeds),
            (table.pairs, table.pair_seeds),
            (table.grams, table.gram_seeds),
        ]
        sizes = [*(shifts_of(*pair) for pair in by_hash), len(table.weights)]
        # in the order of `pipeline.kernel.rows`, as is `_Room.addresses`
        self._arrays: list[npt.NDArray[Any]] = [
            np.array(sizes, dtype=np.uint64),
            *(table.pages, table.kinds, table.small, table.words, table.long_words),
            *(array for pair in by_hash for array in pair),
            *(table.cues, table.quoted, table.sides, table.attributions, table.lengths),
            *(table.weights, table.intercept, table.base_log_odds),
        ]
        self._addresses = _addresses(array.ctypes.data for array in self._arrays)
        self._own = threading.local()

    @classmethod
    def load(cls, model: str | Path | None = None) -> Scorer:
        """Load a trained model.

        Parameters
        ----------
        model : path, optional
            See `pipeline.store.find`.

        Returns
        -------
        Scorer

        Raises
        ------
        pipeline.store.ModelError
            If there is no model, or it is damaged or made by another analyzer.
        """
        return cls(Table.load(store.find(model).resolve().with_name(store.TABLE_FILE)))

    def score_texts(self, texts: Sequence[str]) -> Scores:
        """Give the probability of each stance of each text.

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

    def score(self, texts: pa.Array | pa.ChunkedArray, threads: int | None = None) -> Scores:
        """Give the probability of each stance of each text, straight from Arrow's buffers.

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
            parts = [self.score(chunk, threads) for chunk in texts.chunks]
            return np.concatenate(parts) if parts else np.empty((0, len(STANCES)), np.float32)
        if pa.types.is_dictionary(texts.type):
            missing = np.full((1, len(STANCES)), np.nan, dtype=np.float32)
            scores: Scores = np.vstack([self.score(texts.dictionary, threads), missing])
            rows = (
                texts.indices.cast(pa.int64())
                .fill_null(len(scores) - 1)
                .to_numpy(zero_copy_only=False)
            )
            return np.asarray(scores[rows])
        base, starts, ends, limit = _places(texts)
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
            count = min(count, threads or cores())
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
        room = self._room(int((ends - starts).max()))
        self._run(
            self._addresses, base, _address(starts), _address(ends), len(starts), limit,
            _address(scores), room.addresses,
        )  # fmt: skip

    def _room(self, longest: int) -> _Room:
        """Give this thread's room to work; room for a very long text is not kept."""
        room: _Room | None = getattr(self._own, "room", None)
        if room is None or room.longest < longest:
            room = _Room(max(longest, _USUAL), len(self.table.weights))
            if longest <= _KEPT:
                self._own.room = room
        return room


class _Room:
    """Where one thread works on texts of up to so many bytes; see `pipeline.kernel.rows`.

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
        sizes = [spelt, begins, stops, families, stems, sums, tokens, gathered, frames, cues]
        self._space = np.empty(sum(sizes), dtype=np.uint8)
        spelt, begins, stops, families, stems, sums, tokens, gathered, frames, cues = accumulate(
            sizes[:-1], initial=_address(self._space)
        )
        self.addresses = _addresses(
            [
                *(tokens, spelt, begins, stops, stems, frames, cues, families, gathered),
                *(_address(self.seen), sums),
            ]
        )


def _address(array: npt.NDArray[Any]) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(array.data))  # quicker than `array.ctypes`


def _addresses(places: Iterable[int]) -> ctypes.Array[ctypes.c_int64]:
    known = list(places)
    return (ctypes.c_int64 * len(known))(*known)


def _places(
    texts: pa.Array,
) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Give an address, where each text begins and ends from there, and how far can be read."""
    import pyarrow as pa

    kind = texts.type
    buffers = texts.buffers()
    rows = slice(texts.offset, texts.offset + len(texts) + 1)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        if pa.types.is_null(kind):
            return 0, np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64), 0
        if not pa.types.is_string_view(kind):
            raise TypeError(f"expected an Arrow array of strings, got {kind}")
        return *_view_places(texts), _NOWHERE
    if not len(texts):
        return 0, np.empty(0, np.int64), np.empty(0, np.int64), 0
    dtype = np.int32 if pa.types.is_string(kind) else np.int64
    offsets = np.frombuffer(buffers[1], dtype=dtype)[rows].astype(np.int64)
    base, size = (buffers[2].address, buffers[2].size) if buffers[2] else (0, 0)
    starts, ends = offsets[:-1], offsets[1:]
    _check(bool((starts >= 0).all() and (starts <= ends).all() and ends[-1] <= size))
    return base, starts, ends, int(ends[-1])


def _view_places(
    texts: pa.Array,
) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Do the same for string views, which hold short texts and point to long ones."""
    _, views, *data = texts.buffers()
    layout = np.dtype([("length", "<i4"), ("prefix", "<i4"), ("buffer", "<i4"), ("offset", "<i4")])
    known = np.frombuffer(views, dtype=layout)[texts.offset : texts.offset + len(texts)]
    valid = np.asarray(texts.is_valid())
    lengths = np.where(valid, known["length"], 0).astype(np.int64)
    base = int(views.address)
    at = (texts.offset + np.arange(len(texts), dtype=np.int64)) * layout.itemsize + 4
    long = lengths > _INLINE_VIEW
    index, offset = known["buffer"][long], known["offset"][long]
    _check(bool((lengths >= 0).all() and ((index >= 0) & (index < len(data))).all()))
    away = np.array([buffer.address - base for buffer in data], dtype=np.int64)
    sizes = np.array([buffer.size for buffer in data], dtype=np.int64)
    _check(bool((offset >= 0).all() and (offset + lengths[long] <= sizes[index]).all()))
    at[long] = away[index] + offset
    return base, at, at + lengths


def _check(fits: bool) -> None:
    if not fits:
        raise ValueError("the array of texts is damaged: it points outside its own text")


def cores() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    pool = ThreadPoolExecutor(cores(), thread_name_prefix="stance")
    if hasattr(os, "register_at_fork"):  # threads do not survive a fork
        os.register_at_fork(after_in_child=_pool.cache_clear)
    return pool


@cache
def _compiled() -> Any:
    """Give the machine code as a function that takes addresses; releases the lock of Python."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    code = _kept() or _compile()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    form = ctypes.CFUNCTYPE(
        *(ctypes.c_int32, pointer, pointer),
        *(pointer, pointer, pointer, pointer, number, number, pointer, pointer),
    )
    function = form(engine.get_function_address(_ENTRY))
    # where Numba's functions would leave a result and an error
    unused = ctypes.create_string_buffer(8), ctypes.create_string_buffer(8)

    def run(*arguments: Any, _alive: Any = engine) -> None:
        function(*unused, *arguments)

    return run


def _machine() -> llvm.TargetMachine:
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        jit=True,
    )


def _compile() -> bytes:
    import numba

    from pipeline.kernel.rows import SIGNATURE, score_rows

    compiled = numba.cfunc(SIGNATURE, error_model="numpy")(score_rows)
    wrapper = compiled.native_name
    module = llvm.parse_assembly(
        compiled.inspect_llvm().replace(wrapper.removeprefix("cfunc."), _ENTRY)
    )
    for function in module.functions:
        if not function.is_declaration and function.name != _ENTRY:
            function.linkage = "internal"
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    machine = _machine()
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.slp_vectorization = True
    passes.run(module, llvm.create_pass_builder(machine, options))
    code = bytes(machine.emit_object(module))
    _keep(code)
    return code


def _object_files() -> list[Path]:
    """Name where machine code is kept: ``$STANCE_CACHE``, else beside this file, else at home."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for name in ("table.py", "analyzer.py", "scorer.py"):
        digest.update((here / name).read_bytes())
    for source in sorted((here / "kernel").glob("*.py")):
        digest.update(source.read_bytes())
    facts = (
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        llvmlite.__version__,
        sys.version,
    )
    digest.update(repr(facts).encode())
    name = f"kernel-{digest.hexdigest()[:16]}.o"
    chosen = os.environ.get("STANCE_CACHE")
    if chosen is not None:
        return [Path(chosen) / name] if chosen else []
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    return [here / "__pycache__" / name, home / "stance" / name]


def _kept() -> bytes | None:
    for path in _object_files():
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                own = not hasattr(os, "getuid") or status.st_uid in (os.getuid(), 0)
                if own and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                    return file.read()
        except OSError:
            continue
    return None


def _keep(code: bytes) -> None:
    for path in _object_files():
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("xb") as file:
                os.fchmod(file.fileno(), 0o644)
                file.write(code)
            aside.replace(path)
        except OSError:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            continue
        return
