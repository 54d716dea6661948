"""Starts the server of the page and of what programs use, and ends it cleanly. Knows nothing of what the page shows."""

import asyncio
import logging
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp

from index.errors import PinciteError
from index.library import Library
from rag.generators.base import Generator
from rag.settings import Settings
from ui.access import access_file
from ui.actions import Actions
from ui.address import HOST, Address, check_login, listen, protect
from ui.api.answering import Answering
from ui.api.app import programs_app
from ui.api.terminal import Terminal
from ui.chooser import Chooser
from ui.files import file_routes
from ui.gradio_import import import_gradio, making_no_application
from ui.seat import Seat

THIS_MACHINE = Address()
GRADIO_UPLOAD = 1
"""Bytes: the page sends files to `ui.files`, none through Gradio."""
SECONDS_KEPT_OPEN = 75
"""A connection without requests. uvicorn's five seconds are those of Python's clients, too: a request of one came
just when the server hung up, one in 10,000 of `bench.soak`."""
SECONDS_TO_FINISH = 1
"""How long an answer being written may go on after Ctrl-C."""

SECONDS_FOR_THE_PAGE = 10
"""How long the models wait for a page to be open in a browser: made at the same time, both would be late."""


def serve(
    library: Library,
    generator: Generator,
    settings: Settings,
    port: int = 7860,
    open_browser: bool = True,
    trouble: str = "",
    address: Address = THIS_MACHINE,
) -> None:
    """Serve the page until Ctrl-C, on `port` or the next free one. The models load once the first page is open.

    A browser is opened first of all: it takes as long to start as the page takes to be made, and waits for it.

    `settings` are those that `generator` was opened by; another can be chosen on the page. `trouble` is one line
    that the page shows first. `address` says where to listen, and whether a login is needed.

    Raises: PortError, AccessError.
    """
    users = access_file()
    check_login(address, users)
    listener = listen(port, address.host)
    url = address.url(listener.getsockname()[1])
    if open_browser:
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
    seat = Seat(generator)
    actions, chooser, answering = Actions(library, seat), Chooser(seat, settings, trouble), Answering(library, seat)
    app = programs_app(library, answering)
    page = mount_page(app, actions, chooser)
    terminal = Terminal(library, answering, lambda: chooser.written_by)
    protected = protect(app, address, users, terminal.before)
    endings = [terminal.close, actions.stop_all, answering.stop_all, page.stop_event.set]
    server = PageServer(protected, endings)
    warming = (library, seat, actions.opened)
    threading.Thread(target=_warm, args=warming, name="pincite-warm", daemon=True).start()
    terminal.open(listener)
    print(f"Pincite is at {url} (Ctrl-C stops it)", flush=True)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn has finished its work by then.
        pass
    finally:
        terminal.close()
    print("Pincite has stopped.", flush=True)


class PageServer(uvicorn.Server):
    """A server that, on Ctrl-C, ends what it would wait for: answers, and the streams that open pages hold."""

    def __init__(self, app: ASGIApp, endings: Sequence[Callable[[], None]]) -> None:
        config = uvicorn.Config(
            app,
            log_level="error",
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
            timeout_keep_alive=SECONDS_KEPT_OPEN,
        )
        super().__init__(config)
        self._endings = endings

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End all that is under way, then the server. Pressed again, Ctrl-C changes nothing: that takes a second."""
        if self.should_exit:
            return
        for end in self._endings:
            end()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish, and cut off what takes longer: an upload on its way, or a browser that does not read."""
        logging.getLogger("uvicorn.error").addFilter(_is_no_cut)
        await super().shutdown(sockets)


def _is_no_cut(record: logging.LogRecord) -> bool:
    """Tell whether something went wrong, rather than being cut off."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError) and not str(record.msg).startswith("Cancel %s running task")


def mount_page(app: FastAPI, actions: Actions, chooser: Chooser) -> Any:
    """Add the page to `app`, below all else; return Gradio's application."""
    import_gradio()
    import gradio

    from ui.chat import build_page
    from ui.theme import HEAD, THEME

    app.include_router(file_routes(actions))
    with making_no_application():
        blocks = build_page(actions, chooser)
    gradio.mount_gradio_app(
        app,
        blocks,
        path="/",
        server_name=HOST,
        theme=THEME,
        head=HEAD,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        ssr_mode=False,
        show_error=False,
        max_file_size=GRADIO_UPLOAD,
    )
    mounted: list[Any] = [route.app for route in app.routes if isinstance(route, Mount)]
    [blocks.app] = mounted
    return blocks.app


def _warm(library: Library, seat: Seat, opened: threading.Event) -> None:
    """Load the models. What fails here fails again with the first question, whose error the page shows."""
    opened.wait(SECONDS_FOR_THE_PAGE)
    with suppress(PinciteError):
        library.warm()
        with seat.writer() as generator:
            generator.warm()
