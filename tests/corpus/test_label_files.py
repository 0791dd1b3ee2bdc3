from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.corpus.corpus import load_corpus
from pipeline.errors import CorpusError

EXPECTED = [("They denied it.", ("deny",)), ("It hailed, said “he”.", ())]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "nr;text;stance\r\n1;They denied it.;deny\r\n2,5;It hailed, said “he”.;\r\n"),
        ("a.csv", "text\tstance\nThey denied it.\tdeny\nIt hailed, said “he”.\tnone\n"),
        ("a.csv", 'text,stance\rThey denied it.,deny\r"It hailed, said “he”.",none\r'),
        ("a.csv", "text;stance;\nThey denied it.;deny;\nIt hailed, said “he”.;none;\n;;\n;;\n"),
        ("a.tsv", "text\tstance\r\nThey denied it.\tdeny\rIt hailed, said “he”.\tnone\n"),
        ("a.jsonl", '{"text":"They denied it.","stance":"deny"}\r'
                    '{"text":"It hailed, said “he”.","stance":[]}\r'),
        ("a.json", '[{"text":"They denied it.","stance":"deny"},\r\n'
                   '{"text":"It hailed, said “he”.","stance":[]}]'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32-le"])
def test_tables_as_they_come(tmp_path: Path, name: str, content: str, encoding: str) -> None:
    (tmp_path / name).write_bytes(content.encode(encoding))
    found = load_corpus(tmp_path / name)
    assert list(zip(found.texts, found.stances, strict=True)) == EXPECTED


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ('nr\ttext\tstance\n1\t"Never," he said.\tdeny\n', ['"Never," he said.']),
        ('text,stance\n"The \\"gift\\", she said.",none\n', ['The "gift", she said.']),
        ('text,stance\n"It hailed,\nand then\nit snowed.",none\n',
         ["It hailed,\nand then\nit snowed."]),
    ],
)  # fmt: skip
def test_quotation_marks(tmp_path: Path, content: str, texts: list[str]) -> None:
    file = tmp_path / ("a.tsv" if "\t" in content else "a.csv")
    file.write_text(content)
    assert load_corpus(file).texts == texts


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # what would be lost: rows, cells, columns
        ('nr,text,stance\n1,"Not one cent.,none\n2,It hailed.,none\n3,He said: ",none\n4,x,none\n',
         ["a.csv:2: a quotation mark opens a cell of 3 lines"]),
        ('text,stance\nx,none\n"Never," she said.,deny\ny,none\n',
         ["a.csv:3: a quotation mark opens a cell and is closed amid it"]),
        ("text;accuse;deny;announce\nHe blames Riga.;1;0;0\nIt hailed.\nIt snowed.;0;0\n",
         ["a.csv:3: 1 cell where the head has 4; write them all", "a.csv:4: 3 cells where"]),
        ("text;stance\nHe said; no.;deny\n",
         ["a.csv:2: 3 cells where the head has 2; quote cells that hold ';'"]),
        ("text,stance,stance\nIt hailed.,none,deny\n",
         ["a.csv:1: 2 columns named 'stance'; rename or delete all but one"]),
        ('text,"stance\nIt hailed.,none\n', ["a.csv:1: the head is broken"]),
        ('text,stance\r"a\r\nb",none\rIt hailed.\r', ["a.csv:4: 1 cell where the head has 2"]),
    ],
)  # fmt: skip
def test_what_would_be_lost_is_told(tmp_path: Path, content: str, expected: list[str]) -> None:
    (tmp_path / "a.csv").write_bytes(content.encode())
    with pytest.raises(CorpusError) as caught:
        load_corpus(tmp_path / "a.csv")
    problems = [str(problem) for problem in caught.value.problems]
    assert len(problems) == len(expected)
    for problem, part in zip(problems, expected, strict=True):
        assert part in problem


def test_a_key_that_comes_twice_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x", "stance": "none", "stance": "deny"}\n')
    with pytest.raises(CorpusError, match=r"a\.jsonl:1: JSON with the key 'stance' twice"):
        load_corpus(tmp_path / "a.jsonl")


def test_parquet_columns_of_one_name_are_told(tmp_path: Path) -> None:
    table = pa.table([["x"], ["deny"], ["none"]], ["text", "stance", "stance"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(CorpusError, match=r"a\.parquet: 2 columns named 'stance'"):
        load_corpus(tmp_path / "a.parquet")


def test_half_a_character_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text;stance\nx;none\n".encode("utf-16") + b"\x00")
    with pytest.raises(CorpusError, match=r"a\.csv: not UTF-16-LE .*; save the file as UTF-8"):
        load_corpus(tmp_path / "a.csv")
