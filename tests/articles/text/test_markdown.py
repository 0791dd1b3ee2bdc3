import pytest

from pipeline.articles.text.extraction import extract_text
from pipeline.articles.text.markdown import extract_markdown


def text_of(markdown: str) -> str:
    found = extract_markdown(markdown)
    assert found is not None
    return found.text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("The **dam** was *shut*.", "The dam was shut."),
        ("She [denied](http://a.example/b_(c) 'x') it.[^1]\n\n[^1]: A note.", "She denied it."),
        ("She denied it.[^2] He left.", "She denied it. He left."),
        ("She [denied][1] it.\n\n[1]: http://a.example", "She denied it."),
        ("![A dam](dam.png) The dam is *old*.", "The dam is old."),
        ("See <http://a.example> for `dam` ~~news~~.", "See for dam news."),
        ("Before.\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\nAfter.", "Before.\n\nAfter."),
        ("Before.\n\n```\ncode <p>x</p>\n```\n\nAfter.", "Before.\n\nAfter."),
        ("> He said *no*\n> to the plan.", "He said no to the plan."),
        ("- hiding\n  losses;\n- paying bribes.", "hiding losses;\n\npaying bribes."),
        ("3. hiding losses;\n4. paying bribes.", "hiding losses;\n\npaying bribes."),
        ("<div>\nThe dam <b>burst</b>.\n</div>\n\nAfter.", "The dam  burst .\n\nAfter."),
        ("a<br>b <!-- c --><q>no</q>", "a\nb “no”"),
        ("<script>\nalert(1)\n</script>\n\nAfter.", "After."),
        ("***\n\nAfter the *rule*.", "After the rule."),
        ("\\* not a mark, *a mark*", "* not a mark, a mark"),
        ("AT&amp;T *denied* it.", "AT&T denied it."),
    ],
)
def test_no_mark_stays_in_the_text(markdown: str, text: str) -> None:
    assert text_of(markdown) == text


@pytest.mark.parametrize(
    ("markdown", "is_titled"),
    [
        ("# Dam *shut*\n\nIt rained.", True),
        ("Dam shut\n========\n\nIt rained.", True),
        ("It rained *hard*.\n\n# Dam shut", False),
        ("---\ntitle: Dam shut\n---\n\nIt rained.", True),
    ],
)
def test_a_first_heading_is_the_headline(markdown: str, is_titled: bool) -> None:
    found = extract_markdown(markdown)
    assert found is not None
    assert found.is_titled == is_titled
    assert found.text.startswith("Dam shut\n\n") == is_titled


def test_front_matter_tells_of_the_article() -> None:
    found = extract_markdown('---\ntitle: "Dam shut"\ndate: 2024-05-03\nmood: x\n---\nIt rained.')
    assert found is not None
    assert (found.metadata.title, found.metadata.date) == ("Dam shut", "2024-05-03")
    assert found.text == "Dam shut\n\nIt rained."


@pytest.mark.parametrize(
    "text",
    [
        "The dam was shut on Monday.\n\nIt rained.",
        "The inquiry into the collapse of the old dam of Lund will end on May\n17. It rained.",
        "The number of houses under water in the old town of Lund rose to\n300. It rained.",
        "    The first line of a paragraph is indented by hand.\nIt rained.",
        "It cost 5 * 3 and 2 * 4 crowns, a_b said, or #1 [sic].",
        "It rained.\r\n\r\nThe dam burst.",
        "* " * 40_000,
    ],
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert extract_text(text).text == text


def test_a_paragraph_with_a_line_below_is_no_heading() -> None:
    text = (
        "The dam was shut on Monday after a *spill* that took two days to find, and\n"
        "it will stay shut until the end of May.\n---\nIt rained."
    )
    found = extract_markdown(text)
    assert found is not None
    assert not found.is_titled
