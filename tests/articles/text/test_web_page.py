import time

import pytest

from pipeline.articles.text.extraction import ExtractedText, extract_text
from pipeline.articles.text.web_page import extract_page, is_html

BODY = (
    "<p>The council of Lund denied on Monday that its dam had ever leaked, and said it will "
    "publish the report of the engineers.</p><p>“They hid it from us,” said Ida Vik, who lives "
    "below.</p>"
)
TEXT = [
    "The council of Lund denied on Monday that its dam had ever leaked, and said it will publish "
    "the report of the engineers.",
    "“They hid it from us,” said Ida Vik, who lives below.",
]


def page(body: str, head: str = "<title>Dam row</title>") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


def paragraphs(html: str) -> list[str]:
    return extract_page(html).text.split("\n\n")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (page(BODY), None),
        ("<!-- saved --> \n<html><p>x", None),
        ('<?xml version="1.0"?>\n<!DOCTYPE html>\n<html>', None),
        ("\ufeff\n<div class=x>It rained.", None),
        ("<article><h1>Dam row</h1></article>", None),
        ("Dam row<p>It rained.</p>\n<p>It rained again.</p>", None),
        ("It rained.<br><br>It rained again.", None),
        ("It rained.", "a.HTML"),
        ("It rained.", "a.xhtml"),
    ],
)
def test_html_is_known_by_more_than_its_first_tag(text: str, name: str | None) -> None:
    assert is_html(text, name)


@pytest.mark.parametrize(
    "text",
    [
        "It rained <b>hard</b>.",
        'The tag <meta charset="koi8-r"> is old, and so is <p>, said Vik.',
        "Where a < b and c > d, it rains.",
        "<Laughter> We never knew.",
        "<ida@lund.example> wrote:\n\nIt rained.",
        "# Pages\n\n```\n<p>a</p>\n<p>b</p>\n```",
        "<!-- " * 1000,
    ],
)
def test_text_with_a_tag_in_it_is_no_page(text: str) -> None:
    assert not is_html(text, "a.txt")


@pytest.mark.parametrize(
    "html",
    [
        page(f"<article><h1>Dam row</h1>{BODY}</article>"),
        f"<!-- x --><html><body><article><h1>Dam row</h1>{BODY}</article></body></html>",
        f"<article><h1>Dam row</h1>{BODY}</article>",
        f"<h1>Dam row</h1>{BODY}",
    ],
)
def test_pages_and_stretches_of_pages_give_headline_and_paragraphs(html: str) -> None:
    found = extract_text(html)
    assert found.text.split("\n\n") == ["Dam row", *TEXT]
    assert found.is_titled


@pytest.mark.parametrize(
    "title",
    [
        *("Dam row", "Dam row - The Lund Post", "Dam row | News | The Lund Post", "Dam row — Post"),
        *("The Lund Post: Dam row", "Dam row · lundpost.example", "Dam row » Home"),
    ],
)
@pytest.mark.parametrize("heading", ["<h1>Dam row</h1>", "<h1>The Lund Post</h1><h1>Dam row</h1>"])
def test_the_headline_stands_once_whatever_the_title(title: str, heading: str) -> None:
    head = f"<title>{title}</title><meta property='og:title' content='{title}'>"
    found = paragraphs(page(f"<article>{heading}{BODY}</article>", head))
    assert found[0] == "Dam row"
    assert [part for part in found if "Dam row" in part] == ["Dam row"]
    assert found[-2:] == TEXT


def test_a_title_without_a_heading_loses_the_name_of_the_site() -> None:
    head = "<title>Dam row - Lund Post</title><meta property='og:site_name' content='Lund Post'>"
    assert paragraphs(page(f"<article>{BODY}</article>", head)) == ["Dam row", *TEXT]


def test_quotations_by_tag_have_their_marks() -> None:
    html = page(
        "<article><h1>Dam row</h1><p><q>We never <b>knew</b>. He said <q>no</q> to us</q>, Ida Vik "
        "of Lund said on Monday after the meeting of the council.</p></article>"
    )
    assert paragraphs(html)[1] == (
        "“We never knew. He said ‘no’ to us”, Ida Vik of Lund said on Monday after the meeting of "
        "the council."
    )


def post(number: int, heading: str) -> str:
    return (
        f"<article id=p{number}>{heading}<p>In week {number} the council of Lund denied that the "
        "dam leaked, and said so in a letter.</p></article>"
    )


def test_every_post_of_a_live_blog_is_read_in_order() -> None:
    posts = "".join(post(n, f"<h2><a href='#p{n}'>Week {n}</a></h2>") for n in range(1, 6))
    found = "\n".join(paragraphs(page(f"<main><h1>Dam live</h1>{posts}</main>")))
    places = [found.index(f"In week {n} ") for n in range(1, 6)]
    assert places == sorted(places)
    assert found.count("In week") == 5


def test_links_to_other_articles_and_comments_are_not_joined() -> None:
    card = "<article class=card><h3><a href='/other'>Rome lied</a></h3><p>Rome lied.</p></article>"
    comment = "<article class='comment-7'><p>You all lied to us for many years.</p></article>"
    main = f"<article><h1>Dam row</h1>{BODY}</article>"
    for others in (card * 5, comment * 5, f"<aside>{post(1, '')}</aside>"):
        assert paragraphs(page(f"<main>{main}{others}</main>")) == ["Dam row", *TEXT]


def test_a_teaser_that_begins_the_article_is_read_and_one_that_links_is_not() -> None:
    long = "<p>The meeting of the council went on for some hours and heard many people.</p>" * 4
    html = page(
        f"<article><h1>Dam row</h1><div class='Teaser-text'>{BODY}</div>{long}"
        "<div class=teaser><p><a href='/other'>Rome lied for years, and here is how</a></p></div>"
        "</article>"
    )
    found = paragraphs(html)
    assert found[1:3] == TEXT
    assert "Rome" not in " ".join(found)


def test_preformatted_text_is_unwrapped() -> None:
    wrapped = BODY.replace("<p>", "").replace("</p>", "\n\n").replace("Monday that", "Monday\nthat")
    found = paragraphs(page(f"<pre>{wrapped}</pre>"))
    assert found[-2:] == TEXT


def test_a_page_tells_date_author_site_and_address() -> None:
    head = """<title>Dam row</title><link rel="canonical" href="https://lundpost.example/dam">
    <meta property="og:site_name" content="The Lund Post"><meta name="author" content="Ana Roe">
    <meta property="article:published_time" content="2024-05-03T10:00:00Z">"""
    told = extract_page(page(f"<article><h1>Dam row</h1>{BODY}</article>", head)).metadata
    assert (told.title, told.date, told.author) == ("Dam row", "2024-05-03", "Ana Roe")
    assert (told.source, told.url) == ("The Lund Post", "https://lundpost.example/dam")


@pytest.mark.parametrize(
    "html",
    ["", " ", "\0", "<html>", "<html></html>", "<pre>\n\n</pre>", "<!--", "<?xml ?>"],
)
def test_pages_without_text_are_empty(html: str) -> None:
    assert extract_page(html) == ExtractedText("")


def test_no_character_of_a_word_is_invisible() -> None:
    html = page(
        f"<article><h1>Dam&shy; row</h1>{BODY.replace('council', 'coun&shy;cil')}</article>"
    )
    assert paragraphs(html) == ["Dam row", *TEXT]


def test_a_page_of_very_many_elements_is_read_whole_and_soon() -> None:
    story = "<h1>Oslo denies it</h1>{}<script>x()</script><p>Rome <b>said</b> no.<br>Rain fell."
    page = f"<html><head><title>t</title></head><body>{story.format('<p>So.' * 100_000)}"
    started = time.process_time()
    paragraphs = extract_page(page).text.split("\n\n")
    assert time.process_time() - started < 5  # at the speed of smaller pages it takes ten
    assert paragraphs[:2] == ["Oslo denies it", "So."]
    assert paragraphs[-3:] == ["So.", "Rome said no.", "Rain fell."]
    assert len(paragraphs) == 100_003
