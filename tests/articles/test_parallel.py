import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.articles import parallel
from pipeline.articles.article import Article
from pipeline.articles.inputs.entries import Entry
from pipeline.articles.parallel import read_in_order
from pipeline.articles.stream import read_articles
from pipeline.errors import ArticleError, StanceError
from pipeline.stages.train import Training

BROKEN = ArticleError("feed.jsonl:5: broken JSON")


def read(entry: Entry) -> Article:
    """Stand for the reading of an article: what its text asks for, and who did it."""
    text = str(entry.content)
    if text == "fail":
        raise ArticleError(f"{entry.name}: not to be read")
    if text == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if text == "wait":
        time.sleep(60)
    return Article(str(os.getpid()), entry.name, None, None, ())


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_FEW", 3)
    monkeypatch.setattr(parallel, "_ARTICLES_AT_ONCE", 2)


def entries(texts: list[str]) -> Iterator[tuple[Entry | ArticleError, float]]:
    for number, text in enumerate(texts):
        yield (BROKEN if text == "broken" else Entry(str(number), text)), number / len(texts)


def test_articles_come_back_in_order_with_their_errors() -> None:
    texts = ["a"] * 4 + ["broken", "a", "fail"] + ["a"] * 20
    found = list(read_in_order(entries(texts), read, 2))
    assert [share for _, share in found] == [number / len(texts) for number in range(len(texts))]
    assert str(found[4][0]) == str(BROKEN)
    assert str(found[6][0]) == "6: not to be read"
    articles = {n: one for n, (one, _) in enumerate(found) if isinstance(one, Article)}
    assert {n: one.name for n, one in articles.items()} == {n: str(n) for n in articles}
    assert {articles[n].text for n in range(3)} == {str(os.getpid())}
    assert str(os.getpid()) not in {articles[n].text for n in range(7, len(texts))}
    assert not multiprocessing.active_children()


def test_few_articles_need_no_other_process() -> None:
    found = [one for one, _ in read_in_order(entries(["a"] * 3), read, 2)]
    assert {one.text for one in found if isinstance(one, Article)} == {str(os.getpid())}


def test_input_is_not_read_far_ahead() -> None:
    taken: list[int] = []

    def counted() -> Iterator[tuple[Entry | ArticleError, float]]:
        for number, placed in enumerate(entries(["a"] * 200)):
            taken.append(number)
            yield placed

    with closing(read_in_order(counted(), read, 2)) as found:
        for _ in range(10):
            next(found)
        assert len(taken) < 40


def test_a_killed_process_is_an_error_that_says_so() -> None:
    with pytest.raises(StanceError, match="was killed"):
        list(read_in_order(entries(["a"] * 5 + ["kill"] + ["a"] * 20), read, 2))
    assert not multiprocessing.active_children()


def test_leaving_early_does_not_wait_for_what_is_begun() -> None:
    begun = time.monotonic()
    with closing(read_in_order(entries(["a"] * 5 + ["wait"] * 20), read, 2)) as found:
        for _ in range(4):
            next(found)
    assert time.monotonic() - begun < 30
    assert not multiprocessing.active_children()


def test_processes_read_as_one_does(tmp_path: Path, shipped_model: Training) -> None:
    lines = [
        json.dumps({"text": f"Oslo accused Rome of spying on {n} ships. Rome denied it."})
        for n in range(9)
    ]
    file = tmp_path / "feed.jsonl"
    file.write_text("\n".join(lines))
    alone = list(read_articles([file], shipped_model.model))
    assert alone == list(read_articles([file], shipped_model.model, jobs=2))
    assert {one.statements[-1].party for one in alone} == {"Rome"}


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from pipeline.articles import parallel\n"
        "from tests.articles.test_parallel import entries, read\n"
        "if __name__ == '__main__':\n"
        "    parallel._FEW, parallel._ARTICLES_AT_ONCE = 1, 1\n"
        "    texts = ['a'] * 4 + ['wait'] * 20\n"
        "    for found, _ in parallel.read_in_order(entries(texts), read, 2):\n"
        "        print(found.name, flush=True)\n"
    )
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": root},
    ) as process:
        assert process.stdout is not None
        for _ in range(4):
            assert process.stdout.readline()
        process.kill()
        # ends when no process has it open any more
        process.communicate(timeout=30)
