import pytest

from pipeline.articles.text.extraction import extract_text
from pipeline.articles.text.segmentation import segment_article

RELEASE = """FOR IMMEDIATE RELEASE

Media contact:
Ida Vik, press@dam.example
+47 555 01 23

Dam company to repay villages

LUND, May 3 -- Lund Power will repay the villages below its dam, the company said today.

It denied that:

• the dam had leaked since March;
• its engineers had known.

About Lund Power
Lund Power will always be the first choice of its customers.

# # #

Notes: Lund Power denied nothing in 2023.
"""
MAIL = """From: Ida Vik <ida@dam.example>
To: desk@paper.example
Date: Fri, 3 May 2024 10:00:00 +0200
Subject: Re: Fwd: Council accuses dam company

The council of Lund accused the dam company on Monday of hiding the leak from
the villages below, and said that it will take the company to court.

--\x20
Ida Vik
Lund denied ever having paid her.
"""


def paragraphs(text: str) -> tuple[str | None, list[str]]:
    found = extract_text(text)
    layout = segment_article(found.text, is_titled=found.is_titled)
    words = [" ".join(layout.clean[start:end].split()) for start, end in layout.paragraphs]
    headline = layout.headline and layout.clean[slice(*layout.headline)]
    return headline, words


@pytest.mark.parametrize("end", ["# # #", "###", "-30-", "— 30 —", "-ENDS-", "Ends"])
@pytest.mark.parametrize("opening", ["FOR IMMEDIATE RELEASE", "Press release: 3 May"])
def test_a_press_release_is_read_without_its_frame(opening: str, end: str) -> None:
    text = RELEASE.replace("FOR IMMEDIATE RELEASE", opening).replace("# # #", end)
    headline, words = paragraphs(text)
    assert headline == "Dam company to repay villages"
    assert words == [
        "Dam company to repay villages",
        "Lund Power will repay the villages below its dam, the company said today.",
        "It denied that:",
        "the dam had leaked since March;",
        "its engineers had known.",
    ]


def test_mail_is_read_from_its_subject_to_its_signature() -> None:
    headline, words = paragraphs(MAIL)
    assert headline == "Council accuses dam company"
    assert len(words) == 2
    assert words[1].endswith(
        "hiding the leak from the villages below, and said that it will take the company to court."
    )


@pytest.mark.parametrize(
    "text",
    [
        "It rained.\n\nContacts between the villages ended in March, the council said.",
        "About the dam\n\nThe council denied it.\n\nIt rained.",
        "Berg: We never knew.\nLund: You did.\n\nThe council met on Monday.",
        "###\n\nThe council denied it.\n\nIt rained on Monday.",
        "The council denied it.\n\nEnds\n\nIt rained.\n\nThe dam burst on Monday, it said.",
    ],
)
def test_an_article_that_is_no_release_and_no_mail_keeps_its_paragraphs(text: str) -> None:
    kept = [part for part in text.split("\n\n") if part not in ("###", "Ends")]
    _, words = paragraphs(text)
    assert all(part.split("\n")[-1] in words for part in kept)
