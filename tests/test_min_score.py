"""The minimum score, wherever stances are given: it and the threshold have to be reached."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from pipeline import predict, read_article, read_articles, score_table
from pipeline.batch.formats import Limits
from pipeline.batch.runner import score_archive
from pipeline.errors import StanceError
from pipeline.stages.train import Training
from tests.batch.test_runner import stopping
from tests.cli.test_cli import stance

pytestmark = pytest.mark.usefixtures("shipped_model")

TEXTS = [
    "Oslo denied the charge and accused Rome of fraud.",
    "Rome will build a port, its mayor announced.",
    "The harbour may close, some claimed, blaming the ministry.",
    "Rain fell.",
]


def bar(texts: list[str]) -> float:
    """Find a minimum score that some of the stances given without it do not reach."""
    given = sorted(found.scores[name] for found in predict(texts) for name in found.stances)
    assert len(given) > 2
    return (given[0] + given[1]) / 2


def test_tables_and_frames_agree_with_predict() -> None:
    least = bar(TEXTS)
    wanted = [list(found.stances) for found in predict(TEXTS, min_score=least)]
    assert wanted != [list(found.stances) for found in predict(TEXTS)]
    columns = {"text": TEXTS}
    assert score_table(pa.table(columns), min_score=least)["stances"].to_pylist() == wanted
    assert list(score_table(pd.DataFrame(columns), min_score=least)["stances"]) == wanted
    low = score_table(pa.table(columns), min_score=0.0)
    assert low.equals(score_table(pa.table(columns)))
    with pytest.raises(ValueError, match="min_score is 2"):
        score_table(pa.table(columns), min_score=2)


def test_articles_have_fewer_statements(tmp_path: Path) -> None:
    text = " ".join(TEXTS)
    plain = read_article(text)
    least = sorted(said.scores[said.stance] for said in plain.statements)[0] + 1e-6
    strict = read_article(text, min_score=least)
    assert 0 < len(strict.statements) < len(plain.statements)
    for said in strict.sentences:
        assert all(said.scores[name] >= least for name in said.stances)
    file = tmp_path / "a.txt"
    file.write_text(text)
    (streamed,) = read_articles([file], min_score=least)
    assert [said.stances for said in streamed.sentences] == [
        said.stances for said in strict.sentences
    ]
    done = stance("read", "--json", "--min-score", str(least), file)
    shown = json.loads(done.stdout)["articles"][0]["sentences"]
    assert [tuple(said["prediction"]["stances"]) for said in shown] == [
        said.stances for said in strict.sentences
    ]
    assert shown[0]["prediction"]["thresholds"] == strict.sentences[0].prediction.thresholds


def test_archives_are_scored_and_resumed_with_one_minimum(
    tmp_path: Path, shipped_model: Training
) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("\n".join(TEXTS * 40) + "\n")
    least, tiny = bar(TEXTS), Limits(chunk_bytes=200, chunk_rows=5)
    stop, progress = stopping(20)
    with pytest.raises(StanceError, match="--resume"):
        score_archive(source, target, min_score=least, limits=tiny, stop=stop, progress=progress)
    with pytest.raises(StanceError, match="minimum score changed since"):
        score_archive(source, target, min_score=0.9999, limits=tiny, resume=True)
    score_archive(source, target, min_score=least, limits=tiny, resume=True)
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    wanted = [list(found.stances) for found in predict(TEXTS, min_score=least)] * 40
    assert [row["stances"] for row in rows] == wanted
    stance("score", "--min-score", str(least), source, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == target.read_bytes()
    stance("score", "--min-score", "2", source, tmp_path / "never.jsonl", expect=2)
    with pytest.raises(ValueError, match="min_score is 2"):
        score_archive(source, tmp_path / "never.jsonl", min_score=2)
    assert not (tmp_path / "never.jsonl").exists()
