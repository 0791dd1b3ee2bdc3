"""Where each text stands in Arrow's buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

_INLINE_VIEW = 12
_NOWHERE = -(1 << 62)


def text_places(
    texts: pa.Array,
) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Return an address, where each text begins and ends from there, and how far can be read."""
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
    _check_inside(bool((starts >= 0).all() and (starts <= ends).all() and ends[-1] <= size))
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
    _check_inside(bool((lengths >= 0).all() and ((index >= 0) & (index < len(data))).all()))
    away = np.array([buffer.address - base for buffer in data], dtype=np.int64)
    sizes = np.array([buffer.size for buffer in data], dtype=np.int64)
    _check_inside(bool((offset >= 0).all() and (offset + lengths[long] <= sizes[index]).all()))
    at[long] = away[index] + offset
    return base, at, at + lengths


def _check_inside(fits: bool) -> None:
    if not fits:
        raise ValueError("the array of texts is damaged: it points outside its own text")
