import json
from pathlib import Path

import pytest

from pipeline.stages.train import Training, train
from tests.trained import copied_training


def test_only_a_model_of_the_shipped_statements_is_taken(
    training: Training, small_data: Path, tmp_path: Path
) -> None:
    known = copied_training(training.model.parent, tmp_path / "copy")
    assert known is not None
    assert known.model.read_bytes() == training.model.read_bytes()
    assert known.cross_validation.macro_f1 == pytest.approx(training.cross_validation.macro_f1)
    assert (known.statements, known.held_out) == (training.statements, training.held_out)
    assert copied_training(tmp_path / "none", tmp_path / "a") is None
    other = train([small_data], tmp_path / "other", prior="none").model.parent
    assert copied_training(other, tmp_path / "b") is None
    manifest = tmp_path / "copy" / "manifest.json"
    changed = json.loads(manifest.read_text())
    changed["settings"]["C"] += 1
    manifest.write_text(json.dumps(changed))
    assert copied_training(tmp_path / "copy", tmp_path / "c") is None
