"""Keeps the server to its own pages: who may talk to it, and whom its pages may talk to. Knows no Gradio.

A browser visits other sites as well. `Host` is checked so that a site whose name is made to resolve to this machine
gets nothing (DNS rebinding), `Origin` so that no other site posts to us, and `Sec-Fetch-Site` so that none loads
anything from us. The Content-Security-Policy makes the browser itself refuse every request of a page to another host.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.failures import failure_response
from ui.policy import NOTHING, page_policy

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

PAGE = "/"
"""Where Gradio's page is, which alone is given Gradio's policy."""

# Not "no-referrer": with it browsers send "Origin: null" with our own forms, too.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """By what a server may be called in `Host`."""

    names: frozenset[str] = LOCAL_NAMES
    takes_addresses: bool = False
    """Any number is taken as well: only names can be made to resolve to somewhere else."""


class Guard:
    """ASGI middleware that refuses what does not come from this server's own pages or from a program."""

    def __init__(self, app: ASGIApp, reach: Reach) -> None:
        self._app = app
        self._reach = reach

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        is_page = scope["type"] == "http" and scope["path"] == PAGE
        protected = _PageSend(send) if is_page else _Send(send)
        if not is_ours(headers, self._reach) or is_foreign(headers, scope.get("method", "")):
            refusal = failure_response(403, "Pincite answers only its own page, under its own name")
            return await refusal(scope, receive, protected)
        await self._app(scope, receive, protected)


class _Send:
    """Adds the headers to a response."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            _protect(message, NOTHING)
        await self._send(message)


class _PageSend:
    """Adds the headers to the page, whose policy depends on its text: its start is sent with its end."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if self._start and not message.get("more_body"):
            _protect(self._start, page_policy(self._body))
            await self._send(self._start)
            await self._send({**message, "body": self._body})


def _protect(start: Message, policy: str) -> None:
    headers = MutableHeaders(scope=start)
    headers.setdefault("Content-Security-Policy", policy)
    for name, value in HEADERS.items():
        headers[name] = value


def is_ours(headers: Headers, reach: Reach) -> bool:
    """Tell whether a request calls the server by its name, and comes from the same host and port if from a page."""
    host, origin = headers.get("host", ""), headers.get("origin")
    return _is_called(host, reach) and (origin is None or origin in (f"http://{host}", f"https://{host}"))


def is_foreign(headers: Headers, method: str) -> bool:
    """Tell whether another site's page asks for it, other than by a link that a person follows."""
    if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
        return False
    is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (is_link and method in ("GET", "HEAD"))


def _is_called(host: str, reach: Reach) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if "@" in host:
        return False
    return name in reach.names or (reach.takes_addresses and _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
