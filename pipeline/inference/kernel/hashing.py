"""Where a key can stand in a table of `pipeline.inference.model_arrays`, and nowhere else."""

# mypy: allow-untyped-defs, allow-untyped-decorators, disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from pipeline.inference.array_format import SHIFT_BITS
from pipeline.inference.kernel.intrinsics import compiled

_SHIFT_BITS = np.uint64(SHIFT_BITS)
_SHIFT = np.uint64((1 << SHIFT_BITS) - 1)


@compiled
def slot_of(mixed, seeds, shifts):
    """Return the one slot of a key from its hash; `shifts` are of `perfect_hash.shifts_of`."""
    seed = np.uint64(seeds[mixed >> (shifts & _SHIFT)])
    return mixed * seed >> (shifts >> _SHIFT_BITS)
