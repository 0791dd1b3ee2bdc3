"""Break the readers: `python -m tests.fuzz --seconds 60 --seed 1 [target ...]`.

Every input has to end in a result or in a `StanceError` (or what is documented), in two seconds and
in bounded memory. Inputs are drawn from the seed and a number alone; `--again NUMBER` draws one
again. Each target runs in a child process, so that a crash or a hang is told as well. With
`--guided`, atheris (to be installed by hand) looks for bytes that reach new code of one target.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import csv
import gzip
import hashlib
import importlib.util
import io
import json
import math
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.articles.page.page import render_page
from pipeline.articles.reader import read_article
from pipeline.articles.story import combine_articles, statement_rows
from pipeline.articles.stream import read_articles
from pipeline.articles.text.decoding import decode_article
from pipeline.batch.chunks import Chunk, text_chunks
from pipeline.batch.formats import Limits
from pipeline.batch.parsing import parse_rows
from pipeline.batch.runner import score_archive
from pipeline.batch.writing import encode_rows
from pipeline.corpus.annotators import Findings
from pipeline.corpus.corpus import load_corpus, require_trainable
from pipeline.corpus.label_files import read_label_file
from pipeline.corpus.labels import LabelMapping, parse_stances
from pipeline.corpus.records import SUFFIXES
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import ArticleError, LabelProblem, StanceError
from pipeline.evaluation.behaviour import load_cases
from pipeline.formats.delimited import read_rows
from pipeline.formats.unicode import Utf8Stream, to_utf8
from pipeline.inference.arrow import stance_columns
from pipeline.inference.model_arrays import ModelArrays
from pipeline.inference.predict import load_predictor, predict
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import MANIFEST_FILE, TABLE_FILE, find_model
from pipeline.model.classifier import features
from pipeline.model.skops_export import export_skops, load_skops
from pipeline.model.verification import verify_model
from pipeline.stages.train import train
from pipeline.stances import STANCES
from tests.conftest import write_small

SLOW = 2.0
HANGS = 60.0
GROWS = 700 << 10  # KB that one small input may add to the peak
SHARED_MEMORY = Path("/dev/shm")

Draw = random.Random

WORDS = (  # noqa: SIM905
    "Oslo Rome ministry the “ ” \" ' said denied accused that it , . ? ! \n \n\n ( ) — -- # * _ > "
    "http://a.b <b> </p> <html> <!doctype <body> 1. Mr. Dr. he They “No,” according to Ali Jan "
    "President \u2028 \ud800 \udfff \x00 \u202e İ ß 𝔸 ﬁ U.S. AT&T [a](b) ``` --- : ; told n't 's "
    "will announce build wrongly of fraud and not 1,200.5 ٣ ''  \r\n \t | ~~ &amp; <p> <a href=x>"
).split(" ")
ALPHABETS = (
    "abcdeAB .,'“”\"?!-\n",
    "".join(map(chr, range(0x180))),
    "".join(map(chr, range(0x2000, 0x2070))) + "\ud800\udc00\udfff\ufeff\ufffe\uffff\U0010ffff",
    "ıİſKÅǅﬀΣς𝒜𝟘٣٤๕語état한글\u0301\u0345\u200d\u00ad",
)


def text(draw: Draw, most: int = 24) -> str:
    """Draw a text: words that mean something here, odd characters, or any characters."""
    size = draw.randrange(most)
    kind = draw.random()
    if kind < 0.6:
        return " ".join(draw.choices(WORDS, k=size))
    if kind < 0.9:
        return "".join(draw.choices(draw.choice(ALPHABETS), k=size * 4))
    return "".join(chr(draw.randrange(0x110000)) for _ in range(size))


TOKENS = [
    *(word.encode("utf-8", "replace") for word in WORDS),
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\x80"),
    *(b'"', b'""', b",", b"\t", b"\n", b"\r\n", b"\r", b"{", b"}", b"[", b"]", b":", b"null"),
    *(b"1e999", b"-0", b"NaN", b"9" * 30, b"9" * 5000, b'"\\ud800"', b"\\u0000", b"true"),
    *(b'{"text":"a"}\n', b'"text":', b'"stances":', b'"data":', b'"annotations":', b'"stance":1,'),
    *(b'["deny"]', b'"deny"', b"text,stances\n", b"[" * 200, b'{"a":' * 120, b"<meta charset=x>"),
]


def mutated(draw: Draw, content: bytes, others: list[bytes]) -> bytes:
    """Change bytes the way fuzzers do: flip, cut, repeat, splice, put telling tokens in."""
    found = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 3, 5, 9))):
        at = draw.randrange(len(found) + 1)
        end = min(len(found), at + draw.choice((1, 2, 4, 16, 64, 512)))
        change = draw.randrange(7)
        if change == 0 and at < len(found):
            found[at] ^= 1 << draw.randrange(8)
        elif change == 1 and at < len(found):
            found[at] = draw.choice((0, 1, 127, 128, 255, draw.randrange(256)))
        elif change == 2:
            del found[at:end]
        elif change == 3:
            found[at:at] = found[at:end] * draw.choice((1, 2, 20))
        elif change == 4:
            other = draw.choice(others)
            start = draw.randrange(len(other) + 1)
            found[at:end] = other[start : start + draw.randrange(200)]
        elif change == 5:
            found[at:at] = draw.choice(TOKENS)
        elif at < len(found) - 8:
            value = draw.choice((0, 1, -1, 1 << 31, (1 << 31) - 1, 1 << 62, 255, 1 << 16))
            size = draw.choice((2, 4, 8))
            found[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")
    return bytes(found)


def some_bytes(draw: Draw, seeds: list[bytes]) -> bytes:
    """Draw a changed seed, now and then just bytes."""
    return (
        draw.randbytes(draw.randrange(300))
        if draw.random() < 0.1
        else mutated(draw, draw.choice(seeds), seeds)
    )


VALUES: tuple[Callable[[Draw], Any], ...] = (
    lambda draw: draw.choice((None, True, 0, 1, -1, 1.5, 1e308, float("nan"), 10**30, 2**63)),
    lambda draw: text(draw, 8),
    lambda draw: draw.choice(
        ("deny", "accuse,deny", "none", '["deny"]', '{"choices": 1}', "[", "")
    ),
    lambda draw: [value(draw) for _ in range(draw.randrange(3))],
    lambda draw: record(draw),
)
KEYS = (  # noqa: SIM905
    "text stances data annotations completions result value choices ground_truth was_cancelled "
    "group origin label stance accuse deny announce sentence \ud800 x y"
).split(" ")


def value(draw: Draw) -> Any:
    """Draw a JSON value."""
    return draw.choices(VALUES, (4, 3, 3, 1, 1))[0](draw)


def record(draw: Draw) -> dict[str, Any]:
    """Draw a JSON object, often one that is nearly a statement."""
    good = {"text": text(draw), "stances": ["deny"]} if draw.random() < 0.7 else {}
    return {**good, **{draw.choice(KEYS): value(draw) for _ in range(draw.randrange(3))}}


def json_lines(draw: Draw) -> bytes:
    """Draw lines of JSON."""
    made = (
        json.dumps(record(draw), ensure_ascii=draw.random() < 0.5) for _ in range(draw.randrange(5))
    )
    return "\n".join(made).encode("utf-8", "surrogatepass")


ARROW: tuple[Callable[[Draw], pa.DataType], ...] = (
    *(lambda _, kind=kind: kind for kind in (
        pa.string(), pa.large_string(), pa.string_view(), pa.null(), pa.bool_(), pa.int8(),
        pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.binary(), pa.large_binary(),
        pa.binary_view(), pa.binary(3), pa.date32(), pa.date64(), pa.time32("ms"), pa.time64("ns"),
        pa.timestamp("ns"), pa.timestamp("s"), pa.timestamp("us", "UTC"),
        pa.timestamp("ms", "Nowhere/Never"), pa.timestamp("us", "+99:99"), pa.duration("ns"),
        pa.decimal128(38, 10), pa.decimal256(70, 0), pa.struct([]),
    )),
    lambda draw: pa.list_(arrow_type(draw)),
    lambda draw: pa.large_list(arrow_type(draw)),
    lambda draw: pa.list_(arrow_type(draw), 2),
    lambda draw: pa.struct([("a", arrow_type(draw)), ("b", arrow_type(draw))]),
    lambda draw: pa.map_(pa.string(), draw.choice((pa.int8(), pa.string_view(), pa.struct([])))),
    lambda draw: pa.dictionary(pa.int32(), draw.choice((pa.string(), pa.int64(), pa.binary()))),
)  # fmt: skip


def arrow_type(draw: Draw) -> pa.DataType:
    """Draw a type of Arrow."""
    return draw.choice(ARROW)(draw)


def arrow_array(draw: Draw, kind: pa.DataType, size: int) -> pa.Array:
    """Draw an array of a type, with extreme values where they are simply bits."""
    for _ in range(3):
        try:
            if pa.types.is_temporal(kind):
                width = kind.bit_width
                ticks = [
                    None if draw.random() < 0.2 else draw.getrandbits(width) - (1 << width - 1)
                    for _ in range(size)
                ]
                return pa.array(ticks, pa.int64() if width == 64 else pa.int32()).view(kind)
            if "map<" in str(kind):  # Arrow ends the process where a map is made of odd values
                return pa.nulls(size, kind) if draw.random() < 0.5 else pa.array([[]] * size, kind)
            return pa.array([value(draw) for _ in range(size)], kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            continue
    return pa.nulls(size, kind)


def parquet(draw: Draw) -> bytes:
    """Draw a Parquet file of columns of any types."""
    size = draw.choice((0, 1, 3, 40))
    texts = [text(draw).encode("utf-8", "ignore").decode() for _ in range(size)]
    columns = {
        draw.choice([*KEYS[:-3], "x"]): arrow_array(draw, arrow_type(draw), size)
        for _ in range(draw.randrange(4))
    }
    if draw.random() < 0.9:
        kind = draw.choice((pa.string(), pa.large_string(), pa.string_view()))
        column = pa.array([None if draw.random() < 0.1 else each for each in texts], kind)
        columns["text"] = column.dictionary_encode() if draw.random() < 0.3 else column
    if draw.random() < 0.5:
        columns.setdefault("stances", pa.array([["deny"]] * size, pa.list_(pa.string())))
    file = io.BytesIO()
    options: dict[str, Any] = {
        "compression": draw.choice(("none", "zstd", "gzip", "snappy")),
        "row_group_size": draw.choice((1, 2, 1000)),
        "use_dictionary": draw.random() < 0.5,
        "data_page_version": draw.choice(("1.0", "2.0")),
    }
    try:
        pq.write_table(pa.table(columns), file, **options)
    except (pa.ArrowException, UnicodeError):
        return b""
    return file.getvalue()


STATEMENTS = [
    b'{"text": "She denied it.", "stances": ["deny"], "group": "a"}\n{"text": "b", "stances": []}',
    b'{"data": {"text": "No"}, "annotations": [{"result": [{"value": {"choices": ["deny"]}}]}]}',
    b'[{"text": "a", "label": ["accuse"]},\n {"text": "b", "accuse": 1, "deny": 0, "announce": 0}]',
    b'text,stances,group\n"He said ""no"", twice",deny,g\nRain,none,h\n',
    b"text\taccuse\tdeny\tannounce\nShe will.\t0\t0\t1\n",
    b'\xef\xbb\xbfsentence,label\r\n"two\nlines",deny\r\n',
    b'{"id":1,"data":"He denied.","label":["deny"]}\n',
    b'text;label;n\r1;"He said \\"no\\".";deny#accuse\r2;"a";none\r',
]
LINES = [
    b'{"text": "She denied it.", "n": 1, "deep": {"a": [1, {"b": null}]}}\n{"text": "\\u00e4"}\n',
    b'\xef\xbb\xbf  {"text":"No.", "day": "2024-01-01", "x": 1.5e3} \r\n\n{"x": {}, "text": ""}',
    b'id,text\n1,One.\n2,"a ""b"", c\n\nd"\n3,\n',
    b'text\tid\nShe "will" go.\t7\n"a\tb"\t8\n',
    b'id\ttext\n1\t"No," he said.\n2\t"Never.\n3\tRain."\n4\t"a\nb"\n',
    'id;text\r\n1;"No"\r2;3,5\n'.encode("utf-16"),
    "One.\r\nÄrger über “nichts”.\n\n\u2028x\x85y".encode(),
]


def of_one_kind(kinds: tuple[str, ...], seeds: list[bytes]) -> Callable[[Draw], bytes]:
    """Draw bytes whose first tells which of some formats they are to be read as."""

    def make(draw: Draw) -> bytes:
        number = draw.randrange(len(kinds))
        kind = kinds[number].strip(".")
        if kind == "parquet":
            made = parquet(draw)
            content = mutated(draw, made, [made]) if draw.random() < 0.7 else made
        elif kind.startswith(("json", "ndjson")) and draw.random() < 0.5:
            content = json_lines(draw)
        else:
            content = some_bytes(draw, seeds)
        return bytes([number]) + content

    return make


def run_predict(texts: list[str]) -> int:
    found = predict(texts)
    assert all(0 <= score <= 1 for each in found for score in each.scores.values())
    assert predict(texts[-1]) == found[-1], "alone it gets another score"
    return len(texts)


def run_explain(texts: list[str]) -> int:
    for found in predict(texts, explain=True):
        assert found.explanation is not None
        for name, score in found.scores.items():
            log_odds = math.fsum(added for _, added, _ in found.explanation[name])
            assert abs(1 / (1 + math.exp(-log_odds)) - score) < 1e-4, "does not add up"
    return len(texts)


def make_arrow(draw: Draw) -> tuple[list[bytes | None], str, int, int, bool]:
    valid = draw.random() < 0.6
    items: list[bytes | None] = []
    for _ in range(draw.choice((0, 1, 5, 200))):
        part = text(draw).encode("utf-8", "replace")
        items.append(part if valid else mutated(draw, part, [part]))
        if draw.random() < 0.1:
            items[-1] = None
    kind = draw.choice(("string", "large_string", "string_view", "dictionary", "chunked"))
    return items, kind, draw.randrange(len(items) + 1), draw.randrange(len(items) + 1), valid


def run_arrow(drawn: tuple[list[bytes | None], str, int, int, bool]) -> int:
    items, kind, start, length, valid = drawn
    raw = pa.array(items, pa.binary_view() if kind == "string_view" else pa.large_binary())
    plain = {"string_view": pa.string_view(), "string": pa.string()}.get(kind, pa.large_string())
    if kind == "string":
        raw = raw.cast(pa.binary())
    array = pa.Array.from_buffers(plain, len(raw), raw.buffers())
    if kind == "dictionary":
        array = array.dictionary_encode()
    if kind == "chunked":
        array = pa.chunked_array([array.slice(0, start), array.slice(start)])
    array = array.slice(start, length)
    scores = load_predictor().predict_arrow(array)
    missing = np.array([item is None for item in items[start : start + length]], dtype=bool)
    assert np.array_equal(np.isnan(scores[:, 0]), missing)
    assert ((scores >= 0) & (scores <= 1))[~missing].all()
    if valid:
        texts = [(item or b"").decode() for item in items[start : start + length]]
        assert np.array_equal(load_predictor().predict_proba(texts)[~missing], scores[~missing])
    added = stance_columns(array, load_predictor(), threads=1)
    assert [column.null_count for column in added] == [missing.sum()] * 5
    return len(items)


def run_article(drawn: tuple[str, str | None]) -> int:
    article = read_article(*drawn)
    for sentence in article.sentences:
        assert sentence.text == article.text[sentence.start : sentence.end]
        assert sentence.text.strip()
    story = combine_articles([article, article])
    assert len(list(statement_rows(story))) >= len(article.statements)
    if hash(article.text) % 50 == 0:
        render_page([article])
    return 1


def run_page(content: bytes) -> int:
    found = read_article(
        decode_article(content, "any"), "a.html" if content[:1] < b"\x80" else None
    )
    combine_articles([found])
    return 1


def run_labels(content: bytes) -> int:
    suffix = SUFFIXES[content[0] % len(SUFFIXES)] if content else ".csv"
    problems: list[LabelProblem] = []
    findings = Findings()
    found = read_label_file(Path(f"any{suffix}"), content[1:], problems, findings=findings)
    assert found or problems or findings.left_out
    assert all("\n" not in str(problem) for problem in problems), "a problem of several lines"
    return 1


def run_corpus(content: bytes) -> int:
    suffix = SUFFIXES[content[0] % len(SUFFIXES)] if content else ".csv"
    with folder() as home:
        (home / f"any{suffix}").write_bytes(content[1:])
        (home / "good.csv").write_bytes(STATEMENTS[3])
        loaded = load_corpus(home)
        first, second = split_corpus(loaded)
        assert len(first) + len(second) == len(loaded)
        require_trainable(loaded)
    return 1


def run_delimited(drawn: tuple[bytes, str, int, int]) -> int:
    """Read rows at once and in two parts: strict CSV comes out, the same both times."""
    content, delimiter, columns, cut = drawn
    whole = read_rows(content, delimiter, columns, final=True)
    assert whole.size == len(content)
    line_ends = len(re.findall(rb"\r\n|\r|\n", content))
    assert len(re.findall(rb"\r\n|\r|\n", whole.data)) == line_ends, "lines came or went"
    text = io.StringIO(whole.data.decode(), newline="")
    list(csv.reader(text, delimiter=delimiter, strict=True))
    if columns > 1:
        first = read_rows(content[:cut], delimiter, columns, final=False)
        rest = read_rows(content[first.size :], delimiter, columns, final=True)
        assert first.data + rest.data == whole.data, "the cut makes a difference"
        flaws = [flaw.raw for flaw in (*first.flaws, *rest.flaws)]
        assert flaws == [flaw.raw for flaw in whole.flaws]
    return 1


def make_delimited(draw: Draw) -> tuple[bytes, str, int, int]:
    delimiter = draw.choice(",;\t")
    tokens = (
        *('"', '"', '""', delimiter, delimiter, "\n", "\n", "\r\n", "\r", '\\"', "\\", " "),
        *("a", "7", "Oslo said", f"{delimiter} he", "1,200", "\u00e4"),
    )
    content = "".join(draw.choices(tokens, k=draw.randrange(60))) + "\n"
    return content.encode(), delimiter, draw.choice((1, 2, 2, 3)), draw.randrange(len(content))


def make_unicode(draw: Draw) -> tuple[str, str, int, bytes]:
    content = text(draw, 60).replace("\0", "").encode("utf-8", "ignore").decode()
    encoding = draw.choice(("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"))
    coded = ("\ufeff" + content).encode(encoding)
    return content, encoding, draw.choice((1, 2, 3, 7, 100)), mutated(draw, coded, [coded])


def run_unicode(drawn: tuple[str, str, int, bytes]) -> int:
    content, encoding, size, damaged = drawn
    coded = ("\ufeff" + content).encode(encoding)
    assert to_utf8(coded) == content.encode()
    stream = Utf8Stream(io.BytesIO(coded))
    assert b"".join(iter(lambda: stream.read(size), b"")) == content.encode()
    with contextlib.suppress(ValueError):
        to_utf8(damaged)
    return 1


EXPORTS = [
    {"data": {"text": "a"}, "annotations": [{"result": [{"value": {"choices": ["deny"]}}]}] * 3},
    {"data": {"text": "a"}, "completions": [{"skipped": True}, {"was_cancelled": True}]},
    {"text": "a", "label": "deny", "answer": "accept", "_view_id": "x", "_session_id": "y"},
    {"text": "a", "accept": ["deny"], "answer": "reject", "options": []},
    {"text": "a", "cats": {"deny": 1, "accuse": 0}},
    {"fields": {"text": "a"}, "responses": {"label": [{"value": "deny", "user_id": "b"}]}},
    {"fields": {"text": "a"}, "responses": [{"values": {"label": {"value": ["deny"]}}}]},
    {"text": "a", "label.responses": ["deny"], "label.responses.status": ["submitted"]},
    {"text": "a", "annotation": "deny", "status": "Validated"},
    {"text": "a", "choice": "deny", "annotator": 1},
]


def make_exports(draw: Draw) -> bytes:
    """Draw exports of annotation tools, some of them damaged."""
    found = copy.deepcopy(draw.choices(EXPORTS, k=draw.randrange(1, 5)))
    for _ in range(draw.randrange(4)):
        _damage_plan(draw, found)
    return b"\0" + "\n".join(map(json.dumps, found)).encode()


TABLES = ("jsonl", "csv", "tsv", "parquet")


def run_tables(drawn: tuple[bytes, str]) -> int:
    """Read the articles of a table, of which those that are good have to come."""
    content, compression = drawn
    kind = TABLES[content[0] % len(TABLES)]
    errors: list[ArticleError] = []
    with folder() as home:
        file = home / f"any.{kind}{compression}"
        file.write_bytes(content[1:])
        found = list(read_articles([file], on_error=errors.append))
    assert all(str(error).startswith(str(file)) for error in errors)
    for article in found:
        for sentence in article.sentences:
            assert sentence.text == article.text[sentence.start : sentence.end]
    return 1


def make_tables(draw: Draw) -> tuple[bytes, str]:
    content = of_one_kind(TABLES, LINES)(draw)
    if draw.random() < 0.8:
        return content, ""
    packed = gzip.compress(content[1:])
    return content[:1] + (mutated(draw, packed, [packed]) if draw.random() < 0.5 else packed), ".gz"


@cache
def web_archive() -> bytes:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=False)
    for kind, body in (
        ("text/html; charset=latin-1", b"<html><p>Oslo denied it.</p></html>"),
        ("text/plain", b"Rome denied it."),
    ):
        head = StatusAndHeaders(
            "200 OK",
            [
                ("Content-Type", kind),
                ("Transfer-Encoding", "chunked"),
                ("Content-Encoding", "gzip"),
            ],
            protocol="HTTP/1.1",
        )
        content = gzip.compress(body, mtime=0)
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
        record = writer.create_warc_record(
            "http://a.example/",
            "response",
            io.BytesIO(chunked),
            http_headers=head,
            warc_headers_dict={"WARC-Date": "2024-05-03T10:00:00Z", "WARC-Record-ID": "<urn:a>"},
        )
        writer.write_record(record)
    return file.getvalue()


def make_web_archive(draw: Draw) -> bytes:
    content = mutated(draw, web_archive(), [web_archive(), *TOKENS])
    return gzip.compress(content) if draw.random() < 0.3 else content


def run_web_archive(content: bytes) -> int:
    with folder() as home:
        file = home / "any.warc.gz"
        file.write_bytes(content)
        errors: list[ArticleError] = []
        list(read_articles([file], on_error=errors.append))
    assert all(str(error).strip() for error in errors)
    return 1


KINDS = ("jsonl", "csv", "tsv", "text")
TINY = Limits(chunk_bytes=64, chunk_rows=7, line_bytes=300, columns=40, depth=20)


def run_rows(content: bytes) -> int:
    """Read, score and write lines in memory, in every format, skipping what is bad."""
    kind = KINDS[content[0] % len(KINDS)] if content else "text"
    for keep_lines in (True, False):
        written: list[bytes] = []
        for chunk in text_chunks(io.BytesIO(content[1:]), "any", kind, TINY):
            assert isinstance(chunk, Chunk)
            found, bad = parse_rows(chunk, "text", TINY, keep_lines=keep_lines)
            assert all(each.reason and "\n" not in each.reason for each in bad)
            added = stance_columns(found.texts, load_predictor(), threads=1)
            to = "jsonl" if keep_lines else ("csv", "tsv", "text", "jsonl")[len(content) % 4]
            made = bytes(encode_rows(found, added, to, header=False))
            if to == "jsonl":
                lines = made.decode().split("\n")[:-1]
                assert len(lines) == found.table.num_rows, "a row is not one line"
                assert all(json.loads(line)["stance"] for line in lines)
            written.append(made)
    return 1


ARCHIVES = ("parquet", "parquet", *KINDS)


def run_archive(drawn: tuple[bytes, str, str, bool]) -> int:
    content, compression, target, skip_bad = drawn
    kind = ARCHIVES[content[0]]
    suffix = {"text": "txt"}.get(kind, kind) + ("" if kind == "parquet" else compression)
    with folder() as home:
        source = home / f"in.{suffix}"
        source.write_bytes(content[1:])
        try:
            made = score_archive(source, home / target, skip_bad=skip_bad, limits=TINY)
        except StanceError:
            left = {path.name for path in home.iterdir()}
            assert left == {source.name}, left
            raise
        if target.endswith(".parquet"):
            assert pq.read_metadata(home / target).num_rows == made.rows
    return 1


def make_archive(draw: Draw) -> tuple[bytes, str, str, bool]:
    content = of_one_kind(ARCHIVES, LINES)(draw)
    compression = draw.choice(("", "", ".gz", ".zst"))
    if compression and ARCHIVES[content[0]] != "parquet":
        packed = (
            gzip.compress(content[1:])
            if compression == ".gz"
            else pa.compress(content[1:], "zstd", asbytes=True)
        )
        content = content[:1] + (mutated(draw, packed, [packed]) if draw.random() < 0.5 else packed)
    target = draw.choice(("o.parquet", "o.jsonl", "o.csv", "o.tsv", "o.txt", "o.jsonl.gz"))
    return content, compression, target, draw.random() < 0.7


@cache
def whole_table() -> tuple[bytes, dict[str, Any]]:
    content = find_model().resolve().with_name(TABLE_FILE).read_bytes()
    with np.load(io.BytesIO(content)) as file:
        return content, dict(file)


def signed(home: Path, content: bytes) -> Path:
    """Write a table beside a manifest that vouches for it."""
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest = {
        "files": {TABLE_FILE: entry},
        "versions": {"analyzer": features.fingerprint()},
    }
    (home / MANIFEST_FILE).write_text(json.dumps(manifest))
    (home / TABLE_FILE).write_bytes(content)
    return home / TABLE_FILE


def make_table(draw: Draw) -> tuple[bytes, list[str]]:
    """Draw a damaged table: arrays with changed values, or the file with changed bytes."""
    content, arrays = whole_table()
    texts = [text(draw) for _ in range(40)]
    if draw.random() < 0.3:
        return mutated(draw, content, TOKENS), texts
    changed = dict(arrays)
    for _ in range(draw.choice((1, 1, 2))):
        name = draw.choice([field.name for field in fields(ModelArrays)])
        changed[name] = _damaged(draw, changed[name], arrays)
    file = io.BytesIO()
    np.savez(file, **changed)
    return file.getvalue(), texts


def _damaged(draw: Draw, array: Any, arrays: dict[str, Any]) -> Any:
    array = array.copy()
    flat = array.reshape(-1)
    kind = draw.randrange(5)
    if array.dtype.kind == "f":
        one: Any = draw.choice((0.0, -1.0, 1e38, 1e-40, float("nan"), float("inf")))
    else:
        info = np.iinfo(array.dtype)
        one = draw.choice((0, 1, -1, 2**24, 2**31 - 1, -(2**31), len(arrays["weights"]), 255))
        one = min(max(one, info.min), info.max)
    if kind == 0 or not flat.size:
        return array[: draw.randrange(len(array) + 1)]
    if kind == 1:
        array[...] = one
    elif kind == 2:
        flat[: draw.randrange(200)] = one
    elif kind == 3:
        for _ in range(20):
            flat[draw.randrange(flat.size)] = one
    else:
        for _ in range(2000):
            flat[draw.randrange(flat.size)] = flat[draw.randrange(flat.size)]
    return array


def run_table(drawn: tuple[bytes, list[str]]) -> int:
    content, texts = drawn
    with folder() as home:
        table = ModelArrays.load(signed(home, content))
    scores = Predictor(table).predict_proba(texts)
    assert scores.shape == (len(texts), len(STANCES))
    return 1


@cache
def whole_export() -> tuple[bytes, dict[str, bytes]]:
    """Export a small model: each input is loaded, and the shipped one takes a second."""
    with folder() as home:
        small = train([write_small(home / "small.csv")], home / "models", prior="none")
        content = export_skops(home / "m.skops", small.model).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return content, {name: file.read(name) for name in file.namelist()}


def make_skops(draw: Draw) -> bytes:
    """Draw a damaged export: its bytes, or the plan of types in it."""
    content, members = whole_export()
    if draw.random() < 0.3:
        return mutated(draw, content, TOKENS)
    name = draw.choice(("schema.json", "schema.json", *members))
    changed = members[name]
    if name.endswith(".json") and draw.random() < 0.8:
        plan = json.loads(changed)
        for _ in range(draw.choice((1, 2, 4))):
            _damage_plan(draw, plan)
        changed = json.dumps(plan).encode()
    else:
        changed = mutated(draw, changed, [*members.values()])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for member, part in members.items():
            written.writestr(member, changed if member == name else part)
    return file.getvalue()


def _damage_plan(draw: Draw, plan: Any) -> None:
    places: list[tuple[Any, Any]] = []
    waiting = [plan]
    while waiting and len(places) < 400:
        node = waiting.pop(draw.randrange(len(waiting)))
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    node, key = draw.choice(places)
    other, name = draw.choice(places)
    node[key] = draw.choice(
        (None, 0, "os", "system", [], {}, "MethodNode", copy.deepcopy(other[name]))
    )


def run_skops(content: bytes) -> int:
    with folder() as home:
        (home / "m.skops").write_bytes(content)
        load_skops(home / "m.skops")
    return 1


def make_manifest(draw: Draw) -> bytes:
    good = {
        "files": {TABLE_FILE: {"sha256": "0" * 64, "bytes": 5}},
        "versions": {"analyzer": features.fingerprint()},
    }
    content = json.dumps(good).encode()
    if draw.random() < 0.5:
        _damage_plan(draw, good)
        return json.dumps(good).encode()
    return some_bytes(draw, [content])


def run_manifest(content: bytes) -> int:
    with folder() as home:
        (home / TABLE_FILE).write_bytes(b"whole")
        (home / MANIFEST_FILE).write_bytes(content)
        assert any(check.problem for check in verify_model(home)) or not verify_model(home)
    return 1


def make_mapping(draw: Draw) -> tuple[list[str], list[Any]]:
    pairs = [
        f"{text(draw, 4)}{draw.choice(('=', '==', ''))}{draw.choice(('deny', 'none', 'x'))}"
        for _ in range(draw.randrange(3))
    ]
    return pairs, [value(draw) for _ in range(20)]


def run_mapping(drawn: tuple[list[str], list[Any]]) -> int:
    pairs, values = drawn
    for each in values:
        with contextlib.suppress(ValueError):
            assert set(parse_stances(each)) <= {*STANCES}
    with contextlib.suppress(StanceError):
        mapping = LabelMapping.parse(pairs)
        for each in values:
            assert set(mapping.stances(each)) <= {*STANCES}
    return len(values)


CASES = [
    b'{"kind": "functionality", "topic": "a", "texts": ["He denied it."], "main": "deny"}\n',
    b'{"kind": "direction", "topic": "a", "texts": ["No", "He denied it."], "stance": "deny"}',
]


def run_cases(content: bytes) -> int:
    with folder() as home:
        (home / "cases.jsonl").write_bytes(content)
        load_cases(home / "cases.jsonl")
    return 1


@contextlib.contextmanager
def folder() -> Any:
    """Make a folder in memory, where there is such a place."""
    place = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=place) as home:
        yield Path(home)


@dataclass(frozen=True)
class Target:
    """What draws an input, and what takes it; gives how many inputs that were."""

    make: Callable[[Draw], Any]
    run: Callable[[Any], int]


TARGETS = {
    "predict": Target(lambda draw: [text(draw) for _ in range(200)], run_predict),
    "arrow": Target(make_arrow, run_arrow),
    "explain": Target(lambda draw: [text(draw) for _ in range(20)], run_explain),
    "article": Target(
        lambda draw: (text(draw, 120), draw.choice((None, "a.md", "a.html"))), run_article
    ),
    "page": Target(
        lambda draw: some_bytes(
            draw,
            [
                "<html><body><article><h1>Oslo denies</h1><p>“No,” Roe said.</p>".encode(),
                "\ufeffOslo denies\n\nOSLO (AP) -- Rome accused Oslo.".encode("utf-16-le"),
                b'---\ntitle: a\n---\n# Oslo *denies*\n\n> [Roe](http://x) said "no".\n',
                b'<html><meta charset="latin-1"><p>Roe denied it. \xe9t\xe9</p>',
                b"<!-- x --><article><h2>A</h2><pre>No\nway</pre></article><article><q>b</q> c",
                b"FOR IMMEDIATE RELEASE\n\nOslo denies\n\n&quot;No,&quot; it said.\n\n# # #\n",
                b"From: a@b.c\nSubject: Re: Oslo denies\n\n12. It said [no](x).[^1]\n\n[^1]: a\n",
            ],
        ),
        run_page,
    ),
    "tables": Target(make_tables, run_tables),
    "web_archive": Target(make_web_archive, run_web_archive),
    "labels": Target(of_one_kind(SUFFIXES, STATEMENTS), run_labels),
    "corpus": Target(of_one_kind(SUFFIXES, STATEMENTS), run_corpus),
    "exports": Target(make_exports, run_labels),
    "delimited": Target(make_delimited, run_delimited),
    "unicode": Target(make_unicode, run_unicode),
    "rows": Target(of_one_kind(KINDS, LINES), run_rows),
    "archive": Target(make_archive, run_archive),
    "table": Target(make_table, run_table),
    "skops": Target(make_skops, run_skops),
    "manifest": Target(make_manifest, run_manifest),
    "mapping": Target(make_mapping, run_mapping),
    "cases": Target(lambda draw: some_bytes(draw, CASES), run_cases),
}
GUIDED = ("page", "labels", "rows", "manifest", "cases")


def drawn(name: str, seed: int, number: int) -> Any:
    """Draw an input again."""
    return TARGETS[name].make(Draw(f"{name} {seed} {number}"))


def attempt(name: str, content: Any) -> int:
    """Run a target; an error that tells the user what to do is a result."""
    try:
        return TARGETS[name].run(content)
    except StanceError as error:
        if not str(error).strip():
            raise RuntimeError("an error without words") from error
        return 1


def work(name: str, seed: int, until: float, shared: Any) -> None:
    """Run inputs until the time is over; the parent reads in `shared` how far this has come."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seen: Counter[str] = Counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while time.monotonic() < until:
        shared[0] += 1
        number = int(shared[0])
        content = drawn(name, seed, number)
        shared[2] = time.monotonic()
        began = time.process_time()
        problem = None
        try:
            shared[1] += attempt(name, content)
        except BaseException as error:
            shared[1] += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            problem = (
                f"{type(error).__name__}: {str(error)[:200]!r} at {place.filename}:{place.lineno}"
            )
            key = f"{type(error).__name__} {place.filename}:{place.lineno}"
        taken = time.process_time() - began
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if problem is None and taken > SLOW and number > 1:  # the first loads what it needs
            problem, key = f"{taken:.1f} s", "slow"
        if problem is None and after - peak > GROWS and number > 1:
            problem, key = f"{(after - peak) >> 10} MB more", "memory"
        peak = max(peak, after)
        if problem is not None:
            shared[3] += 1
            seen[key] += 1
            if seen[key] <= 3:
                print(f"FAIL {name} --seed {seed} --again {number}: {problem}", flush=True)
    shared[4] = peak


def fuzz(name: str, seed: int, seconds: float) -> tuple[int, int]:
    """Run a target in child processes; gives inputs and failures."""
    context = multiprocessing.get_context("fork")
    shared = context.Array("d", 5, lock=False)  # number, inputs, when it began, failures, peak
    began = time.monotonic()
    until = began + seconds
    while time.monotonic() < until:
        shared[2] = time.monotonic() + HANGS
        child = context.Process(target=work, args=(name, seed, until, shared))
        child.start()
        while child.is_alive() and time.monotonic() < shared[2] + HANGS:
            child.join(0.5)
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()
        if child.exitcode:
            shared[3] += 1
            print(
                f"FAIL {name} --seed {seed} --again {int(shared[0])}: "
                f"ended with {child.exitcode} (hung or crashed)",
                flush=True,
            )
    inputs, failures = int(shared[1]), int(shared[3])
    speed = inputs / (time.monotonic() - began)
    print(
        f"{name}: {inputs:,} inputs, {failures:,} failures, {speed:,.0f}/s, "
        f"peak {int(shared[4]) >> 10:,} MB",
        flush=True,
    )
    return inputs, failures


def guide(name: str, seed: int, seconds: float) -> None:
    """Let atheris look for bytes that reach new code."""
    import atheris

    for module in [each for key, each in sys.modules.items() if key.startswith("pipeline")]:
        for key, each in vars(module).items():
            if type(each).__name__ == "function" and each.__module__ == module.__name__:
                setattr(module, key, atheris.instrument_func(each))
    with folder() as home:
        for number in range(100):
            (home / str(number)).write_bytes(drawn(name, seed, number))
        options = [f"-max_total_time={int(seconds)}", f"-seed={seed}", "-timeout=10"]
        atheris.Setup(
            ["fuzz", *options, "-print_final_stats=1", "-rss_limit_mb=4096", str(home)],
            lambda content: attempt(name, content),
        )
        atheris.Fuzz()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="*", choices=[*TARGETS, []])
    parser.add_argument("--seconds", type=float, default=10, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=int, help="number of the input to run again")
    parser.add_argument("--guided", action="store_true", help=f"of {', '.join(GUIDED)}")
    options = parser.parse_args()
    names = options.target or list(TARGETS)
    if "skops" in names and importlib.util.find_spec("skops") is None:
        if options.target:
            parser.error(
                "skops is not installed, so its reader cannot be fuzzed; install .[export]"
            )
        print("skops: left out, as it is not installed; install .[export]", flush=True)
        names.remove("skops")
    if options.guided:
        guide(names[0], options.seed, options.seconds)
    elif options.again is not None:
        content = drawn(names[0], options.seed, options.again)
        print(repr(content)[:5000])
        attempt(names[0], content)
    else:
        found = [fuzz(name, options.seed, options.seconds) for name in names]
        inputs, failures = (sum(column) for column in zip(*found, strict=True))
        print(f"{inputs:,} inputs, {failures:,} failures")
        sys.exit(failures > 0)


if __name__ == "__main__":
    main()
