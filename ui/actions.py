"""What the page can do, from a person's act to HTML. Knows no Gradio: `ui.chat` wires these to its components.

One `Actions` serves all sessions. It keeps nothing of a conversation, which arrives as an argument; only the
answers now being written are known here, by session, so that they can be stopped. Thread-safe.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from index.errors import PasswordNeeded, PinciteError
from index.ingest import UPLOADS
from index.library import Library
from index.split import page_of
from index.types import Document, FileReport, Outcome, Scope
from rag.conversation import unfinished
from rag.keys import CHOSEN_ON_THE_PAGE
from rag.samples import sample_questions, unanswerable_question
from rag.settings import check_choice, settings_in_force
from rag.types import Answer, State
from ui.asking import ask
from ui.documents import render_documents
from ui.markup import error_line
from ui.narrowing import read_scope
from ui.pdf_page import render_no_page, render_page, render_page_wanted
from ui.place import Place
from ui.render import render_said, render_samples, render_talk, render_turn, render_waiting, render_welcome
from ui.seat import Seat
from ui.settings_panel import AS_USUAL, SAVED, render_broken_settings, render_settings, saved
from ui.sources import render_source
from ui.stream import StoppableAnswers
from ui.talks import Talk, Talks

SAMPLES = 2
"""Sample questions that are answered; one more is not."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The middle of the page at one moment."""

    talk: Talk
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
        self.opened = threading.Event()
        """Set when a browser has the page open."""
        self._present: dict[str, object] = {}
        """What tells, by session, whether the page still shows the answer that was begun last."""
        self._running: dict[str, StoppableAnswers] = {}
        self._samples: dict[tuple[int, ...], tuple[tuple[str, ...], str]] = {}
        self._lock = threading.Lock()

    def ask(
        self, question: str, talk: Talk, session: str, narrowed: str = "", instead: int = 0, owner: str = ""
    ) -> Iterator[Shown]:
        """Yield the page while `question` is answered: waiting, evidence, claims, the end. Errors are shown.

        `narrowed` is what the page's tick boxes and fields say of where to look (`ui.narrowing`). `instead` is the turn
        in whose place it is asked, 0 for none; where that fails, all stays as it was. `owner` is who is logged in.
        """
        talk = self.talks(owner).judged(talk)
        before = talk.until(instead)
        earlier = render_talk(before)
        yield Shown(talk, earlier, render_waiting(question), writing=True)
        try:
            scope = read_scope(narrowed, list(self._library.members()))
            for answer, after in self._asked(question, before, session, scope, instead, self.talks(owner)):
                current = render_said(after.said[-1], after.id) if after else render_turn(answer)
                yield Shown(after or talk, earlier, current, writing=after is None)
        except PinciteError as error:
            yield Shown(talk, render_talk(talk), error_line(str(error)), writing=False, failed=True)

    def _asked(
        self, question: str, talk: Talk, session: str, scope: Scope, instead: int, talks: Talks
    ) -> Iterator[tuple[Answer, Talk | None]]:
        """Yield the growing answer, the last one with the conversation that it is kept in; no more after `leave`."""
        talk, turn = talks.ask(talk, question)
        answer = unfinished(question)
        self._present[session] = present = object()
        try:
            for answer in self._stream(question, talk.answers, session, scope):
                if self._present.get(session) is present:
                    yield answer, None
        except PinciteError:
            talks.forget(talk, turn)
            raise
        except GeneratorExit:
            talks.keep(talk, turn, replace(answer, state=State.STOPPED), instead)
            raise
        kept = talks.keep(talk, turn, answer, instead)
        if self._present.get(session) is present:
            yield answer, kept

    def talks(self, owner: str) -> Talks:
        """Return the conversations of who is logged in, "" where nobody needs to be."""
        return Talks(self._library, owner)

    def stop(self, session: str) -> None:
        """End the session's answer at once; nothing happens where none is being written."""
        if answers := self._running.get(session):
            answers.stop()

    def leave(self, session: str) -> None:
        """End the session's answer: its page shows something else by now. What was written is kept."""
        self._present.pop(session, None)
        self.stop(session)

    def stop_all(self) -> None:
        """End every answer being written; the server is going away."""
        for answers in list(self._running.values()):
            answers.stop()

    def show_source(self, place: Place) -> tuple[str, str]:
        """Return a document's HTML with the cited sentences highlighted, and for a PDF what asks for the page.

        In place of the first stands the error as one line, where there is one.
        """
        try:
            document = self._library.document(place.document)
            source = render_source(document, self._library.document_passages(place.document), place)
        except PinciteError as error:
            return error_line(str(error)), ""
        return source, render_page_wanted(place, _page_of(document, place)) if document.info.format == "pdf" else ""

    def show_page(self, place: Place, number: int) -> str:
        """Return the HTML of a PDF's page, or why it cannot be shown."""
        try:
            document = self._library.document(place.document)
            page = self._library.draw_page(place.document, number, place.spans)
        except PasswordNeeded:
            return render_no_page("the file is encrypted")
        except PinciteError as error:
            return render_no_page(str(error))
        return render_page(page, place, document, _page_of(document, place))

    def original(self, document_id: int) -> tuple[str, bytes]:
        """Return the name and the content of the file that a document was made from. Raises: NotInLibrary."""
        data = self._library.original(document_id)
        return PurePath(self._library.document(document_id).info.source).name, data

    def list_documents(self, search: str = "") -> str:
        """Return the HTML of the library's collections and their documents, or of those whose titles hold `search`."""
        return render_documents(self._library.documents(), self._library.members(), search)

    def add(self, name: str, data: bytes, password: str, collection: str = "") -> FileReport:
        """Add a file that was sent, and return what became of it.

        `name` may be a relative path: its first folder is the one that was sent, and names the collection where none
        was chosen. In a `collection` that was chosen, it is known by a name of its own there, so that a file of the
        same name elsewhere stays.
        """
        folder, _, _ = name.rpartition("/")
        path = f"{collection}/{name}" if collection not in ("", UPLOADS, folder.partition("/")[0]) else name
        try:
            return self._library.add_upload(path, data, password, collection or folder.partition("/")[0])
        except PinciteError as error:
            return FileReport(name, Outcome.FAILED, reason=str(error))

    def remove(self, document_id: int) -> str:
        """Remove a document; return "" or the error as one line."""
        try:
            self._library.remove(document_id)
        except PinciteError as error:
            return error_line(str(error))
        return ""

    def change_collection(self, name: str, new: str = "") -> str:
        """Rename a collection, or remove it where there is no new name; return "" or the error as one line."""
        try:
            if new:
                self._library.rename_collection(name, new)
            else:
                self._library.remove_collection(name)
        except PinciteError as error:
            return error_line(str(error))
        return ""

    def settings(self, status: str = "") -> str:
        """Return the HTML of how answers are wanted; `status` is HTML that says what became of the last choice."""
        try:
            found = settings_in_force(chosen=self._library.choices().all())
        except PinciteError as error:
            return render_broken_settings(str(error))
        return render_settings(found, self._seat.sitting.name, status)

    def change_setting(self, name: str, value: str) -> str:
        """Keep a choice in the library, for the next question on; return the settings with what became of it."""
        try:
            check_choice(name, value)
            self._library.choices().keep(name, value)
        except PinciteError as error:
            return self.settings(error_line(str(error)))
        return self.settings(saved(SAVED))

    def reset_settings(self) -> str:
        """Forget what was chosen; return the settings with what became of it."""
        try:
            self._library.choices().forget(*CHOSEN_ON_THE_PAGE)
        except PinciteError as error:
            return self.settings(error_line(str(error)))
        return self.settings(saved(AS_USUAL))

    def welcome(self) -> str:
        """Return what an empty conversation shows; fast, loads nothing."""
        return render_welcome(bool(self._library.documents()))

    def samples(self) -> str:
        """Return sample questions as HTML. Loads the embedder on the first call; remembered until documents change."""
        documents = tuple(document.id for document in self._library.documents())
        with self._lock:
            if documents not in self._samples:
                answered = sample_questions(self._library, SAMPLES)
                strange = unanswerable_question(self._library) if answered else ""
                self._samples = {documents: (answered, strange)}
            return render_samples(*self._samples[documents])

    def _stream(self, question: str, answers: Sequence[Answer], session: str, scope: Scope) -> Iterator[Answer]:
        history = [turn for answer in answers for turn in answer.turns]
        stopped = threading.Event()
        stream = ask(self._library, self._seat, question, history, stopped, scope)
        self._running[session] = running = StoppableAnswers(stream, stopped)
        try:
            yield from running
        finally:
            running.stop()
            if self._running.get(session) is running:
                del self._running[session]


def _page_of(document: Document, place: Place) -> int:
    return page_of(document.pages, place.clicked.start) or 1
