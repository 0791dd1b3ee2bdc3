from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.stages.train import train
from tests.benchmarks import speed
from tests.benchmarks.commands import articles_of
from tests.benchmarks.report import TABLE_FILE
from tests.benchmarks.scale import write_rows
from tests.benchmarks.timing import Task, Timed, time_in_turns


def test_runs_in_turns_and_drops_the_warm_up() -> None:
    seen: list[str] = []
    tasks = {name: Task(lambda name=name: seen.append(name), 1, 1) for name in ("a", "b")}
    found = time_in_turns(tasks, repeats=2)
    assert seen == ["a", "b"] * 3
    assert [len(timed.seconds) for timed in found.values()] == [2, 2]


def test_rates_are_medians() -> None:
    timed = Timed([1.0, 2.0, 10.0], sentences=100, size=4_000_000)
    assert timed.sentences_a_second == 50
    assert timed.megabytes_a_second == 2
    assert timed.spread == (0.4, 4)


@pytest.fixture
def small_model(small_data: Path, tmp_path: Path) -> Path:
    return train([small_data], tmp_path / "models", prior="none").model


def test_writes_table_and_plot(
    small_model: Path, small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.benchmarks.commands.shutil.which", lambda name: None)
    articles = tmp_path / "articles.csv"
    lines = small_data.read_text().splitlines()
    lines = [f"{lines[0]},doc,number", *(f"{line},{i % 9},{i}" for i, line in enumerate(lines[1:]))]
    articles.write_text("\n".join(lines) + "\n")
    folder = tmp_path / "benchmark"
    speed.main(
        data=[small_data],
        gold=[articles],
        model=small_model,
        folder=folder,
        megabytes=0.1,
        seconds=0.01,
        repeats=1,
        most_rows=10_000,
    )
    table = (folder / TABLE_FILE).read_text(encoding="utf-8")
    rows = {
        cells[1]: cells[2:-1]
        for line in table.splitlines()
        if len(cells := [cell.strip() for cell in line.split("|")]) > 2
    }
    kernel = rows["this kernel, 1 core"]
    assert kernel[4] == "1.0 times"
    assert kernel[5:7] == rows["stance.joblib, the estimator"][5:7]
    assert float(kernel[6]) > 0.9
    assert float(rows["TfidfVectorizer + LogisticRegression"][5]) > 0.9
    assert rows["wc -w"][5:7] == ["", ""]
    assert rows["wc -w"][-1] == "0.1"
    assert "10,000" in rows
    assert [*rows].index("wc -w") == [*rows].index("read_articles, 1 core") - 1
    assert float(rows["read_articles, 1 core"][6]) > 0.9
    assert rows["read_articles, 1 core"][5] == ""  # no articles there
    assert "read_articles, 1 core: " in table.lower()
    assert "articles of 25 sentences a second" in table
    assert "Spark is left out: it needs the package pyspark and Java" in table
    assert (folder / "speed.svg").is_file()
    assert (folder / "speed.png").is_file()


def test_says_what_is_wrong_with_the_labels(small_data: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such file"):
        speed.main(data=[small_data], gold=[tmp_path / "gone.csv"], folder=tmp_path / "b")


def test_articles_are_made_of_sentences() -> None:
    found = articles_of([f"{number}." for number in range(60)])
    assert [len(article.split("\n\n")) for article in found] == [25, 25, 10]


def test_archives_for_scale_hold_the_same_rows_at_any_size(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "a.parquet", ["One.", "Two."], 250_001)
    texts = pq.read_table(file)["text"]
    assert len(texts) == 250_001
    assert texts[-1].as_py() == "One."
