"""The JSON API, in process: what it answers is what its description and the commands say."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from pipeline.server.app import create_app
from pipeline.server.limits import Limits
from pipeline.stages.train import Training
from tests.cli.test_cli import stance
from tests.conftest import ROOT

HOST = "http://127.0.0.1"
LIMITS = Limits(workers=1, body_bytes=1 << 20, texts=3, articles=2, body_seconds=5)
ARTICLE = "Oslo denies spying\n\nRome accused Oslo of spying on Monday. Oslo denied it.\n"
PAGE = "<!doctype html><title>Oslo</title><p>Oslo denied it.</p><p>Rome accused Oslo of fraud.</p>"


@pytest.fixture(scope="module")
def client(training: Training) -> Iterator[TestClient]:
    with TestClient(create_app(training.model, LIMITS), base_url=HOST) as client:
        yield client


@pytest.fixture(scope="module")
def description(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def fits(description: dict[str, Any], name: str, value: object) -> bool:
    """Return whether a value is what the description says of it."""
    schema = {**description, "$ref": f"#/components/schemas/{name}"}
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def test_the_description_is_openapi_and_names_every_place(
    client: TestClient, description: dict[str, Any]
) -> None:
    OpenAPIV31SpecValidator(description).validate()
    assert description["openapi"].startswith("3.1")
    places = {route.path for route in client.app.routes}  # type: ignore[attr-defined]
    assert set(description["paths"]) == places - {"/"}


ASKED = [
    ("/predict", {"texts": ["Oslo denied it.", ""]}),
    ("/predict", {"texts": ["Oslo denied it."], "explain": True, "min_score": 0.9}),
    ("/read", {"articles": [{"text": ARTICLE}]}),
    ("/read", {"articles": [{"text": PAGE, "name": "a.html", "date": None}], "explain": True}),
    ("/read", {"articles": [{"text": ARTICLE}, {"text": ""}], "one_story": True}),
    ("/read", {"articles": [{"text": ARTICLE}], "min_score": 0.9}),
]


@pytest.mark.parametrize(("path", "asked"), ASKED)
def test_requests_and_answers_are_as_described(
    client: TestClient, description: dict[str, Any], path: str, asked: dict[str, Any]
) -> None:
    post = description["paths"][path]["post"]
    name = post["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
    assert fits(description, name, asked)
    done = client.post(path, json=asked)
    assert done.status_code == 200
    answer = post["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert fits(description, answer.split("/")[-1], done.json())
    assert not fits(description, answer.split("/")[-1], {**done.json(), "more": 1})


def test_predict_gives_what_the_command_prints(client: TestClient, training: Training) -> None:
    texts = ["Oslo denied it.", "Rome will build a road, “she” said."]
    printed = stance("predict", "--json", "--model", training.model, *texts).stdout.splitlines()
    found = client.post("/predict", json={"texts": texts}).json()
    assert found == {"predictions": [json.loads(line) for line in printed]}


def test_read_gives_what_the_command_prints(
    client: TestClient, training: Training, tmp_path: Path
) -> None:
    files = [tmp_path / "a.txt", tmp_path / "b.html"]
    for file, text in zip(files, (ARTICLE, PAGE), strict=True):
        file.write_text(text)
    articles = [{"text": file.read_text(), "name": str(file)} for file in files]
    for options in ([], ["--one-story"]):
        done = stance("read", "--json", *options, "--model", training.model, *files)
        asked = {"articles": articles, "one_story": bool(options)}
        found = client.post("/read", json=asked).json()
        assert found == {"stories": [json.loads(line) for line in done.stdout.splitlines()]}


def test_the_commands_of_the_guide_are_answered(client: TestClient) -> None:
    guide = (ROOT / ".github" / "GUIDE.md").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(r"^curl http://127\.0\.0\.1:8000(/\w+)(.*)$", guide, re.M)
    assert [path for path, _ in commands] == ["/predict", "/read", "/healthz"]
    for path, options in commands:
        body = re.search(r"-d '(.*)'", options)
        kind = {"Content-Type": "application/json"}
        method = "POST" if body else "GET"
        done = client.request(method, path, content=body and body[1], headers=kind)
        assert done.status_code == 200, done.text


def test_metadata_of_an_article_come_back(client: TestClient) -> None:
    told = {"id": "7", "date": "2031-05-04", "source": "The Orle Post", "url": "https://a.example/"}
    found = client.post("/read", json={"articles": [{"text": ARTICLE, **told}]}).json()
    kept = found["stories"][0]["articles"][0]["metadata"]
    assert {name: kept[name] for name in told} == told


WRONG: list[tuple[str, object, int, str]] = [
    ("/predict", {}, 422, "texts"),
    ("/predict", {"texts": []}, 422, "texts"),
    ("/predict", {"texts": "Oslo denied it."}, 422, "texts"),
    ("/predict", {"texts": ["Oslo", 1]}, 422, "texts[1]"),
    ("/predict", {"texts": ["Oslo"] * 4}, 413, "texts"),
    ("/predict", {"texts": ["Oslo"], "min_score": 1.5}, 422, "min_score"),
    ("/predict", {"texts": ["Oslo"], "min_score": True}, 422, "min_score"),
    ("/predict", {"texts": ["Oslo"], "explain": "yes"}, 422, "explain"),
    ("/predict", {"texts": ["Oslo"], "explian": True}, 422, "body"),
    ("/predict", ["Oslo"], 422, "body"),
    ("/read", {"articles": ["Oslo denied it."]}, 422, "articles[0]"),
    ("/read", {"articles": [{"text": ARTICLE}, {"name": "a"}]}, 422, "articles[1].text"),
    ("/read", {"articles": [{"text": ARTICLE, "name": 1}]}, 422, "articles[0].name"),
    ("/read", {"articles": [{"text": ARTICLE, "author": []}]}, 422, "articles[0].author"),
    ("/read", {"articles": [{"text": ARTICLE}] * 3}, 413, "articles"),
    ("/read", {"articles": [{"text": ARTICLE, "titel": ""}]}, 422, "articles[0]"),
]


@pytest.mark.parametrize(("path", "asked", "status", "where"), WRONG)
def test_a_mistake_is_told_with_its_place(
    client: TestClient,
    description: dict[str, Any],
    path: str,
    asked: object,
    status: int,
    where: str,
) -> None:
    done = client.post(path, json=asked)
    assert (done.status_code, done.json()["error"]["where"]) == (status, where)
    assert fits(description, "Error", done.json())
    assert all(done.json()["error"].values())
    assert not fits(description, path[1:].title(), asked)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"texts": [}', "body, line 1, column 12"),
        (b"", "body, line 1, column 1"),
        (b'{"texts": ["\xff"]}', "body"),
        (b"[" * 100_000, "body"),
        (b"1" * 10_000, "body"),
    ],
)
def test_what_is_not_json_is_told(client: TestClient, body: bytes, place: str) -> None:
    done = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert (done.status_code, done.json()["error"]["where"]) == (400, place)


@pytest.mark.parametrize("path", ["/predict", "/read"])
def test_other_types_are_refused(client: TestClient, path: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        done = client.post(path, content=b"{}", headers={"Content-Type": kind})
        assert (done.status_code, done.json()["error"]["where"]) == (415, "header Content-Type")


def test_a_body_too_large_is_refused(client: TestClient) -> None:
    asked = {"texts": ["x" * LIMITS.body_bytes]}
    done = client.post("/predict", json=asked)
    assert done.status_code == 413
    assert "1 MB" in done.json()["error"]["what"]
    assert client.app.state.bodies.held == 0  # type: ignore[attr-defined]


def test_too_much_at_once_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = client.app.state.bodies  # type: ignore[attr-defined]
    monkeypatch.setattr(bodies, "held", LIMITS.held_bytes)
    done = client.post("/predict", json={"texts": ["Oslo denied it."]})
    assert done.status_code == 503
    assert int(done.headers["Retry-After"]) >= 1
    assert bodies.held == LIMITS.held_bytes


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/read", 405), ("DELETE", "/", 405), ("POST", "/x", 404)],
)
def test_other_places_and_methods_are_answered(
    client: TestClient, description: dict[str, Any], method: str, path: str, status: int
) -> None:
    done = client.request(method, path)
    assert done.status_code == status
    assert fits(description, "Error", done.json())


def test_health_is_as_described(client: TestClient, description: dict[str, Any]) -> None:
    done = client.get("/healthz")
    assert done.status_code == 200
    assert fits(description, "Health", done.json())


def test_odd_characters_do_not_stop_an_answer(client: TestClient) -> None:
    body = rb'{"texts": ["Oslo denied \ud800 it\u0000."]}'
    done = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert done.json()["predictions"][0]["text"] == "Oslo denied ? it\x00."


def test_an_unexpected_error_is_answered_and_logged_without_the_text(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: object, body: bytes, *rest: object) -> bytes:
        raise KeyError(body.decode())

    monkeypatch.setattr(client.app.state.workers, "run", fail)  # type: ignore[attr-defined]
    with caplog.at_level(logging.DEBUG):
        done = client.post("/predict", json={"texts": ["Orle denied it."]})
    assert done.status_code == 500
    assert "KeyError" in caplog.text
    assert "Orle" not in caplog.text + done.text
