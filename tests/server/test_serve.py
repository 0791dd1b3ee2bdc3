"""`stance serve` as a process: what it prints, how it stops, and what it bears."""

import signal
import socket
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import serve as command
from pipeline.cli.app import app
from pipeline.server import run
from pipeline.stages.train import Training
from tests.cli.test_cli import stance
from tests.server.load import put_load
from tests.server.running import Running, run_apart, running


def get(server: Running, path: str) -> int:
    with urllib.request.urlopen(f"{server.address}{path}", timeout=30) as found:
        return int(found.status)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_told_to_and_says_nothing(training: Training, number: int) -> None:
    with running("--model", training.model, "--workers", "1") as server:
        assert get(server, "healthz") == 200
        assert server.stop(number) == (0, "")


def test_it_bears_many_requests_at_once(training: Training) -> None:
    with running("--model", training.model) as server:
        load = run_apart(put_load(server.port, "/read", clients=40, seconds=3))
        assert set(load.statuses) == {200}
        assert len(load.answers) >= 40
        assert sorted(load.health)[len(load.health) // 2] < 0.5
        assert server.stop() == (0, "")


def test_a_slow_article_does_not_stop_the_others(training: Training) -> None:
    text = "Rome accused Oslo of spying. Oslo denied it. " * 60_000
    slow = f'{{"articles": [{{"text": "{text}"}}]}}'.encode()
    with running("--model", training.model, "--workers", "2", "--timeout", "3") as server:
        statuses: list[int] = []

        def send() -> None:
            request = urllib.request.Request(f"{server.address}read", slow)
            request.add_header("Content-Type", "application/json")
            try:
                urllib.request.urlopen(request, timeout=60)
            except urllib.error.HTTPError as error:
                statuses.append(error.code)

        sender = threading.Thread(target=send)
        sender.start()
        load = run_apart(put_load(server.port, "/predict", clients=2, seconds=2))
        assert set(load.statuses) == {200}
        assert sorted(load.health)[len(load.health) // 2] < 0.5
        sender.join()
        assert statuses == [504]
        assert get(server, "healthz") == 200


def test_a_port_that_is_taken_is_told(training: Training) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = stance("serve", "--model", training.model, "--port", port, expect=1)
    assert done.stderr.startswith(f"stance: 127.0.0.1, port {port}: ")
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    done = stance("serve", "--model", tmp_path, "--port", "0", expect=1)
    assert done.stderr.startswith("stance: no model at")


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "NEEDED", ("starlette", "no_such_package"))
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 1
    assert "this needs no_such_package, which is not installed" in done.stderr
    assert "stance-pipeline[serve]" in done.stderr


@pytest.mark.parametrize(
    ("host", "noted"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)]
)
def test_what_another_host_means_is_said(
    monkeypatch: pytest.MonkeyPatch, host: str, noted: bool
) -> None:
    asked = []
    monkeypatch.setattr(run, "serve", lambda *given, **_: asked.append(given[:2]))
    done = CliRunner().invoke(app, ["serve", "--host", host])
    assert done.exit_code == 0
    assert asked == [(host, 8000)]
    assert ("is not this machine alone" in done.stderr) is noted
