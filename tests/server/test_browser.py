"""The page in a real browser, from a real server: pasting, choosing, dropping, downloading."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.stages.train import Training
from tests.articles.test_page import LEAST_CONTRAST
from tests.server.running import Running, running

ONE = "Oslo denies spying\n\nRome accused Oslo of spying on Monday.\n\nOslo denied it.\n"
TWO = "The mayor of Orle announced on Friday that she will rebuild the bridge.\n"
DROP = """([names, texts]) => {
  const held = new DataTransfer();
  names.forEach((name, i) => held.items.add(new File([texts[i]], name, { type: "text/plain" })));
  const options = { dataTransfer: held, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new DragEvent("dragover", options));
  document.body.dispatchEvent(new DragEvent("drop", options));
}"""
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def server(training: Training) -> Iterator[Running]:
    with running("--model", training.model, "--workers", "1") as server:
        yield server


@pytest.fixture
def visit(browser: Any, server: Running) -> Iterator[Open]:
    """Open the page; afterwards check that only the server was asked, and the console is empty."""
    contexts = []
    noise: list[str] = []
    asked: list[str] = []

    def open_page(**options: Any) -> Any:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.goto(server.address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert noise == []
    assert [url for url in asked if not url.startswith((server.address, "blob:"))] == []


def saved(page: Any, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_article_is_pasted_read_and_saved(visit: Open, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts)
    page.get_by_label("The article").fill(ONE)
    page.locator("button.lead").click()
    page.locator(".statement").first.wait_for()
    assert page.locator("h1").inner_text().endswith("Oslo denies spying")
    page.locator(".statement").last.focus()
    assert page.locator(".note:visible").count() == 1
    (story,) = map(json.loads, saved(page, "JSON").splitlines())
    assert story["articles"][0]["text"] == ONE
    rows = list(csv.DictReader(io.StringIO(saved(page, "CSV").decode())))
    assert {"accuse", "deny"} <= {row["stances"] for row in rows}
    offline = saved(page, "Page").decode()
    assert "Rome accused Oslo of spying on Monday." in offline
    assert "Edit the text" not in offline
    page.get_by_role("button", name="Edit the text").click()
    assert page.get_by_label("The article").input_value() == ONE


def test_several_are_chosen_dropped_and_pasted(visit: Open, tmp_path: Path) -> None:
    (tmp_path / "chosen.txt").write_text(TWO)
    page = visit()
    several = page.get_by_text("Several articles are")
    assert not several.is_visible()
    page.set_input_files("#files", tmp_path / "chosen.txt")
    page.evaluate(DROP, [["dropped.txt"], [ONE]])
    assert page.locator(".chosen li").all_inner_texts() == ["chosen.txt", "dropped.txt"]
    assert several.is_visible()
    page.get_by_role("button", name="Paste another article").click()
    page.get_by_label("Article 2").fill("Oslo denied it again.")
    page.locator("button.lead").click()
    page.locator(".statement").first.wait_for()
    assert page.locator("h1").inner_text() == "3 articles, side by side"
    page.get_by_role("link", name="New article").click()
    page.evaluate(DROP, [["a.txt", "b.txt"], [ONE, TWO]])
    page.get_by_label("separate").check()
    page.locator("button.lead").click()
    page.get_by_role("button", name="b.txt").click()
    page.get_by_text("Article 2 of 2").wait_for()
    assert "rebuild the bridge" in page.locator("main").inner_text()
    assert len(saved(page, "JSON").splitlines()) == 2


def test_nothing_and_too_much_are_told_before_they_are_sent(visit: Open) -> None:
    page = visit()
    page.locator("button.lead").click()
    assert page.get_by_role("status").inner_text() == "Paste an article, or choose a file."
    page.evaluate(DROP, [[f"{n}.txt" for n in range(21)], ["Hm."] * 21])
    assert "at most 20" in page.get_by_role("status").inner_text()
    page.locator("button.lead").click()
    assert page.locator(".read").is_visible()


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_and_fits(visit: Open, width: int, scheme: str) -> None:
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 844})
    for _ in range(2):
        contrast, text = page.evaluate(LEAST_CONTRAST)
        assert contrast >= 4.5, text
        assert page.evaluate("document.documentElement.scrollWidth") == width
        if page.locator("#files").count():
            page.set_input_files(
                "#files",
                [
                    {"name": f"{'w' * 90}{n}.txt", "mimeType": "text/plain", "buffer": ONE.encode()}
                    for n in range(2)
                ],
            )
            assert page.evaluate("document.documentElement.scrollWidth") == width
            page.get_by_label("separate").check()
            page.locator("button.lead").click()
            page.locator(".statement").first.wait_for()


def test_a_page_of_another_site_cannot_send_a_form(
    browser: Any,
    server: Running,
    tmp_path: Path,
) -> None:
    other = tmp_path / "evil.html"
    other.write_text(
        f'<form action="{server.address}" method="post" enctype="multipart/form-data">'
        '<input name="text" value="Oslo denied it."><button>Win</button></form>'
    )
    page = browser.new_page()
    page.goto(other.as_uri())
    with page.expect_response(server.address) as waiting:
        page.get_by_role("button").click()
    assert waiting.value.status == 403
    page.close()
