import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.batch.formats import Limits
from pipeline.batch.runner import Summary, score_archive
from pipeline.errors import ScoringError

pytestmark = pytest.mark.usefixtures("shipped_model")


def score(source: Path, content: str | bytes, **options: Any) -> tuple[list[str], Summary]:
    """Score a file into JSONL, and give the texts."""
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    target = source.with_name("out.jsonl")
    summary = score_archive(source, target, force=True, **options)
    return [json.loads(line)["text"] for line in target.read_text().splitlines()], summary


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('"id": 9223372036854775807', 2**63 - 1),
        ('"id": -9223372036854775808', -(2**63)),
        ('"id": 0.25', 0.25),
        ('"id": 12345678901234567890123.5', 12345678901234567890123.5),
        ('"id": [1, 9007199254740993]', [1, 2**53 + 1]),
    ],
)
def test_numbers_that_a_table_can_hold_are_kept(tmp_path: Path, line: str, kept: object) -> None:
    (tmp_path / "in.jsonl").write_text(f'{{"text": "No.", {line}}}\n')
    score_archive(tmp_path / "in.jsonl", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == [kept]


@pytest.mark.parametrize("target", ["out.parquet", "out.csv"])
@pytest.mark.parametrize(
    "line",
    [
        '"id": 9223372036854775809',
        '"id": {"a": [1, -9223372036854775809]}',
        '"id": [0.5, 9007199254740993]',
        f'"id": 1{"0" * 400}',
    ],
)
def test_whole_numbers_are_not_rounded(tmp_path: Path, target: str, line: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"text": "One."}}\n{{"text": "Two.", {line}}}\n')
    with pytest.raises(ScoringError, match=r"in\.jsonl:2: a whole number .*; write JSONL"):
        score_archive(source, tmp_path / target)
    summary = score_archive(source, tmp_path / target, skip_bad=True)
    assert (summary.rows, summary.skipped) == (1, 1)
    score_archive(source, tmp_path / "out.jsonl")
    assert line in (tmp_path / "out.jsonl").read_text()


def test_whole_numbers_beside_fractions_are_not_rounded(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "One.", "id": 0.5}\n{"text": "Two.", "id": 9007199254740993}\n')
    with pytest.raises(ScoringError, match=r"lines 1 to 2: .* write JSONL"):
        score_archive(source, tmp_path / "out.parquet")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("size", [7, 1 << 20])
def test_archives_in_any_encoding_of_unicode(tmp_path: Path, encoding: str, size: int) -> None:
    limits = Limits(chunk_bytes=size)
    for name, content in (
        ("in.txt", "Größer als je.\r\nIt “rained”.\r\n"),
        ("in.jsonl", '{"text": "Größer als je."}\n{"text": "It “rained”."}\n'),
        ("in.csv", 'nr;text\r\n1;Größer als je.\r\n2;"It “rained”."\r\n'),
        ("in.tsv", "nr\ttext\n1\tGrößer als je.\n2\tIt “rained”.\n"),
    ):
        texts, _ = score(tmp_path / name, content.encode(encoding), limits=limits)
        assert texts == ["Größer als je.", "It “rained”."]


def test_what_is_not_the_encoding_that_it_begins_as_is_told(tmp_path: Path) -> None:
    content = "One.\nTwo.\n".encode("utf-16") + b"\x00\xd8\x00\x00"
    with pytest.raises(ScoringError, match=r"in\.txt:\d: not UTF-16-LE .*; save the file as UTF-8"):
        score(tmp_path / "in.txt", content)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("in.csv", "nr,text\r1,One.\r2,Two.\r", ["One.", "Two."]),
        ("in.csv", "nr,text\r\n1,One.\r2,Two.\n3,Three.", ["One.", "Two.", "Three."]),
        ("in.csv", 'nr,text\r1,"One\nand\r\nmore."\r', ["One\nand\r\nmore."]),
        ("in.tsv", "text\rOne.\rTwo.", ["One.", "Two."]),
        ("in.txt", "One.\rTwo.\r\nThree.\n", ["One.", "Two.", "Three."]),
        ("in.jsonl", '{"text": "One."}\r{"text": "Two."}\r', ["One.", "Two."]),
        ("in.csv", 'text;nr\n"He said ""no"".";1,5\n', ['He said "no".']),
        ("in.csv", 'nr,text\n1,"He said \\"no\\"."\n', ['He said "no".']),
        ("in.tsv", 'nr\ttext\n1\t"No," he said.\n2\t"Two\n', ['"No," he said.', '"Two']),
    ],
)
@pytest.mark.parametrize("size", [1, 9, 1 << 20])
def test_delimited_text_as_it_comes(
    tmp_path: Path, name: str, content: str, expected: list[str], size: int
) -> None:
    assert score(tmp_path / name, content, limits=Limits(chunk_bytes=size))[0] == expected


@pytest.mark.parametrize("size", [5, 1 << 20])
def test_rows_that_are_not_sure_are_bad_rows(tmp_path: Path, size: int) -> None:
    limits = Limits(chunk_bytes=size)
    content = 'nr\ttext\n1\tOne.\n2\t"Not\n3\ta row."\n4\tFour.\n5\n6\t"a\n\nb"\n7\t\n'
    with pytest.raises(ScoringError, match=r"in\.tsv:3: a quotation mark opens a cell of 2 lines"):
        score(tmp_path / "in.tsv", content, limits=limits)
    texts, summary = score(tmp_path / "in.tsv", content, limits=limits, skip_bad=True)
    assert texts == ["One.", "Four.", "a\n\nb", ""]
    assert summary.errors is not None
    errors = [json.loads(line) for line in summary.errors.read_text().splitlines()]
    assert [(error["line"], error["raw"]) for error in errors] == [
        (3, '2\t"Not\n3\ta row."'),
        (6, "5"),
    ]


@pytest.mark.parametrize("head", ["text,id,text", "text,id,id"])
def test_two_columns_of_one_name_are_told(tmp_path: Path, head: str) -> None:
    with pytest.raises(ScoringError, match=r"in\.csv: 2 columns '(text|id)'; rename all but one"):
        score(tmp_path / "in.csv", f"{head}\nOne.,1,2\n")
