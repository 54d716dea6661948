"""The web application that programs talk to, described by itself at /openapi.json and /docs. Knows no page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from index.library import Library
from ui.api.answering import Answering
from ui.api.completions import chat_routes
from ui.api.docs import render_docs
from ui.api.failures import FailureReply, answer_failures
from ui.api.later import Later
from ui.api.routes import own_routes, refuse_the_rest
from ui.plain import plain_page

TOOLS = "/mcp"
"""Where the tools for assistants are."""

ABOUT = """\
Answers from your own documents, each sentence with the exact sentences it rests on. Offsets are characters of a \
document's text, end exclusive.

Where a login is needed, programs send a token made with pincite token: Authorization: Bearer …"""

FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": FailureReply, "description": told}
    for status, told in {
        400: "The request cannot be taken as it is.",
        401: "A login is needed, and no valid token came.",
        403: "It came from another site's page, or under another name than this server's.",
        404: "There is no such thing.",
        422: "A field is missing, unknown or not as it must be.",
        500: "The library cannot be read.",
        502: "The model cannot write.",
        503: "Another process is writing to the library: try again.",
    }.items()
}


def programs_app(library: Library, answering: Answering) -> FastAPI:
    """Return the application with all that programs can ask of it; the tools for assistants run as long as it does."""
    tools = Later(lambda: _tools(library, answering))

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with tools.running():
            yield

    app = FastAPI(
        title="Pincite",
        version=version("pincite"),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        responses=FAILURES,
        lifespan=running,
    )
    answer_failures(app)
    routers = [own_routes(library, answering), chat_routes(answering)]
    for router in routers:
        app.include_router(router)
    refuse_the_rest(app, routers)

    app.router.routes.append(Route(TOOLS, endpoint=tools))

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        """The API as a page to read."""
        return plain_page("Pincite for programs", render_docs(app.openapi(), str(request.base_url).rstrip("/")))

    return app


def _tools(library: Library, answering: Answering) -> Starlette:
    """Return the tools for assistants. Importing them takes a second, so that it is done when one asks."""
    from ui.tools import tool_app, tool_server

    return tool_app(tool_server(library, answering), TOOLS)
