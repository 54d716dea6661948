"""Errors as programs get them: a status code and `{"error": {"message", "type"}}`, the shape of OpenAI's errors."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from index.errors import EmbedderError, LibraryLocked, NotInLibrary, PinciteError
from rag.errors import GeneratorError, QuestionError, RerankerError

STATUS_OF: tuple[tuple[type[PinciteError], int], ...] = (
    (QuestionError, 400),
    (NotInLibrary, 404),
    (LibraryLocked, 503),
    (GeneratorError, 502),
    (RerankerError, 502),
    (EmbedderError, 500),
    (PinciteError, 500),
)
"""The status code of each error, the first that fits."""

TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "server_error",
    502: "generator_error",
    503: "server_busy",
}
"""The types by status code; any other is the caller's mistake."""


class Failure(BaseModel):
    """What went wrong."""

    message: str = Field(description="One line: what happened, what was got, and the next step.")
    type: str = Field(description="The kind of error, such as invalid_request_error or not_found_error.")


class FailureReply(BaseModel):
    """The body of every reply that is an error."""

    error: Failure


def failure(status: int, message: str) -> FailureReply:
    """Return an error's body."""
    return FailureReply(error=Failure(message=message, type=TYPES.get(status, "invalid_request_error")))


def failure_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return an error as a response."""
    return JSONResponse(failure(status, message).model_dump(), status, headers)


def status_of(error: PinciteError) -> int:
    """Return the status code of one of our errors."""
    return next(status for kind, status in STATUS_OF if isinstance(error, kind))


def answer_failures(app: FastAPI) -> None:
    """Let every error of `app` reach the caller in our shape."""

    @app.exception_handler(PinciteError)
    async def ours(request: Request, error: PinciteError) -> JSONResponse:
        return failure_response(status_of(error), str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return failure_response(422, "; ".join(_line(item) for item in error.errors()))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return failure_response(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return failure_response(500, "Pincite failed: the server's own output says more")


def _line(item: Mapping[str, object]) -> str:
    """Return one mistake as "question: Field required", without the value, which may be anything."""
    place = item["loc"] if isinstance(item["loc"], tuple) else ()
    return f"{'.'.join(str(part) for part in place[1:]) or 'body'}: {str(item['msg']).removeprefix('Value error, ')}"
