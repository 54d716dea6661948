"""The server's routes for files: a document's original and conversations out, dropped files in.

An original is found by its document's number and given out only where its content is what was added; no path comes
from the browser. It is always saved, never shown: the page's origin must not run what a document holds.
"""

from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from index.errors import PinciteError
from ui.actions import Actions

LARGEST_NUMBER = 2**63 - 1
"""That SQLite takes."""


def file_routes(actions: Actions) -> APIRouter:
    """Return the routes; each request still passes `ui.guard`."""
    routes = APIRouter()

    @routes.get("/originals/{document_id}")
    def original(document_id: int) -> Response:
        try:
            name, data = actions.original(min(document_id, LARGEST_NUMBER))
        except PinciteError as error:
            return PlainTextResponse(f"{error}\n", status_code=404)
        return Response(data, media_type="application/octet-stream", headers=saved_as(name))

    @routes.get("/conversations/{id_}/{form}")
    def conversation(id_: str, form: str, turn: int = 0) -> Response:
        try:
            name, text = actions.talks.export(id_, form, min(max(turn, 0), LARGEST_NUMBER))
        except PinciteError as error:
            return PlainTextResponse(f"{error}\n", status_code=404)
        return Response(text, media_type="application/octet-stream", headers=saved_as(name))

    return routes


def saved_as(name: str) -> dict[str, str]:
    """Return the header that has a browser save a response under a name (RFC 6266), whatever characters are in it."""
    encoded = quote(name.encode("utf-8", "replace"), safe="")
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{encoded}"}
