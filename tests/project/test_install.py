"""The recipes of the Makefile on a folder of tiny wheels: what a lock pins is what is installed.

The folder holds a newer release of everything, and asks for it through an extra, which the
resolvers of some releases of pip follow past a pin.
"""

import base64
import ensurepip
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

# The oldest pip that each Python brings; an older pip does not run on a newer Python.
OLDEST_PIP = {"22.3": (3, 11), "23.2.1": (3, 12), "24.2": (3, 13)}
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "stance_pipeline-0.1.0-py3-none-any.whl"
    info = "stance_pipeline-0.1.0.dist-info/"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("stance_pipeline.pth", "")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: stance-pipeline\\n"
                       "Version: 0.1.0\\nRequires-Dist: alpha>=1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n"
                       "Tag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""


def write_wheel(folder: Path, name: str, release: str, *needs: str) -> Path:
    info = f"{name}-{release}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {release}",
        "Provides-Extra: fast",
        *(f"Requires-Dist: {need}" for need in needs),
    ]
    files = {
        f"{name}.py": f"version = {release!r}\n",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},{_hash(content)},{len(content)}" for path, content in files.items()]
    path = folder / f"{name}-{release}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, content in files.items():
            wheel.writestr(file, content)
        wheel.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]) + "\n")
    return path


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Project:
    """A folder with the real Makefile, a project that needs `alpha`, and an index of wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.venv = folder / ".venv"
        self.index = folder / "index"
        self.index.mkdir()
        needs = {"alpha": ["beta[fast]>=1"], "beta": ['gamma>=1; extra == "fast"'], "gamma": []}
        self.wheels = {
            (name, release): write_wheel(self.index, name, release, *needs[name])
            for name in needs
            for release in ("1.0", "2.0")
        }
        shutil.copy(ROOT / "Makefile", folder)
        (folder / "pipeline").mkdir()
        (folder / ".requirements").mkdir()
        (folder / "backend.py").write_text(BACKEND)
        (folder / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        )

    def lock(self, file: str, *names: str) -> None:
        """Pin the older release of each, with its hash."""
        lines = []
        for name in names:
            digest = hashlib.sha256(self.wheels[name, "1.0"].read_bytes()).hexdigest()
            lines.append(f"{name}==1.0 --hash=sha256:{digest}")
        (self.folder / ".requirements" / file).write_text("\n".join(lines) + "\n")

    def make(self, target: str) -> subprocess.CompletedProcess[str]:
        ours = ("MAKE", "PIP_", "PYTHON", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return subprocess.run(
            ["make", f"PYTHON={sys.executable}", target],
            cwd=self.folder,
            env={**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index)},
            capture_output=True,
            text=True,
            check=False,
        )

    def pip(self, *arguments: str | Path) -> str:
        return subprocess.run(
            [self.venv / "bin/python", "-m", "pip", "--disable-pip-version-check", *arguments],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def installed(self) -> dict[str, str]:
        folders = [str(folder) for folder in self.venv.glob("lib/python*/site-packages")]
        found = {one.metadata["Name"]: one.version for one in distributions(path=folders)}
        return {name: found[name] for name in PINNED if name in found}


def give_pip(project: Project, wheel: Path) -> None:
    """Make the environment that the Makefile would make, with that pip in it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project.venv], check=True)
    (packages,) = project.venv.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(packages)


def fetch_pip(folder: Path, release: str) -> Path:
    if sys.version_info[:2] > OLDEST_PIP[release]:
        pytest.skip(f"pip {release} does not run on this Python")
    bundled = f"_bundled/pip-{release}-py3-none-any.whl"
    wheel = Path(ensurepip.__file__).parent / bundled
    if wheel.is_file():
        return wheel
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries=1"]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", "--dest", folder, f"pip=={release}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"pip {release} cannot be fetched: {done.stderr.strip()[-200:]}")
    return next(folder.glob("pip-*.whl"))


PINNED = dict.fromkeys(("alpha", "beta", "gamma"), "1.0")


def test_the_pip_at_hand_installs_what_is_pinned(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.lock("run.txt", *PINNED)
    assert project.make(".venv/.run").returncode == 0
    assert project.installed() == PINNED


@pytest.mark.parametrize("release", OLDEST_PIP)
def test_the_oldest_pips_install_what_is_pinned_over_what_is_newer(
    tmp_path: Path, release: str
) -> None:
    wheel = fetch_pip(tmp_path, release)
    project = Project(tmp_path)
    give_pip(project, wheel)
    project.pip("install", "--no-index", "--find-links", project.index, "beta==2.0", "gamma==2.0")
    assert project.installed() == {"beta": "2.0", "gamma": "2.0"}
    project.lock("run.txt", *PINNED)
    done = project.make(".venv/.run")
    assert done.returncode == 0, done.stderr
    assert project.installed() == PINNED
    assert project.pip("--version").startswith(f"pip {release} ")


def test_a_lock_that_leaves_out_a_package_fails(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.lock("run.txt", "alpha", "gamma")
    done = project.make(".venv/.run")
    assert done.returncode
    assert "requires beta, which is not installed" in done.stdout
    assert not (project.venv / ".run").exists()


def test_a_wheel_that_is_not_the_pinned_one_fails(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.lock("run.txt", *PINNED)
    write_wheel(project.index, "gamma", "1.0", "alpha")
    done = project.make(".venv/.run")
    assert done.returncode
    assert "DO NOT MATCH THE HASHES" in done.stderr


def pins(lock: str) -> list[Requirement]:
    text = (ROOT / ".requirements" / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [Requirement(line.split(" --hash")[0]) for line in text.splitlines() if line.strip()]


def test_make_installs_what_training_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = project["dependencies"] + [
        line for extra in ("pandas", "train") for line in project["optional-dependencies"][extra]
    ]
    needs = {each.name: each for each in map(Requirement, named) if not each.extras}
    pinned = {each.name: each for each in pins("run.txt")}
    assert {"numpy", "pandas", "scikit-learn"} <= needs.keys() <= pinned.keys()
    for name, need in needs.items():
        (only,) = pinned[name].specifier
        assert only.version in need.specifier


@pytest.mark.skipif("CI" not in os.environ, reason="the locks hold where CI is set: see .ci/run")
def test_what_is_installed_here_is_what_is_pinned() -> None:
    pinned = pins("dev.txt")
    assert len(pinned) > 50
    wrong = {}
    for each in pinned:
        if each.marker is None or each.marker.evaluate():
            try:
                found = version(each.name)
            except PackageNotFoundError:
                found = "not installed"
            if found not in each.specifier:
                wrong[each.name] = f"{found}, pinned {each.specifier}"
    assert wrong == {}
