"""Who answers the questions of a command: the running server of the library where there is one, else this process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from index.types import Scope
from ui.commands.manner import typed_wishes
from ui.commands.opening import generator_in, library_of, settings_of
from ui.commands.scoping import scope_of, typed_scope
from ui.terminal import say

if TYPE_CHECKING:
    from index.library import Library
    from rag.generators.base import Generator
    from rag.types import Answer, Turn

Show = Callable[[Iterator["Answer"]], "Answer"]
"""Shows a growing answer, and returns the last one."""


class Own(NamedTuple):
    """What this process answers with."""

    library: "Library"
    scope: Scope
    generator: "Generator"


class Asker:
    """Answers questions as the options of a command say."""

    def __init__(self, context: click.Context, documents: tuple[Path, ...], opened: ExitStack) -> None:
        """`documents` are asked in place of the library; what has to be closed is given to `opened`."""
        self._context = context
        self._documents = documents
        self._opened = opened
        self._settings = settings_of(context)
        self._wishes = typed_wishes(context)

    @cached_property
    def own(self) -> Own:
        """What this process answers with, opened with its first use. Raises: PinciteError."""
        generator = generator_in(self._settings)
        library = self._opened.enter_context(library_of(self._context, self._settings, self._documents))
        return Own(library, scope_of(self._context, library), generator)

    def open_without_server(self) -> None:
        """Open what is needed where no server has announced itself, so that what is wrong with it is told now."""
        from ui.announcement import find_announcement

        if self._documents or find_announcement(self._settings.library) is None:
            _ = self.own

    def answer(self, question: str, show: Show, history: Sequence["Turn"] = ()) -> "Answer":
        """Show the answer; return the finished one. Raises: PinciteError."""
        return self._of_server(question, show, history) or self._by_itself(question, show, history)

    def _of_server(self, question: str, show: Show, history: Sequence["Turn"]) -> "Answer | None":
        """Show what the library's running server answers; None where none answers to the end as this process would."""
        if self._documents:
            return None
        from ui.running import ServerLost, ask_running

        answers = ask_running(self._settings, question, *typed_scope(self._context), tuple(history), self._wishes)
        if answers is None:
            return None
        try:
            with closing(answers):
                return show(answers)
        except ServerLost:
            say("\npincite: the running server broke off: answering without it", error=True)
            return None

    def _by_itself(self, question: str, show: Show, history: Sequence["Turn"]) -> "Answer":
        from rag import answer_stream

        library, scope, generator = self.own
        answers = answer_stream(
            question, library=library, scope=scope, generator=generator, history=history, wishes=self._wishes
        )
        return show(answers)


@contextmanager
def asker_of(context: click.Context, documents: tuple[Path, ...]) -> Iterator[Asker]:
    """Yield what answers the questions of a command."""
    with ExitStack() as opened:
        yield Asker(context, documents, opened)
