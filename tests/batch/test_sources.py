"""The column that says where each row is from: exact, whatever is skipped, cut or resumed."""

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.batch.formats import Limits
from pipeline.batch.runner import score_archive
from pipeline.errors import ScoringError, StanceError, Stopped
from tests.batch.test_runner import read, stopping
from tests.cli.test_cli import stance

pytestmark = pytest.mark.usefixtures("shipped_model")
TINY = Limits(chunk_bytes=120, chunk_rows=3)
CSV = (
    'id,text\n1,"Oslo\ndenied it."\n\n2,Rome left.\n3,too,many\n'
    '4,"A ""said"" thing\n\n."\n5,Rain.\n'
)
JSONL = (
    '\n{"text": "Oslo denied it.", "id": 1}\n  \n{"id": 2}\n not json\n'
    '  {"text": "Rome left.", "id": 3}  \n{"text": "Rain.", "id": 4}\n'
)
PLACES = {  # the line on which the row of each number begins
    "a.csv": {"1": 2, "2": 5, "4": 7, "5": 10},
    "b.jsonl": {"1": 2, "3": 6, "4": 7},
    "c.jsonl.gz": {"1": 2, "3": 6, "4": 7},
    "d.parquet": {"1": 1, "3": 3, "4": 4},
}


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.csv").write_text(CSV)
    (folder / "b.jsonl").write_text(JSONL)
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(JSONL.encode()))
    rows = {"text": ["Oslo denied it.", None, "Rome left.", "Rain."], "id": ["1", "2", "3", "4"]}
    pq.write_table(pa.table(rows), folder / "d.parquet")
    return folder


@pytest.mark.parametrize("limits", [TINY, Limits()], ids=["in many parts", "in one"])
@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("made", [".jsonl", ".csv", ".parquet"])
def test_each_row_names_its_file_and_line(
    news: Path, tmp_path: Path, name: str, made: str, limits: Limits
) -> None:
    target = tmp_path / f"out{made}"
    score_archive(news / name, target, source_column="from", skip_bad=True, limits=limits)
    rows = read(target)
    found = {str(row["id"]): row["from"] for row in rows}
    assert found == {row: f"{news / name}:{line}" for row, line in PLACES[name].items()}
    assert next(iter(rows[0])) == "from"
    plain = tmp_path / f"plain{made}"
    score_archive(news / name, plain, skip_bad=True, limits=limits)
    assert read(plain) == [{k: v for k, v in row.items() if k != "from"} for row in rows]


def test_many_files_become_one_and_a_killed_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    for name in "ab":
        with (tmp_path / "news" / f"{name}.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["id", "text", *("extra" for _ in range(name == "b"))])
            for i in range(100):
                text = f"Oslo denied\n{'it again ' * (i % 3)}in {i}."
                table.writerow([f"{name}{i}", text, *("x" for _ in range(name == "b"))])
    pattern = f"{tmp_path}/news/*.csv"
    options = {"source_column": "from", "limits": TINY}
    score_archive(pattern, tmp_path / "whole.csv", **options)
    stop, progress = stopping(50)
    with pytest.raises(Stopped):
        score_archive(pattern, tmp_path / "all.csv", stop=stop, progress=progress, **options)
    with pytest.raises(StanceError, match="source column changed since"):
        score_archive(pattern, tmp_path / "all.csv", limits=TINY, resume=True)
    score_archive(pattern, tmp_path / "all.csv", resume=True, **options)
    assert (tmp_path / "all.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    rows = read(tmp_path / "all.csv")
    assert len(rows) == 200
    for row in rows:  # each row takes two lines, and the head one
        assert row["from"] == f"{tmp_path}/news/{row['id'][0]}.csv:{2 + 2 * int(row['id'][1:])}"


@pytest.mark.parametrize(
    ("column", "made", "message"),
    [
        ("text", "out.csv", "another column is called so"),
        ("deny", "out.csv", "another column is called so"),
        ("", "out.csv", "another column is called so"),
        ("id", "out.csv", "there is a column 'id' already; choose another name"),
        ("id", "out.jsonl", "there is a column 'id' already; choose another name"),
        ("from", "out.txt", "plain text has no columns"),
    ],
)
@pytest.mark.parametrize("name", PLACES)
def test_a_name_that_cannot_be_given_says_why(
    news: Path, tmp_path: Path, name: str, column: str, made: str, message: str
) -> None:
    with pytest.raises(ScoringError, match=message):
        score_archive(news / name, tmp_path / made, source_column=column, skip_bad=True)
    assert not (tmp_path / made).exists()


def test_the_command_takes_standard_input_and_odd_names() -> None:
    done = stance(
        *("score", "-", "-", "--format", "jsonl", "--source-column", 'wo "her" ü'),
        stdin='\n{"text": "Oslo denied it."}\n',
    )
    row = json.loads(done.stdout)
    assert row['wo "her" ü'] == "standard input:2"
    assert row["stance"] == "deny"
