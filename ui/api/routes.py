"""Pincite's own API: answers, documents, search and passages under /v1."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match, Route

from index.library import Library
from rag.types import Answer, Turn
from ui.api.answering import Answering
from ui.api.events import STREAMED, event, event_stream
from ui.api.failures import failure_response
from ui.api.finding import find, read
from ui.api.leaving import while_there
from ui.api.shapes import (
    MAX_ID,
    AnswerReply,
    AnswerRequest,
    DocumentsReply,
    PassageReply,
    SearchReply,
    SearchRequest,
    answer_reply,
    documents_reply,
)


def own_routes(library: Library, answering: Answering) -> APIRouter:
    """Return the routes of Pincite's own API."""
    routes = APIRouter(prefix="/v1")

    @routes.post(
        "/answer",
        response_model=AnswerReply,
        responses={200: {"content": STREAMED}},
        summary="Answer a question from the documents",
    )
    async def answer(asked: AnswerRequest, request: Request) -> AnswerReply | StreamingResponse:
        """Every claim cites sentences by number; `citations` says where each stands, to the character.

        Where the documents do not answer, `abstention` says so and `claims` is empty; that is no error.
        With `stream`, each event is a complete answer as it is so far: first the evidence, then more and more claims.
        An error after the first event comes as an event called `error`.
        """
        history = [Turn(turn.role, turn.content) for turn in asked.history]
        if asked.stream:
            events = _events(answering.stream(asked.question, history, asked.scope, asked.wishes))
            return await while_there(request, event_stream(events))
        answered = answering.answer(asked.question, history, asked.scope, asked.wishes)
        return answer_reply(await while_there(request, answered))

    @routes.get("/documents", summary="List the documents")
    def documents() -> DocumentsReply:
        """Every document of the library, in the order they were added."""
        return documents_reply(library.documents())

    @routes.post("/search", summary="Find passages")
    def search(wanted: SearchRequest) -> SearchReply:
        """The passages that fit best, by words and by meaning. Nothing is written."""
        return find(library, wanted.query, wanted.limit, wanted.scope)

    @routes.get("/passages/{id}", summary="Read a passage")
    def passage(id: Annotated[int, Path(ge=1, le=MAX_ID)]) -> PassageReply:
        """A passage by its number (`passage_id` of a citation, `id` of one that was found), with its sentences."""
        return read(library, id)

    return routes


async def _events(answers: AsyncGenerator[Answer, None]) -> AsyncGenerator[str, None]:
    async with aclosing(answers):
        async for answer in answers:
            yield event(answer_reply(answer).model_dump(mode="json"))


def refuse_the_rest(app: FastAPI, known: Sequence[APIRouter]) -> None:
    """Let `app` answer under /v1 where none of the `known` routes does; to be called last."""
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

    @app.api_route("/v1/{rest:path}", methods=methods, include_in_schema=False)
    def nothing(rest: str, request: Request) -> Response:
        """Nothing is here, or nothing that is asked for in this way."""
        every = [route for routes in known for route in routes.routes if isinstance(route, Route)]
        there = [route for route in every if route.matches(request.scope)[0] is Match.PARTIAL]
        if there:
            allowed = ", ".join(sorted({method for route in there for method in route.methods or ()}))
            return failure_response(405, f"{request.method} is not possible here, but {allowed}", {"Allow": allowed})
        return failure_response(404, f"there is no /v1/{rest[:100]}: /docs lists what there is")
