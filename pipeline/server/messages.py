"""JSON bodies to what they ask for, every mistake with its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from pipeline.articles.inputs.entries import Entry
from pipeline.articles.metadata import Metadata
from pipeline.server.limits import Limits
from pipeline.server.problems import Problem

_KINDS: dict[type, str] = {
    **{dict: "an object", list: "a list", str: "a string", bool: "a boolean"},
    **{int: "a number", float: "a number", type(None): "missing or null"},
}
METADATA = tuple(field.name for field in fields(Metadata))


@dataclass(frozen=True, slots=True)
class Predict:
    """A body of ``POST /predict``: as for `pipeline.inference.predict.predict`."""

    texts: Sequence[str]
    explain: bool
    min_score: float | None


@dataclass(frozen=True, slots=True)
class Read:
    """A body of ``POST /read``: articles, whether on one story; the rest as for `Predict`."""

    articles: Sequence[Entry]
    one_story: bool
    explain: bool
    min_score: float | None


def parse_predict(body: bytes, limits: Limits) -> Predict:
    """Check a body of ``POST /predict``.

    Parameters
    ----------
    body : bytes
        JSON.
    limits : Limits
        How many texts there may be.

    Returns
    -------
    Predict

    Raises
    ------
    Problem
        400 if it is not JSON, 413 if there are too many texts, 422 if anything is not as it should
        be.
    """
    found = _object(_loads(body), "body", ("texts", "explain", "min_score"))
    texts = _list(found, "texts", limits.texts)
    for number, text in enumerate(texts):
        _check(isinstance(text, str), text, f"texts[{number}]", "a string")
    return Predict(texts, _flag(found, "explain"), _score(found))


def parse_read(body: bytes, limits: Limits) -> Read:
    """Check a body of ``POST /read``.

    Parameters
    ----------
    body : bytes
        JSON.
    limits : Limits
        How many articles there may be.

    Returns
    -------
    Read

    Raises
    ------
    Problem
        As for `parse_predict`.
    """
    found = _object(_loads(body), "body", ("articles", "one_story", "explain", "min_score"))
    articles = _list(found, "articles", limits.articles)
    entries = [_entry(article, f"articles[{n}]") for n, article in enumerate(articles)]
    return Read(entries, _flag(found, "one_story"), _flag(found, "explain"), _score(found))


def _score(found: dict[str, Any]) -> float | None:
    score = found.get("min_score")
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    fits = score is None or (is_number and 0 <= score <= 1)
    _check(fits, score, "min_score", "a number from 0 to 1")
    return None if score is None else float(score)


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        place = f"body, line {error.lineno}, column {error.colno}"
        raise Problem(400, f"not JSON: {error.msg}", place, "send a JSON object") from None
    except UnicodeDecodeError as error:
        raise Problem(400, f"byte {error.start} is not UTF-8", "body", "send UTF-8") from None
    except (ValueError, RecursionError):
        what = "JSON nested too deep, or with a number too long"
        raise Problem(400, what, "body", "send a plain JSON object") from None


def _entry(article: object, where: str) -> Entry:
    found = _object(article, where, ("text", "name", *METADATA))
    _check(isinstance(found.get("text"), str), found.get("text"), f"{where}.text", "a string")
    for name in ("name", *METADATA):
        told = found.get(name)
        _check(told is None or isinstance(told, str), told, f"{where}.{name}", "a string or null")
    metadata = Metadata(**{name: found.get(name) for name in METADATA})
    return Entry(found.get("name") or "", found["text"], metadata=metadata)


def _object(value: object, where: str, known: Sequence[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _mistake(value, where, f"an object with {', '.join(known)}")
    unknown = next((name for name in value if name not in known), None)
    if unknown is not None:
        raise Problem(422, f"unknown field {unknown[:40]!r}", where, f"known: {', '.join(known)}")
    return value


def _list(found: dict[str, Any], name: str, most: int) -> list[Any]:
    values = found.get(name)
    if not isinstance(values, list) or not values:
        raise _mistake(values, name, f"a list of 1 to {most:,}")
    if len(values) > most:
        raise Problem(413, f"{len(values):,} of them", name, f"give at most {most:,} at once")
    return values


def _flag(found: dict[str, Any], name: str) -> bool:
    value = found.get(name, False)
    _check(isinstance(value, bool), value, name, "true or false")
    return bool(value)


def _check(fits: bool, value: object, where: str, wanted: str) -> None:
    if not fits:
        raise _mistake(value, where, wanted)


def _mistake(value: object, where: str, wanted: str) -> Problem:
    """Name the kind of a value, never the value: what is sent is not repeated."""
    what = "an empty list" if value == [] else _KINDS[type(value)]
    return Problem(422, f"is {what}", where, f"give {wanted}")
