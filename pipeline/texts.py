"""What counts as texts: the check that everything that takes texts makes."""

from __future__ import annotations

from typing import Any


def check_texts(texts: Any) -> list[str]:
    """Check that texts are strings.

    Parameters
    ----------
    texts : iterable of str
        Not a single string.

    Returns
    -------
    list of str

    Raises
    ------
    TypeError
        Naming the position of the first that is not a string.

    Examples
    --------
    >>> check_texts(["one", None])
    Traceback (most recent call last):
        ...
    TypeError: text 1 is None, not a string
    """
    if isinstance(texts, str | bytes):
        raise TypeError("expected a sequence of texts, got a single one; put it in a list")
    try:
        found: list[str] = list(texts)
    except TypeError:
        raise TypeError(f"expected texts, got {_named(texts)}") from None
    for position, text in enumerate(found):
        if not isinstance(text, str):
            raise TypeError(f"text {position} is {_named(text)}, not a string")
    return found


def _named(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, float) and value != value:
        return "NaN"
    return f"of type {type(value).__name__}"
