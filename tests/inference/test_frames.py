"""Series and frames of pandas: what goes in keeps its index and its columns."""

import pandas as pd
import pytest

from pipeline import predict, score_table
from pipeline.errors import ScoringError
from tests.conftest import run

TEXTS = ["Oslo denied the charge.", "Rain fell on Monday.", "Rome accused Oslo of fraud."]
INDEX = ["c", "a", "a"]


@pytest.mark.parametrize("kind", ["str", "object", "category", "string[pyarrow]"])
def test_a_series_gives_a_series_with_its_index_and_name(
    kind: str,
) -> None:
    texts = pd.Series(TEXTS, index=INDEX, name="lead", dtype=kind)
    found = predict(texts, min_score=0.9, explain=True)
    assert isinstance(found, pd.Series)
    assert found.index.equals(texts.index)
    assert found.name == "lead"
    assert list(found) == predict(TEXTS, min_score=0.9, explain=True)


@pytest.mark.usefixtures("shipped_model")
def test_sentences_of_one_article_in_a_series_are_read_together() -> None:
    found = predict(pd.Series(TEXTS), in_article=True)
    assert list(found) == predict(TEXTS, in_article=True)
    assert list(found) != predict(TEXTS)


@pytest.mark.usefixtures("shipped_model")
def test_an_empty_series_gives_an_empty_one() -> None:
    assert predict(pd.Series([], dtype=str)).empty


@pytest.mark.usefixtures("shipped_model")
def test_a_missing_text_is_named_by_its_index() -> None:
    with pytest.raises(TypeError, match=r"at index 'a' is missing; .*dropna\(\).*score_table"):
        predict(pd.Series(["Oslo denied it.", None], index=["b", "a"]))
    with pytest.raises(TypeError, match="text 1 is of type int"):
        predict(pd.Series(["Oslo denied it.", 3], index=["b", "a"]))


@pytest.mark.usefixtures("shipped_model")
def test_a_frame_keeps_its_index_and_columns_and_gains_five() -> None:
    held = [object(), None, {1: 2}]
    frame = pd.DataFrame({"text": TEXTS, "held": held, 7: [1, 2, 3]}, index=INDEX)
    frame.iloc[1, 0] = None
    found = score_table(frame)
    assert isinstance(found, pd.DataFrame)
    pd.testing.assert_frame_equal(found[list(frame.columns)], frame)
    assert list(found.columns[3:]) == ["stance", "stances", "accuse", "deny", "announce"]
    wanted = predict([TEXTS[0], TEXTS[2]])
    assert list(found["stance"].iloc[[0, 2]]) == [one.stance for one in wanted]
    assert [tuple(names) for names in found["stances"].iloc[[0, 2]]] == [
        one.stances for one in wanted
    ]
    assert list(found["deny"].iloc[[0, 2]]) == [one.scores["deny"] for one in wanted]
    assert found.iloc[1, 3:].isna().all()
    assert list(frame.columns) == ["text", "held", 7]


@pytest.mark.usefixtures("shipped_model")
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"body": TEXTS}, "no column 'text' .there are: body."),
        ({"text": TEXTS, "deny": TEXTS}, "there is a column 'deny' already"),
        ({"text": [1, 2, 3]}, "column 'text' holds int64, not strings"),
        ({"text": ["a", 2, "b"]}, "column 'text' holds more than strings"),
    ],
)
def test_a_frame_that_cannot_be_scored_says_why(columns: dict[str, list], message: str) -> None:
    with pytest.raises(ScoringError, match=message):
        score_table(pd.DataFrame(columns))


@pytest.mark.usefixtures("shipped_model")
def test_who_gives_no_series_never_loads_pandas() -> None:
    script = "import sys; from pipeline import predict; predict(['Oslo denied it.']); print({m})"
    loaded = run(script.format(m="'pandas' in sys.modules, 'pyarrow' in sys.modules"))
    assert loaded.strip() == "False False"
