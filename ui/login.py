"""Lets in who is known: people by a form and a cookie, programs by a token. For servers that others can reach."""

import asyncio
import math
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access import Access, AccessError, AccessFile
from ui.api.failures import failure_response
from ui.markup import escape
from ui.owner import USER
from ui.plain import plain_page
from ui.sessions import SECONDS, Sessions
from ui.slowing import Slowing

COOKIE = "pincite_session"
LOGIN, LOGOUT = "/login", "/logout"
OVER = "over"
"""The query of the form's address for those whose session has ended."""
ENDED = "Your session has ended: log in again."
FOR_PROGRAMS = ("/v1/", "/mcp", "/gradio_api/", "/openapi.json", "/uploads")
"""Where nobody is led to a form."""


class Login:
    """ASGI middleware that passes on what comes from a known person or program, and asks all others to log in."""

    def __init__(self, app: ASGIApp, file: AccessFile, sessions: Sessions, slowing: Slowing) -> None:
        self._app = app
        self._file = file
        self._sessions = sessions
        self._slowing = slowing
        self._one_at_a_time = asyncio.Lock()
        """Held while a password is checked, which takes a processor and 32 MiB."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with what is needed to be let in."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        try:
            access = self._file.load()
        except AccessError as error:  # nobody is let in by mistake
            return await failure_response(500, str(error))(scope, receive, send)
        if scope["type"] == "http" and scope["path"] in (LOGIN, LOGOUT):
            reply = await self._log_in_or_out(Request(scope, receive), access)
            return await reply(scope, receive, send)
        user = self._user(Headers(scope=scope), access)
        if user is not None:
            return await self._app({**scope, USER: user}, receive, send)
        await _unknown(scope)(scope, receive, send)

    def _user(self, headers: Headers, access: Access) -> str | None:
        """Return who sends a request, "" for a program with a token; None for those who are not known."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return "" if access.is_token(token.strip()) else None
        return self._sessions.user(_cookie(headers), access)

    async def _log_in_or_out(self, request: Request, access: Access) -> Response:
        match request.scope["path"], request.method:
            case "/login", "POST":
                return await self._log_in(request, access)
            case "/logout", "POST":
                self._sessions.end(_cookie(request.headers))
                return _with_cookie(request, RedirectResponse(LOGIN, 303), "", 0)
            case "/logout", _:
                return plain_page("Log out · Pincite", _form(LOGOUT, "", "Log out"))
            case _:
                return _login_page(ENDED if request.url.query == OVER else "")

    async def _log_in(self, request: Request, access: Access) -> Response:
        fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
        name, password = (fields.get(field, [""])[0] for field in ("name", "password"))
        keys = (f"name {name}", f"address {request.client.host if request.client else ''}")
        async with self._one_at_a_time:
            wait = self._slowing.wait(keys)
            if wait > 0:
                seconds = math.ceil(wait)
                page = _login_page(f"Too many attempts: try again in {seconds} seconds.", 429)
                page.headers["Retry-After"] = str(seconds)
                return page
            if not await asyncio.to_thread(access.is_password, name, password):
                self._slowing.failed(keys)
                return _login_page("This name and password do not belong together.", 401)
            self._slowing.succeeded(keys)
        return _with_cookie(request, RedirectResponse("/", 303), self._sessions.begin(name, access), SECONDS)


def _cookie(headers: Headers) -> str:
    """Return the key of the session that a request names, or ""."""
    cookies = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return next((value for name, _, value in cookies if name == COOKIE), "")


def _with_cookie(request: Request, reply: Response, key: str, seconds: int) -> Response:
    """Let a response set the cookie, which no script and no other site gets."""
    is_secret = request.url.scheme == "https"
    reply.set_cookie(COOKIE, key, max_age=seconds, httponly=True, samesite="strict", secure=is_secret)
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _unknown(scope: Scope) -> Response:
    """Return what somebody gets who is not known: people the form, programs what they lack."""
    wants_page = scope.get("method") in ("GET", "HEAD") and not scope["path"].startswith(FOR_PROGRAMS)
    has_ended = f"?{OVER}" if _cookie(Headers(scope=scope)) else ""
    if wants_page and "text/html" in Headers(scope=scope).get("accept", ""):
        return RedirectResponse(LOGIN + has_ended, 303, {"Cache-Control": "no-store"})
    message = "a login is needed: send Authorization: Bearer with a token of pincite token add"
    return failure_response(401, message, {"WWW-Authenticate": "Bearer"})


def _login_page(trouble: str, status: int = 200) -> Response:
    line = f'<p class="error" role="alert">{escape(trouble)}</p>' if trouble else ""
    fields = (
        '<label>Name<input name="name" autocomplete="username" required autofocus></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
    )
    return plain_page("Log in · Pincite", _form(LOGIN, f"{line}{fields}", "Log in"), status)


def _form(action: str, fields: str, button: str) -> str:
    return f'<form method="post" action="{action}"><h1>Pincite</h1>{fields}<button>{button}</button></form>'
