"""What is made to stall a reader takes time that grows with its size, not with the square of it.

Up to the largest article, and with what it takes in memory: `python -m tests.soak growth`.
"""

import gc
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.articles.reader import read_article
from pipeline.articles.stream import read_articles
from pipeline.batch.runner import score_archive
from pipeline.inference.predict import predict
from tests.growth import ARTICLE_KINDS, ROWS, TEXTS, repeated, write_article, write_rows

pytestmark = pytest.mark.usefixtures("shipped_model")

MOST = 3  # times as long for twice the size; four times if it grew with the square
TRIES = 3  # as the machine may be busy
LEAST = 0.2  # of a second: what is done once, whatever the size, hides the rest below it


def spent(read: Callable[[Any], object], given: object) -> float:
    gc.disable()  # else it looks through all that the other tests left
    started = time.process_time()
    read(given)
    ended = time.process_time()
    gc.enable()
    return ended - started


def assert_grows_with_size(read: Callable[[int], object], size: int) -> None:
    read(size // 10)
    ratios = (spent(read, 2 * size) / max(spent(read, size), LEAST) for _ in range(TRIES))
    found = [*itertools.takewhile(lambda ratio: ratio >= MOST, ratios)]
    assert len(found) < TRIES, found


@pytest.mark.parametrize("piece", TEXTS.values(), ids=TEXTS)
def test_an_article(piece: str) -> None:
    assert_grows_with_size(lambda size: read_article(repeated(piece, size)), 60_000)


@pytest.mark.slow
@pytest.mark.parametrize("piece", TEXTS.values(), ids=TEXTS)
def test_a_megabyte_of_article(piece: str) -> None:
    middle, long = (spent(read_article, repeated(piece, size)) for size in (100_000, 1_000_000))
    assert long < 30 * max(middle, 0.02)  # a hundred times if it grew with the square


@pytest.mark.parametrize("kind", ARTICLE_KINDS)
def test_an_article_in_a_file_table_or_web_archive(tmp_path: Path, kind: str) -> None:
    text = '<p>“No!” "Roe", said.\n\n'

    def read(size: int) -> None:
        file = write_article(tmp_path / f"in{kind}", repeated(text, size))
        (article,) = read_articles([file])
        assert len(article.text) > size / 2

    assert_grows_with_size(read, 20_000)


@pytest.mark.parametrize(
    ("kind", "piece"), [(kind, piece) for kind in ROWS for piece in ROWS[kind]]
)
def test_an_archive(tmp_path: Path, kind: str, piece: str) -> None:
    def read(size: int) -> None:
        file = write_rows(tmp_path / f"in.{kind}", piece, size)
        score_archive(file, tmp_path / "out.jsonl", skip_bad=True, force=True)

    assert_grows_with_size(read, 100_000)


@pytest.mark.parametrize("piece", TEXTS.values(), ids=TEXTS)
def test_a_sentence(piece: str) -> None:
    assert_grows_with_size(lambda size: predict(repeated(piece, size)), 500_000)
