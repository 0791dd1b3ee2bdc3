import json
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from pipeline.errors import ModelError
from pipeline.model.artifacts import find_model, read_manifest
from pipeline.model.classifier import StanceClassifier
from pipeline.model.persistence import load_classifier
from pipeline.stages.train import Training, save_model

TEXTS = ["He denied it.", "She accused him.", "They will go.", "It rained."] * 6
LABELS = ["deny", "accuse", "announce", "none"] * 6


def small() -> StanceClassifier:
    return StanceClassifier(min_df=1, folds=2).fit(TEXTS, LABELS)


# scikit-learn runs the rest of its checks on arrays of numbers, which are no text:
# `check_estimator` itself leaves them out for an estimator whose input is not a 2-d array.
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_valid_tag_types,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_set_params,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_mixin_order,
    ],
    ids=lambda check: check.__name__,
)
def test_scikit_learn_contract(check: object) -> None:
    check("StanceClassifier", StanceClassifier())  # type: ignore[operator]


def test_whole_estimator_check() -> None:
    estimator_checks.check_estimator(StanceClassifier())


def test_learns_and_answers_in_the_promised_shapes() -> None:
    fitted = small()
    assert fitted.predict(TEXTS[:4]).tolist() == LABELS[:4]
    probabilities = fitted.predict_proba(TEXTS[:4])
    assert probabilities.shape == (4, 3)
    assert fitted.stances_.tolist() == ["accuse", "deny", "announce"]
    assert fitted.score(TEXTS, LABELS) == 1.0
    assert fitted.predict([]).tolist() == []


@pytest.mark.parametrize(
    "labels",
    [
        [[] if name == "none" else [name] for name in LABELS],
        np.array([[name == s for s in ("accuse", "deny", "announce")] for name in LABELS], int),
    ],
    ids=["lists", "columns"],
)
def test_labels_may_be_lists_or_columns(labels: object) -> None:
    fitted = StanceClassifier(min_df=1, folds=2).fit(TEXTS, labels)  # type: ignore[arg-type]
    assert np.array_equal(fitted.predict_proba(TEXTS), small().predict_proba(TEXTS))


def test_works_in_clone_and_pipelines() -> None:
    strip = FunctionTransformer(lambda texts: [text.strip() for text in texts])
    fitted = make_pipeline(strip, clone(StanceClassifier(min_df=1, folds=2))).fit(TEXTS, LABELS)
    assert fitted.predict(["  He denied it. "]).tolist() == ["deny"]


def test_same_statements_give_the_same_bytes() -> None:
    assert small().predict_proba(TEXTS).tobytes() == small().predict_proba(TEXTS).tobytes()


def test_text_without_words_scores_at_the_base_rates_as_none() -> None:
    fitted = small()
    assert fitted.predict_proba(["", " \n"]) == pytest.approx(np.full((2, 3), 0.25))
    assert fitted.predict(["", "..."]).tolist() == ["none", "none"]
    assert (fitted.thresholds_ > fitted.base_rates_).all()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a", None], "text 1 is None"),
        ([float("nan")], "text 0 is NaN"),
        (["a", "b", b"c"], "text 2 is of type bytes"),
        ("a", "got a single one"),
        (7, "expected texts, got of type int"),
    ],
)
def test_refuses_what_is_no_text(texts: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        small().predict(texts)  # type: ignore[arg-type]


def test_refuses_labels_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="24 texts but 1 labels"):
        StanceClassifier().fit(TEXTS, ["deny"])
    with pytest.raises(ValueError, match="'accuse' stands on none of the 2"):
        StanceClassifier().fit(["a", "b"], ["deny", "none"])
    with pytest.raises(ValueError, match="24 texts but 2 groups"):
        StanceClassifier().fit(TEXTS, LABELS, groups=["a", "b"])


def test_saved_model_loads_and_gives_the_same_scores(tmp_path: Path) -> None:
    fitted = small()
    path = save_model(fitted, tmp_path / "new", statements=24)
    loaded = load_classifier(path)
    assert np.array_equal(loaded.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert read_manifest(path)["statements"] == 24
    names = sorted(file.name for file in path.parent.iterdir() if file.name[0] != ".")
    assert names == ["MODEL_CARD.md", "manifest.json", "stance.joblib", "stance.npz"]


def test_plain_joblib_load_gives_the_estimator(training: Training) -> None:
    loaded = joblib.load(training.model)
    assert loaded.predict(["The ministry rejected the allegations."]).tolist() == ["deny"]


def test_finding_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_model(small(), tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STANCE_MODEL", raising=False)
    assert find_model().absolute() == path
    monkeypatch.setenv("STANCE_MODEL", str(tmp_path / "elsewhere"))
    with pytest.raises(
        ModelError, match=r"no model at .*elsewhere; name another, or run: make train"
    ):
        find_model()
    assert find_model(tmp_path / "models") == path


def _spoil_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _spoil_one_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


def _spoil_version(path: Path, name: str) -> None:
    manifest = read_manifest(path)
    manifest["versions"][name] = "0.1"
    path.with_name("manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_spoil_bytes, "its manifest names"),
        (_spoil_one_byte, "is not the file its manifest names"),
        (lambda p: _spoil_version(p, "scikit-learn"), r"scikit-learn 0\.1, here is 1\."),
        (lambda p: _spoil_version(p, "analyzer"), r"analyzer 0\.1, here is [0-9a-f]{12}"),
        (lambda p: p.with_name("manifest.json").unlink(), "no manifest.json beside"),
        (lambda p: p.with_name("manifest.json").write_text("{}"), "is not a model manifest"),
        (lambda p: p.rename(p.with_name("other.joblib")), "no model at"),
    ],
)
def test_refuses_a_model_that_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: object, message: str
) -> None:
    path = save_model(small(), tmp_path).resolve()
    spoil(path)  # type: ignore[operator]
    monkeypatch.setattr(joblib, "load", lambda *_: pytest.fail("unpickled a refused file"))
    with pytest.raises(ModelError, match=message):
        load_classifier(path)


def _own(count: int) -> tuple[list[str], list[str]]:
    """Sentences of a field where "flagged" accuses, which the prior has never seen."""
    noise = ["the pump", "a valve", "one pipe", "the deck", "two hulls", "some rope"]
    texts, labels = [], []
    for i in range(count):
        what = f"{noise[i % 6]} at berth {noise[(i * 5 + 1) % 6]}"
        texts += [f"They flagged the owner over {what}.", f"Rain fell on {what}."]
        labels += ["accuse", "none"]
    texts += ["They denied it.", "They will build it."] * 2
    labels += ["deny", "announce"] * 2
    return texts, labels


def test_a_prior_stands_until_statements_speak_against_it() -> None:
    texts, labels = TEXTS * 3, LABELS * 3
    prior = StanceClassifier(min_df=1, folds=2).fit(texts, labels)
    start = StanceClassifier(prior=FrozenEstimator(prior), prior_penalty=1.0, folds=2)
    few = clone(start).fit(*_own(2))
    many = clone(start).fit(*_own(60))
    held = clone(start).set_params(prior_penalty=1e6).fit(*_own(2))
    flagged = ["They flagged the owner over the rope."]
    column = list(many.stances_).index("accuse")
    assert many.predict_proba(flagged)[0, column] > few.predict_proba(flagged)[0, column]
    assert many.predict(flagged).tolist() == ["accuse"]
    known = texts[:8]
    moved = held.decision_function(known) - prior.decision_function(known)
    assert np.abs(moved).max() < 1
    assert set(prior.counter_.get_feature_names_out()) <= set(many.counter_.get_feature_names_out())


def test_rates_of_news_need_news_or_a_prior() -> None:
    with pytest.raises(ValueError, match="rates='news' needs news or a prior"):
        StanceClassifier(rates="news", folds=2).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="rates is 'usual'"):
        StanceClassifier(rates="usual", folds=2).fit(TEXTS, LABELS)


def test_only_the_terms_that_contribute_most_are_kept() -> None:
    whole = StanceClassifier(min_df=1, folds=2).fit(TEXTS, LABELS)
    fewer = StanceClassifier(min_df=1, folds=2, terms=40).fit(TEXTS, LABELS)
    assert fewer.coef_.shape == (3, 40)
    assert whole.coef_.shape[1] > 40
    kept = set(fewer.counter_.get_feature_names_out())
    assert kept < set(whole.counter_.get_feature_names_out())
    assert fewer.score(TEXTS, LABELS) >= 0.75
