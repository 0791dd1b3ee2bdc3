import hashlib
import json
import os
import pickle
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from pipeline.articles.reader import read_article
from pipeline.batch.runner import score_archive
from pipeline.errors import ModelError
from pipeline.inference.predict import Prediction, predict
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import MANIFEST_FILE, MODEL_FILE, TABLE_FILE
from pipeline.model.news import NewsWeights
from pipeline.model.persistence import load_classifier
from pipeline.stages.train import Training


@pytest.mark.usefixtures("shipped_model")
def test_the_sentences_people_try_first() -> None:
    assert predict("The ministry rejected the allegations as baseless.").stance == "deny"
    assert predict("The minister announced that 80,000 refugees will be deported.").stance == (
        "announce"
    )
    assert predict("Islamabad accused Kabul of letting militants use its soil.").stance == "accuse"
    assert predict("Heavy rain fell across the valley on Monday.").stance == "none"


@pytest.mark.usefixtures("shipped_model")
def test_one_text_gives_one_prediction_and_many_a_list_in_order() -> None:
    texts = ["She denied it.", "Rain fell.", "She denied it."]
    found = predict(iter(texts))
    assert found == [predict(text) for text in texts]
    assert isinstance(found[0], Prediction)
    assert predict([]) == []


def test_prediction_agrees_with_the_estimator(training: Training) -> None:
    from pipeline.model.persistence import load_classifier

    classifier = load_classifier(training.model)
    texts = ["She denied it and accused them.", "Rain fell.", ""]
    found = predict(texts, model=training.model)
    assert [list(p.scores) for p in found] == [["accuse", "deny", "announce"]] * 3
    scores = np.array([list(p.scores.values()) for p in found])
    assert np.abs(scores - classifier.predict_proba(texts)).max() < 1e-5
    assert [p.stance for p in found] == classifier.predict(texts).tolist()
    assert found == predict(texts, model=Predictor.load(training.model))


@pytest.mark.usefixtures("shipped_model")
@pytest.mark.parametrize("blank", ["", "  ", "\n", "…"])
def test_blank_text_is_none_at_the_rates_of_news(blank: str) -> None:
    found = predict(blank)
    assert found.stance == "none"
    assert found.stances == ()
    assert list(found.scores.values()) == pytest.approx(NewsWeights.load().rates.tolist())


@pytest.mark.usefixtures("shipped_model")
@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (b"bytes", "text 0 is of type bytes"),
        (None, "expected texts, got None"),
        (3, "expected texts, got of type int"),
        (["fine", None], "text 1 is None"),
        (["fine", "fine", float("nan")], "text 2 is NaN"),
        ([["nested"]], "text 0 is of type list"),
    ],
)
def test_refuses_what_is_no_text(texts: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        predict(texts)  # type: ignore[call-overload]


def test_missing_model_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="run: make train"):
        predict("He denied it.", model=tmp_path / "none.joblib")


@pytest.mark.usefixtures("shipped_model")
def test_a_minimum_score_takes_the_place_of_the_thresholds() -> None:
    texts = ["She denied the charge.", "They accused him of fraud, and he denied it.", "Rain.", ""]
    for least in (0.0, 0.3, 0.999, 1.0):
        for found in predict(texts, min_score=least):
            passed = {name for name, score in found.scores.items() if score >= least}
            assert set(found.stances) == passed
            assert found.stance == (found.stances[0] if passed else "none")
    assert predict(texts[0], min_score=1.0).scores == predict(texts[0]).scores
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match=r"min_score is .* from 0 to 1"):
            predict(texts, min_score=wrong)


def test_a_missing_model_tells_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STANCE_MODEL", raising=False)
    monkeypatch.setattr("pipeline.model.artifacts.ROOT", tmp_path / "elsewhere")
    monkeypatch.setattr("pipeline.model.artifacts.CARRIED_MODEL", tmp_path / "carried")
    with pytest.raises(ModelError) as raised:
        predict("He denied it.")
    assert str(raised.value).startswith(
        f"no model at {tmp_path}/models and {tmp_path}/elsewhere/models and {tmp_path}/carried; "
        "name another with --model or $STANCE_MODEL, or "
    )


def test_a_retrained_model_is_picked_up(tmp_path: Path, small_data: Path) -> None:
    from pipeline.stages.train import train

    first = train([small_data], tmp_path / "m", prior="none")
    before = predict("They denied it.", model=first.model)
    small_data.write_text(small_data.read_text().replace("They denied", "They saw"))
    train([small_data], tmp_path / "m", prior="none")
    assert predict("They denied it.", model=first.model) != before


@pytest.mark.usefixtures("shipped_model")
def test_explanation_adds_up_to_the_log_odds_largest_first() -> None:
    for text in ("She denied the charge.", "xyzzy", ""):
        found = predict(text, explain=True)
        assert found.explanation is not None
        for stance, parts in found.explanation.items():
            log_odds = sum(added for _, added in parts)
            assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(found.scores[stance])
            amounts = [abs(added) for _, added in parts[:-1]]
            assert amounts == sorted(amounts, reverse=True)
            assert parts[-1][0] == "<intercept>"
    assert any(
        "DENY" in term
        for term, _ in predict("She denied it.", explain=True).explanation["deny"][:5]
    )  # type: ignore[index]
    assert predict("She denied it.").explanation is None


class Bomb:
    """A pickle that makes a folder when it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_scoring_never_opens_the_pickle(tmp_path: Path, training: Training) -> None:
    for name in (TABLE_FILE, MANIFEST_FILE):
        shutil.copy(training.model.with_name(name), tmp_path / name)
    harm = tmp_path / "harm"
    path = tmp_path / MODEL_FILE
    path.write_bytes(pickle.dumps(Bomb(harm)))
    manifest = json.loads((tmp_path / MANIFEST_FILE).read_text())
    entry = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    manifest["files"][MODEL_FILE] = entry
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(manifest))
    rows, scored = tmp_path / "rows.txt", tmp_path / "scored.jsonl"
    rows.write_text("He denied it.\n")
    assert predict("He denied it.", path).stance == "deny"
    assert read_article("Oslo\n\nHe denied it.", model=path).sentences
    assert score_archive(rows, scored, model=path).rows == 1
    assert not harm.exists()
    with suppress(Exception):  # it is no model, which comes too late
        load_classifier(path)
    assert harm.exists()
