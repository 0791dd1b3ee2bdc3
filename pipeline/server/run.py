"""Listen, answer, and stop when told to."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Collection
from ipaddress import ip_address
from pathlib import Path

import uvicorn

from pipeline.errors import StanceError
from pipeline.inference.predict import load_predictor
from pipeline.server.app import create_app
from pipeline.server.limits import Limits

_GRACE_SECONDS = 5
_BACKLOG = 1024


def serve(
    host: str,
    port: int,
    model: str | Path | None = None,
    limits: Limits | None = None,
    *,
    allowed_hosts: Collection[str] = (),
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page and the API until a signal asks to stop.

    Parameters
    ----------
    host, port : str, int
        Where to listen; port 0 takes one that is free.
    model : path, optional
        As for `pipeline.inference.predict.predict`.
    limits : Limits, optional
        Other limits than the usual ones.
    allowed_hosts : collection of str
        Names under which it may be asked, besides addresses, ``localhost`` and `host`.
    ready : callable, optional
        Is given the address when it answers.

    Raises
    ------
    StanceError
        If it cannot listen there, or there is no model.
    """
    load_predictor(model)  # a missing model is told before anything starts
    with _listen(host, port) as listening:
        address = _address(host, listening.getsockname()[1])
        app = create_app(
            model,
            limits or Limits(),
            hosts=[host, *allowed_hosts],
            ready=None if ready is None else lambda: ready(address),
        )
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            backlog=_BACKLOG,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        _ignore_repeated_signals()
        uvicorn.Server(config).run(sockets=[listening])


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches what listens there.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        why = error.strerror or str(error)
        raise StanceError(
            f"{host}, port {port}: {why}; give another --host or --port (0 takes one that is free)"
        ) from None


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def _ignore_repeated_signals() -> None:
    """Let uvicorn, which stops at a signal and then sends it again, end without an error."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
