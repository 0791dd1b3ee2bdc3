"""Perfect hashing: every key of a table that does not change has a slot of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.inference.array_format import MIX, MIX_AGAIN, SHIFT_BITS

LOW_64 = (1 << 64) - 1
_FULL = 0.8
_MOST_SEEDS = 1 << 16
_DOUBLED = 4


def hash_key(first: int, second: int = 0) -> int:
    """Mix a key of one integer or two, as the kernel does."""
    return (first * MIX ^ second * MIX_AGAIN) & LOW_64


def shifts_of(slots: npt.NDArray[Any], seeds: npt.NDArray[np.uint16]) -> int:
    """Pack by how much to shift a hash to its seed, and a hash times its seed to its slot."""
    return (65 - len(slots).bit_length()) << SHIFT_BITS | 65 - len(seeds).bit_length()


def perfect_hash(
    hashes: Sequence[int],
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.intp], int]:
    """Find seeds that send every key to a slot of its own: seeds, slot of each key, and size.

    Hash and displace (Belazzougui, Botelho and Dietzfelbinger 2009): keys fall into buckets; from
    the fullest bucket on, the first seed is taken that finds free slots for all of a bucket.

    Raises
    ------
    pipeline.errors.ModelError
        If two hashes are equal, or nearly.
    """
    size = 1 << max(7, math.ceil(len(hashes) / _FULL) - 1).bit_length()
    for larger in (size << doubled for doubled in range(_DOUBLED)):
        found = _displaced(hashes, larger)
        if found is not None:
            return *found, larger
    raise ModelError("the keys of the table find no slots: two hashes are too much alike")


def _displaced(
    hashes: Sequence[int], size: int
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.intp]] | None:
    seeds = np.zeros(size >> 2, dtype=np.uint16)
    to_seed, to_slot = 65 - len(seeds).bit_length(), 65 - size.bit_length()
    buckets: dict[int, list[int]] = {}
    for key, value in enumerate(hashes):
        buckets.setdefault(value >> to_seed, []).append(key)
    slots = np.zeros(len(hashes), dtype=np.intp)
    taken: set[int] = set()
    for bucket, keys in sorted(buckets.items(), key=lambda entry: -len(entry[1])):
        for seed in range(1, _MOST_SEEDS, 2):
            found = [(hashes[key] * seed & LOW_64) >> to_slot for key in keys]
            if len(set(found)) == len(found) and taken.isdisjoint(found):
                break
        else:
            return None
        taken.update(found)
        seeds[bucket] = seed
        slots[keys] = found
    return seeds, slots
