import time

import pytest

from pipeline.articles.attributed_sentences import attribute_sentences
from pipeline.articles.blame import find_blamed
from pipeline.articles.coreference import PartyResolver
from pipeline.articles.mentions import find_mentions, mark_verbs
from pipeline.articles.segmentation import segment_article
from pipeline.articles.speakers import assign_speakers
from pipeline.articles.tagging import tag_sentence
from pipeline.articles.targets import TargetFinder


def accused(*sentences: str) -> list[tuple[str, ...]]:
    """Find whom each sentence accuses, where all of them accuse."""
    lines = attribute_sentences(segment_article("\n\n".join(sentences)))
    parties = PartyResolver(line.reading for line in lines)
    targets = TargetFinder(lines, parties)
    found = []
    for i, voice in enumerate(assign_speakers(lines, ["accuse"] * len(lines))):
        speakers: tuple[str, ...] = ()
        if voice is not None:
            speakers = parties.resolve(lines[voice.position].reading, voice.meant)
        found.append(targets.find(i, speakers))
    return found


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("He accused the army of looting.", "the army"),
        ("She publicly blamed the builder for the flood.", "the builder"),
        ("She blamed the flood on the builder.", "the builder"),
        ("The mayor was accused of theft by residents.", "the mayor"),
        ("Ola Berg, accused of fraud, left.", "Ola Berg"),
        ("The firm faces charges of fraud.", "the firm"),
        ("Rome sued Acme Corp. for fraud.", "Acme Corp."),
        ("They condemned Israel's strikes.", "Israel"),
        ("The ministry said the plant had violated the ban.", "the plant"),
        ("He claims that the navy ignored him.", "the navy"),
        ("There were accusations of theft against the clerk.", "the clerk"),
        ("Oslo's envoy lashed out at Bergen for the delay.", "Bergen"),
        ("The town bears the blame for the fire, Ana Roe said.", "the town"),
        ("According to Ana Roe, the well was poisoned by Acme.", "Acme"),
        ("It was Rome, Ana Roe said, that had sold the guns.", "Rome"),
        ("In a long report, Green Coast said Acme Corp. had hidden the spill.", "Acme Corp."),
    ],
)
def test_whom_a_sentence_accuses(text: str, party: str) -> None:
    assert accused(text) == [(party,)]


def test_all_that_are_accused_together_are_kept() -> None:
    assert accused("Oslo accused Rome and Bonn of hiding the report.") == [("Rome", "Bonn")]
    assert accused("Ana Roe blamed Acme, Fox and its chief, Jan Dorn, for the leak.") == [
        ("Acme", "Fox", "Jan Dorn")
    ]


def test_a_description_is_the_other_party() -> None:
    found = accused(
        "The Harbour Union accused Nordic Lines of fraud.",
        "The union said that the airline had lied to its pilots.",
    )
    assert found[0] == ("Nordic Lines",)


@pytest.mark.parametrize("unit", ["said ", "accusing ", "Ann of ", "“", '" ', "(a. ", "Ann and "])
def test_time_grows_with_length(unit: str) -> None:
    def spent(length: int) -> float:
        sentence = tag_sentence(unit * (length // len(unit)))
        start = time.process_time()
        marked = mark_verbs(sentence)
        find_blamed(marked)
        for mention in find_mentions(marked):
            list(mention.relations())
        return time.process_time() - start

    spent(1_000)
    assert spent(80_000) < 12 * spent(20_000) + 0.1
