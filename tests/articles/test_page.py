"""The article page, in a real browser."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.articles.article import Article
from pipeline.articles.page.page import render_page, write_page
from pipeline.articles.story import VERBS, combine_articles
from pipeline.errors import StanceError
from pipeline.inference.explanation import moving_words
from pipeline.inference.predict import predict
from pipeline.stages.train import Training
from tests.articles.marked import mark_up, story

Open = Callable[..., Any]

# the least contrast of any shown text with the background behind it, and that text
LEAST_CONTRAST = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => rgb.slice(0, 3)
    .map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const background = (element) => {
    for (; element; element = element.parentElement) {
      const found = numbers(getComputedStyle(element).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  let least = [99, ""];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = texts.nextNode()); ) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (["SCRIPT", "STYLE", "title"].includes(element.tagName)) continue;
    const pair = [luminance(numbers(getComputedStyle(element).color)), luminance(background(element))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < least[0]) least = [contrast, node.data.trim()];
  }
  return least;
}"""  # noqa: E501


@pytest.fixture(scope="session")
def articles(training: Training) -> list[Article]:
    return story(training.model)


@pytest.fixture(scope="session")
def one(articles: list[Article]) -> str:
    return render_page(articles[:1])


@pytest.fixture(scope="session")
def three(articles: list[Article]) -> str:
    return render_page(articles)


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open a page; afterwards check that it fetched nothing and that the console stayed empty."""
    contexts = []
    noise: list[str] = []
    requests: list[str] = []
    file = tmp_path / "page.html"

    def open_page(page: str, **options: Any) -> Any:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        write_page(page, file, force=True)
        contexts.append(browser.new_context(**options))
        shown = contexts[-1].new_page()
        shown.on("request", lambda request: requests.append(request.url))
        shown.on("console", lambda message: noise.append(message.text))
        shown.on("pageerror", lambda error: noise.append(str(error)))
        shown.goto(file.as_uri())
        return shown

    yield open_page
    for context in contexts:
        context.close()
    assert noise == []
    assert [url for url in requests if url.split("#")[0] != file.as_uri()] == []


def background(statement: Any) -> str:
    found: str = statement.locator(".said").evaluate("e => getComputedStyle(e).backgroundColor")
    return found


CLEAR = "rgba(0, 0, 0, 0)"


def test_shows_every_sentence_and_marks_the_statements(
    show: Open, one: str, articles: list[Article]
) -> None:
    page = show(one)
    for position, sentence in enumerate(articles[0].sentences):
        assert sentence.text in page.locator(f"#s0-{position}").text_content()
    marks = page.locator("mark.statement")
    assert marks.count() == len(articles[0].statements)
    strokes = {}
    for stance in ("accuse", "deny", "announce"):
        mark = page.locator(f".body .statement.{stance}").first
        assert VERBS[stance] in mark.locator(".who").inner_text()
        strokes[stance] = mark.locator(".said").evaluate(
            "e => getComputedStyle(e).textDecorationStyle"
        )
    assert len(set(strokes.values())) == 3, "the underline alone tells the stance"


def test_script_in_an_article_is_shown_not_run(show: Open, training: Training) -> None:
    attack = '<script>window.hit = 1</script><img src=x onerror="window.hit = 1">'
    article = mark_up(
        f'# The ministry denied "{attack}" </title>\n\n'
        f"[{attack} | </style>{attack} | x] Oslo denied the charges {attack} {{{{ 7 * 7 }}}}.",
        f'">{attack}',
        training.model,
    )
    page = show(render_page([replace(article, dateline=attack), article]))
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0
    assert attack in page.locator("#s0-1 .said").inner_text()
    assert "{{ 7 * 7 }}" in page.locator("#s0-1 .said").inner_text()


def test_the_policy_stops_what_is_not_the_page_s_own(
    browser: Any, one: str, tmp_path: Path
) -> None:
    injected = one.replace(
        "</main>", "<script>window.hit = 1</script><p style='color:red'>x</main>"
    )
    (tmp_path / "page.html").write_text(injected, encoding="utf-8")
    page = browser.new_page()
    stopped: list[str] = []
    page.on("console", lambda message: stopped.append(message.text))
    page.goto((tmp_path / "page.html").as_uri())
    assert page.evaluate("window.hit") is None
    assert len(stopped) == 2
    page.close()
    assert "unsafe" not in one


def test_filters_by_party_from_the_keyboard(show: Open, three: str) -> None:
    page = show(three)
    brask = page.get_by_label("Ida Brask")
    brask.focus()
    page.keyboard.press("Space")
    assert background(page.locator("#s0-1")) != CLEAR
    assert background(page.locator("#s0-5")) == CLEAR
    assert (
        page.get_by_role("status").inner_text()
        == f"3 of {page.locator('.statement').count()} statements picked"
    )
    page.get_by_label("Norlys").press("Space")
    assert background(page.locator("#s0-10")) != CLEAR
    page.get_by_role("button", name="Show all").press("Enter")
    assert background(page.locator("#s0-5")) != CLEAR
    page.wait_for_function("document.querySelector('[role=status]').textContent === ''")


def test_filters_by_stance(show: Open, three: str, articles: list[Article]) -> None:
    page = show(three)
    page.get_by_label("denies").first.check()
    for number, article in enumerate(articles):
        for position, sentence in enumerate(article.sentences):
            if sentence.stances and not sentence.is_headline:
                shown = background(page.locator(f"#s{number}-{position}")) != CLEAR
                assert shown == ("deny" in sentence.stances), sentence.text
    page.get_by_label("Norlys").check()
    status = page.get_by_role("status").inner_text()
    both = [s for a in articles for s in a.statements if "deny" in s.stances]
    assert status.startswith(f"{sum(s.party == 'Norlys' for s in both)} of ")


def test_who_speaks_stands_in_the_margin_beside_each_mark(show: Open, three: str) -> None:
    page = show(three)
    boxes = page.locator(".body .who").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().toJSON())"
    )
    marks = page.locator(".body .said").evaluate_all(
        "all => all.map(one => one.getClientRects()[0].toJSON())"
    )
    column = page.locator(".body").first.bounding_box()
    for who, mark in zip(boxes, marks, strict=True):
        assert who["left"] >= column["x"] + column["width"]
        assert who["right"] <= 1280
        assert -8 < who["top"] - mark["top"] < 60
    for above, below in itertools.pairwise(boxes):
        assert above["bottom"] <= below["top"]


def test_a_sentence_with_two_stances_shows_both(show: Open, training: Training) -> None:
    text = "[Kardia | Kardia | Velmora] Kardia denied the charge and accused Velmora of spying."
    article = mark_up(text, "two.txt", training.model)
    assert set(article.sentences[0].stances) == {"accuse", "deny"}
    page = show(render_page([article]))
    lines = [
        page.locator(f"#s0-0 {part}").evaluate("e => getComputedStyle(e).textDecorationStyle")
        for part in (".said", ".also")
    ]
    assert set(lines) == {"solid", "double"}
    assert "accuses Velmora" in page.locator("#s0-0 .who").inner_text()
    assert "denies" in page.locator("#s0-0 .who").inner_text()
    assert "gradient" in page.locator("#s0-0 .said").evaluate(
        "e => getComputedStyle(e).backgroundImage"
    )


def test_one_article_tells_who_accuses_whom(show: Open, one: str) -> None:
    page = show(one)
    page.get_by_role("link", name="Who accuses whom, and who answers").click()
    assert page.locator("#charges tbody tr", has_text="The Velmoran navy").first.is_visible()


def test_what_is_no_word_is_not_shown_as_one(training: Training) -> None:
    article = mark_up("Oslo denied it.", "short.txt", training.model)
    page = render_page([article])
    for name in ("its length", "a name", "the way it is built"):
        assert f'class="quoted">{name}' not in page
    assert 'class="quoted">denied' in page


def test_focus_shows_the_details(show: Open, one: str) -> None:
    page = show(one)
    statement = page.locator("#s0-1")
    note = statement.locator(".note")
    assert not note.is_visible()
    page.get_by_label("Unattributed").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "s0-1":
            break
    assert note.is_visible()
    shown = note.inner_text()
    assert "Ida Brask accuses the Velmoran navy" in shown
    assert "Speaker: Foreign Minister Ida Brask, reported" in shown
    assert re.search(r"accuse\s+>?\d\d%", shown)
    assert "accused +" in shown
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "s0-3"
    assert not note.is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".note:visible").count() == 0


def test_hover_and_tap_show_the_details(show: Open, one: str) -> None:
    page = show(one)
    page.locator("#s0-5 .said").hover()
    assert page.locator(".note:visible").count() == 1
    page.mouse.move(5, 5)
    assert page.locator(".note:visible").count() == 0
    phone = show(one, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    phone.locator("#s0-5 .said").tap()
    box = phone.locator("#s0-5 .note").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["y"] + box["height"] <= 740


@pytest.mark.parametrize("width", [1280, 800, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(show: Open, three: str, width: int, scheme: str) -> None:
    page = show(three, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.locator("#s0-3").focus()
    for _ in range(2):
        contrast, text = page.evaluate(LEAST_CONTRAST)
        assert contrast >= 4.5, text
        page.get_by_label("Norlys").check()


def test_dark_mode_is_dark(show: Open, one: str) -> None:
    paper = {}
    for scheme in ("light", "dark"):
        page = show(one, color_scheme=scheme)
        paper[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        paper[scheme] = sum(map(int, re.findall(r"\d+", paper[scheme])))
    assert paper["dark"] < 150
    assert paper["light"] > 600


@pytest.mark.parametrize("width", [320, 360, 768, 1248])
def test_nothing_is_wider_than_the_screen(
    show: Open, articles: list[Article], training: Training, width: int
) -> None:
    roles = f"{'W' * 300} | {'w' * 300} | {'W' * 200}"
    long = mark_up(
        f"# {'W' * 300}\n\n[{roles}] Oslo accused {'w' * 900} of fraud.",
        "long.txt",
        training.model,
    )
    page = show(render_page([*articles, long]), viewport={"width": width, "height": 740})
    page.locator(".statement").last.focus()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_print_shows_everything(show: Open, three: str, articles: list[Article]) -> None:
    page = show(three)
    page.get_by_label("Norlys").check()
    page.emulate_media(media="print")
    story = combine_articles(articles)
    parties = {(said.article, said.position): said.party for said in story.statements}
    for number, article in enumerate(story.articles):
        for position, sentence in enumerate(article.sentences):
            assert page.locator(f"#s{number}-{position}").is_visible()
            if sentence.stances:
                who = page.locator(f"#s{number}-{position} .who")
                party = parties[number, position] or "Unattributed"
                assert party.lower() in who.inner_text().lower()
                assert "%" in who.inner_text()
    colours = page.locator(".statement").evaluate_all(
        "all => all.map(one => getComputedStyle(one).color)"
    )
    assert set(colours) == {"rgb(0, 0, 0)"}


def test_works_without_script(show: Open, three: str, articles: list[Article]) -> None:
    page = show(three, java_script_enabled=False)
    for number, article in enumerate(articles):
        for position, sentence in enumerate(article.sentences):
            shown = page.locator(f"#s{number}-{position}")
            assert shown.is_visible()
            assert sentence.text in shown.text_content()
    page.locator("#s0-1").focus()
    assert page.locator("#s0-1 .note").is_visible()
    page.get_by_label("Ida Brask").check()
    assert background(page.locator("#s0-1")) != CLEAR
    assert background(page.locator("#s0-5")) == CLEAR


def test_sets_the_parties_side_by_side(show: Open, three: str) -> None:
    page = show(three)
    charges = page.locator(".charges tbody tr").all_inner_texts()
    answered = next(row for row in charges if "The Velmoran navy" in row)
    assert "denies" in answered
    assert "none found" not in answered
    unanswered = next(row for row in charges if row.startswith("Captain Orin Vale\tKardia"))
    assert "none found" in unanswered
    row = page.locator(".charges tbody tr", has_text="The Velmoran navy")
    row.locator("td", has_text="denies").get_by_role("link").last.click()
    assert page.url.endswith("#s2-1")
    assert page.locator("#s2-1 .note").is_visible()


def test_the_strip_has_a_mark_a_statement_and_stance(
    show: Open, one: str, articles: list[Article]
) -> None:
    page = show(one)
    places = [
        (sentence.start, stance)
        for sentence in articles[0].statements
        for stance in sentence.stances
    ]
    assert page.locator(".strip rect").count() == len(places)
    lane = page.locator(".lane.deny rect").evaluate_all("all => all.map(e => +e.getAttribute('x'))")
    total = len(articles[0].text)
    assert lane == [
        pytest.approx(1000 * start / total, abs=0.1) for start, stance in places if stance == "deny"
    ]


def test_an_empty_article_has_a_page(show: Open) -> None:
    page = show(render_page([Article("", None, None, None, ())]))
    assert "No sentences were found." in page.locator("main").inner_text()


def test_lone_surrogates_and_nul_do_not_stop_a_page(tmp_path: Path, training: Training) -> None:
    article = mark_up("Oslo denied the charge \ud800 \x00.", "odd.txt", training.model)
    write_page(render_page([article]), tmp_path / "page.html")
    assert "Oslo denied" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_file_is_not_overwritten_unasked(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_page("first", page)
    with pytest.raises(StanceError, match=r"page\.html: exists; overwrite it with --force"):
        write_page("second", page)
    assert page.read_text() == "first"
    write_page("second", page, force=True)
    assert page.read_text() == "second"
    assert list(tmp_path.iterdir()) == [page]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    page = tmp_path / "x" / "page.html"
    with pytest.raises(StanceError) as caught:
        write_page("page", page)
    assert str(caught.value) == f"{page}: there is no folder {page.parent}; make it first"


@pytest.mark.parametrize("target", ["kept.html", "missing.html"])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "kept.html").write_text("kept")
    (tmp_path / "page.html").symlink_to(target)
    with pytest.raises(StanceError, match="a symbolic link"):
        write_page("page", tmp_path / "page.html", force=True)
    assert (tmp_path / "kept.html").read_text() == "kept"
    assert not (tmp_path / "missing.html").exists()


def test_moving_words_add_up_to_the_terms(training: Training) -> None:
    text = 'Police "didn\'t" say who was accused of 12 crimes, Oslo’s mayor said.'
    explanation = predict(text, training.model, explain=True).explanation
    assert explanation is not None
    for terms in explanation.values():
        moved = moving_words(text, terms)
        added = sum(amount for term, amount in terms if re.match("[a-z]:", term))
        assert sum(amount for _, amount in moved) == pytest.approx(added)
    assert "accused" in dict(moving_words(text, explanation["accuse"])[:3])
