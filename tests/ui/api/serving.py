"""A library of the seed article and the application that programs talk to, without a socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from index.library import Library
from rag.generators.base import Generator
from ui.api.answering import Answering
from ui.api.app import programs_app
from ui.seat import Seat

SEEDS = Path(__file__).parents[3] / "seeds"
QUESTION = "What did Asif say about refugees?"
UNANSWERABLE = "Who won the 2022 World Cup?"


@contextmanager
def client_of(library: Library, generator: Generator) -> Iterator[TestClient]:
    """Yield a client of the application for a library and who writes."""
    app = programs_app(library, Answering(library, Seat(generator)))
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client
