"""A wheel as `make wheel` builds it, and environments outside the checkout to install it into."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.stages.train import train
from tests.conftest import ROOT, write_small

NAME = "stance-pipeline"
KERNELS = ROOT / "pipeline/inference/__pycache__"  # compiled once for all checkouts of one source


def build_wheel(folder: Path) -> Path:
    """Run `make wheel` in a copy of the checkout, with a small model."""
    for name in ("Makefile", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(
        ROOT / "pipeline", folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / ".requirements").mkdir()
    (folder / "models").mkdir()
    for file in (".requirements/run.txt", "models/.trained-on"):
        (folder / file).touch()
    (folder / "models/.trained-on").write_text("small.csv\n")
    write_small(folder / "small.csv")
    python = f'PYTHONPATH="{folder}" exec "{sys.executable}"'
    main = "from pipeline.cli import main; main()"
    scripts = {"python": f'{python} "$@"', "stance": f'{python} -c "{main}" "$@"'}
    (folder / ".venv/bin").mkdir(parents=True)
    for name, script in scripts.items():
        (folder / ".venv/bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / ".venv/bin" / name).chmod(0o755)
    (folder / ".venv/.run").touch()
    train([folder / "small.csv"], folder / "models", prior="none")
    run("make", "wheel", "DATA=small.csv", cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def needed(name: str, extras: frozenset[str] = frozenset()) -> dict[str, Distribution]:
    """Find a package and all that it needs among what is installed here."""
    found: dict[str, Distribution] = {}
    waiting = [(name, extras)]
    seen = set()
    while waiting:
        this = waiting.pop()
        if this in seen:
            continue
        seen.add(this)
        package, wanted = this
        found[canonicalize_name(package)] = distribution(package)
        for line in distribution(package).requires or ():
            need = Requirement(line)
            names = [{"extra": extra} for extra in wanted or ("",)]
            if need.marker is None or any(map(need.marker.evaluate, names)):
                waiting.append((need.name, frozenset(need.extras)))
    return found


class Environment:
    """An environment with a wheel in it, and a folder with neither a checkout nor a model."""

    def __init__(self, folder: Path, python: str | Path) -> None:
        self.folder, self.python = folder, Path(python)
        self.stance = self.python.with_name("stance")
        self.packages = next(self.python.parent.parent.glob("lib/python3*/site-packages"))
        self.home = folder / "home"
        self.home.mkdir(parents=True)

    @classmethod
    def light(cls, folder: Path, wheel: Path) -> "Environment":
        """Install a wheel beside what it needs: links to what is installed here, and no more."""
        venv.create(folder / "venv", with_pip=False)
        made = cls(folder / "outside", folder / "venv/bin/python")
        run(
            sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", made.python,
            "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder,
        )  # fmt: skip
        requires = distribution_in(made.packages).requires or ()
        for need in map(Requirement, requires):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                for each in needed(need.name, frozenset(need.extras)).values():
                    made._link(each)
        return made

    def add_everything(self) -> None:
        """Add whatever else is installed here, as the extras would."""
        (self.packages / "everything.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def _link(self, package: Distribution) -> None:
        for name in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
            link = self.packages / name
            if not link.exists():
                link.symlink_to(Path(str(package.locate_file(name))))

    def run(
        self, *command: str | Path, expect: int = 0, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there, without anything of this process's settings."""
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.home), "STANCE_CACHE": str(KERNELS)}
        return run(*command, cwd=self.folder, expect=expect, env={**kept, **more})


def distribution_in(packages: Path) -> Distribution:
    (info,) = packages.glob("stance_pipeline-*.dist-info")
    return Distribution.at(info)


def run(
    *command: str | Path, cwd: Path, expect: int = 0, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    if env is None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == expect, (done.stdout, done.stderr)
    return done
