import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.articles.stream import read_articles
from pipeline.errors import ArticleError
from pipeline.inference.predict import Prediction

ROWS = [
    {"id": 7, "title": "Dam row", "date": "2024-05-03", "text": "Lund denied it.\n\nIt rained."},
    {"id": 8, "title": "", "date": "2024-05-04", "text": 'Berg said: "Lund, and only Lund, lied."'},
]
PAGE = (
    "<html><head><title>Dam row</title><meta name=author content='Ana Roe'>"
    "<meta property='article:published_time' content='2024-05-02'></head><body><article>"
    "<h1>Dam row</h1><p>The council of Lund denied on Monday that its dam had ever leaked, and "
    "said it will publish the report of the engineers.</p></article></body></html>"
)


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every sentence one fixed prediction."""

    def deny_all(texts: list[str], *_: object, **__: object) -> list[Prediction]:
        return [Prediction("deny", ("deny",), {"deny": 1.0}) for _ in texts]

    monkeypatch.setattr("pipeline.articles.reader.predict", deny_all)


def as_jsonl() -> bytes:
    return "\n".join(map(json.dumps, ROWS)).encode()


def as_csv(delimiter: str = ",") -> bytes:
    file = io.StringIO()
    table = csv.DictWriter(file, ROWS[0], delimiter=delimiter)
    table.writeheader()
    table.writerows(ROWS)
    return file.getvalue().encode("utf-8-sig")


def as_parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), file, row_group_size=1)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", as_jsonl()),
        ("a.ndjson.gz", gzip.compress(as_jsonl())),
        ("a.csv", as_csv()),
        ("a.csv.gz", gzip.compress(as_csv())),
        ("a.tsv", as_csv("\t")),
        ("a.parquet", as_parquet()),
    ],
)
def test_a_table_has_an_article_in_each_row(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    found = list(read_articles([file]))
    assert [article.text for article in found] == [row["text"] for row in ROWS]
    assert [article.metadata.id for article in found] == ["7", "8"]
    assert found[0].metadata.date == "2024-05-03"
    assert [article.headline for article in found] == ["Dam row", None]
    assert all(str(article.name).startswith(f"{file}:") for article in found)


def test_another_column_may_hold_the_articles(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"body": "Lund denied it."}\n')
    (article,) = read_articles([file], text_column="body")
    assert article.text == "Lund denied it."
    with pytest.raises(ArticleError, match=r"a\.jsonl:1: no column 'text' \(there are: body\)"):
        list(read_articles([file]))


@pytest.mark.parametrize(
    ("name", "content", "count", "message"),
    [
        ("a.jsonl", b'{"text": 5}\n\n{"text": "x"}', 1, r"a\.jsonl:1: text is of type int"),
        ("a.jsonl", b'{"text": null}\n{"text": "x"}', 1, r"a\.jsonl:1: text is missing"),
        ("a.jsonl", b'{"text"\n["x"]\n{"text": "x"}', 1, r"a\.jsonl:1: broken JSON"),
        ("a.jsonl", b'{"text": "\xe9"}\n{"text": "x"}', 1, r"a\.jsonl:1: not UTF-8"),
        ("a.jsonl", b"[" * 10**6, 0, r"a\.jsonl:1: broken JSON"),
        ("a.csv", b"text,id\nx\nx,1\n", 1, r"a\.csv:2: 1 cells where the head has 2"),
        ("a.csv", b"text\n\xe9\nx\n", 1, r"a\.csv:2: not UTF-8"),
        ("a.csv", b"", 0, None),
        ("a.parquet", b"PAR1", 0, r"a\.parquet: cannot be read on"),
        ("a.parquet", as_parquet()[:-9], 0, r"a\.parquet: cannot be read on"),
        ("a.jsonl.gz", gzip.compress(as_jsonl())[:-20], 0, r"a\.jsonl\.gz: cannot be read on"),
        ("a.warc.gz", b"nothing", 0, r"a\.warc\.gz: a damaged web archive"),
        ("a.txt", b"\xe9", 0, r"a\.txt: byte 0 is not UTF-8"),
    ],
)
def test_what_cannot_be_read_ends_nothing(
    tmp_path: Path, name: str, content: bytes, count: int, message: str | None
) -> None:
    (tmp_path / name).write_bytes(content)
    good = tmp_path / "good.txt"
    good.write_text("Lund denied it.")
    errors: list[ArticleError] = []
    found = list(read_articles([tmp_path / name, good], on_error=errors.append))
    assert len(found) == count + 1
    assert found[-1].name == str(good)
    if message is None:
        assert errors == []
    else:
        with pytest.raises(ArticleError, match=message):
            raise errors[0]
        with pytest.raises(ArticleError, match=message):
            list(read_articles([tmp_path / name, good]))


def test_folders_and_globs_give_the_articles_in_them(tmp_path: Path) -> None:
    for name in ("b.txt", "sub/a.md", "c.html", ".hidden.txt", "notes.bin", "d.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"text": "x"}' if name == "d.jsonl" else "Lund denied it.")

    def names(source: str | Path) -> list[str]:
        return [
            str(article.name).removeprefix(f"{tmp_path}/") for article in read_articles([source])
        ]

    assert names(tmp_path) == ["b.txt", "c.html", "d.jsonl:1", "sub/a.md"]
    assert names(f"{tmp_path}/*.txt") == ["b.txt"]
    assert names(f"{tmp_path}/**/*.md") == ["sub/a.md"]
    (tmp_path / "[1].txt").write_text("Lund denied it.")
    assert names(tmp_path / "[1].txt") == ["[1].txt"]
    with pytest.raises(ArticleError, match=r"none: No such file or directory"):
        list(read_articles([tmp_path / "none"]))
    with pytest.raises(ArticleError, match="no articles there; known are"):
        list(read_articles([f"{tmp_path}/*.docx"]))


def warc(*records: tuple[str, str, str, bytes], compressed: bool = True) -> bytes:
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=compressed)
    for url, status, kind, content in records:
        http = StatusAndHeaders(status, [("Content-Type", kind)], protocol="HTTP/1.1")
        dates = {"WARC-Date": "2024-05-03T10:00:00Z"}
        writer.write_record(
            writer.create_warc_record(
                url, "response", io.BytesIO(content), http_headers=http, warc_headers_dict=dates
            )
        )
    return file.getvalue()


def test_a_web_archive_has_an_article_in_each_page(tmp_path: Path) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(
        warc(
            ("http://lund.example/1", "200 OK", "text/html; charset=utf-8", PAGE.encode()),
            ("http://lund.example/logo", "200 OK", "image/png", b"\x89PNG"),
            ("http://lund.example/gone", "404 Not Found", "text/html", b"<p>Lund denied it.</p>"),
            ("http://lund.example/2", "200 OK", "text/plain", "Zoë denied it.".encode()),
            ("http://lund.example/3", "200 OK", "text/html;charset=latin1", b"<p>Zo\xeb lied.</p>"),
        )
    )
    first, second, third = read_articles([file])
    assert first.name == first.metadata.url == "http://lund.example/1"
    assert (first.headline, first.metadata.author) == ("Dam row", "Ana Roe")
    assert first.metadata.date == "2024-05-02", "the page's own, not the day it was saved"
    assert second.metadata.date == "2024-05-03"
    assert second.text == "Zoë denied it."
    assert third.text == "Zoë lied."


def test_memory_does_not_grow_with_the_number_of_articles(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        file = tmp_path / "a.jsonl"
        file.write_text('{"text": "Lund denied it."}\n' * rows)
        tracemalloc.start()
        count = sum(1 for _ in read_articles([file]))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == rows
        return most

    peak(10)
    assert peak(1000) < peak(100) + 300_000


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    for name, content in (("a.csv", as_csv()), ("b.txt", b"Lund denied it.")):
        (tmp_path / name).write_bytes(content)
    seen: list[tuple[int, float]] = []
    list(read_articles([tmp_path], progress=lambda count, share: seen.append((count, share))))
    assert [count for count, _ in seen] == [1, 2, 3]
    assert seen[-1][1] == 1


def test_an_article_knows_its_language(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Rådet i Lund avviste på mandag at demningen noensinne hadde lekket vann.")
    (article,) = read_articles([file])
    assert article.language in ("no", "nb", "nn", "da")
