"""How much a request may bring, and which of Gradio's routes are open. Knows no page.

Gradio brings routes that the page does not use: one gives out files or fetches any address, one takes uploads, others
edit code or keep a history. Only those stay open that a page of components needs; files have routes of `ui.files`.
"""

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.failures import failure_response
from ui.files import MAX_UPLOAD_BYTES

MIB = 2**20
GRADIO = "/gradio_api/"
MAX_BODY = {"/uploads": MAX_UPLOAD_BYTES, GRADIO: 16 * MIB, "/": MIB}
"""Bytes that a request may bring, by how its path begins: an upload is one file."""

_OPEN = re.compile(
    r"(queue/(join|data|status)|run/\w+|api/\w+|heartbeat/\w+|reset|cancel|startup-events|app_id|component_server|info"
    r"|theme\.css)/?"
)
_CLOSED = re.compile(r"/(monitoring|svelte|pwa_icon|robots\.txt)\b.*")


class Limits:
    """ASGI middleware that refuses bodies which are too large, and routes that nobody needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            refusal = _refusal(scope["path"], Headers(scope=scope))
            if refusal:
                status, message = refusal
                return await failure_response(status, message)(scope, receive, send)
        await self._app(scope, receive, send)


def _refusal(path: str, headers: Headers) -> tuple[int, str] | None:
    """Return a status code and why, or None. A server reads no more of a body than its stated length."""
    if not is_open(path):
        return 404, "there is nothing here"
    if "transfer-encoding" in headers:
        return 411, "the request does not say how long it is: send Content-Length"
    length, limit = headers.get("content-length", "0"), limit_of(path)
    if not length.isdecimal() or int(length) > limit:
        return 413, f"the request is {length} bytes long, at most {limit} are taken"
    return None


def is_open(path: str) -> bool:
    """Tell whether a path is one that somebody needs."""
    if not path.startswith(GRADIO):
        return not _CLOSED.fullmatch(path)
    return bool(_OPEN.fullmatch(path.removeprefix(GRADIO)))


def limit_of(path: str) -> int:
    """Return how many bytes a request to `path` may bring."""
    return next(limit for start, limit in MAX_BODY.items() if path.startswith(start))
