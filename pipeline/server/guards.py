"""What every request passes: who may ask, and what a browser may do with the answer."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.server.problems import Problem

_FRAMES = "frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without any, a browser would not say where a form is from
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class Guards:
    """Refuses requests that another site made a browser send, and adds headers to all answers.

    Parameters
    ----------
    app : ASGI application
        What answers.
    hosts : collection of str
        Names under which this server may be asked, besides addresses and ``localhost``: a page of
        another site can reach it under a name of its own only.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self.app = app
        self.hosts = {"localhost", *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                policy = headers.get("Content-Security-Policy", "default-src 'none'")
                headers["Content-Security-Policy"] = f"{policy}; {_FRAMES}"
                headers.update(HEADERS)
            await send(message)

        found = self._refusal(scope["method"], Headers(scope=scope))
        if found is None:
            await self.app(scope, receive, send_guarded)
        else:
            answer = JSONResponse(found.record(), found.status)
            await answer(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> Problem | None:
        host = headers.get("host", "")
        if not self._is_known(host):
            remedy = "ask by address, or name it when starting: stance serve --allow-host NAME"
            return Problem(400, "not a name of this server", "header Host", remedy)
        if method not in ("GET", "HEAD") and not _is_own(headers, host):
            remedy = "open the page itself, and send it from there"
            return Problem(403, "sent by a page of another site", "header Origin", remedy)
        return None

    def _is_known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.hosts or _is_address(name)


def _is_own(headers: Headers, host: str) -> bool:
    """Return whether a request comes from a page of this server, or from no page at all."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
