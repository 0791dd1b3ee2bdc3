"""The names that other people's code imports: a change here is one for the changelog."""

import inspect
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

import pipeline
from tests.conftest import ROOT

EXPORTED = [
    *("Prediction", "StanceError", "__version__", "load", "predict"),
    *("read_article", "read_articles", "score_table"),
]
# The keys that the Citation File Format 1.2 allows.
CFF_KEYS = set(
    """abstract authors cff-version commit contact date-released doi identifiers keywords license
    license-url message preferred-citation references repository repository-artifact
    repository-code title type url version""".split()  # noqa: SIM905
)


def test_the_exported_names_are_these() -> None:
    assert sorted(pipeline.__all__) == EXPORTED
    assert set(EXPORTED) <= set(dir(pipeline))
    for name in EXPORTED:
        assert getattr(pipeline, name) is not None


@pytest.mark.parametrize("name", [name for name in EXPORTED if name != "__version__"])
def test_an_exported_name_is_documented(name: str) -> None:
    assert re.match(r"[A-Z].*\.$", (inspect.getdoc(getattr(pipeline, name)) or "").split("\n")[0])


def test_another_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = pipeline.nonsense


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert pipeline.__version__ == project["version"]
    changelog = (ROOT / ".github/CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {project['version']}" in changelog


def test_the_citation_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / ".github/CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= cited.keys() <= CFF_KEYS
    assert all(author.keys() & {"name", "family-names"} for author in cited["authors"])
    assert str(cited["version"]) == project["version"]
    assert (cited["license"], cited["keywords"]) == (project["license"], project["keywords"])


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, pipeline; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "pipeline" in loaded
    assert not loaded & {"numpy", "sklearn", "pyarrow", "numba", "pipeline.inference"}
