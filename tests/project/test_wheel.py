"""The wheel of `make wheel`, installed outside the checkout beside no more than it needs."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, write_small
from tests.project.wheels import Environment, build_wheel, run

CARRIED = "pipeline/carried_model/"
FOR_TRAINING = ("datasets", "joblib", "matplotlib", "pandas", "scipy", "sklearn", "skops")
ARTICLE = "They accused her of fraud.\n\nRain over Oslo.\n\nThey denied them.\n"
READ = """
import sys
from pipeline import predict, read_article
print(predict("They denied them.").stance)
print(*(said.stance for said in read_article(sys.argv[1]).statements))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def light(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment.light(tmp_path_factory.mktemp("light"), wheel)
    (made.folder / "article.txt").write_text(ARTICLE)
    return made


@pytest.fixture(scope="module")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment.light(tmp_path_factory.mktemp("full"), wheel)
    made.add_everything()
    write_small(made.folder / "small.csv")
    return made


@pytest.fixture
def carried(light: Environment) -> Iterator[Path]:
    """The model in the package, to spoil."""
    folder = light.packages / CARRIED
    shutil.copytree(folder, light.folder / "kept")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.move(light.folder / "kept", folder)


def test_the_wheel_carries_the_arrays_that_its_manifest_names_and_no_pickle(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        names = {name for name in content.namelist() if name.startswith(CARRIED)}
        manifest = json.loads(content.read(f"{CARRIED}manifest.json"))
        table = content.read(f"{CARRIED}stance.npz")
        assert not [name for name in content.namelist() if name.endswith((".joblib", ".pkl"))]
    assert names == {
        f"{CARRIED}{name}" for name in ("stance.npz", "manifest.json", "MODEL_CARD.md")
    }
    digest = hashlib.sha256(table).hexdigest()
    assert manifest["files"] == {"stance.npz": {"sha256": digest, "bytes": len(table)}}


def test_what_only_training_needs_is_not_installed(light: Environment) -> None:
    code = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    assert light.run(light.python, "-c", code, *FOR_TRAINING).stdout == "[]\n"
    assert light.run(light.python, "-c", code, "numba", "trafilatura").stdout != "[]\n"


def test_it_predicts_and_reads_at_once(light: Environment) -> None:
    assert light.run(light.python, "-c", READ, ARTICLE).stdout == "deny\naccuse deny\n"
    told = light.run(light.stance, "predict", "They denied them.").stdout
    assert told == "deny\tThey denied them.\n"
    told = light.run(light.stance, "read", "--csv", "article.txt").stdout
    said = [(row["stances"], row["text"]) for row in csv.DictReader(told.splitlines())]
    assert said == [("accuse", "They accused her of fraud."), ("deny", "They denied them.")]


def test_pages_archives_and_weights_need_no_extra(light: Environment) -> None:
    light.run(light.stance, "read", "article.txt", "--html", "page.html")
    assert "They denied them." in (light.folder / "page.html").read_text(encoding="utf-8")
    light.run(light.stance, "score", "article.txt", "scored.jsonl")
    first = (light.folder / "scored.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first)["stance"] == "accuse"
    assert "DENY" in light.run(light.stance, "weights", "deny").stdout


def test_it_knows_its_version(light: Environment) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert light.run(light.stance, "--version").stdout == f"stance {project['version']}\n"


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("train --data small.csv", "train"),
        ("evaluate --data small.csv", "train"),
        ("compare a b --data small.csv", "train"),
        ("audit small.csv", "train"),
        ("correct small.csv", "train"),
        ("tune --data small.csv", "train"),
        ("export model.skops", "export"),
    ],
)
def test_a_command_that_needs_an_extra_names_it_in_one_line(
    light: Environment, command: str, extra: str
) -> None:
    done = light.run(light.stance, *command.split(), expect=1)
    found = re.fullmatch(r"stance: this needs (\w+), which is not installed: (.*)\n", done.stderr)
    assert found, done.stderr
    assert found[1] in FOR_TRAINING
    assert found[2] == f'pip install "stance-pipeline[{extra}]"'


def test_a_table_of_an_article_names_the_extra_that_it_needs(light: Environment) -> None:
    code = "from pipeline import read_article; read_article('They denied it.').to_frame()"
    done = light.run(light.python, "-c", code, expect=1)
    assert 'pip install "stance-pipeline[pandas]"' in done.stderr.splitlines()[-1]


def test_the_carried_model_is_checked(light: Environment, carried: Path) -> None:
    assert light.run(light.stance, "verify").stdout.startswith("ok\tstance.npz\t")
    table = carried / "stance.npz"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    for command in (("verify",), ("predict", "They denied it.")):
        done = light.run(light.stance, *command, expect=1)
        assert "stance.npz is not the file its manifest names" in done.stdout + done.stderr


def test_without_a_model_it_says_where_it_looked_and_what_fits(
    light: Environment, carried: Path
) -> None:
    shutil.rmtree(carried)
    told = light.run(light.stance, "predict", "They denied it.", expect=1).stderr
    assert told == (
        f"stance: no model at {light.folder}/models and {carried.resolve()}; name another with "
        "--model or $STANCE_MODEL, or train one: stance train --data LABELS --prior none\n"
    )


def test_a_model_that_is_named_comes_before_the_carried_one(light: Environment) -> None:
    told = light.run(light.stance, "predict", "Hm.", STANCE_MODEL="gone", expect=1).stderr
    assert f"no model at {light.folder}/gone; name another, or train one" in told
    here = light.folder / "models"
    here.mkdir()
    (here / "stance.npz").write_bytes(b"none")
    told = light.run(light.stance, "predict", "Hm.", expect=1).stderr
    assert "no manifest.json beside" in told
    shutil.rmtree(here)


def test_it_trains_and_evaluates_with_the_extra(full: Environment) -> None:
    done = full.run(full.stance, "evaluate", "--data", "small.csv", "--json")
    assert json.loads(done.stdout)["statements"] > 0
    assert (full.folder / "evaluation/report.html").is_file()
    assert not (full.packages / CARRIED / "evaluation").exists()
    shutil.rmtree(full.folder / "evaluation")
    done = full.run(full.stance, "train", "--data", "small.csv", "--prior", "none")
    assert "stance evaluate --data small.csv\n" in done.stdout
    assert "make " not in done.stdout
    assert "Next: stance predict" in done.stdout


def interpreter(release: str) -> str:
    """Find a Python of this release that runs, and is not a launcher of none."""
    found = shutil.which(f"python{release}")
    works = found and not subprocess.run([found, "-c", ""], capture_output=True).returncode
    if not found or not works:
        pytest.skip(f"no Python {release} here")
    return found


@pytest.mark.slow
@pytest.mark.skipif("CI" not in os.environ, reason="from the registry where CI is set: .ci/run")
@pytest.mark.parametrize("release", ["3.11", "3.12", "3.13"])
def test_pip_installs_it_in_an_empty_environment(wheel: Path, tmp_path: Path, release: str) -> None:
    run(interpreter(release), "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    made = Environment(tmp_path / "outside", tmp_path / "venv/bin/python")
    (made.folder / "article.txt").write_text(ARTICLE)
    lock = (ROOT / ".requirements/run.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^(\w\S+==[^\\\n]+?) \\$", lock, re.M)
    (tmp_path / "pins.txt").write_text("\n".join(pins) + "\n")
    pip = [made.python, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", "--constraint", "pins.txt", wheel, cwd=tmp_path)
    run(*pip, "check", cwd=tmp_path)
    told = made.run(made.python, "-c", READ, ARTICLE, STANCE_CACHE=str(tmp_path)).stdout
    assert told == "deny\naccuse deny\n"
    told = made.run(made.stance, "read", "article.txt", STANCE_CACHE=str(tmp_path)).stdout
    assert "They denied them." in told
