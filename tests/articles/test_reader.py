import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.articles.article import Article
from pipeline.articles.parties.attributed_sentences import attribute_sentences
from pipeline.articles.parties.speakers import assign_speakers
from pipeline.articles.reader import read_article, read_file
from pipeline.articles.text.extraction import extract_text
from pipeline.articles.text.markdown import extract_markdown
from pipeline.articles.text.segmentation import ArticleSegments, segment_article, split_sentences
from pipeline.articles.text.web_page import is_html
from pipeline.errors import ArticleError
from pipeline.inference.predict import Prediction

ARTICLE = """# Port shut after spill

OSLO, May 3 (Agency) -- The Harbour Ministry on Monday accused *Nordic Bulk Corp.* of hiding a
spill for two days.

"They knew on Friday. They told nobody. It is a crime," said Ola Berg, the harbour minister, who
has called for an [inquiry](http://example.org/inquiry). "We will take them to court."

The company rejected the charge. "These claims are baseless," its spokeswoman, Ana Roe, told
reporters.

"We have nothing to hide. Our records are open.

"Anyone may read them," she said.

The port was closed on Monday. The minister also denied the World Shipping Council (WSC)'s
accusation that he had acted too late.

> According to the WSC, it wrote in April. It said the ministry had ignored three letters.
"""
PAGE = """<!DOCTYPE html><html><head><title>Port shut after spill | The Paper</title>
<meta property="og:title" content="Port shut after spill"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Port shut after spill</h1>
<p>OSLO (Agency) — The ministry accused the owner of <b>hiding</b> the spill for two days, and
said it would take the firm to court over the damage to the beach.</p>
<p>"We did nothing wrong," said Ola Berg, the owner's spokesman. "The claims are false. We will go
to court over this matter, and we will win."</p></article><footer>All rights reserved.</footer>
</body></html>"""


@pytest.fixture
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every sentence one fixed prediction, to test and time what is not scoring."""

    def accuse_all(texts: list[str], *_: object, **__: object) -> list[Prediction]:
        return [Prediction("accuse", ("accuse",), {"accuse": 1.0}) for _ in texts]

    monkeypatch.setattr("pipeline.articles.reader.predict", accuse_all)


def segments(text: str) -> ArticleSegments:
    found = extract_text(text)
    return segment_article(found.text, is_titled=found.is_titled)


def cut(text: str) -> list[str]:
    layout = segments(text)
    return [
        layout.clean[start:end]
        for paragraph in layout.paragraphs
        for start, end in split_sentences(layout.clean, *paragraph)
    ]


def assert_offsets(article: Article) -> None:
    position = 0
    for sentence in article.sentences:
        assert article.text[sentence.start : sentence.end] == sentence.text
        assert position <= sentence.start < sentence.end
        assert sentence.text == sentence.text.strip()
        position = sentence.end


@pytest.mark.usefixtures("shipped_model")
def test_an_article_gives_statements_with_speakers_stances_and_the_accused() -> None:
    article = read_article(ARTICLE)
    assert article.text.startswith("Port shut after spill\n\nOSLO, May 3 (Agency) -- The")
    assert "*" not in article.text
    assert "example.org" not in article.text
    assert article.headline == "Port shut after spill"
    assert article.dateline == "OSLO, May 3 (Agency) --"
    assert_offsets(article)
    assert [s.is_headline for s in article.sentences] == [True] + [False] * (
        len(article.sentences) - 1
    )
    said = {s.text.split("\n")[0][:22]: (s.speaker, s.party, s.manner) for s in article.sentences}
    assert said == {
        "Port shut after spill": (None, None, None),
        "The Harbour Ministry o": ("The Harbour Ministry", "Harbour Ministry", "reported"),
        '"They knew on Friday.': ("Ola Berg", "Ola Berg", "quoted"),
        "They told nobody.": ("Ola Berg", "Ola Berg", "quoted"),
        'It is a crime," said O': ("Ola Berg", "Ola Berg", "quoted"),
        '"We will take them to ': ("Ola Berg", "Ola Berg", "quoted"),
        "The company rejected t": ("The company", "Nordic Bulk Corp.", "reported"),
        '"These claims are base': ("Ana Roe", "Ana Roe", "quoted"),
        '"We have nothing to hi': ("she", "Ana Roe", "quoted"),
        "Our records are open.": ("she", "Ana Roe", "quoted"),
        '"Anyone may read them,': ("she", "Ana Roe", "quoted"),
        "The port was closed on": (None, None, None),
        "The minister also deni": ("The minister", "Ola Berg", "reported"),
        "According to the WSC, ": ("the WSC", "World Shipping Council", "reported"),
        "It said the ministry h": ("It", "World Shipping Council", "reported"),
    }
    accused = {s.text[:22]: s.accused for s in article.statements if "accuse" in s.stances}
    assert accused["The Harbour Ministry o"] == "Nordic Bulk Corp."
    assert accused["It said the ministry h"] == "Harbour Ministry"
    assert all(s.stances for s in article.statements)
    assert set(article.parties) <= {s.party for s in article.sentences}


@pytest.mark.usefixtures("shipped_model")
@pytest.mark.usefixtures("shipped_model")
@pytest.mark.parametrize(
    ("sentence", "manner"),
    [
        ('The ministry rejected the "baseless" claim.', "reported"),
        ('Oslo denied running a "secret" camp on the border.', "reported"),
        ('Oslo said it would open the so-called "green port" on Monday.', "reported"),
        ('Oslo\'s "green port" opened on Monday.', None),
        ('The ministry rejected the claim as "baseless from the start".', "quoted"),
        ('The mayor said the charge was "nonsense".', "quoted"),
        ('The minister called the charge "baseless".', "quoted"),
        ('"Nonsense!" the mayor said.', "quoted"),
        ("The mayor said it was nonsense.", "reported"),
    ],
)
def test_scare_quotes_are_not_the_words_of_a_speaker(sentence: str, manner: str | None) -> None:
    assert read_article(sentence).sentences[0].manner == manner


def test_marks_of_markdown_and_wrapping_do_not_change_scores() -> None:
    plain = read_article("Oslo flatly denied the charges of theft on Monday.")
    marked = read_article(
        "> - **Oslo** [flatly](http://x.org/a_b) denied\n> the *charges* of theft\n> on Monday."
    )
    (marked_sentence,) = marked.sentences[:1]
    assert marked_sentence.scores == plain.sentences[0].scores
    assert plain.sentences[0].prediction.explanation is None
    explained = read_article("Oslo denied the charges.", explain=True)
    assert explained.sentences[0].prediction.explanation is not None


@pytest.mark.usefixtures("shipped_model")
def test_html_is_read_for_its_main_text(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE, encoding="utf-8")
    article = read_file(file)
    assert article.name == str(file)
    assert article.headline == "Port shut after spill"
    assert article.dateline == "OSLO (Agency) —"
    assert "Sport" not in article.text
    assert "rights" not in article.text
    assert_offsets(article)
    assert [s.party for s in article.sentences[2:]] == ["Ola Berg"] * 3
    assert read_article(PAGE).sentences == article.sentences
    assert read_article("<html></html>").sentences == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mr. Roe met Dr. J. K. Lie at 3.5 p.m. on Nov. 3. Sen. Berg (R-Vt.) left.",
            ["Mr. Roe met Dr. J. K. Lie at 3.5 p.m. on Nov. 3.", "Sen. Berg (R-Vt.) left."],
        ),
        (
            "He left.She stayed. It cost 3.5 crowns.",
            ["He left.", "She stayed.", "It cost 3.5 crowns."],
        ),
        ("Mrs. Roe spoke. Ms. May left.", ["Mrs. Roe spoke.", "Ms. May left."]),
        (
            "''We won. They lost,'' he said. ''So be it.'' He left.",
            ["''We won.", "They lost,'' he said.", "''So be it.''", "He left."],
        ),
        (
            "“Is it so?” he asked. “No!” Ana Roe said.",
            ["“Is it so?” he asked.", "“No!” Ana Roe said."],
        ),
        (
            '"We act," he said."They lie."He left.',
            ['"We act," he said.', '"They lie."', "He left."],
        ),
        (
            "He said: “It is over. We are done.” So be it.",
            ["He said: “It is over.", "We are done.”", "So be it."],
        ),
        ("Wait... what? Nothing… He said so.", ["Wait... what?", "Nothing…", "He said so."]),
        ("The dam … “will … leak.” He left.", ["The dam … “will … leak.”", "He left."]),
        ("“It was …” she began. She left.", ["“It was …” she began.", "She left."]),
        ("It ended… He left.", ["It ended…", "He left."]),
        ("They met at 9 a.m. Sunday. He left.", ["They met at 9 a.m. Sunday.", "He left."]),
        ("At 11:30 P.M. GMT it rained.", ["At 11:30 P.M. GMT it rained."]),
        (
            "It began at 5 p.m. Eastern time. He left.",
            ["It began at 5 p.m. Eastern time.", "He left."],
        ),
        ("It ended at 5 p.m. He left.", ["It ended at 5 p.m.", "He left."]),
        (
            "Dep. Insp. Ida Vik met Cpl. Lee Berg. He left.",
            ["Dep. Insp. Ida Vik met Cpl. Lee Berg.", "He left."],
        ),
        (
            "Atty. Gen. Vik sued Lund Pty. Ltd. on Monday.",
            ["Atty. Gen. Vik sued Lund Pty. Ltd. on Monday."],
        ),
        ("He met the gen. It rained.", ["He met the gen.", "It rained."]),
        ("a.m. " * 3, ["a.m. a.m. a.m."]),
        ("قال الرئيس نعم. ثم غادر.", ["قال الرئيس نعم.", "ثم غادر."]),
        ("no stop at all", ["no stop at all"]),
        ("", []),
        (" \n\t\n", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "headline", "dateline", "count"),
    [
        ("Port shut\nOSLO — The port shut.\nIt rained.", "Port shut", "OSLO —", 3),
        (
            "Port shut\n\nKabul, Nov. 3 (Agency) - It shut.",
            "Port shut",
            "Kabul, Nov. 3 (Agency) -",
            2,
        ),
        ("UNITED NATIONS (AP) -- It shut.", None, "UNITED NATIONS (AP) --", 1),
        ("LUND,\u00a0May\u202f3 (Post)\u00a0— It shut.", None, "LUND, May 3 (Post) —", 1),
        ("NEW\u00a0LUND — It shut.", None, "NEW LUND —", 1),
        ("---\ntitle: x\n---\n# Port *shut*\n\n***\n\nIt rained.", "Port shut", None, 2),
        ("Port shut", "Port shut", None, 1),
        ("He said — no.", None, None, 1),
        ("The port shut. It rained.\n\nIt rained.", None, None, 2),
        (
            "The port was shut on Monday after a spill that took two\ndays to find, and it will "
            "stay shut\nuntil May.",
            None,
            None,
            1,
        ),
        ("- First item\n- Second item\n1. Third item", "First item", None, 3),
    ],
)
def test_layout(text: str, headline: str | None, dateline: str | None, count: int) -> None:
    layout = segments(text)

    def words(span: tuple[int, int] | None) -> str | None:
        return None if span is None else " ".join(layout.clean[slice(*span)].split())

    assert (words(layout.headline), words(layout.dateline)) == (headline, dateline)
    assert len(layout.paragraphs) == count


def test_line_ends_and_byte_order_marks_change_no_sentence() -> None:
    unix = attribute_sentences(segments(ARTICLE))
    for other in (ARTICLE.replace("\n", "\r\n"), ARTICLE.replace("\n", "\r"), "\ufeff" + ARTICLE):
        assert [line.words for line in attribute_sentences(segments(other))] == [
            line.words for line in unix
        ]


def test_a_stretch_of_a_quotation_keeps_its_marks_where_it_is_scored() -> None:
    lines = attribute_sentences(segments("“We won. They lost. So be it,” he said."))
    assert [line.words for line in lines] == ['“We won."', '"They lost."', '"So be it,” he said.']
    assert [voice and voice.position for voice in assign_speakers(lines)] == [2, 2, 2]


def test_words_in_quotation_marks_are_no_running_quotation() -> None:
    lines = attribute_sentences(
        segment_article("Roe said so. The “Fast Lane” report was out. It rained.")
    )
    assert [voice and voice.position for voice in assign_speakers(lines)] == [0, None, None]


def test_a_file_that_cannot_be_read_is_an_error_with_its_name(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.txt"):
        with pytest.raises(ArticleError, match=str(path)):
            read_file(path)


@pytest.mark.usefixtures("unscored")
@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), max_size=200) | st.text("aB .,\"“”'\n#*()-", max_size=200))
def test_any_text_gives_exact_offsets(text: str) -> None:
    article = read_article(text, "any.txt")
    if extract_markdown(text) is None and not is_html(text):
        assert article.text == text
    assert_offsets(article)


@pytest.mark.usefixtures("shipped_model")
@pytest.mark.parametrize(
    "text", ["", "\ud800 He denied it. \x00", "He " * 2000, "<html>\ud800\x00"]
)
def test_odd_texts_are_read(text: str) -> None:
    article = read_article(text)
    assert_offsets(article)


@pytest.mark.usefixtures("unscored")
@pytest.mark.parametrize(
    "unit", [ARTICLE, "word ", "“", '"a ', "(a. ", "a\n", "[", "<a ", "Ann said. ", "* ", " "]
)
def test_time_grows_with_length(unit: str) -> None:
    def spent(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        read_article(text)
        return time.process_time() - start

    spent(10_000)
    assert spent(100_000) < 12 * spent(25_000) + 0.2
