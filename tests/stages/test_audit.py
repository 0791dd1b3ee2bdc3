from pathlib import Path

import pytest

from pipeline.corpus.corpus import load_corpus
from pipeline.stages.audit import Audit, audit_corpus


def audited(tmp_path: Path, *rows: str) -> Audit:
    file = tmp_path / "a.tsv"
    file.write_text("\n".join(["text\tstances", *rows]) + "\n", encoding="utf-8")
    return audit_corpus(load_corpus(file))


def check(found: Audit, name: str) -> tuple[str, bool]:
    (match,) = [c for c in found.checks if c.name.startswith(name)]
    return match.found, match.passed


def test_near_duplicates_are_found_and_placed(tmp_path: Path) -> None:
    found = audited(tmp_path, "He denied the old claim.\tdeny", "He denied the old claims.\tdeny")
    shown, passed = check(found, "near-duplicates")
    assert not passed
    assert "a.tsv:2 ~ " in shown


def test_word_sequence_with_other_names_and_numbers_is_one_sequence(tmp_path: Path) -> None:
    places = ["Oslo", "Chad", "Bonn", "Rome"] * 4
    rows = [f"In {p} on day {i} he said it was {'x' * i} so\tnone" for i, p in enumerate(places)]
    shown, passed = check(audited(tmp_path, *rows), "statements with one 6-word")
    assert shown == "16 (on day <number> he said it)"
    assert not passed


@pytest.mark.parametrize(("count", "passes"), [(4, True), (9, False)])
def test_cue_shares(tmp_path: Path, count: int, passes: bool) -> None:
    rows = [f"It {'denied' if i < count else 'refuted'} {'x' * i}\tdeny" for i in range(10)]
    shown, passed = check(audited(tmp_path, *rows), "deny with deny|ie|ial")
    assert shown == f"{count * 10}.0%"
    assert passed is passes


def test_name_that_leans(tmp_path: Path) -> None:
    rows = [f"it is {'x' * i} in Oslo\tdeny" for i in range(10)]
    rows += [f"rain fell {'y' * i} on Chad\tnone" for i in range(10)]
    shown, passed = check(audited(tmp_path, *rows), "names that lean")
    assert "Oslo deny +50% of 10" in shown
    assert "Chad none +50% of 10" in shown
    assert not passed
