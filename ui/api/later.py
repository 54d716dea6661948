"""An application that is made with the first request for it, and then runs as long as the server does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup, TaskStatus
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send


class Later:
    """An ASGI application in place of one whose making, imports included, takes long and is seldom needed.

    What runs with it has to be begun and ended in one task (a request's own task ends too early), so that `running`
    keeps a group of tasks for it. Requests that come while it is made wait for it.
    """

    def __init__(self, make: Callable[[], Starlette]) -> None:
        """`make` is called in a thread, once; where it fails, again with the next request."""
        self._make = make
        self._app: Starlette | None = None
        self._one_at_a_time = asyncio.Lock()
        self._tasks: TaskGroup | None = None
        self._end = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let requests be answered until the end; then end what runs with the application, if it was made."""
        async with anyio.create_task_group() as self._tasks:
            yield
            self._end.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        app = await self._made()
        await app(scope, receive, send)

    async def _made(self) -> Starlette:
        async with self._one_at_a_time:
            if self._app is None:
                assert self._tasks, "it answers only while it is running"
                self._app = await self._tasks.start(self._run)
        return self._app

    async def _run(self, *, task_status: TaskStatus[Starlette]) -> None:
        app = await asyncio.to_thread(self._make)
        async with app.router.lifespan_context(app):
            task_status.started(app)
            await self._end.wait()
