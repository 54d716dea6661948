"""The server's routes for files: a document's original and conversations out, dropped files in.

An original is found by its document's number and given out only where its content is what was added; no path comes
from the browser. It is always saved, never shown: the page's origin must not run what a document holds.
"""

import asyncio
from urllib.parse import quote, unquote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from index.errors import PinciteError
from ui.actions import Actions
from ui.documents import outcome_words
from ui.owner import owner_of

LARGEST_NUMBER = 2**63 - 1
"""That SQLite takes."""
MAX_UPLOAD_BYTES = 200 * 2**20
"""Of one file: it is held in memory while it is added."""
UPLOADS = 2
"""Files added at once, whoever sends them: they share the processor."""
LONGEST_NAME = 1_000
"""Characters of a file's name with its folders."""
LONGEST_COLLECTION = 80
"""Characters of a collection's name."""


def file_routes(actions: Actions) -> APIRouter:
    """Return the routes; each request still passes `ui.guard`."""
    routes = APIRouter(include_in_schema=False)
    adding = asyncio.Semaphore(UPLOADS)

    @routes.get("/originals/{document_id}")
    def original(document_id: int) -> Response:
        try:
            name, data = actions.original(max(0, min(document_id, LARGEST_NUMBER)))
        except PinciteError as error:
            return PlainTextResponse(f"{error}\n", status_code=404)
        return Response(data, media_type="application/octet-stream", headers=saved_as(name))

    @routes.get("/conversations/{id_}/{form}")
    def conversation(request: Request, id_: str, form: str, turn: int = 0) -> Response:
        try:
            talks = actions.talks(owner_of(request))
            name, text = talks.export(id_, form, min(max(turn, 0), LARGEST_NUMBER))
        except PinciteError as error:
            return PlainTextResponse(f"{error}\n", status_code=404)
        return Response(text, media_type="application/octet-stream", headers=saved_as(name))

    @routes.post("/uploads")
    async def upload(request: Request, name: str, collection: str = "") -> Response:
        path, password = clean_path(name), unquote(request.headers.get("x-pincite-password", ""))
        async with adding:
            data = await _body(request)
            if data is None:
                return PlainTextResponse(f"more than {MAX_UPLOAD_BYTES:,} bytes: divide it\n", status_code=413)
            report = await run_in_threadpool(actions.add, path, data, password, clean_name(collection))
        words = outcome_words(report, path.rpartition("/")[2], with_password=bool(password))
        return JSONResponse({"outcome": report.outcome, "words": words, "needs_password": report.needs_password})

    return routes


async def _body(request: Request) -> bytes | None:
    """Return what was sent, None where it is too much; then no more of it is read."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_UPLOAD_BYTES:
            return None
    return bytes(data)


def clean_path(name: str) -> str:
    """Return a file's name, maybe with its folders, as the library keeps it: printable, relative, never upwards."""
    printable = "".join(letter for letter in name if letter.isprintable())[-LONGEST_NAME:]
    parts = [part for part in printable.split("/") if part.strip(" .")]
    return "/".join(parts) or "unnamed"


def clean_name(collection: str) -> str:
    """Return a collection's name as the library keeps it: one printable line, "" where none was chosen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in collection).split())[
        :LONGEST_COLLECTION
    ]


def saved_as(name: str) -> dict[str, str]:
    """Return the header that has a browser save a response under a name (RFC 6266), whatever characters are in it."""
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{encoded}"}
