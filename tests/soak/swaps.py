"""Two models swapped while runs start and read: every output comes from one of them alone."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.errors import StanceError
from pipeline.inference.model_arrays import ModelArrays
from pipeline.inference.predict import predict
from pipeline.inference.predictor import Predictor
from pipeline.model import features
from pipeline.model.artifacts import TABLE_FILE, save_files
from tests.soak.archives import sentences, write_archive
from tests.soak.commands import run
from tests.soak.outcome import Outcome, Plan

JOB = "swaps"
_LONGEST_PAUSE = 0.4
_TEXTS = [text for text, _ in zip(sentences(1), range(200), strict=False)]
Answer = Callable[[Path], object]


def swaps(plan: Plan, home: Path) -> Outcome:
    """Swap models while commands and calls score, until the time is over."""
    pair = Pair(home / "models")
    source = write_archive(home / "in.jsonl", min(plan.rows, 20_000), plan.seed)
    article = home / "article.txt"
    article.write_text("\n\n".join(_TEXTS[:60]), encoding="utf-8")
    ways: dict[str, Answer] = {
        "stance score": lambda model: run(
            *("score", source, "-", "--format", "jsonl", "--on-error", "skip", "--model", model)
        )[:2],
        "stance read": lambda model: run("read", "--json", article, "--model", model)[:2],
        "predict": lambda model: [predict(_TEXTS, model) for _ in range(50)],
    }
    alone: dict[str, list[list[str]]] = {}
    found, seen = Outcome(JOB), Counter[str]()
    for number, draw in plan.rounds(JOB):
        way = draw.choice([*ways])
        if way not in alone:
            alone[way] = [_flat(ways[way](each)) for each in pair.alone]
        with pair.swapped(draw):
            problem, models = judge(ways[way], pair.folder, alone[way])
        seen.update(models)
        seen["answers"] += len(models)
        if problem:
            found.failures.append(f"{way}: {problem}; {plan.again(JOB, number)}")
    found.figures = {
        "swaps": f"{pair.swaps:,}",
        "answers": f"{seen['answers']:,}",
        "by the one model": f"{seen['0']:,}",
        "by the other": f"{seen['1']:,}",
        "by neither or a mixture": f"{len(found.failures):,}",
    }
    return found


@dataclass
class Pair:
    """Two models of other scores, each alone in a folder, and a folder in which they are swapped.

    Attributes
    ----------
    folder : Path
    alone : list of Path
    swaps : int
        How often one has taken the place of the other.
    """

    home: Path
    swaps: int = 0
    alone: list[Path] = field(init=False)
    folder: Path = field(init=False)
    _arrays: list[ModelArrays] = field(init=False)

    def __post_init__(self) -> None:
        first = Predictor.load().arrays
        self._arrays = [first, replace(first, intercept=first.intercept + 1)]
        self.alone = [self.home / name for name in ("first", "second")]
        self.folder = self.home / "swapped"
        for folder, arrays in zip(self.alone, self._arrays, strict=True):
            _save(folder, arrays)
        _save(self.folder, first)

    @contextmanager
    def swapped(self, draw: random.Random) -> Iterator[None]:
        """Swap the models again and again while the block runs."""
        ended = threading.Event()

        def swap() -> None:
            while not ended.wait(draw.random() * _LONGEST_PAUSE):
                self.swaps += 1
                _save(self.folder, self._arrays[self.swaps % 2])

        swapper = threading.Thread(target=swap)
        swapper.start()
        try:
            yield
        finally:
            ended.set()
            swapper.join()


def judge(answer: Answer, model: Path, alone: list[list[str]]) -> tuple[str, list[str]]:
    """Take answers; gives what is wrong with them, and which model each came from."""
    try:
        given = _flat(answer(model))
    except StanceError as error:
        return f"ended with {error}", []
    models = []
    for text in given:
        matches = [str(which) for which, texts in enumerate(alone) if text in texts]
        if len(matches) != 1:
            return f"an answer fits {len(matches)} models: {text[:200]}", models
        models += matches
    return "", models


def _flat(answers: object) -> list[str]:
    """Write each answer out, so that equal ones are equal."""
    if isinstance(answers, list):
        return [json.dumps([each.scores for each in answer]) for answer in answers]
    return [repr(answers)]


def _save(folder: Path, arrays: ModelArrays) -> None:
    save_files(folder, {TABLE_FILE: arrays.save}, versions={"analyzer": features.fingerprint()})
