"""`stance predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import (
    Json,
    Model,
    failures,
    one_row,
    out,
    plain,
    show,
    tell_of_compiling,
)
from pipeline.errors import StanceError

if TYPE_CHECKING:
    from pipeline.inference.predict import Prediction

SHOWN_TERMS = 8


def predict(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Sentences; without any, lines of standard input.")
    ] = None,
    model: Model = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the terms that moved each stance.")
    ] = False,
    min_score: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Give a stance from this probability on.",
            show_default="the model's thresholds",
        ),
    ] = None,
    json_lines: Json = False,
) -> None:
    """Predict the stances of sentences.

    A stance counts from some 0.25 to 0.35 on: in news few sentences have one, so a good guess
    often scores no higher. --min-score sets a higher bar.

    Exit status: 0 done, 1 failed, 2 bad usage.
    """
    with failures():
        from pipeline.inference.predict import predict as predict_texts

        if not texts and sys.stdin.isatty():
            raise typer.BadParameter("give a sentence, or lines on standard input")
        tell_of_compiling()
        sentences = texts or [line.rstrip("\r\n") for line in _lines()]
        predictions = predict_texts(sentences, model, explain=explain, min_score=min_score)
        if json_lines:
            for sentence, found in zip(sentences, predictions, strict=True):
                plain(json.dumps({"text": sentence, **asdict(found)}, ensure_ascii=False))
        elif not out.is_terminal:
            for sentence, found in zip(sentences, predictions, strict=True):
                plain(f"{','.join(found.stances) or found.stance}\t{one_row(sentence)}")
        else:
            rows = [
                [
                    ", ".join(found.stances) or found.stance,
                    *(f"{score:.2f}" for score in found.scores.values()),
                    sentence,
                ]
                for sentence, found in zip(sentences, predictions, strict=True)
            ]
            show(["stance", "accuse", "deny", "announce", "sentence"], rows)
        if explain and not json_lines:
            for sentence, found in zip(sentences, predictions, strict=True):
                _explain(sentence, found)


def _lines() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise StanceError(
                f"standard input, line {number}: not UTF-8 at byte {error.start}; convert it first"
            ) from None


def _explain(sentence: str, found: Prediction) -> None:
    for stance in found.stances or max(found.scores, key=lambda name: found.scores[name]).split():
        terms = (found.explanation or {})[stance][:SHOWN_TERMS]
        plain(f"\n{stance} {found.scores[stance]:.2f}: {one_row(sentence)}")
        show(["adds", "term"], [[f"{added:+.2f}", term] for term, added in terms])
