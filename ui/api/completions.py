"""The same answers in OpenAI's format, for clients that know no other: /v1/chat/completions and /v1/models."""

import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from index.errors import NotInLibrary
from index.types import EVERYTHING
from rag.errors import QuestionError
from rag.manner import NO_WISHES
from rag.types import Answer, State, Turn
from ui.api.answering import Answering
from ui.api.chat_shapes import (
    MODEL,
    ChatReply,
    ChatRequest,
    Choice,
    Chunk,
    ChunkChoice,
    Message,
    MessageReply,
    ModelReply,
    ModelsReply,
    Usage,
)
from ui.api.events import STREAMED, event, event_stream
from ui.api.leaving import while_there
from ui.api.message import rests_on, said, turn_of
from ui.api.shapes import MAX_TURNS, answer_reply


def chat_routes(answering: Answering) -> APIRouter:
    """Return the routes in OpenAI's format."""
    routes = APIRouter(prefix="/v1")

    @routes.post(
        "/chat/completions", response_model=ChatReply, responses={200: {"content": STREAMED}}, summary="OpenAI's format"
    )
    async def complete(asked: ChatRequest, request: Request) -> ChatReply | StreamingResponse:
        """The last message of the user is the question, those before it are its history; instructions are ignored.

        The sources stand below the answer, with their quotes, and with their offsets in the field `pincite`: of the
        reply, or of a stream's last chunk that has a choice.
        """
        question, history = _conversation(asked.messages)
        scope, wishes = (asked.pincite.scope, asked.pincite.wishes) if asked.pincite else (EVERYTHING, NO_WISHES)
        if asked.stream:
            with_usage = asked.stream_options is not None and asked.stream_options.include_usage
            chunks = _chunks(answering.stream(question, history, scope, wishes), with_usage)
            return await while_there(request, event_stream(chunks, failure_event=""))
        return _reply(await while_there(request, answering.answer(question, history, scope, wishes)))

    @routes.get("/models", summary="OpenAI's list of models")
    def models() -> ModelsReply:
        """One, whoever writes: that is chosen on the page or when the server is started."""
        return ModelsReply()

    @routes.get("/models/{id}", summary="OpenAI's description of a model")
    def model(id: str) -> ModelReply:
        """The one that there is."""
        if id != MODEL:
            raise NotInLibrary(f"there is only one model here, called {MODEL}")
        return ModelReply()

    return routes


def _conversation(messages: Sequence[Message]) -> tuple[str, list[Turn]]:
    """Return the last question and the turns before it. Raises: QuestionError."""
    told = [message for message in messages if message.role in ("user", "assistant")]
    while told and told[-1].role != "user":
        told.pop()
    if not told:
        raise QuestionError("there is no message of the user: the last one is the question")
    *earlier, question = told
    return question.text, [turn_of(message.role, message.text) for message in earlier[-MAX_TURNS:]]


def _reply(answer: Answer) -> ChatReply:
    choice = Choice(message=MessageReply(content=said(answer) + rests_on(answer)), finish_reason=_reason(answer))
    return ChatReply(
        id=_new_id(), created=int(time.time()), choices=[choice], usage=_usage(answer), pincite=answer_reply(answer)
    )


async def _chunks(answers: AsyncGenerator[Answer, None], with_usage: bool) -> AsyncGenerator[str, None]:
    """Yield the events of a streamed answer; the first comes with the evidence and says only who speaks."""
    blank = Chunk(id=_new_id(), created=int(time.time()), choices=[])
    begun, shown = False, ""
    async with aclosing(answers):
        async for answer in answers:
            if not begun:
                yield _event(blank, [ChunkChoice(delta={"role": "assistant", "content": ""})])
                begun = True
            if answer.claims or answer.abstention:
                yield _event(blank, [ChunkChoice(delta={"content": said(answer).removeprefix(shown)})])
                shown = said(answer)
    yield _event(blank, [ChunkChoice(delta={"content": rests_on(answer)})])
    ended = blank.model_copy(update={"pincite": answer_reply(answer)})
    yield _event(ended, [ChunkChoice(delta={}, finish_reason=_reason(answer))])
    if with_usage:
        yield _event(blank.model_copy(update={"usage": _usage(answer)}), [])
    yield event("[DONE]")


def _event(chunk: Chunk, choices: list[ChunkChoice]) -> str:
    return event(chunk.model_copy(update={"choices": choices}).line())


def _reason(answer: Answer) -> Literal["stop", "length"]:
    return "length" if answer.state is State.STOPPED else "stop"


def _usage(answer: Answer) -> Usage:
    return Usage(completion_tokens=answer.tokens, total_tokens=answer.tokens)


def _new_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"
