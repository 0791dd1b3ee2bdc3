from pathlib import Path

import pytest

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.stages.audit import (
    audit_corpus,
    cue_shares,
    leaning_names,
    most_repeated_sequence,
    near_duplicate_share,
)


def corpus_of(tmp_path: Path, *rows: str) -> Corpus:
    file = tmp_path / "a.tsv"
    file.write_text("\n".join(["text\tstances\tgroup", *rows]) + "\n", encoding="utf-8")
    return load_corpus(file)


def test_near_duplicates_are_counted(tmp_path: Path) -> None:
    rows = ("He denied the old claim.\tdeny\ta", "He denied the old claims.\tdeny\tb")
    corpus = corpus_of(tmp_path, *rows)
    assert near_duplicate_share(corpus) == 0.5
    assert audit_corpus(corpus).figures["near-duplicates"] == "50.00%"


LONG = "The ministry of the interior in Oslo denied every one of the charges that were made{}."


@pytest.mark.parametrize(
    ("other", "group", "wrong"),
    [("none", "b", True), ("none", "a", False), ("deny", "b", False)],
    ids=["other label and group", "one group", "same label"],
)
def test_labels_that_contradict_each_other_are_a_problem(
    tmp_path: Path, other: str, group: str, wrong: bool
) -> None:
    rows = (LONG.format("") + "\tdeny\ta", LONG.format("!") + f"\t{other}\t{group}")
    rows = tuple(row.replace("none", "") for row in rows)
    found = [one for one in audit_corpus(corpus_of(tmp_path, *rows)).problems if "same" in one]
    assert bool(found) == wrong
    if wrong:
        assert "a.tsv:2 and " in found[0]
        assert "a.tsv:3 say the same, but are labelled deny and none" in found[0]


def test_a_stance_that_is_too_rare_to_train_on_is_a_problem(tmp_path: Path) -> None:
    rows = [f"It denied {'x' * i}\tdeny\tg{i}" for i in range(9)]
    assert audit_corpus(corpus_of(tmp_path, *rows)).problems == [
        "only 9 statements are deny: training needs at least 10"
    ]
    rows.append(f"It denied {'x' * 9}\tdeny\tg9")
    assert audit_corpus(corpus_of(tmp_path, *rows)).passed


def test_word_sequence_with_other_names_and_numbers_is_one_sequence(tmp_path: Path) -> None:
    places = ["Oslo", "Chad", "Bonn", "Rome"] * 4
    rows = [f"In {p} on day {i} he said it was {'x' * i} so\t\t" for i, p in enumerate(places)]
    found = most_repeated_sequence(corpus_of(tmp_path, *rows))
    assert found == ("on day <number> he said it", 16)


def test_cue_shares(tmp_path: Path) -> None:
    rows = [f"It {'denied' if i < 4 else 'refuted'} {'x' * i}\tdeny\t" for i in range(10)]
    found = {(one.stance, one.cue): one.share for one in cue_shares(corpus_of(tmp_path, *rows))}
    assert found["deny", "deny|ie|ial"] == 0.4
    assert found["deny", "refut"] == 0.6
    assert found["accuse", "accus"] == 0


def test_name_that_leans(tmp_path: Path) -> None:
    rows = [f"it is {'x' * i} in Oslo\tdeny\t" for i in range(10)]
    rows += [f"rain fell {'y' * i} on Chad\t\t" for i in range(10)]
    rows += [f"snow fell {'z' * i} on Rome\t\t" for i in range(9)]
    found = leaning_names(corpus_of(tmp_path, *rows))
    assert "Oslo deny +66% of 10" in found
    assert "Chad none +34% of 10" in found
    assert not [one for one in found if one.startswith("Rome")]
