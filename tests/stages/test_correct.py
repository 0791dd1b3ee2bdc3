import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.errors import CorpusError
from pipeline.model.classifier import StanceClassifier
from pipeline.model.news import NewsWeights
from pipeline.stages.correct import correct, sentence_digest

FRAMES = {
    "deny": "they poohpoohed {} .",
    "accuse": "they accused {} of fraud .",
    "announce": "they will build {} .",
    "": "rain fell over {} .",
}


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Sentences of thirty documents, with a word for denials that no statement has."""
    draw = random.Random(3)
    file = tmp_path / "news.jsonl"
    with file.open("w", encoding="utf-8") as written:
        for number in range(240):
            stance, frame = draw.choice(list(FRAMES.items()))
            noise = " ".join("".join(draw.choices("bdfgklm", k=6)) for _ in range(4))
            row = {
                "text": frame.format(noise),
                "stances": [stance] if stance else [],
                "source": "wire" if number % 3 else "extra",
                "doc": f"d{number % 30}",
                "number": number // 30,
            }
            written.write(json.dumps(row) + "\n")
    return file


def test_news_teaches_what_the_statements_do_not(
    news: Path, small_data: Path, tmp_path: Path
) -> None:
    found = correct([news], tmp_path / "out", [small_data])
    weights = dict(zip(found.terms, found.weights.T, strict=True))
    assert weights["w:poohpoohed"][1] > 0.5
    assert found.sentences.min() >= 0
    loaded = NewsWeights.load(tmp_path / "out" / "weights.parquet")
    assert loaded.terms == found.terms
    rows = json.loads("[" + ",".join(news.read_text(encoding="utf-8").split("\n")[:-1]) + "]")
    texts, labels = ["they denied it ."] * 8, ["deny"] * 8
    texts += ["they accused him .", "they will go .", "rain ."] * 8
    labels += ["accuse", "announce", "none"] * 8
    groups = [str(i) for i in range(len(texts))]
    taught = StanceClassifier(news=loaded, rates="news", folds=2).fit(texts, labels, groups)
    scores = taught.predict_proba(["they poohpoohed bdfgkl ."])[0]
    assert scores.argmax() == 1
    assert scores[1] > taught.thresholds_[1]
    assert len(rows) == 240


def test_the_labels_are_kept_without_their_text(
    news: Path, small_data: Path, tmp_path: Path
) -> None:
    correct([news], tmp_path / "out", [small_data])
    labels = pq.read_table(tmp_path / "out" / "labels.parquet").to_pylist()
    first = json.loads(news.read_text(encoding="utf-8").split("\n")[0])
    assert labels[0] == {
        "source": first["source"],
        "document": first["doc"],
        "position": first["number"],
        "sha256": sentence_digest(first["text"]),
        "stances": first["stances"],
    }
    content = (tmp_path / "out" / "labels.parquet").read_bytes()
    assert b"poohpoohed" not in content


def test_rates_are_those_of_whole_articles(news: Path, small_data: Path, tmp_path: Path) -> None:
    found = correct([news], tmp_path / "out", [small_data], ["wire"])
    rows = [json.loads(line) for line in news.read_text(encoding="utf-8").split("\n")[:-1]]
    wire = [row["stances"] for row in rows if row["source"] == "wire"]
    assert found.rates[1] == pytest.approx(sum("deny" in stances for stances in wire) / len(wire))
    assert found.facts["article_sentences"] == len(wire)


def test_what_is_missing_is_named(news: Path, small_data: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no column doc, source"):
        correct([small_data], tmp_path / "out", [small_data])
    with pytest.raises(CorpusError, match=r"no sentence of radio.*the sources are: extra, wire"):
        correct([news], tmp_path / "out", [small_data], ["radio"])
    assert not (tmp_path / "out").exists()
