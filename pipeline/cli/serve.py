"""`stance serve`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from pipeline.cli.console import Model, failures, note, plain
from pipeline.errors import MissingExtraError

NEEDED = ("pebble", "python_multipart", "starlette", "uvicorn")


def serve(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes one that is free.")
    ] = 8000,
    model: Model = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that read.", show_default="one for each core"),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a request may be worked on.")
    ] = 30.0,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            help="A name under which it may be asked, besides addresses; may be repeated.",
            show_default="localhost",
        ),
    ] = None,
) -> None:
    """Serve a page to paste articles into, and a JSON API, on this machine.

    The API is described at /openapi.json. Ctrl-C ends it.
    """
    with failures():
        _check_installed()
        from pipeline.server.limits import Limits
        from pipeline.server.run import is_loopback
        from pipeline.server.run import serve as serve_until_stopped

        if not is_loopback(host):
            note(
                f"{host} is not this machine alone: whoever reaches it can have articles read, "
                "unencrypted and without a password; put a proxy with both before it"
            )
        usual = Limits()
        limits = Limits(work_seconds=timeout, workers=workers or usual.workers)
        serve_until_stopped(host, port, model, limits, allowed_hosts=allow_host or (), ready=_tell)


def _tell(address: str) -> None:
    plain(f"Serving on {address} (Ctrl-C ends it)")
    sys.stdout.flush()


def _check_installed() -> None:
    missing = next((name for name in NEEDED if find_spec(name) is None), None)
    if missing is not None:
        raise MissingExtraError(missing, "serve")
