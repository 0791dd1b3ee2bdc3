import csv
import datetime
import decimal
import gzip
import io
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Dataset
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.batch.chunks import Chunk, read_chunks, text_chunks
from pipeline.batch.formats import LIMITS, Limits, format_of
from pipeline.batch.parsing import _Parser
from pipeline.batch.runner import Summary, score_archive
from pipeline.batch.signals import StopSignal
from pipeline.errors import ScoringError, StanceError, Stopped
from pipeline.formats.delimited import DELIMITERS, read_rows
from pipeline.inference.arrow import OUTPUT_SCHEMA, score_batch, score_batches, score_table
from pipeline.inference.predict import load_predictor, predict
from pipeline.inference.predictor import Predictor
from pipeline.model import features
from pipeline.model.artifacts import TABLE_FILE, save_files
from pipeline.stages.train import Training
from tests import fuzz
from tests.cli.test_cli import stance

TEXTS = [
    "She denied the charge.",
    "The ministry accused him of fraud, and he denied it.",
    "Rain fell.",
    'He said: "We will build\tit," and left.',
    "Ärger über {\\} \U0001f600 [",
    "",
]
COLUMNS = ["text", "id", *OUTPUT_SCHEMA.names]
TINY = Limits(chunk_bytes=300, chunk_rows=7)

pytestmark = pytest.mark.usefixtures("shipped_model")


def write(path: Path, texts: list[str] = TEXTS) -> Path:
    """Write rows of text and id in the format that the suffix names."""
    kind, compression = format_of(path) or ("", None)
    rows = [{"text": text, "id": number} for number, text in enumerate(texts)]
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    if kind == "jsonl":
        content = "".join(json.dumps(row) + "\n" for row in rows)
    elif kind == "text":
        content = "".join(text + "\n" for text in texts)
    else:
        sink = io.StringIO()
        writer = csv.DictWriter(sink, ["text", "id"], delimiter="," if kind == "csv" else "\t")
        writer.writeheader()
        writer.writerows(rows)
        content = sink.getvalue()
    with pa.output_stream(path, compression) as file:
        file.write(content.encode())
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """Read rows back with other code than the pipeline's."""
    kind, compression = format_of(path) or ("", None)
    if kind == "parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    with pa.input_stream(path, compression) as file:
        content = file.read().decode()
    if kind == "jsonl":
        return [json.loads(line) for line in content.splitlines()]
    if kind == "text":
        names = [*OUTPUT_SCHEMA.names, "text"]
        return [dict(zip(names, line.split("\t", 5), strict=True)) for line in content.splitlines()]
    delimiter = "," if kind == "csv" else "\t"
    return list(csv.DictReader(io.StringIO(content, newline=""), delimiter=delimiter))


def statements(count: int) -> list[str]:
    rng = random.Random(count)
    who = ["The ministry", "Oslo", "She", "A court", "The firm"]
    what = ["denied the charge", "accused him of fraud", "will build a port", "saw rain", "left"]
    return [f"{rng.choice(who)} {rng.choice(what)} {number}." for number in range(count)]


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".ndjson.gz", ".csv", ".tsv.zst", ".txt"])
@pytest.mark.parametrize("made", [".parquet", ".jsonl.zst", ".csv.gz", ".tsv", ".txt"])
def test_every_format_to_every_format(tmp_path: Path, suffix: str, made: str) -> None:
    source, target = write(tmp_path / f"in{suffix}"), tmp_path / f"out{made}"
    summary = score_archive(source, target, limits=Limits(chunk_bytes=60, chunk_rows=2))
    assert (summary.rows, summary.skipped, summary.errors) == (len(TEXTS), 0, None)
    rows = read(target)
    assert [row["text"] for row in rows] == TEXTS
    for row, expected in zip(rows, predict(TEXTS), strict=True):
        if suffix != ".txt" and made != ".txt":
            assert [*row] == COLUMNS
        assert row["stance"] == expected.stance
        found = row["stances"]
        assert (found if isinstance(found, list) else [*filter(None, found.split(","))]) == [
            *expected.stances
        ]
        scores = {name: float(row[name]) for name in expected.scores}
        assert scores == pytest.approx(expected.scores, abs=2e-6)
    assert {path.name for path in tmp_path.iterdir()} == {source.name, target.name}


def test_parquet_keeps_its_schema(tmp_path: Path) -> None:
    table = pa.table(
        {
            "when": pa.array([1, None], pa.timestamp("us", "UTC")),
            "body": pa.array(["No.", "She denied it."]).dictionary_encode(),
            "nested": [{"a": [1]}, None],
        },
        metadata={"origin": "agency"},
    )
    pq.write_table(table, tmp_path / "in.parquet")
    score_archive(tmp_path / "in.parquet", tmp_path / "out.parquet", "body")
    made = pq.read_table(tmp_path / "out.parquet")
    assert made.select(table.column_names).equals(table)
    assert made.schema.metadata[b"origin"] == b"agency"
    assert made.schema.names == [*table.column_names, *OUTPUT_SCHEMA.names]
    assert [made.schema.field(name).type for name in OUTPUT_SCHEMA.names[2:]] == [pa.float32()] * 3


def test_columns_of_any_type_are_kept(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ['"No," \\ he\tsaid\x01.', "Yes."],
            'a "key"': [1.5, float("nan")],
            "day": [datetime.date(2024, 1, 2), None],
            "raw": [b"\xff\x00", None],
            "nested": [{"a": ["ü"]}, None],
            "price": [decimal.Decimal("1.50"), None],
            "kind": pa.array(["x", None]).dictionary_encode(),
            "list": [["deny", None], []],
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    for made in ("out.jsonl", "out.csv"):
        score_archive(tmp_path / "in.parquet", tmp_path / made)
    text = table["text"][0].as_py()
    first, second = read(tmp_path / "out.jsonl")
    kept = [first[name] for name in table.column_names]
    assert kept == [text, 1.5, "2024-01-02", "ff00", {"a": ["ü"]}, "1.50", "x", ["deny", None]]
    assert [second[name] for name in table.column_names] == ["Yes.", *[None] * 6, []]
    row = read(tmp_path / "out.csv")[0]
    assert (row["text"], row["day"], row["raw"]) == (text, "2024-01-02", "ff00")
    assert json.loads(row["nested"]) == {"a": ["ü"]}


def test_jsonl_lines_stay_as_they_are(tmp_path: Path) -> None:
    lines = ['{"n": 1.50, "text":"No.", "x": null }', '  {"text": "\\u00e4", "deep": {"deny": 1}}']
    (tmp_path / "in.jsonl").write_text("\ufeff" + "\r\n\n".join(lines), encoding="utf-8")
    score_archive(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    made = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    for line, found in zip(lines, made, strict=True):
        assert found.startswith(line.strip()[:-1] + ', "stance": ')


def test_columns_that_come_late_are_kept(tmp_path: Path) -> None:
    lines = [
        {"text": "No."},
        {"text": "Yes.", "tag": 1, "day": "2024-01-01"},
        {"text": "A", "tag": 0.5},
    ]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(map(json.dumps, lines)))
    for name in ("out.parquet", "out.csv"):
        score_archive(source, tmp_path / name, limits=Limits(chunk_bytes=20))
        assert [float(row["tag"] or -1) for row in read(tmp_path / name)] == [-1, 1, 0.5]
        assert read(tmp_path / name)[1]["day"] == "2024-01-01"
    source.write_text('{"text": "No.", "tag": 1}\n{"text": "No.", "tag": "x"}\n')
    for limits in (LIMITS, Limits(chunk_bytes=20)):
        with pytest.raises(ScoringError, match=r"do not fit .*tag.* or write JSONL"):
            score_archive(source, tmp_path / "new.parquet", limits=limits)


BAD = {
    "in.jsonl": (
        b'{"text": "One."}\n{"text": \n{"text": 1}\n{"x": 1}\n{"text": null}\n[1]\nnull\n'
        b'{"text": "\xff"}\n{"text": "a"}{"text": "b"}\n' + b'{"text":' + b"[" * 10**5
        + b'\n{"text": "a", "x": ' + b"[" * 101 + b"]" * 101 + b"}\n"
        + b'{"text": "\\ud800"}\n{"text": "Two."}',
        [
            *[(2, "broken JSON"), (3, "number"), (4, "missing"), (5, "missing"), (6, "object")],
            *[(7, "object"), (8, "not UTF-8 at byte 10"), (9, "Extra data"), (10, "object")],
            *[(11, "100 deep"), (12, "surrogate")],
        ],
    ),
    "in.csv": (
        b'id,text\n1,One.\n2,a,b\n3\n4,\xff\n5,"One\n\nmore"\n6,"a"\n7,"not closed\n8,Two.\n',
        [(3, "3 cells where"), (4, "1 cell where"), (5, "UTF"), (10, "and none closes it")],
    ),
    "in.txt": (b"One.\n\xff\xfe\nTwo.", [(2, "not UTF-8 at byte 0")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("size", [1 << 20, 10])
def test_bad_rows(tmp_path: Path, name: str, size: int) -> None:
    content, expected = BAD[name]
    source, target = tmp_path / name, tmp_path / f"out{Path(name).suffix}"
    source.write_bytes(content)
    limits = Limits(chunk_bytes=size)
    line, what = expected[0]
    with pytest.raises(ScoringError, match=rf"{name}:{line}: .*{what}.*--on-error=skip"):
        score_archive(source, target, limits=limits)
    assert {path.name for path in tmp_path.iterdir()} == {name}
    summary = score_archive(source, target, skip_bad=True, limits=limits)
    assert summary.skipped == len(expected)
    assert summary.errors == tmp_path / f"{target.name}.errors.jsonl"
    errors = [json.loads(line) for line in summary.errors.read_text().splitlines()]
    assert [error["line"] for error in errors] == [line for line, _ in expected]
    for error, (_, what) in zip(errors, expected, strict=True):
        assert what in error["reason"]
        assert error["file"] == str(source)
        assert len(error["raw"].encode()) <= 3 * 1024
    texts = [row["text"] for row in read(target)]
    assert (texts[0], texts[-1]) == ("One.", "Two.")
    assert summary.rows == len(texts)


@pytest.mark.parametrize("kind", [pa.string(), pa.string_view()], ids=str)
def test_null_text_in_parquet_is_a_bad_row(tmp_path: Path, kind: pa.DataType) -> None:
    texts = pa.array(["a", None, "b", None], kind)
    table = pa.table({"text": texts, "id": [1, 2, 3, 4]})
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(ScoringError, match=r"in.parquet:2: text is missing"):
        score_archive(tmp_path / "in.parquet", tmp_path / "out.parquet")
    summary = score_archive(tmp_path / "in.parquet", tmp_path / "out.parquet", skip_bad=True)
    assert [row["id"] for row in read(tmp_path / "out.parquet")] == [1, 3]
    assert summary.errors is not None
    error = json.loads(summary.errors.read_text().splitlines()[1])
    assert (error["line"], json.loads(error["raw"])["id"]) == (4, 4)


@pytest.mark.parametrize("name", ["in.jsonl", "in.csv", "in.txt"])
@pytest.mark.parametrize("size", [100, 1 << 20])
def test_lines_without_end(tmp_path: Path, name: str, size: int) -> None:
    rows = {"in.jsonl": '{"text": "%s"}', "in.csv": '"%s"', "in.txt": "%s"}
    texts = ["One.", "x" * 3000, "Two."]
    head = "text\n" if name == "in.csv" else ""
    (tmp_path / name).write_text(head + "".join(rows[name] % text + "\n" for text in texts))
    limits = Limits(chunk_bytes=size, line_bytes=1000)
    with pytest.raises(
        ScoringError, match=rf"{name}:{3 if head else 2}: .* of more than 1,000 bytes"
    ):
        score_archive(tmp_path / name, tmp_path / "out.jsonl", limits=limits)
    score_archive(tmp_path / name, tmp_path / "out.jsonl", limits=limits, skip_bad=True)
    assert [row["text"] for row in read(tmp_path / "out.jsonl")] == ["One.", "Two."]


def test_hostile_and_damaged_files(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    (tmp_path / "wide.csv").write_text(",".join(map(str, range(10_001))) + "\n")
    with pytest.raises(ScoringError, match=r"wide.csv:1: 10,001 columns"):
        score_archive(tmp_path / "wide.csv", out)
    wide = pa.table({str(number): ["a"] for number in range(10_001)})
    pq.write_table(wide, tmp_path / "wide.parquet")
    with pytest.raises(ScoringError, match=r"wide.parquet: 10,001 columns"):
        score_archive(tmp_path / "wide.parquet", out)
    whole = gzip.compress(b"One.\n" * 10_000)
    (tmp_path / "cut.txt.gz").write_bytes(whole[:-20])
    (tmp_path / "no.txt.gz").write_bytes(b"this is no gzip")
    (tmp_path / "no.parquet").write_bytes(b"PAR1 this is no parquet PAR1")
    for name in ("cut.txt.gz", "no.txt.gz", "no.parquet"):
        with pytest.raises(ScoringError, match=rf"{name}: damaged .*; get it again"):
            score_archive(tmp_path / name, out)
    bomb = gzip.compress(b"a" * (80 << 20))
    (tmp_path / "bomb.jsonl.gz").write_bytes(bomb)
    with pytest.raises(
        ScoringError, match=r"bomb.jsonl.gz:1: a line of more than 67,108,864 bytes"
    ):
        score_archive(tmp_path / "bomb.jsonl.gz", out)
    assert not out.exists()


def test_what_a_format_cannot_hold_is_told(tmp_path: Path) -> None:
    nowhere = pa.array([1, None], pa.timestamp("us", "Nowhere/Never"))
    pq.write_table(pa.table({"text": ["a", None], "when": nowhere}), tmp_path / "in.parquet")
    (tmp_path / "in.jsonl").write_text('{"text": "a", "x": {}}')
    for name, made in (("in.parquet", "out.jsonl"), ("in.jsonl", "out.parquet")):
        with pytest.raises(ScoringError, match=r"cannot be written as .*; leave that column out"):
            score_archive(tmp_path / name, tmp_path / made, skip_bad=True)
    assert score_archive(tmp_path / "in.parquet", tmp_path / "o.parquet", skip_bad=True).rows == 1


def test_keys_that_differ_from_row_to_row_are_no_columns(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(f'{{"text": "a", "k{n}": {{"x{n}" : 1}}}}\n' for n in range(6000)))
    with pytest.raises(ScoringError, match="have 12,001 keys, too many for a table; write JSONL"):
        score_archive(source, tmp_path / "out.parquet")
    assert score_archive(source, tmp_path / "out.jsonl").rows == 6000


def test_repeated_values_do_not_fill_the_memory(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    value = "He denied it. " * 1000
    lists = [[{"a": value}]] * 500
    pq.write_table(pa.table({"text": [value] * 500, "deep": lists}), source)
    assert source.stat().st_size < len(value)
    limits = Limits(chunk_bytes=5 * len(value) // 16 * 2)
    sizes = [chunk.data.num_rows for chunk in read_chunks(source, "parquet", None, limits)]
    assert max(sizes) <= 5
    assert sum(sizes) == 500


class Endless:
    def read(self, nbytes: int, /) -> bytes:
        return b"\0" * 100


def test_a_line_without_end_can_be_left() -> None:
    chunks = text_chunks(Endless(), "f", "text", Limits(line_bytes=1000))
    assert next(chunks).bad[0].reason == "a line of more than 1,000 bytes"
    assert [next(chunks).data for _ in range(3)] == [b""] * 3


class Lines:
    """A feed that comes in small pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = iter(pieces)

    def read(self, nbytes: int, /) -> bytes:
        return next(self.pieces, b"")


@pytest.mark.parametrize("line", [b'b ""\n', b"b\n", b"b"], ids=["quotes", "lines", "no end"])
def test_a_long_row_in_small_pieces_takes_time_that_grows_with_it(line: bytes) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        pieces = [b"text\n", b'"', *[line * 10] * count, b'"\n']
        found = [chunk.data for chunk in text_chunks(Lines(pieces), "f", "csv", LIMITS)]
        assert found == [b"".join(pieces[1:])]
        return time.process_time() - started

    short, long = seconds(3_000), seconds(30_000)
    assert long < 40 * max(short, 0.05)


@pytest.mark.parametrize("line", [b'{"text": null}', b"1", b'{"text": "\\ud800"}'])
def test_very_many_bad_rows_are_told_apart_quickly(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "in.jsonl").write_bytes((line + b"\n") * 50_000)
    started = time.process_time()
    summary = score_archive(tmp_path / "in.jsonl", tmp_path / "out.jsonl", skip_bad=True)
    assert (summary.rows, summary.skipped) == (0, 50_000)
    assert time.process_time() - started < 15


@given(st.integers(0, 10**9))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_plain_flaws_are_refused_by_arrow_as_well(seed: int) -> None:
    draw = random.Random(seed)
    kind = draw.choice(("jsonl", "csv", "tsv"))
    content = fuzz.of_one_kind((kind,), fuzz.LINES)(draw)[1:]
    delimiter = DELIMITERS.get(kind, "")
    if delimiter:
        content = read_rows(content + b"\n", delimiter, 2, final=True).data
    chunk = Chunk("f", kind, 1, content, 0, ("text", "id"), delimiter=delimiter)
    parser = _Parser(chunk, "text", LIMITS, True)
    for _, record in parser.records():
        if parser._flaw(record) is not None:
            with pytest.raises((ValueError, pa.ArrowInvalid)):
                parser.rows(record)


def test_a_head_that_is_no_head_is_told(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"text,{'x' * 200_000}\na,b\n")
    for limit in (csv.field_size_limit(), 1 << 30):  # which other code may have changed
        before = csv.field_size_limit(limit)
        try:
            with pytest.raises(ScoringError, match=r"in\.csv:1: the head of the table is broken"):
                score_archive(tmp_path / "in.csv", tmp_path / "out.csv")
        finally:
            csv.field_size_limit(before)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems want names to be Unicode")
def test_files_whose_names_are_no_unicode(tmp_path: Path) -> None:
    for name in ("a\udcff.parquet", "a\udcff.jsonl"):
        source = tmp_path / name
        write(tmp_path / Path(name).with_stem("a")).rename(source)
        assert score_archive(source, tmp_path / f"b{name}").rows == len(TEXTS)
    source.write_text("broken")
    summary = score_archive(source, tmp_path / "c\udcff.jsonl", skip_bad=True)
    assert summary.errors is not None
    assert json.loads(summary.errors.read_text())["file"] == str(source)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_columns_that_are_wrong(tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / f"in{suffix}")
    with pytest.raises(ScoringError, match=r"no column 'body'|'body' is missing"):
        score_archive(source, tmp_path / f"out{suffix}", "body")
    score_archive(source, tmp_path / f"out{suffix}")
    with pytest.raises(ScoringError, match=r"a column 'stance' already .*; rename or drop"):
        score_archive(tmp_path / f"out{suffix}", tmp_path / f"again{suffix}")
    if suffix == ".parquet":
        with pytest.raises(ScoringError, match=r"column 'id' holds int64, not strings"):
            score_archive(source, tmp_path / "new.parquet", "id")


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".txt"])
def test_files_without_rows(tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / f"in{suffix}", [])
    if suffix == ".parquet":
        pq.write_table(pa.table({"text": pa.array([], pa.string())}), source)
    for made in (".jsonl", ".csv", ".parquet", ".txt"):
        assert score_archive(source, tmp_path / f"out{made}", force=True).rows == 0
        assert read(tmp_path / f"out{made}") == []
    assert pq.read_schema(tmp_path / "out.parquet").names[-5:] == OUTPUT_SCHEMA.names


def test_folders(tmp_path: Path) -> None:
    news = tmp_path / "news"
    (news / "2024").mkdir(parents=True)
    write(news / "a.csv", statements(20))
    write(news / "2024" / "b.jsonl.gz", statements(30))
    (news / "notes.md").touch()
    (news / "_SUCCESS.csv").touch()
    assert score_archive(news, tmp_path / "out", limits=TINY).rows == 50
    made = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")}
    assert made == {"a.csv", "2024/b.jsonl.gz"}
    assert len(read(tmp_path / "out" / "2024" / "b.jsonl.gz")) == 30
    assert score_archive(news, tmp_path / "one.jsonl", limits=TINY).rows == 50
    assert len(read(tmp_path / "one.jsonl")) == 50
    assert score_archive(f"{news}/*.csv", tmp_path / "globbed").rows == 20
    assert [p.name for p in (tmp_path / "globbed").iterdir()] == ["a.csv"]
    assert score_archive(news, tmp_path / "same", kind="jsonl").rows == 50
    assert (tmp_path / "same" / "2024" / "b.jsonl.gz").exists()
    assert len(read(tmp_path / "same" / "a.jsonl")) == 20
    write(news / "a.jsonl")
    with pytest.raises(ScoringError, match="two inputs would both be written"):
        score_archive(news, tmp_path / "twice", kind="jsonl")
    with pytest.raises(StanceError, match="exists; overwrite it with --force"):
        score_archive(news, tmp_path / "out")


def test_nothing_is_overwritten_by_mistake(tmp_path: Path) -> None:
    source, target = write(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    target.write_text("precious")
    with pytest.raises(StanceError, match=r"out.jsonl exists; overwrite it with --force"):
        score_archive(source, target)
    with pytest.raises(StanceError, match="no unfinished run to resume"):
        score_archive(source, target, resume=True)
    assert target.read_text() == "precious"
    score_archive(source, target, force=True)
    assert len(read(target)) == len(TEXTS)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    target.unlink()
    target.symlink_to(elsewhere)
    with pytest.raises(StanceError, match="is a symbolic link"):
        score_archive(source, target)
    score_archive(source, target, force=True)
    assert elsewhere.read_text() == "precious"
    assert not target.is_symlink()

    for inputs, output in ((source, source), (f"{tmp_path}/*.jsonl", f"{tmp_path}/")):
        with pytest.raises(ScoringError, match="is an input"):
            score_archive(inputs, output, force=True)
    (tmp_path / "news" / "sub").mkdir(parents=True)
    write(tmp_path / "news" / "sub" / "a.txt")
    (tmp_path / "out").mkdir()
    (tmp_path / "away").mkdir()
    (tmp_path / "out" / "sub").symlink_to(tmp_path / "away")
    with pytest.raises(ScoringError, match="leads out of"):
        score_archive(tmp_path / "news", tmp_path / "out", force=True)


@pytest.mark.parametrize(
    ("source", "target", "options", "message"),
    [
        ("gone.csv", "out.csv", {}, "no such file or folder: gone.csv"),
        ("in.csv", "out.xyz", {}, "the suffix tells no format; known are .parquet, .jsonl"),
        ("in.csv", "no/out.csv", {}, "no folder no; make it first"),
        ("-", "out.csv", {}, "say what comes on standard input: --format jsonl|csv|tsv|text"),
        ("-", "out.csv", {"kind": "parquet"}, "Parquet cannot be read from a pipe"),
        ("-", "out.csv", {"kind": "csv", "resume": True}, "standard input cannot be resumed"),
        ("in.csv", "-", {"resume": True}, "standard output cannot be resumed"),
        ("in.csv", "out.csv", {"line_buffered": True}, "is for standard output"),
        (".git*", "out", {}, "nothing to score there"),
    ],
)  # fmt: skip
def test_requests_that_cannot_be_met(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    target: str,
    options: dict[str, Any],
    message: str,
) -> None:
    write(tmp_path / "in.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScoringError) as raised:
        score_archive(source, target, **options)
    assert message in str(raised.value)


def test_one_run_at_a_time(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl")
    with (
        FileLock(tmp_path / ".out.jsonl.lock"),
        pytest.raises(StanceError, match="another run is writing it"),
    ):
        score_archive(source, tmp_path / "out.jsonl")


def stopping(after: int) -> tuple[StopSignal, Callable[[int, float], None]]:
    stop = StopSignal(signal.SIGTERM)

    def progress(rows: int, share: float) -> None:
        if rows >= after and stop.number is None:
            os.kill(os.getpid(), signal.SIGTERM)

    return stop, progress


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    source, target = write(tmp_path / "in.jsonl", statements(400)), tmp_path / "out.csv"
    score_archive(source, tmp_path / "whole.csv", limits=TINY)
    stop, progress = stopping(100)
    with pytest.raises(Stopped, match="--resume"):
        score_archive(source, target, limits=TINY, stop=stop, progress=progress)
    parts = {p.name: p.stat().st_mtime_ns for p in tmp_path.glob(".out.csv.parts/*/*.part")}
    assert 10 < len(parts) < 90
    assert not target.exists()
    with pytest.raises(StanceError, match="go on with --resume, or start anew with --force"):
        score_archive(source, target, limits=TINY)
    with pytest.raises(StanceError, match="text column changed since; start anew with --force"):
        score_archive(source, target, "id", limits=TINY, resume=True)

    again = {}

    def note(rows: int, share: float) -> None:
        again.update(
            {p.name: p.stat().st_mtime_ns for p in tmp_path.glob(".out.csv.parts/*/*.part")}
        )

    assert score_archive(source, target, limits=TINY, resume=True, progress=note).rows == 400
    assert again.items() >= parts.items(), "a finished part was scored again"
    assert target.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_resuming_what_has_changed_is_refused(tmp_path: Path) -> None:
    source, target = write(tmp_path / "in.jsonl", statements(300)), tmp_path / "out.jsonl"
    stop, progress = stopping(50)
    with pytest.raises(Stopped):
        score_archive(source, target, limits=TINY, stop=stop, progress=progress)
    with source.open("a") as file:
        file.write('{"text": "More."}\n')
    with pytest.raises(StanceError, match="inputs changed since; start anew with --force"):
        score_archive(source, target, limits=TINY, resume=True)
    assert score_archive(source, target, limits=TINY, resume=True, force=True).rows == 301


def test_what_a_run_left_that_was_killed_at_its_very_end_goes(tmp_path: Path) -> None:
    source, target = write(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    score_archive(source, target)
    (tmp_path / ".out.jsonl.parts" / "000000").mkdir(parents=True)  # its plan is gone by then
    with pytest.raises(StanceError, match="no unfinished run to resume"):
        score_archive(source, target, resume=True)
    assert {path.name for path in tmp_path.iterdir()} == {source.name, target.name}
    assert len(read(target)) == len(TEXTS)


def put_another_model(folder: Path) -> None:
    """Put a model of other scores in the place of the one in a folder."""
    arrays = load_predictor(folder).arrays
    other = replace(arrays, intercept=arrays.intercept + 1)
    versions = {"analyzer": features.fingerprint()}
    save_files(folder, {TABLE_FILE: other.save}, versions=versions)


def test_the_model_of_a_run_is_the_one_that_scored(tmp_path: Path, training: Training) -> None:
    """A model put in place while a run starts: no resumed run may go on with it."""
    folder = tmp_path / "m"
    shutil.copytree(training.model.parent, folder, symlinks=True)
    source, target = write(tmp_path / "in.jsonl", statements(300)), tmp_path / "out.jsonl"
    loaded = load_predictor(folder)

    def load(model: Path) -> Predictor:
        put_another_model(folder)
        return loaded

    stop, progress = stopping(50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.batch.runner.load_predictor", load)
        with pytest.raises(Stopped):
            score_archive(source, target, model=folder, limits=TINY, stop=stop, progress=progress)
    plan = json.loads((tmp_path / ".out.jsonl.parts" / "plan.json").read_text())
    assert plan["model"] == loaded.arrays.fingerprint
    with pytest.raises(StanceError, match="model changed since; start anew with --force"):
        score_archive(source, target, model=folder, limits=TINY, resume=True)


def test_a_stream_of_batches_has_one_model(tmp_path: Path, training: Training) -> None:
    folder = tmp_path / "m"
    shutil.copytree(training.model.parent, folder, symlinks=True)
    batches = pa.table({"text": ["They denied it."] * 2}).to_batches(max_chunksize=1)
    expected = score_batch(batches[0], model=folder)
    found = score_batches(batches, model=folder)
    assert next(found) == expected
    put_another_model(folder)
    assert next(found) == expected
    assert score_batch(batches[0], model=folder) != expected


def test_a_signal_after_the_last_row_is_no_stop(tmp_path: Path) -> None:
    source, target = write(tmp_path / "in.jsonl", statements(40)), tmp_path / "out.jsonl"
    stop, progress = stopping(40)
    assert score_archive(source, target, limits=TINY, stop=stop, progress=progress).rows == 40
    assert stop.number == signal.SIGTERM
    assert len(read(target)) == 40


def scoring(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = "from pipeline.cli.app import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", command, "score", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("written", [False, True], ids=["never opened", "begun"])
def test_a_named_pipe_is_read_and_can_be_left(tmp_path: Path, written: bool) -> None:
    pipe, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    os.mkfifo(pipe)
    with scoring(pipe, target) as runner:
        until = time.monotonic() + 60
        while not (tmp_path / ".out.jsonl.parts").exists() and time.monotonic() < until:
            time.sleep(0.05)
        if written:
            writer = os.open(pipe, os.O_WRONLY)
            os.write(writer, b'{"text": "She denied it."}\n')
        time.sleep(0.3)
        runner.send_signal(signal.SIGTERM)
        assert runner.wait(30) == 143
        assert runner.stderr is not None
        told = runner.stderr.read().decode()
        assert told == f"stance: stopped; all that was read is in {target}\n"
    if written:
        os.close(writer)
    assert len(read(target)) == written


def test_a_named_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe, target = tmp_path / "in.csv", tmp_path / "out.csv"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f"printf 'text\\nNo.\\nYes.\\n' > '{pipe}'"]):
        assert score_archive(pipe, target).rows == 2
    with pytest.raises(ScoringError, match=r"in\.csv cannot be resumed"):
        score_archive(pipe, target, resume=True)
    for name in ("in.csv.gz", "in.parquet"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(ScoringError, match=rf"{name}: a pipe of .* unpack it first"):
            score_archive(tmp_path / name, target, force=True)


def test_standard_input_by_its_path(tmp_path: Path) -> None:
    done = stance("score", "/dev/stdin", tmp_path / "out.csv", "--format", "csv",
                  stdin="text\nShe denied it.\n")  # fmt: skip
    assert done.stdout.startswith("Scored 1 rows")
    done = stance("score", "/dev/stdin", tmp_path / "new.csv", "--format", "csv", "--resume",
                  stdin="text\nNo.\n", expect=1)  # fmt: skip
    assert done.stderr == "stance: /dev/stdin cannot be resumed; name a file\n"


LIMITED = """
import os, resource, sys
from pipeline.batch.runner import score_archive
from pipeline.cli.app import app
from pipeline.inference.predict import load_predictor
load_predictor()
kind, least = getattr(resource, sys.argv[1]), int(sys.argv[2])
if sys.argv[1] == "RLIMIT_NOFILE":
    least += (lowest := os.dup(0))
    os.close(lowest)
resource.setrlimit(kind, (least, resource.getrlimit(kind)[1]))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
app(["score", *sys.argv[3:]])
"""


@pytest.mark.parametrize(("kind", "least"), [("RLIMIT_FSIZE", 30_000), ("RLIMIT_NOFILE", 4)])
def test_a_full_disk_names_the_output_and_loses_nothing(
    tmp_path: Path, kind: str, least: int
) -> None:
    source = write(tmp_path / "in.jsonl", statements(2_000))
    target = tmp_path / "out.jsonl"
    command = [sys.executable, "-c", LIMITED, kind, str(least), str(source), str(target)]
    # not under coverage, which cannot write its own file then
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=kept)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(target.parent) in done.stderr
    assert not target.exists()
    if (tmp_path / ".out.jsonl.parts").exists():
        assert "go on with the same command and --resume" in done.stderr
        assert score_archive(source, target, resume=True).rows == 2_000


KILLED = """
import sys
from pipeline.batch import Limits, score_archive
score_archive(sys.argv[1], sys.argv[2], resume=True, skip_bad=True,
              limits=Limits(chunk_bytes=300, chunk_rows=7),
              progress=lambda rows, share: print(rows, flush=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "made"), [(".jsonl", "out.parquet"), (".parquet", "out")])
def test_killed_at_any_point_it_goes_on(tmp_path: Path, suffix: str, made: str) -> None:
    source, target = tmp_path / "in", tmp_path / made
    source.mkdir()
    for name in "abc":
        write(source / f"{name}{suffix}", statements(300))
    if suffix == ".jsonl":
        with (source / "b.jsonl").open("a") as file:
            file.write("broken\n")
    command = [sys.executable, "-c", KILLED, source, target]
    for steps in (random.randint(1, 50), random.randint(60, 110)):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as runner:
            assert runner.stdout is not None
            for _ in range(steps):
                assert runner.stdout.readline()
            runner.kill()
        assert runner.returncode == -signal.SIGKILL
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole = tmp_path / f"whole{target.suffix}"
    score_archive(source, whole, skip_bad=True, limits=TINY)
    if target.is_dir():
        for name in "abc":
            path = f"{name}{suffix}"
            assert (target / path).read_bytes() == (whole / path).read_bytes()
    else:
        assert target.read_bytes() == whole.read_bytes()
        errors = [Path(f"{path}.errors.jsonl").read_bytes() for path in (target, whole)]
        assert errors[0] == errors[1]
    assert [*tmp_path.rglob(".*")] == []


def test_the_command(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv")
    done = stance("score", source, tmp_path / "out.parquet")
    assert done.stdout.startswith(f"Scored {len(TEXTS)} rows in ")
    assert done.stderr == ""
    done = stance("score", "-", "-", "--format", "jsonl", "--on-error", "skip",
                  stdin='{"text": "She denied it."}\n{"text": 1}\n')  # fmt: skip
    assert json.loads(done.stdout)["stance"] == "deny"
    error, note = done.stderr.splitlines()
    assert (json.loads(error)["line"], note) == (2, "note: left out 1 bad rows")
    done = stance("score", source, tmp_path / "out.parquet", expect=1)
    assert done.stderr.startswith("stance: ")
    assert "exists; overwrite it with --force" in done.stderr


def feed(*options: str) -> subprocess.Popen[bytes]:
    command = "from pipeline.cli.app import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", command, "score", "-", "-", "--format", "jsonl", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_feed_is_answered_line_by_line(number: int, status: int) -> None:
    with feed("--line-buffered") as runner:
        assert runner.stdin is not None
        assert runner.stdout is not None
        for count in range(3):
            runner.stdin.write(b'{"text": "She denied it.", "n": %d}\n' % count)
            runner.stdin.flush()
            assert select.select([runner.stdout], [], [], 60)[0], "no answer while the feed is open"
            found = json.loads(runner.stdout.readline())
            assert (found["n"], found["stance"]) == (count, "deny")
        runner.send_signal(number)
        assert runner.wait(30) == status
        assert runner.stderr is not None
        assert runner.stderr.read() == b"stance: stopped\n"


def test_a_closed_pipe_is_quiet() -> None:
    with feed("--line-buffered") as runner:
        assert runner.stdin is not None
        assert runner.stdout is not None
        runner.stdin.write(b'{"text": "She denied it."}\n')
        runner.stdin.flush()
        runner.stdout.readline()
        runner.stdout.close()
        runner.stdin.write(b'{"text": "She denied it."}\n')
        runner.stdin.flush()
        assert runner.wait(30) == 141
        assert runner.stderr is not None
        assert runner.stderr.read() == b""


def test_in_python(tmp_path: Path) -> None:
    table = pa.table({"text": [*TEXTS, None], "id": range(len(TEXTS) + 1)})
    made = score_table(table)
    assert made.select(["text", "id"]).equals(table)
    assert made.schema.names == COLUMNS
    expected = predict(TEXTS)
    assert made["stance"].to_pylist() == [*(p.stance for p in expected), None]
    assert made["stances"].to_pylist() == [*([*p.stances] for p in expected), None]
    assert made["deny"].null_count == 1
    assert score_batch(table).equals(made)
    batches = score_batches(iter(table.to_batches(max_chunksize=2)))
    assert pa.Table.from_batches(batches).equals(made)

    frame = score_table(pa.Table.from_pandas(pd.DataFrame({"text": TEXTS}))).to_pandas()
    assert frame["stance"].tolist() == [p.stance for p in expected]
    dataset = Dataset.from_dict({"text": TEXTS}).with_format("arrow")
    mapped = dataset.map(score_batch, batched=True, batch_size=2)
    assert mapped.with_format(None)["stances"] == [[*p.stances] for p in expected]

    with pytest.raises(ScoringError, match="a column 'stance' already"):
        score_table(made)
    with pytest.raises(ScoringError, match="2 columns 'text'"):
        score_table(pa.table([["a"], ["b"]], ["text", "text"]))


@given(
    st.lists(
        st.lists(
            st.text('ab,\n"\t', max_size=6).map(lambda cell: cell.replace(",", ", ")),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
    st.integers(1, 40),
)
def test_csv_is_cut_where_rows_end(rows: list[list[str]], quoted: bool, size: int) -> None:
    sink = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(sink, quoting=quoting, lineterminator="\n").writerows([["x", "y"], *rows])
    stream = io.BytesIO(sink.getvalue().encode())
    found = []
    for chunk in text_chunks(stream, "f", "csv", Limits(chunk_bytes=size)):
        assert chunk.bad == ()
        assert isinstance(chunk.data, bytes)
        found += list(csv.reader(io.StringIO(chunk.data.decode(), newline="")))
    assert found == rows


def test_stray_quotes_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('text,id\nA 5" gun,1\n"He said ""no"",\nthen left.",2\nx,3"\n')
    assert score_archive(tmp_path / "in.csv", tmp_path / "out.jsonl", limits=TINY).rows == 3
    assert [row["text"] for row in read(tmp_path / "out.jsonl")] == [
        'A 5" gun',
        'He said "no",\nthen left.',
        "x",
    ]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Parts are dropped as they are saved: ten times the rows, the same Arrow memory."""
    peaks = []
    for count in (2_000, 20_000):
        source = write(tmp_path / f"{count}.txt", ["No."] * count)
        peak = 0

        def progress(rows: int, share: float) -> None:
            nonlocal peak
            peak = max(peak, pa.total_allocated_bytes())

        score_archive(source, tmp_path / f"{count}.jsonl", limits=Limits(chunk_bytes=4000),
                      progress=progress)  # fmt: skip
        peaks.append(peak)
        shutil.rmtree(tmp_path / "none", ignore_errors=True)
    assert peaks[1] < 2 * peaks[0] + 1_000_000


def test_summary_counts(tmp_path: Path) -> None:
    summary = score_archive(write(tmp_path / "in.txt"), tmp_path / "out.txt")
    assert isinstance(summary, Summary)
    assert summary.seconds > 0


def test_the_fixture_model_is_used(tmp_path: Path, training: Training) -> None:
    done = score_archive(write(tmp_path / "a.txt"), tmp_path / "b.txt", model=training.model)
    assert done.rows == len(TEXTS)
