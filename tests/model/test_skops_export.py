import json
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pytest
import skops.io
from filelock import FileLock
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.errors import ModelError, StanceError
from pipeline.model.artifacts import MANIFEST_FILE, MODEL_FILE, TABLE_FILE, TRAINING_FILE
from pipeline.model.persistence import load_classifier
from pipeline.model.skops_export import TRUSTED, export_skops, load_skops
from pipeline.model.verification import verify_model
from pipeline.stages.train import Training, train

TEXTS = ["The ministry rejected the allegations.", "Oslo accused Rome of spying.", ""]


@pytest.fixture
def copy(training: Training, tmp_path: Path) -> Path:
    """A model of our own to spoil: its files in a folder, without links."""
    for name in (MODEL_FILE, TABLE_FILE, MANIFEST_FILE, TRAINING_FILE):
        (tmp_path / name).write_bytes((training.model.parent / name).read_bytes())
    return tmp_path


@pytest.fixture(scope="module")
def exported(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "model.skops"
    done = CliRunner().invoke(app, ["export", str(path), "--model", str(training.model)])
    assert done.exit_code == 0, done.output
    return path


def test_exported_model_gives_the_same_probabilities(training: Training, exported: Path) -> None:
    loaded = load_skops(exported)
    assert np.array_equal(
        loaded.predict_proba(TEXTS), joblib.load(training.model).predict_proba(TEXTS)
    )
    assert loaded.predict(TEXTS).tolist() == ["deny", "accuse", "none"]
    assert set(TRUSTED) == set(skops.io.get_untrusted_types(file=exported))


class Strange(dict):  # type: ignore[type-arg]
    """A type that no model is made of."""


def test_refuses_a_file_that_asks_for_other_types(exported: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.skops"
    skops.io.dump(Strange(), strange)
    with zipfile.ZipFile(strange, "a") as file, zipfile.ZipFile(exported) as good:
        file.writestr(MANIFEST_FILE, good.read(MANIFEST_FILE))
    with pytest.raises(ModelError, match=r"asks for .*Strange, which no exported model needs"):
        load_skops(strange)


def test_refuses_an_export_of_other_versions(exported: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.skops"
    with zipfile.ZipFile(exported) as file, zipfile.ZipFile(old, "w") as written:
        for name in file.namelist():
            content = file.read(name)
            if name == MANIFEST_FILE:
                manifest = json.loads(content)
                manifest["versions"]["analyzer"] = "0.1"
                content = json.dumps(manifest).encode()
            written.writestr(name, content)
    with pytest.raises(ModelError, match=r"old\.skops was trained with analyzer 0\.1, here is"):
        load_skops(old)


@pytest.mark.parametrize("cut", [0, 3, 5000])
def test_refuses_a_damaged_export(exported: Path, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.skops"
    path.write_bytes(exported.read_bytes()[:cut])
    with pytest.raises(ModelError, match=r"cut\.skops is no exported model .*stance export"):
        load_skops(path)
    with pytest.raises(ModelError, match="cannot be read"):
        load_skops(tmp_path / "nowhere.skops")


def test_never_writes_over_the_model_itself(copy: Path) -> None:
    before = (copy / MODEL_FILE).read_bytes()
    with pytest.raises(StanceError, match=r"give a name that ends in \.skops"):
        export_skops(copy / MODEL_FILE, copy)
    assert (copy / MODEL_FILE).read_bytes() == before


def test_overwrites_a_file_only_where_told_to(training: Training, tmp_path: Path) -> None:
    file, link = tmp_path / "m.skops", tmp_path / "link.skops"
    file.write_text("precious")
    link.symlink_to(file)
    arguments = ["export", str(file), "--model", str(training.model)]
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, file.read_text()) == (1, "precious")
    assert "exists; overwrite it with --force" in done.stderr
    with pytest.raises(StanceError, match="a symbolic link, which is not followed"):
        export_skops(link, training.model, force=True)
    assert CliRunner().invoke(app, [*arguments, "--force"]).exit_code == 0
    assert load_skops(file).predict(TEXTS).tolist() == ["deny", "accuse", "none"]


def test_refuses_an_export_that_unpacks_to_very_much(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.model.skops_export._MOST_BYTES", 2 * exported.stat().st_size)
    with pytest.raises(ModelError, match="unpacks to more than"):
        load_skops(exported)


def verify(folder: Path) -> tuple[int, list[list[str]]]:
    done = CliRunner().invoke(app, ["verify", str(folder)])
    return done.exit_code, [line.split("\t") for line in done.stdout.splitlines()]


def test_verify_passes_a_whole_model(copy: Path) -> None:
    code, lines = verify(copy)
    assert code == 0
    files = ["stance.joblib", "stance.npz", "training.json"]
    assert [line[:2] for line in lines] == [["ok", file] for file in files]


@pytest.mark.parametrize("name", [MODEL_FILE, TABLE_FILE])
def test_verify_names_the_one_file_that_was_altered(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    code, lines = verify(copy)
    assert code == 1
    assert [line[1] for line in lines if line[0] == "FAIL"] == [name]


def test_verify_tells_size_absence_and_versions(copy: Path) -> None:
    (copy / TABLE_FILE).write_bytes(b"short")
    assert "has 5 bytes" in verify(copy)[1][1][2]
    (copy / TABLE_FILE).unlink()
    assert "cannot be read" in verify(copy)[1][1][2]
    manifest = json.loads((copy / MANIFEST_FILE).read_text())
    manifest["versions"]["scikit-learn"] = "0.1"
    (copy / MANIFEST_FILE).write_text(json.dumps(manifest))
    assert "scikit-learn 0.1" in verify(copy)[1][0][2]


def test_a_manifest_names_no_file_of_another_folder(copy: Path) -> None:
    manifest = json.loads((copy / MANIFEST_FILE).read_text())
    manifest["files"]["../elsewhere"] = manifest["files"][TABLE_FILE]
    (copy / MANIFEST_FILE).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="is not a model manifest"):
        verify_model(copy)


def test_a_second_training_in_one_folder_is_told_and_harms_nothing(
    small_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    trained = train([small_data], folder, prior="none")
    before = (folder / ".current").readlink()
    with (
        FileLock(folder / ".lock"),
        pytest.raises(StanceError, match=r"another training is writing to .*models; wait for it"),
    ):
        train([small_data], folder, prior="none")
    assert (folder / ".current").readlink() == before
    assert load_classifier(trained.model).predict(["They denied it."]).shape == (1,)
    train([small_data], folder, prior="none")
    assert (folder / ".current").readlink() != before


@pytest.mark.parametrize("name", ["manifest.json", "stance.joblib", "MODEL_CARD.md"])
def test_training_overwrites_nothing_that_is_not_from_a_training(
    small_data: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / name).write_text("precious")
    with pytest.raises(StanceError, match=rf"{name}: not from a training here; .*--force"):
        train([small_data], folder, prior="none")
    assert {path.name for path in folder.iterdir()} == {name}
    assert (folder / name).read_text() == "precious"


def test_training_replaces_a_link_that_leads_elsewhere_only_where_told_to(
    small_data: Path, tmp_path: Path
) -> None:
    trained = train([small_data], tmp_path / "a", prior="none")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / MODEL_FILE).symlink_to(trained.model.resolve())
    with pytest.raises(StanceError, match="not from a training here"):
        train([small_data], tmp_path / "b", prior="none")
    before = trained.model.read_bytes()
    other = train([small_data], tmp_path / "b", prior="none", force=True)
    assert other.model.resolve().is_relative_to(tmp_path / "b" / ".sets")
    assert trained.model.read_bytes() == before
    assert all(not check.problem for check in verify_model(other.model))
