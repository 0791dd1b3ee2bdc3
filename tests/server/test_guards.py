"""Who may ask, what a browser may do with the answer, and that nothing touches a disk."""

import re
import tempfile
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from pipeline.articles.page.page import stated_policy
from pipeline.server.app import create_app
from pipeline.server.guards import HEADERS
from pipeline.server.limits import Limits
from pipeline.stages.train import Training

EVIL = "Oslo denied it.</textarea><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def client(training: Training) -> Iterator[TestClient]:
    app = create_app(training.model, Limits(workers=1), hosts=["stance.example"])
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "192.168.1.5", "STANCE.example:80"]
)
def test_addresses_and_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "", "[::1", "a@b"],
)
def test_other_names_are_refused(client: TestClient, host: str) -> None:
    done = client.get("/healthz", headers={"Host": host})
    assert (done.status_code, done.json()["error"]["where"]) == (400, "header Host")
    assert done.headers["X-Content-Type-Options"] == "nosniff"


OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Origin": "http://127.0.0.1:8000"},
]
OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:9000"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("path", ["/", "/read", "/predict"])
@pytest.mark.parametrize("headers", OTHERS)
def test_pages_of_other_sites_cannot_send(
    client: TestClient, path: str, headers: dict[str, str]
) -> None:
    done = client.post(path, json={"texts": ["Oslo denied it."]}, headers=headers)
    assert (done.status_code, done.json()["error"]["where"]) == (403, "header Origin")


@pytest.mark.parametrize("headers", OWN)
def test_own_pages_and_programs_can(client: TestClient, headers: dict[str, str]) -> None:
    done = client.post("/predict", json={"texts": ["Oslo denied it."]}, headers=headers)
    assert done.status_code == 200


def test_every_answer_has_the_headers(client: TestClient) -> None:
    for done in (
        client.get("/"),
        client.get("/nowhere"),
        client.get("/healthz"),
        client.post("/", files={"text": (None, "Oslo denied it.")}),
        client.post("/predict", json={}),
        client.post("/", headers={"Origin": "https://evil.example"}),
    ):
        assert (
            HEADERS.items()
            <= {
                **{name: done.headers.get(name) for name in HEADERS},
            }.items()
        )
        policy = done.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "access-control-allow-origin" not in done.headers


def test_pages_are_under_the_policy_that_they_state(client: TestClient) -> None:
    form = client.get("/")
    shown = client.post("/", files={"text": (None, "Oslo denied it.")})
    for done in (form, shown):
        stated = stated_policy(done.text)
        assert re.search(r"style-src 'sha256-\S+'; script-src 'sha256-\S+'", stated)
        assert "form-action 'self'" in stated
        assert done.headers["Content-Security-Policy"].startswith(stated)
    saved = client.post("/", files={"text": (None, "Oslo denied it."), "wanted": (None, "page")})
    assert "form-action 'none'" in stated_policy(saved.text)


@pytest.mark.parametrize("wanted", ["show", "edit", "more", "page"])
def test_markup_of_an_article_is_shown_as_text(client: TestClient, wanted: str) -> None:
    sent = {"text": (None, EVIL), "wanted": (None, wanted), "files": (f"{EVIL}.txt", b"Hm.")}
    done = client.post("/", files=sent)
    assert done.status_code == 200
    assert "<img" not in done.text
    assert done.text.count("<script>") == 1
    assert done.text.count("</textarea>") == done.text.count("<textarea")


@pytest.mark.parametrize("wanted", ["show", "edit", "csv"])
def test_nothing_that_is_sent_is_written_to_a_disk(
    client: TestClient, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("written to a disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    page = b"<!doctype html><p>Oslo denied it.</p><!--" + b" " * (3 << 20) + b"-->"
    sent = {"wanted": (None, wanted), "files": ("a.html", page)}
    done = client.post("/", files=sent)
    assert done.status_code == 200
    assert "Oslo denied it." in done.text
