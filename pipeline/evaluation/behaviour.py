"""Behaviour cases in the three kinds of CheckList (Ribeiro et al. 2020), and swaps of countries.

Functionality: a sentence whose stance is plain. Invariance: a change that must not change the main
stance. Direction: a change that must raise a score.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import StanceError
from pipeline.files import ROOT
from pipeline.stances import NONE, STANCES, apply_thresholds

FILE = ROOT / "data" / "behaviour.jsonl"
KINDS = {"functionality": 1, "invariance": 2, "direction": 2}
COUNTRIES = """Afghanistan Albania Algeria Angola Argentina Armenia Australia Austria Bangladesh
    Belarus Belgium Bolivia Botswana Brazil Bulgaria Cambodia Cameroon Canada Chad Chile China
    Colombia Croatia Cuba Denmark Ecuador Egypt Estonia Ethiopia Fiji Finland France Germany Ghana
    Greece Guyana Haiti Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan
    Kazakhstan Kenya Kosovo Kuwait Latvia Lebanon Libya Malawi Malaysia Mali Malta Mexico Moldova
    Mongolia Morocco Mozambique Namibia Nepal Nicaragua Nigeria Norway Pakistan Panama Paraguay Peru
    Poland Portugal Qatar Romania Russia Rwanda Senegal Serbia Slovakia Somalia Spain Sudan Sweden
    Syria Tanzania Thailand Togo Tunisia Turkey Uganda Ukraine Uruguay Venezuela Vietnam Yemen
    Zambia Zimbabwe""".split()  # noqa: SIM905
SWAPPED_IN = (
    "Chad", "China", "Iran", "Israel", "Jordan", "Mexico", "Pakistan", "Peru", "Russia", "Turkey",
    "Ukraine", "United States",
)  # fmt: skip
MOST_SWAPPED = 200
_COUNTRY = re.compile(rf"\b({'|'.join(COUNTRIES)})\b")


class Scoring(Protocol):
    """What returns probabilities, such as `pipeline.inference.predictor.Predictor`."""

    @property
    def thresholds(self) -> npt.NDArray[np.float64]:
        """The minimum probability at which each stance is predicted."""

    def predict_proba(self, X: Sequence[str], /) -> npt.NDArray[Any]:
        """Return the probability of each stance of each text."""


@dataclass(frozen=True)
class Case:
    """One thing a model should do.

    Attributes
    ----------
    kind : str
        One of `KINDS`, which also says how many texts it has.
    topic : str
        What is looked at.
    texts : tuple of str
        One sentence; or one as it was and one as changed.
    main : str or None
        Of functionality: the main stance to predict.
    stances : tuple of str or None
        Of functionality, instead: exactly the stances to predict.
    stance : str or None
        Of direction: whose score must be higher for the second text.
    known_failure : str or None
        Why it is known to fail.
    """

    kind: str
    topic: str
    texts: tuple[str, ...]
    main: str | None = None
    stances: tuple[str, ...] | None = None
    stance: str | None = None
    known_failure: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a model did on a case: whether it passed, and the main stance of each text."""

    case: Case
    passed: bool
    predicted: tuple[str, ...]


def load_cases(file: Path = FILE) -> list[Case]:
    """Load the behaviour cases.

    Parameters
    ----------
    file : Path
        One JSON object a line, with the attributes of `Case`.

    Returns
    -------
    list of Case

    Raises
    ------
    StanceError
        If there is no such file, or a line is not a case.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise StanceError(f"{file}: behaviour cases cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise StanceError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return [_case(file, number, line) for number, line in enumerate(lines, start=1)]


def _case(file: Path, number: int, line: str) -> Case:
    try:
        found = json.loads(line)
        found |= {key: tuple(found[key]) for key in ("texts", "stances") if key in found}
        case = Case(**found)
        expectations = [value for value in (case.main, case.stances, case.stance) if value]
        if len(case.texts) != KINDS[case.kind] or len(expectations) != (case.kind != "invariance"):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise StanceError(f"{file}:{number}: not a behaviour case; see the other lines") from None
    return case


def run_cases(cases: Sequence[Case], model: Scoring) -> list[Outcome]:
    """Try a model on cases.

    Parameters
    ----------
    cases : sequence of Case
    model : Scoring

    Returns
    -------
    list of Outcome
        In the same order.
    """
    scores = model.predict_proba([text for case in cases for text in case.texts])
    found = apply_thresholds(scores, model.thresholds)
    outcomes, start = [], 0
    for case in cases:
        rows = slice(start, start + len(case.texts))
        start = rows.stop
        predicted = tuple(names[0] if names else NONE for names in found[rows])
        if case.stance is not None:
            low, high = scores[rows, STANCES.index(case.stance)]
            passed = bool(low < high)
        elif case.stances is not None:
            passed = set(found[rows][0]) == set(case.stances)
        else:
            passed = predicted[0] == (case.main or predicted[1])
        outcomes.append(Outcome(case, passed, predicted))
    return outcomes


def summarize(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Count cases that pass, and list those that fail.

    Parameters
    ----------
    outcomes : sequence of Outcome

    Returns
    -------
    dict
        ``cases`` and ``passed``; ``topics``, the same by kind and topic; ``failures``, each with
        its texts, what was expected and predicted, and the reason where it is known.
    """
    topics: dict[tuple[str, str], list[bool]] = {}
    for outcome in outcomes:
        topics.setdefault((outcome.case.kind, outcome.case.topic), []).append(outcome.passed)
    return {
        "cases": len(outcomes),
        "passed": sum(outcome.passed for outcome in outcomes),
        "topics": [
            {"kind": kind, "topic": topic, "cases": len(passed), "passed": sum(passed)}
            for (kind, topic), passed in topics.items()
        ],
        "failures": [
            {
                "kind": outcome.case.kind,
                "topic": outcome.case.topic,
                "texts": list(outcome.case.texts),
                "expected": _expected(outcome.case),
                "predicted": list(outcome.predicted),
                "known": outcome.case.known_failure,
            }
            for outcome in outcomes
            if not outcome.passed
        ],
    }


def _expected(case: Case) -> str:
    if case.stance is not None:
        return f"a higher score of {case.stance} for the second"
    if case.kind == "invariance":
        return "the same main stance"
    return case.main or ", ".join(case.stances or ())


def swap_countries(texts: Sequence[str], model: Scoring) -> dict[str, Any]:
    """Swap the countries that sentences name for one after another, and compare the scores.

    Parameters
    ----------
    texts : sequence of str
        The first `MOST_SWAPPED` of them that name one of `COUNTRIES` are used.
    model : Scoring

    Returns
    -------
    dict
        ``sentences`` used; ``countries``, for each of `SWAPPED_IN` the mean ``scores`` by stance
        and the share of sentences whose main stance ``changed``; ``greatest_spread``, the largest
        difference of two countries in a mean score, or None without sentences.
    """
    frames = [text for text in texts if _COUNTRY.search(text)][:MOST_SWAPPED]
    if not frames:
        return {"sentences": 0, "countries": [], "greatest_spread": None}
    before = _main_stances(model, model.predict_proba(frames))
    rows, means = [], []
    for country in SWAPPED_IN:
        scores = model.predict_proba([_COUNTRY.sub(country, frame) for frame in frames])
        found = _main_stances(model, scores)
        means.append(scores.mean(axis=0))
        rows.append(
            {
                "country": country,
                "scores": dict(zip(STANCES, map(float, means[-1]), strict=True)),
                "changed": float(np.mean(found != before)),
            }
        )
    spread = float(np.ptp(means, axis=0).max())
    return {"sentences": len(frames), "countries": rows, "greatest_spread": spread}


def _main_stances(model: Scoring, scores: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    found = apply_thresholds(scores, model.thresholds)
    return np.array([names[0] if names else NONE for names in found])
