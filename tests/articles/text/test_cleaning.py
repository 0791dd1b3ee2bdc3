import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles.reader import read_article
from pipeline.articles.text.cleaning import clean_text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("The coun\u00adcil de\u200bnied it.", "The council denied it."),
        ("\ufeffThe coun\ufeffcil", "The council"),
        ("a\u200db \u2060c\u200e", "ab c"),
        ("OSLO,\u00a0May\u202f3\u2009—", "OSLO, May 3 —"),
        ("&quot;No,&#34; &#x201C;no&rdquo; &amp;amp; &amp;quot;", '"No," “no” & "'),
        ("AT&T; R&D &notanentity; &#xFFFFFFF;", "AT&T; R&D &notanentity; &#xFFFFFFF;"),
        ("a&nbsp;b&shy;c&#0;d&#8203;", "a bc\ufffdd"),
        ("a\r\nb\rc\u2028d\x0be\x00f\ud800", "a \nb\nc\nd\ne f "),
        ("", ""),
    ],
)
def test_what_is_read(text: str, clean: str) -> None:
    assert clean_text(text)[0] == clean


@given(st.lists(st.sampled_from(["a", " ", "\u00ad", "\u200b", "&quot;", "&amp;amp;", "&", ";"])))
def test_every_stretch_leads_back_to_its_own(parts: list[str]) -> None:
    text = "".join(parts)
    clean, offsets = clean_text(text)
    for start in range(len(clean)):
        for end in range(start + 1, len(clean) + 1):
            first, last = offsets.span(start, end)
            assert clean_text(text[first:last])[0] == clean[start:end]
            assert text[first] not in "\u00ad\u200b"
            assert text[last - 1] not in "\u00ad\u200b"


@pytest.mark.usefixtures("shipped_model")
def test_offsets_lead_into_the_text_as_given() -> None:
    plain = read_article('The council denied it. "Berg lied," it said.')
    odd = read_article("The coun\u00adcil de\u200bnied it. &quot;Berg lied,&quot; it said.")
    assert [s.text for s in odd.sentences] == [
        "The coun\u00adcil de\u200bnied it.",
        "&quot;Berg lied,&quot; it said.",
    ]
    for before, after in zip(plain.sentences, odd.sentences, strict=True):
        assert odd.text[after.start : after.end] == after.text
        assert (before.party, before.manner, before.scores) == (
            after.party,
            after.manner,
            after.scores,
        )
