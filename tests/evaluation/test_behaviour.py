"""Behaviour: the cases of `data/behaviour.jsonl`, and swaps of names."""

import itertools
import json
import re
from pathlib import Path

import pytest

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import StanceError
from pipeline.evaluation.behaviour import (
    SWAPPED_IN,
    Case,
    load_cases,
    run_cases,
    summarize,
    swap_countries,
)
from pipeline.inference.predict import predict
from pipeline.inference.predictor import Predictor
from pipeline.model import features
from pipeline.stages.train import Training
from tests.conftest import STATEMENTS

pytestmark = pytest.mark.usefixtures("shipped_model")

CASES = load_cases()


@pytest.fixture(scope="module")
def predictor(training: Training) -> Predictor:
    """The session's model, loaded once."""
    return Predictor.load(training.model)


@pytest.fixture(scope="module")
def statements() -> Corpus:
    """The shipped statements, read once."""
    return load_corpus(STATEMENTS)


@pytest.fixture(scope="module")
def held_out(statements: Corpus) -> Corpus:
    """What training holds out of them."""
    return split_corpus(statements)[1]


def _parameter(case: Case) -> object:
    reason = case.known_failure
    marks = pytest.mark.xfail(reason=reason, strict=True) if reason else ()
    return pytest.param(case, marks=marks, id=f"{case.topic}: {case.texts[-1]}")


@pytest.mark.parametrize("case", [_parameter(case) for case in CASES])
def test_case(case: Case, predictor: Predictor) -> None:
    (outcome,) = run_cases([case], predictor)
    assert outcome.passed, outcome


def test_cases_are_run_all_at_once_as_one_by_one(predictor: Predictor) -> None:
    found = summarize(run_cases(CASES, predictor))
    assert found["cases"] == sum(topic["cases"] for topic in found["topics"]) == len(CASES)
    assert len(found["failures"]) == sum(case.known_failure is not None for case in CASES)
    assert found["passed"] == len(CASES) - len(found["failures"])


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"kind": "hope", "topic": "x", "texts": ["a"], "main": "deny"}',
        '{"kind": "direction", "topic": "x", "texts": ["a"], "stance": "deny"}',
        '{"kind": "functionality", "topic": "x", "texts": ["a"]}',
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str) -> None:
    good = json.dumps({"kind": "functionality", "topic": "x", "texts": ["a"], "main": "deny"})
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{good}\n{line}\n")
    with pytest.raises(StanceError, match=r"cases\.jsonl:2: not a behaviour case"):
        load_cases(file)


def test_no_country_carries_a_stance(predictor: Predictor, statements: Corpus) -> None:
    found = swap_countries(statements.texts, predictor)
    assert found["sentences"] == 200
    assert len(found["countries"]) == len(SWAPPED_IN)
    assert found["greatest_spread"] <= 0.03


NAME = re.compile(r"\b[A-Z][^\W\d_]+(?: [A-Z][^\W\d_]+)*")
OTHER_NAMES = ["Oslo", "Papua New Guinea", "Amara Oduya", "Chad", "Tivoli Trust", "Riga", "Unesco"]


def test_swapping_names_changes_at_most_one_main_stance_in_a_hundred(
    training: Training, statements: Corpus, held_out: Corpus
) -> None:
    common = features.lowercase_vocabulary(statements.texts)
    others = itertools.cycle(OTHER_NAMES)

    def swap(match: re.Match[str]) -> str:
        is_name = not common.issuperset(match[0].lower().split())
        return next(others) if is_name else match[0]

    before = predict(held_out.texts, training.model)
    after = predict([NAME.sub(swap, text) for text in held_out.texts], training.model)
    changed = sum(one.stance != other.stance for one, other in zip(before, after, strict=True))
    assert changed / len(held_out) <= 0.01
