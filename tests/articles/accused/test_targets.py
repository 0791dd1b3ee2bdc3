import time
from pathlib import Path

import pytest

from pipeline.articles.accused.blame import find_blamed
from pipeline.articles.accused.target_ranker import load_weights
from pipeline.articles.grammar.mentions import find_mentions, mark_verbs
from pipeline.articles.grammar.tagging import tag_sentence
from pipeline.articles.parties.attributed_sentences import attribute_sentences
from pipeline.articles.reader import attribute_stances
from pipeline.articles.text.segmentation import segment_article
from pipeline.errors import ArticleError


def accused(*sentences: str) -> list[tuple[str, ...]]:
    """Find whom each sentence accuses, where all of them accuse."""
    lines = attribute_sentences(segment_article("\n\n".join(sentences)))
    _, targets = attribute_stances(lines, -1, [("accuse",)] * len(lines))
    found = targets.decide()
    return [found.get(i, ()) for i in range(len(lines))]


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


def test_a_quotation_that_names_nobody_blames_whom_its_speaker_blamed() -> None:
    found = accused(
        "The Harbour Union accused Nordic Lines of hiding the leak.",
        "“They measured it every week and hid the books,” the union said.",
    )
    assert found == [("Nordic Lines",), ("Nordic Lines",)]


def test_a_party_does_not_accuse_itself_or_whom_it_speaks_for() -> None:
    found = accused("Oslo's spokesman Jan Dorn said that Rome had broken the truce with Oslo.")
    assert found == [("Rome",)]


def test_what_speaks_for_a_candidate_can_be_read() -> None:
    lines = attribute_sentences(segment_article("Oslo accused Rome of spying."))
    _, targets = attribute_stances(lines, -1, [("accuse",)])
    candidates = {one.name: one.features for one in targets.accusations[0].candidates}
    assert {"object of blame", "pattern levelled", "name"} <= candidates["Rome"].keys()
    assert {"speaker", "source"} <= candidates["Oslo"].keys()


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("{", "Expecting"),
        ("[]", "not the weights alone, together"),
        ('{"alone": 1, "together": {}}', "not an object of weights"),
        ('{"alone": {"name": "1"}, "together": {}}', "no finite number"),
        ('{"alone": {"name": NaN}, "together": {}}', "no finite number"),
    ],
)
def test_weights_are_checked_when_read(tmp_path: Path, content: str, wrong: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(content)
    with pytest.raises(ArticleError, match=wrong):
        load_weights(path)


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
