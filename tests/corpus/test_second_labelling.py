"""The second labelling agrees with the first as far as `data/README.md` says."""

import json
import re

import pytest
from sklearn.metrics import cohen_kappa_score

from pipeline.stances import STANCES, to_indicators
from tests.conftest import ROOT

CARD = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
ROWS = [
    json.loads(line)
    for line in (ROOT / "data" / "second_labelling.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("stance", STANCES)
def test_agreement(stance: str) -> None:
    column = STANCES.index(stance)
    first, second = (
        to_indicators(row[who] for row in ROWS)[:, column] for who in ("first", "second")
    )
    kappa = cohen_kappa_score(first, second)
    (said,) = re.findall(rf"\| {stance} \| (0\.\d+) \|", CARD)
    assert said == f"{kappa:.3f}"
    assert kappa >= 0.9


def test_every_disagreement_is_decided() -> None:
    disagree = [row for row in ROWS if set(row["first"]) != set(row["second"])]
    assert f"{len(disagree)} of {len(ROWS):,}" in CARD
    assert all(
        set(row["decided"]) <= {*row["first"], *row["second"]} or row["decided"] for row in disagree
    )
