"""What a notebook shows, run by a real kernel and looked at in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from pipeline.articles.article import Article
from pipeline.inference.predict import Prediction
from pipeline.stages.train import Training
from tests.articles.marked import mark_up
from tests.conftest import ROOT

ARTICLE = """\
# Oslo accuses Rome of spying on its harbour

[the mayor | the mayor | Rome] The mayor accused Rome of lying about the harbour.

[Rome | Rome | ] Rome flatly denied the charges, its ministry said.

Rain fell over the valley on Monday.
"""
CELLS = (
    "from pipeline import predict, read_article",
    "read_article('Oslo accused Rome of spying. Rome denied it. Rain fell.', 'one.txt')",
    "predict('The ministry rejected the allegations as baseless.')",
)


@pytest.fixture
def article(training: Training) -> Article:
    return mark_up(ARTICLE, "one.txt", training.model)


@pytest.fixture
def kernel_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the kernel's own files out of the home folder."""
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.slow
@pytest.mark.usefixtures("shipped_model")
def test_a_notebook_shows_articles_and_predictions(kernel_home: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    metadata = {"metadata": {"path": str(kernel_home)}}
    NotebookClient(book, kernel_name="python3", timeout=120, resources=metadata).execute()
    nbformat.validate(book)
    article, prediction = (
        "".join(cell["outputs"][0]["data"]["text/html"]) for cell in book.cells[1:]
    )
    marks = re.findall(r"<b>(\w+)</b>.*?<mark [^>]*>(.*?)</mark>", article)
    assert marks == [("Oslo", "Oslo accused Rome of spying."), ("Rome", "Rome denied it.")]
    assert "Rain fell." in re.sub("<mark.*?</mark>", "", article)
    assert "<b>deny</b>" in prediction


def test_text_of_others_is_shown_and_never_run(training: Training) -> None:
    told = "[<i>Rome</i> | <i>Rome</i> | ] Rome denied <script>alert(1)</script> the charges."
    shown = mark_up(told, "<b onclick=alert(1)>", training.model)._repr_html_()
    assert "<script" not in shown
    assert "<i>" not in shown
    assert "<b onclick" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_it_fetches_nothing_and_styles_nothing_else(article: Article) -> None:
    prediction = article.sentences[0].prediction
    for shown in (article._repr_html_(), prediction._repr_html_()):
        assert not re.search(r"https?:|url\(|@import|<script|<link|<img", shown)
        style = re.sub(r"@(?:media|container)[^{]*", "", shown.split("<style>")[1].split("<")[0])
        selectors = re.findall(r"([^{}]+)\{[^{}]*\}", style)
        assert len(selectors) > 10
        assert [each for each in selectors if ".stance-view" not in each] == []
        classes = set(" ".join(re.findall(r'class="([^"]*)"', shown)).split())
        assert {name for name in classes if not name.startswith("stance-")} == set()


def test_a_prediction_shows_scores_and_thresholds() -> None:
    shown = Prediction(
        "deny", ("deny",), {"accuse": 0.2, "deny": 0.5}, thresholds={"accuse": 0.3, "deny": 0.4}
    )._repr_html_()
    words = " ".join(re.sub("<style>.*?</style>|<[^>]*>", "", shown, flags=re.DOTALL).split())
    assert words == "deny accuse 0.20 counts from 0.30 deny 0.50 counts from 0.40"
    assert "no stance" in Prediction("none", (), {"deny": 0.1})._repr_html_()


@pytest.fixture
def page(browser: Any, article: Article) -> Iterator[Any]:
    """A notebook's page: a cell's output, and something beside it."""
    shown = browser.new_page(viewport={"width": 1200, "height": 900})
    shown.set_content(
        "<body data-jp-theme-light='true'><mark id='other'>another cell</mark>"
        f"{article._repr_html_()}{article.sentences[0].prediction._repr_html_()}"
    )
    yield shown
    shown.close()


def _style(page: Any, selector: str, name: str) -> str:
    found: str = page.locator(selector).first.evaluate(f"e => getComputedStyle(e)['{name}']")
    return found


def test_the_theme_of_the_notebook_decides_over_that_of_the_machine(page: Any) -> None:
    page.emulate_media(color_scheme="dark")
    assert _style(page, ".stance-view", "backgroundColor") == "rgb(251, 250, 247)"
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert _style(page, ".stance-view", "backgroundColor") == "rgb(23, 24, 26)"
    page.emulate_media(color_scheme="light")
    page.evaluate("delete document.body.dataset.jpThemeLight")
    assert _style(page, ".stance-view", "backgroundColor") == "rgb(251, 250, 247)"


def test_who_speaks_stands_beside_the_mark_or_before_it(page: Any) -> None:
    places = "[...document.querySelectorAll('.stance-paragraph :is(.stance-who, .stance-said)')]"
    boxes = f"{places}.map(e => e.getBoundingClientRect()).map(r => [r.left, r.top, r.right])"
    who, said = page.evaluate(boxes)[:2]
    assert who[0] > said[2]
    assert abs(who[1] - said[1]) < 20
    page.set_viewport_size({"width": 390, "height": 900})
    who, said = page.evaluate(boxes)[:2]
    assert who[0] <= said[2]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert _style(page, "#other", "backgroundColor") == "rgb(255, 255, 0)"
