"""JSON values that a table cannot hold as they are."""

from __future__ import annotations

import re

import pyarrow as pa

TOO_LONG = "a whole number that a table would round; write JSONL, or make it a string"


def has_fractions(kind: pa.DataType) -> bool:
    """Return whether fractions are in a type."""
    if pa.types.is_nested(kind):
        return any(has_fractions(kind.field(i).type) for i in range(kind.num_fields))
    return bool(pa.types.is_floating(kind))


def is_rounded(value: object, kind: pa.DataType | None) -> bool:
    """Return whether a whole number is in a JSON value that has other digits in a type of Arrow.

    Without a type: whether one is longer than any whole number of Arrow.
    """
    if isinstance(value, dict):
        return any(
            is_rounded(part, kind and kind.field(key).type)
            for key, part in value.items()
            if kind is None or (pa.types.is_struct(kind) and kind.get_field_index(key) >= 0)
        )
    if isinstance(value, list):
        inner = kind.value_type if kind is not None and pa.types.is_list(kind) else None
        return any(is_rounded(part, inner) for part in value)
    if not isinstance(value, int):
        return False
    fits = -(2**63) <= value < 2**63
    if kind is None or not fits:
        return not fits
    return bool(pa.types.is_floating(kind)) and value != int(float(value))


def depth_of(line: str) -> int:
    """Return how deep brackets are nested in a line of JSON, whole or broken."""
    depth = deepest = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', line):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest
