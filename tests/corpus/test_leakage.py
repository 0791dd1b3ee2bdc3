from pathlib import Path

import pytest

from pipeline.corpus.corpus import load_corpus
from pipeline.corpus.leakage import load_training_split
from pipeline.model.artifacts import MODEL_FILE, save_files
from tests.conftest import write_small


def test_what_a_model_learned_from_is_found_from_its_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_small(Path("small.csv"))
    data = load_corpus("small.csv").files
    files = {MODEL_FILE: lambda path: path.write_bytes(b"model")}
    model = tmp_path / save_files("models", files, versions={}) / MODEL_FILE
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    found = load_training_split(model, {"data": data})
    assert found is not None
    assert 0 < len(found) < 200
