"""What the page can do, from a person's act to HTML. Knows no Gradio: `ui.chat` wires these to its components.

One `Actions` serves all sessions. It keeps nothing of a conversation, which arrives as an argument; only the
answers now being written are known here, by session, so that they can be stopped. Thread-safe.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import PinciteError
from index.library import Library
from index.types import FileReport, Outcome, Span
from rag.samples import sample_questions
from rag.types import Answer, State
from ui.asking import ask
from ui.documents import render_adding, render_documents, render_outcomes
from ui.markup import error_line
from ui.render import render_samples, render_turn, render_turns, render_waiting, render_welcome
from ui.seat import Seat
from ui.sources import render_source
from ui.stream import StoppableAnswers


@dataclass(frozen=True, slots=True)
class Shown:
    """The middle of the page at one moment."""

    answers: tuple[Answer, ...]
    """The conversation, with the current answer once it has ended."""
    earlier: str
    """HTML of the turns before the current one."""
    current: str
    """HTML of the turn being answered, or of a message in its place."""
    writing: bool
    failed: bool = False
    """The question could not be asked; it stays in its box."""


class Actions:
    """What a person can do with a library and whoever sits in the seat."""

    def __init__(self, library: Library, seat: Seat) -> None:
        self._library = library
        self._seat = seat
        self._running: dict[str, StoppableAnswers] = {}
        self._samples: dict[tuple[int, ...], tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def ask(self, question: str, answers: Sequence[Answer], session: str) -> Iterator[Shown]:
        """Yield the page while `question` is answered: waiting, evidence, claims, the end. Errors are shown."""
        earlier = render_turns(answers)
        done = tuple(answers)
        yield Shown(done, earlier, render_waiting(question), writing=True)
        try:
            answer = Answer(question, state=State.STOPPED, generator=self._seat.sitting.name)
            for answer in self._stream(question, done, session):
                yield Shown(done, earlier, render_turn(answer), writing=True)
            yield Shown((*done, answer), earlier, render_turn(answer), writing=False)
        except PinciteError as error:
            yield Shown(done, earlier, error_line(str(error)), writing=False, failed=True)

    def stop(self, session: str) -> None:
        """End the session's answer at once; nothing happens where none is being written."""
        if answers := self._running.get(session):
            answers.stop()

    def stop_all(self) -> None:
        """End every answer being written; the server is going away."""
        for answers in list(self._running.values()):
            answers.stop()

    def show_source(self, document_id: int, start: int, end: int) -> str:
        """Return a document's HTML with characters `start` to `end` highlighted, or the error as one line."""
        try:
            document = self._library.document(document_id)
            return render_source(document, self._library.document_passages(document_id), Span(start, end))
        except PinciteError as error:
            return error_line(str(error))

    def list_documents(self) -> str:
        """Return the HTML of the library's documents."""
        return render_documents(self._library.documents())

    def add(self, paths: Sequence[Path]) -> Iterator[str]:
        """Add uploaded files one by one and yield how far it has come. The uploaded copies are deleted."""
        reports: list[FileReport] = []
        for path in paths:
            yield render_adding(reports, len(paths), path.name)
            reports.append(self._add_upload(path))
        yield render_outcomes(reports)

    def remove(self, document_id: int) -> str:
        """Remove a document; return "" or the error as one line."""
        try:
            self._library.remove(document_id)
        except PinciteError as error:
            return error_line(str(error))
        return ""

    def welcome(self) -> str:
        """Return what an empty conversation shows; fast, loads nothing."""
        return render_welcome(bool(self._library.documents()))

    def samples(self) -> str:
        """Return sample questions as HTML. Loads the embedder on the first call; remembered until documents change."""
        documents = tuple(document.id for document in self._library.documents())
        with self._lock:
            if documents not in self._samples:
                self._samples = {documents: sample_questions(self._library)}
            return render_samples(self._samples[documents])

    def _stream(self, question: str, answers: Sequence[Answer], session: str) -> Iterator[Answer]:
        history = [turn for answer in answers for turn in answer.turns]
        stopped = threading.Event()
        stream = ask(self._library, self._seat, question, history, stopped)
        self._running[session] = running = StoppableAnswers(stream, stopped)
        try:
            yield from running
        finally:
            running.stop()
            if self._running.get(session) is running:
                del self._running[session]

    def _add_upload(self, path: Path) -> FileReport:
        try:
            return self._library.add_upload(path.name, path.read_bytes())
        except PinciteError as error:
            return FileReport(path.name, Outcome.FAILED, reason=str(error))
        finally:
            path.unlink(missing_ok=True)
