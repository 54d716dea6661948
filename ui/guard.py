"""Keeps the page to this machine: who may talk to the server, and whom the page may talk to. Knows no Gradio.

A browser on this machine visits other sites as well. `Host` is checked so that a site whose name is made to resolve
to 127.0.0.1 gets nothing (DNS rebinding), and `Origin` so that no other site posts to us. The Content-Security-Policy
makes the browser itself refuse every request of the page to another host.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost"})

# Gradio compiles its templates and event handlers in the browser: it needs inline scripts and eval.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    ]
)


class LocalOnly:
    """ASGI middleware that refuses what does not come from this machine's own page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if not is_local(Headers(scope=scope)):
            refusal = PlainTextResponse("Pincite answers only its own page on this machine.\n", status_code=403)
            return await refusal(scope, receive, send)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, send_guarded)


def is_local(headers: Headers) -> bool:
    """Tell whether a request names this machine as its host, and comes from the same host and port if from a page."""
    host = headers.get("host", "")
    origin = headers.get("origin")
    if urlsplit(f"//{host}").hostname not in LOCAL_NAMES:
        return False
    return origin is None or origin == f"http://{host}"
