"""Many requests at once, and how long each takes.

`.venv/bin/python -m tests.server.load --clients 200 --seconds 60` starts a server on this machine
and prints the figures.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT
from tests.server.running import running

ARTICLE = ROOT / "data" / "demo" / "upstream.txt"
PATHS = ("/read", "/predict")


@dataclass
class Load:
    """What came back: statuses, the seconds of each answer, those of /healthz meanwhile."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    answers: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)

    def report(self) -> str:
        errors = {status: count for status, count in self.statuses.items() if status != 200}
        return "\n".join(
            [
                f"{len(self.answers) / self.seconds:,.0f} requests/s ({len(self.answers):,} in "
                f"{self.seconds:.0f} s), errors: {errors or 'none'}",
                f"answers: {_spread(self.answers)}",
                f"/healthz: {_spread(self.health)}",
            ]
        )


async def put_load(port: int, path: str, clients: int, seconds: float) -> Load:
    """Keep so many requests open at once on the loopback interface for so long."""
    found = Load(seconds)
    until = time.monotonic() + seconds
    body = _body(path)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    asked = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    health = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    await asyncio.gather(
        _ask(port, health, until, found.health, Counter(), pause=0.05),
        *(_ask(port, asked, until, found.answers, found.statuses) for _ in range(clients)),
    )
    return found


async def _ask(
    port: int,
    request: bytes,
    until: float,
    times: list[float],
    statuses: Counter[int],
    pause: float = 0,
) -> None:
    """Send a request again and again over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        begun = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n")[0]))
        times.append(time.perf_counter() - begun)
        statuses[int(head.split()[1])] += 1
        if pause:
            await asyncio.sleep(pause)
    writer.close()


def _body(path: str) -> bytes:
    text = ARTICLE.read_text(encoding="utf-8")
    asked = {"/read": {"articles": [{"text": text}]}, "/predict": {"texts": text.split("\n\n")}}
    return json.dumps(asked[path]).encode()


def _spread(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
    return f"median {cuts[49] * 1000:,.1f} ms, 99th percentile {cuts[98] * 1000:,.1f} ms"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--clients", type=int, default=200)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--path", choices=PATHS, default="/read")
    options.add_argument("--model", type=Path, default=ROOT / "models")
    asked = options.parse_args()
    with running("--model", asked.model) as server:
        load = asyncio.run(put_load(server.port, asked.path, asked.clients, asked.seconds))
    print(load.report())


if __name__ == "__main__":
    main()
