"""Labels to stances: our own, and those of other schemes."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import StanceError
from pipeline.stances import NONE, STANCES

_SHOWN_COLUMNS = 20
Record = dict[str, Any]


@dataclass
class LabelMapping:
    """What the labels of another scheme mean; a label that is not named means none.

    Attributes
    ----------
    meaning : dict of str to str
        Stance, or ``none``, by label in lowercase.
    seen : Counter of str
        How often each label, in lowercase, was met.
    """

    meaning: dict[str, str]
    seen: Counter[str] = field(default_factory=Counter)

    @classmethod
    def parse(cls, pairs: Iterable[str]) -> LabelMapping:
        """Read pairs such as ``ACCUSE=accuse``.

        Raises
        ------
        StanceError
            If a pair is not of that form.

        Examples
        --------
        >>> LabelMapping.parse(["112=accuse"]).stances([112, "040"])
        ['accuse']
        """
        meaning = {}
        for pair in pairs:
            label, _, stance = pair.rpartition("=")
            label, stance = _label_key(label), stance.strip().lower()
            if not label or stance not in (*STANCES, NONE):
                allowed = ", ".join((*STANCES, NONE))
                raise StanceError(f"--map {pair}: write LABEL=STANCE, a stance being {allowed}")
            meaning[label] = stance
        return cls(meaning)

    def stances(self, value: object) -> list[str]:
        """Translate one label cell, which may hold one label or a list of them."""
        value = unpack_cell(value)
        labels = (
            [_label_key(part) for part in value]
            if isinstance(value, list | tuple)
            else self._labels(_label_key(value))
        )
        self.seen.update(labels)
        found = dict.fromkeys(self.meaning.get(label, NONE) for label in labels)
        return [stance for stance in found if stance != NONE]

    def _labels(self, cell: str) -> list[str]:
        """Split a cell into labels; one that is named, or is of several words, may hold a comma."""
        if cell in self.meaning:
            return [cell]
        for mark in "|;#":
            if mark in cell:
                return [label for part in cell.split(mark) for label in self._labels(part.strip())]
        parts = [part.strip() for part in cell.split(",")]
        named = all(part in self.meaning for part in parts)
        return parts if named or not any(" " in part for part in parts) else [cell]


def _label_key(label: object) -> str:
    """Write a label as `LabelMapping` has it: 1, 1.0 and "1.0" are the same."""
    if label is None or label != label:
        return ""
    text = json.dumps(label, default=str) if isinstance(label, dict | list | bool) else str(label)
    return re.sub(r"^(-?\d+)\.0$", r"\1", text.strip().lower())


def unpack_cell(value: object) -> object:
    """Read the JSON that a cell may hold, and take the list out of ``{"choices": [...]}``."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    if isinstance(value, dict) and isinstance(value.get("choices"), list):
        return value["choices"]
    return value


def parse_stances(value: object) -> list[str]:
    """Read one label cell.

    Parameters
    ----------
    value : object
        A list of names; a string of one or several names separated by commas, semicolons, bars,
        number signs or blanks; such a list or Label Studio's ``{"choices": [...]}`` written as
        JSON; or nothing.

    Returns
    -------
    list of str
        Stances in the order given, without repeats; empty for ``none`` and for nothing.

    Raises
    ------
    ValueError
        With two arguments: what is wrong, and what to do.

    Examples
    --------
    >>> parse_stances("deny,accuse")
    ['deny', 'accuse']
    >>> parse_stances("none")
    []
    """
    value = unpack_cell(value)
    if value is None or (isinstance(value, float) and value != value):
        return []
    if isinstance(value, str):
        if value.lstrip()[:1] in ("[", "{"):
            raise ValueError(f"stances {shown_value(value)} is broken JSON", "write deny,accuse")
        value = [part for part in re.split(r"[,;|#\s]+", value) if part]
    if not isinstance(value, list | tuple):
        raise ValueError(
            f"stances is {typename(value)}", f"use the names {', '.join((*STANCES, NONE))}"
        )
    if any(isinstance(part, dict | list) for part in value):
        what = f"stances holds {shown_value(value[0])}, as of a part of the text"
        raise ValueError(what, "label whole statements with the names of stances")
    stances: dict[str, None] = {}
    empty = False
    for part in value:
        stance = part.strip().lower() if isinstance(part, str) else part
        if stance in ("", NONE):
            empty = True
        elif isinstance(stance, str) and stance in STANCES:
            stances[stance] = None
        else:
            near = difflib.get_close_matches(str(stance), (*STANCES, NONE), n=1, cutoff=0.5)
            remedy = f"did you mean {near[0]!r}?" if near else "use one of"
            allowed = ", ".join((*STANCES, NONE))
            raise ValueError(f"unknown stance {shown_value(part)}", f"{remedy} ({allowed})")
    if empty and stances:
        raise ValueError("'none' beside another stance", "delete one of the two")
    return list(stances)


def _flag(column: str, value: object) -> bool:
    normal = value.strip().lower() if isinstance(value, str) else value
    if normal is None or normal in ("", 0, "0", "false", "0.0"):
        return False
    if normal in (1, "1", "true", "1.0"):
        return True
    raise ValueError(f"column {column!r} is {shown_value(value)}", "write 0 or 1")


def typename(value: object) -> str:
    """Name the type of a value, for errors."""
    return "missing" if value is None else f"a {type(value).__name__}"


def shown_value(value: object) -> str:
    """Write a value, for errors."""
    return short(repr(value))


def short(text: str) -> str:
    """Cut a long text, for errors."""
    return text if len(text) <= 60 else f"{text[:57]}..."
