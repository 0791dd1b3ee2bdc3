import json
from pathlib import Path

import joblib
import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.corpus.corpus import load_corpus
from pipeline.errors import CorpusError, StanceError
from pipeline.stages.train import Training, train
from tests.conftest import ROOT, STATEMENTS


def test_training_writes_model_manifest_and_card(training: Training) -> None:
    card = training.card.read_text(encoding="utf-8")
    macro = training.cross_validation.macro_f1
    assert macro is not None
    assert f"macro-F1 {macro:.3f}" in card
    manifest = json.loads((training.model.parent / "manifest.json").read_text())
    assert manifest["statements"] == training.statements
    trained_on = {(ROOT / name).resolve() for name in manifest["data"]}
    assert trained_on == set(STATEMENTS.rglob("*.jsonl"))


def test_shipped_model_finds_its_own_kind_of_statement(training: Training) -> None:
    found = training.cross_validation
    assert found.macro_f1 is not None
    assert found.macro_f1 > 0.8
    assert min(f.f1 or 0 for f in found.by_stance.values()) > 0.75


def test_training_twice_gives_identical_scores(tmp_path: Path, small_data: Path) -> None:
    texts = load_corpus(small_data).texts
    scores = [
        joblib.load(train([small_data], tmp_path / name, prior="none").model).predict_proba(texts)
        for name in ("a", "b")
    ]
    assert scores[0].tobytes() == scores[1].tobytes()


def test_training_on_bad_files_writes_nothing(tmp_path: Path, small_data: Path) -> None:
    small_data.write_text(small_data.read_text() + "He said.,denied,g1\n")
    with pytest.raises(CorpusError, match="unknown stance 'denied'; did you mean 'deny'"):
        train([small_data], tmp_path / "models", prior="none")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (
            {"deny": "g1", "accuse": "g1", "announce": "g1", "none": "g1"},
            "'none' stands in one group only",
        ),
        (
            {"deny": "g1", "accuse": "g2", "announce": "g3", "none": "g4"},
            "stands in one group only",
        ),
    ],
)
def test_groups_that_leave_nothing_to_hold_out_are_a_problem(
    tmp_path: Path, groups: dict[str, str], message: str
) -> None:
    file = tmp_path / "one.csv"
    rows = [f"They {s} {'a' * i} it.,{s},{g}" for s, g in groups.items() for i in range(20)]
    file.write_text("\n".join(["text,stance,group", *rows]))
    with pytest.raises(CorpusError, match=message):
        train([file], tmp_path / "models", prior="none")
    assert not (tmp_path / "models").exists()


def test_without_the_checkout_a_model_starts_from_nothing_and_only_if_asked(
    tmp_path: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for home in ("pipeline.files", "pipeline.stages.train"):
        monkeypatch.setattr(f"{home}.SHIPPED_STATEMENTS", tmp_path / "none")
    with pytest.raises(StanceError, match=r"in the project's checkout only; .*--prior none"):
        train([small_data], tmp_path / "models")
    assert train([small_data], tmp_path / "models", prior="none").news is None


@pytest.mark.parametrize("command", [["train"], ["evaluate"], ["tune"], ["audit"]])
def test_without_the_checkout_a_command_asks_for_files(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.files.SHIPPED_STATEMENTS", tmp_path / "none")
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert "in the project's checkout only; name files of your own" in done.stderr
