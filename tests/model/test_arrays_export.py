import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.errors import ModelError, StanceError
from pipeline.inference.predictor import Predictor
from pipeline.model.arrays_export import export_arrays
from pipeline.model.verification import verify_model
from pipeline.stages.train import Training, train

TEXTS = ["They denied them.", "They accused her of fraud.", "Rain over Oslo.", ""]


@pytest.fixture
def small(small_data: Path, tmp_path: Path) -> Training:
    return train([small_data], tmp_path / "models", prior="none")


def test_the_arrays_alone_give_the_same_probabilities(small: Training, tmp_path: Path) -> None:
    target = tmp_path / "arrays"
    done = CliRunner().invoke(app, ["export", str(target), "--model", str(small.model)])
    assert done.exit_code == 0, done.output
    assert {path.name for path in target.iterdir()} == {
        "stance.npz",
        "manifest.json",
        "MODEL_CARD.md",
    }
    assert [(check.file, check.problem) for check in verify_model(target)] == [("stance.npz", None)]
    expected = Predictor.load(small.model).predict_proba(TEXTS)
    assert np.array_equal(Predictor.load(target).predict_proba(TEXTS), expected)


def test_the_manifest_says_what_the_model_learned_from(small: Training, tmp_path: Path) -> None:
    written = json.loads((export_arrays(tmp_path / "a", small.model) / "manifest.json").read_text())
    trained = json.loads((small.model.parent / "manifest.json").read_text())
    assert {**written, "files": None} == {**trained, "files": None}


def test_what_is_there_stays(small: Training, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "stance.npz").write_text("mine")
    with pytest.raises(StanceError, match="mine: exists; name a folder that is not there yet"):
        export_arrays(tmp_path / "mine", small.model)
    assert (tmp_path / "mine" / "stance.npz").read_text() == "mine"
    with pytest.raises(StanceError, match=r"there is no folder .*gone; make it first"):
        export_arrays(tmp_path / "gone" / "arrays", small.model)


def test_a_damaged_model_is_not_exported(small: Training, tmp_path: Path) -> None:
    table = small.model.with_name("stance.npz").resolve()
    table.write_bytes(table.read_bytes()[:-1])
    with pytest.raises(ModelError, match="its manifest names"):
        export_arrays(tmp_path / "arrays", small.model)
    assert {path.name for path in tmp_path.iterdir()} == {"models", "small.csv"}
