"""The page's form as a browser without scripts sends it."""

import csv
import io
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.articles.page.page import render_page
from pipeline.articles.reader import read_article
from pipeline.articles.statement_table import COLUMNS
from pipeline.server.app import create_app
from pipeline.server.limits import Limits
from pipeline.stages.train import Training
from tests.cli.test_cli import stance

LIMITS = Limits(workers=1, body_bytes=1 << 20, articles=3)
ONE = "Oslo denies spying\n\nRome accused Oslo of spying on Monday.\n\nOslo denied it.\n"
TWO = "The mayor of Orle will rebuild the bridge, she said on Friday.\n"
Sent = list[tuple[str, tuple[str | None, str | bytes]]]


@pytest.fixture(scope="module")
def client(training: Training) -> Iterator[TestClient]:
    with TestClient(create_app(training.model, LIMITS), base_url="http://127.0.0.1") as client:
        yield client


def field(name: str, value: str) -> tuple[str, tuple[None, str]]:
    return name, (None, value)


def file(name: str, content: str | bytes) -> tuple[str, tuple[str, bytes]]:
    return "files", (name, content.encode() if isinstance(content, str) else content)


def send(client: TestClient, *sent: object, expect: int = 200) -> str:
    done = client.post("/", files=list(sent))
    assert done.status_code == expect, done.text
    return str(done.text)


def carried(page: str) -> str:
    found = re.search(r'name="carried" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def test_the_page_asks_for_an_article(client: TestClient) -> None:
    page = client.get("/").text
    assert page.count("<textarea") == 1
    assert 'type="file"' in page
    assert "20 articles" not in page
    assert "up to 3 articles at once, 1 MB together" in page


def test_a_pasted_article_is_shown_as_its_page(client: TestClient, training: Training) -> None:
    page = send(client, field("text", ONE.replace("\n", "\r\n")))
    bare = render_page([read_article(ONE, model=training.model, explain=True)])
    body = bare.partition('<header class="top">')[2]
    assert body
    assert body in page
    assert json.loads(carried(page)) == [["", ONE]]


def test_files_and_what_is_pasted_are_one_story_or_separate(client: TestClient) -> None:
    sent = [field("text", ONE), file("b.txt", TWO), file("c.html", f"<p>{TWO}</p>")]
    together = send(client, *sent, field("story", "one"))
    assert "3 articles, side by side" in together
    first = send(client, *sent, field("story", "each"))
    assert "Article 1 of 3" in first
    assert "Oslo denied it." in first.partition("<main>")[2]
    second = send(
        client, field("carried", carried(first)), field("story", "each"), field("picked", "1")
    )
    assert "Article 2 of 3" in second
    assert "The mayor of Orle" in second.partition("<main>")[2]
    assert "Oslo" not in second.partition("<main>")[2]


@pytest.mark.parametrize("story", ["one", "each"])
def test_downloads_are_what_the_command_writes(
    client: TestClient, training: Training, tmp_path: Path, story: str
) -> None:
    names = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for name, text in zip(names, (ONE, TWO), strict=True):
        name.write_text(text)
    shown = send(client, file(str(names[0]), ONE), file(str(names[1]), TWO), field("story", story))
    sent = [field("carried", carried(shown)), field("story", story)]
    options = ["--one-story"] if story == "one" else []
    for wanted in ("json", "csv"):
        done = client.post("/", files=[*sent, field("wanted", wanted)])
        assert done.headers["Content-Disposition"].startswith('attachment; filename="stances.')
        printed = stance("read", f"--{wanted}", *options, "--model", training.model, *names).stdout
        if wanted == "csv":
            assert done.text == printed
        else:
            assert [json.loads(line) for line in done.text.splitlines()] == [
                json.loads(line) for line in printed.splitlines()
            ]


def test_the_page_that_is_saved_is_that_of_the_command(
    client: TestClient, training: Training, tmp_path: Path
) -> None:
    name, page = tmp_path / "a.txt", tmp_path / "page.html"
    name.write_text(ONE)
    stance("read", "--model", training.model, name, "--html", page)
    done = client.post("/", files=[file(str(name), ONE), field("wanted", "page")])
    assert done.text == page.read_text(encoding="utf-8")
    assert 'filename="stances.html"' in done.headers["Content-Disposition"]


def test_a_cell_that_a_spreadsheet_would_run_is_guarded(client: TestClient) -> None:
    done = send(client, file("=1+1.txt", ONE), field("wanted", "csv"))
    rows = list(csv.DictReader(io.StringIO(done)))
    assert set(rows[0]) == set(COLUMNS)
    assert {row["article"] for row in rows} == {"'=1+1.txt"}


def test_another_box_is_added_and_what_is_there_stays(client: TestClient) -> None:
    page = send(client, field("text", ONE), field("wanted", "more"), file("b.txt", TWO))
    assert page.count("<textarea") == 3
    assert "Rome accused Oslo of spying on Monday." in page
    assert "b.txt</label>" in page


def test_the_text_can_be_edited(client: TestClient) -> None:
    shown = send(client, field("text", f"\n{ONE}"))
    page = send(client, field("carried", carried(shown)), field("wanted", "edit"))
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.S)
    assert found
    assert unescape(found[1]) == f"\n{ONE}"


def test_what_is_not_english_is_told(client: TestClient) -> None:
    spanish = (
        "El gobierno de Velmora negó el lunes que hubiera abierto la presa durante la noche, y "
        "acusó a sus vecinos de no haber reparado los muros que protegen la ciudad del agua."
    )
    assert "seems to be Spanish" in send(client, field("text", spanish))


def test_encodings_are_those_of_browsers(client: TestClient) -> None:
    page = "<!doctype html><meta charset=windows-1252><p>Zoë denied it.</p>".encode("cp1252")
    assert "Zoë denied it." in send(client, file("a.html", page))


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ([field("text", " \n")], 422, "Paste one, or choose a file."),
        ([file("a.pdf", b"%PDF-1.7 x")], 422, "a.pdf: "),
        ([file(f"{n}.txt", TWO) for n in range(4)], 413, "4 articles"),
        ([file("a.txt", b"x" * (1 << 20))], 413, "larger than 1 MB"),
        ([field("wanted", "all"), field("text", ONE)], 422, "asks for what there is not"),
        ([field("carried", '{"a": 1}')], 422, "is not as the page wrote it"),
        ([field("carried", "[" * 100_000)], 422, "is not as the page wrote it"),
        ([field("x", "1")] * 100, 400, "too many fields"),
    ],
)
def test_what_cannot_be_read_is_told_on_the_form(
    client: TestClient, sent: Sent, status: int, told: str
) -> None:
    page = send(client, *sent, expect=status)
    assert told in page
    assert 'role="alert"' in page
    assert "<textarea" in page


def test_what_was_pasted_stays_where_a_file_cannot_be_read(client: TestClient) -> None:
    page = send(client, field("text", ONE), file("a.pdf", b"%PDF-1.7 x"), expect=422)
    assert "Rome accused Oslo of spying on Monday." in page


def test_what_is_no_form_is_told(client: TestClient) -> None:
    for kind in ("multipart/form-data", "application/json", "multipart/form-data; boundary=x"):
        done = client.post("/", content=b"text=1", headers={"Content-Type": kind})
        assert done.status_code == 400
        assert 'role="alert"' in done.text
