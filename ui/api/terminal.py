"""Answers the commands of the person who started the server, who need no login: their key proves who asks.

It stands before the login, and takes two requests at one path: to prove that it serves the library, and a question.
Everybody else's go on as if it were not there. `ui.running` is the other end.
"""

import asyncio
import hmac
import json
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from index.errors import PinciteError
from index.library import Library
from index.types import Scope
from rag.manner import Wishes, wishes_for
from rag.plain import plain, restored
from rag.settings import Settings, load_settings
from rag.types import Answer, State
from ui.announcement import Announcement, announce, is_loopback, proof, way_of_answering, withdraw
from ui.api.answering import Answering
from ui.api.events import event, event_stream
from ui.api.failures import failure_response
from ui.api.leaving import while_there
from ui.running import PATH, Asked


class Terminal:
    """Answers the commands on this machine, from `open` to `close`."""

    def __init__(self, library: Library, answering: Answering, written_by: Callable[[], Settings]) -> None:
        """`written_by` returns the settings by which who writes now was opened."""
        self._library = library
        self._answering = answering
        self._written_by = written_by
        self._announcement: Announcement | None = None

    def open(self, listener: socket.socket) -> None:
        """Announce the server that listens there, and answer who has read that."""
        self._announcement = announce(self._library.directory, listener)

    def close(self) -> None:
        """Answer nobody any more: an answer that is cut off now is not taken for a finished one."""
        announcement, self._announcement = self._announcement, None
        if announcement:
            withdraw(self._library.directory, announcement)

    def before(self, app: ASGIApp) -> ASGIApp:
        """Return an application that answers commands, and has `app` answer all else."""

        async def answering(scope: Connection, receive: Receive, send: Send) -> None:
            reply = await self._reply(Request(scope, receive)) if _is_for_commands(scope) else None
            await (reply or app)(scope, receive, send)

        return answering

    async def _reply(self, request: Request) -> Response | None:
        announcement = self._announcement
        if announcement and request.method == "GET":
            return self._proof(request, announcement)
        if announcement and request.method == "POST" and _holds_key(request, announcement):
            return await self._answer(request, announcement)
        return None

    def _proof(self, request: Request, announcement: Announcement) -> Response:
        challenge = request.query_params.get("challenge", "")
        return PlainTextResponse(proof(announcement.key, challenge, self._library.directory))

    async def _answer(self, request: Request, announcement: Announcement) -> Response:
        try:
            asked = restored(Asked, json.loads(await request.body()))
        except (ValueError, TypeError, KeyError):
            return failure_response(400, "this is no question of a command of the same version")
        if asked.way != way_of_answering(announcement.key, self._settings()):
            return failure_response(409, "the command would answer by other settings")
        return await while_there(request, event_stream(self._events(asked)))

    def _settings(self) -> Settings:
        """Return what the next answer depends on: who writes now, and what is read anew with each question."""
        now = load_settings()
        return replace(self._written_by(), evidence_tokens=now.evidence_tokens, reranker=now.reranker)

    async def _events(self, asked: Asked) -> AsyncGenerator[str, None]:
        try:
            scope = await asyncio.to_thread(self._scope, asked)
            wishes = await asyncio.to_thread(self._wishes, asked)
            async with aclosing(self._answering.stream(asked.question, asked.history, scope, wishes)) as answers:
                async for answer in answers:
                    if not self._is_cut_off(answer):
                        yield event({"answer": plain(answer)})
        except PinciteError as error:
            yield event({"error": str(error)})

    def _is_cut_off(self, answer: Answer) -> bool:
        """Tell whether an answer ended because the server does, so that the command finds it unfinished."""
        return self._announcement is None and answer.state is State.STOPPED

    def _scope(self, asked: Asked) -> Scope:
        """Return what is to be looked at. Raises: NotInLibrary."""
        ids = tuple(self._library.find(name, Path(asked.folder)).id for name in asked.documents)
        return replace(asked.scope, documents=ids)

    def _wishes(self, asked: Asked) -> Wishes:
        """Return how the command itself would answer: by its own environment, not by the server's.

        Raises: SettingsError.
        """
        return wishes_for(load_settings({}, self._library.choices().all(), asked.wishes.said()).manner)


def _is_for_commands(scope: Connection) -> bool:
    if scope["type"] != "http" or scope["path"] != PATH:
        return False
    return scope.get("client") is not None and is_loopback(scope["client"][0])


def _holds_key(request: Request, announcement: Announcement) -> bool:
    sent = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(sent, f"Bearer {announcement.key}".encode())
