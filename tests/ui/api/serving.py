"""A library of the seed article and the application that programs talk to, with a socket and without."""

import socket
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fakes import ScriptedGenerator
from starlette.testclient import TestClient

from index.library import Library
from rag.errors import GeneratorError
from rag.generators import base
from rag.generators.base import Written
from rag.types import Answer, Given, Turn
from ui.api.answering import Answering
from ui.api.app import programs_app
from ui.seat import Seat

SEEDS = Path(__file__).parents[3] / "seeds"
QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"


@contextmanager
def client_of(library: Library, generator: base.Generator) -> Iterator[TestClient]:
    """Yield a client of the application for a library and who writes."""
    app = programs_app(library, Answering(library, Seat(generator)))
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


@contextmanager
def served(library: Library, generator: base.Generator) -> Iterator[str]:
    """Yield the address of a server in a thread of this process."""
    app = programs_app(library, Answering(library, Seat(generator)))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class BrokenGenerator(ScriptedGenerator):
    """Writes what it is told, and fails."""

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        yield from super().draft(question, given, history)
        raise GeneratorError("the model broke: start it again")


def places(answered: dict[str, Any]) -> list[tuple[object, ...]]:
    """What each citation of a reply points to."""
    return [
        (one["number"], one["document"]["source"], one["passage_id"], one["start"], one["end"], one["quote"])
        for one in answered["citations"]
    ]


def places_of(answer: Answer) -> list[tuple[object, ...]]:
    """What each citation of an answer points to."""
    return [
        (one.number, one.document.source, one.passage_id, one.start, one.end, one.quote) for one in answer.citations
    ]
