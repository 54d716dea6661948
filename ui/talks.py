"""The conversations of the page: kept in the library, opened again, exported. Knows no Gradio and no HTML.

Every question is kept before it is answered, and its answer when that has ended, so that nothing is lost with a page
or a server that goes away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from index.conversations import Conversation, Conversations
from index.errors import NotInLibrary
from index.feedback import Feedback, Verdict, Verdicts
from index.library import Library
from rag.conversation import Kept, Notice, kept, look_again, to_keep, unfinished
from rag.types import Answer
from ui.sharing import conversation_html, conversation_json, conversation_markdown

EXPORTS: dict[str, Callable[[str, Sequence[Answer]], str]] = {
    "html": conversation_html,
    "md": conversation_markdown,
    "json": conversation_json,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One question and its answer, as a page shows it."""

    turn: int
    """Its number in the library."""
    answer: Answer
    notices: tuple[Notice, ...] = ()
    """What became of its documents since."""
    verdicts: Verdicts = field(default_factory=dict)
    """What the person said of it."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as one page has it before it; it is kept under `id`, which is "" until something was asked."""

    id: str = ""
    said: tuple[Said, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers, oldest first."""
        return tuple(own.answer for own in self.said)

    def until(self, turn: int) -> "Talk":
        """Return what was said before a turn; everything where `turn` is 0."""
        return replace(self, said=tuple(own for own in self.said if own.turn < turn or not turn))


class Talks:
    """What can be done with the conversations of one owner. Thread-safe."""

    def __init__(self, library: Library, owner: str = "") -> None:
        self._library = library
        self._kept: Conversations = library.conversations(owner)
        self._feedback: Feedback = library.feedback(owner)

    def all(self, search: str = "") -> tuple[Conversation, ...]:
        """Return the conversations that hold each word of `search`, the last first."""
        return self._kept.all(search)

    def open(self, id_: str) -> Talk:
        """Return a conversation, with its citations where they stand now. Raises: NotInLibrary."""
        return self.judged(Talk(id_, tuple(self._said(kept(turn)) for turn in self._kept.turns(id_))))

    def found(self, id_: str) -> Talk:
        """Return a kept conversation, or a new one where it was deleted or is another library's."""
        try:
            return self.open(id_)
        except NotInLibrary:
            return Talk()

    def judged(self, talk: Talk) -> Talk:
        """Return a conversation with what has been said of its answers by now, on this page or another."""
        verdicts = self._feedback.of(talk.id)
        return replace(talk, said=tuple(replace(own, verdicts=verdicts.get(own.turn, {})) for own in talk.said))

    def judge(self, turn: int, citation: int, verdict: str) -> None:
        """Keep what a person says of an answer, or of one of its citations; "" takes it back.

        Raises: NotInLibrary where the answer is gone, or cannot be called so.
        """
        if not verdict:
            self._feedback.take_back(turn, citation)
        elif verdict in list(Verdict):
            self._feedback.say(turn, citation, Verdict(verdict))
        else:
            raise NotInLibrary(f"of an answer it cannot be said that it is {verdict[:40]}")

    def ask(self, talk: Talk, question: str) -> tuple[Talk, int]:
        """Keep a question before it is answered; return the conversation, which may begin so, and the turn's number."""
        text, words = to_keep(unfinished(question), self._library)
        try:
            return talk, self._kept.add(talk.id, text, words)
        except NotInLibrary:  # It is new, or was deleted on another page.
            begun = replace(talk, id=self._kept.begin(question))
            return begun, self._kept.add(begun.id, text, words)

    def keep(self, talk: Talk, turn: int, answer: Answer, instead: int = 0) -> Talk:
        """Keep an answer that has ended; return the conversation with it.

        `instead` is the turn that was asked again: it and what followed it are forgotten now.
        """
        text, words = to_keep(answer, self._library)
        self._kept.write(talk.id, turn, text, words)
        if instead:
            self._kept.cut(talk.id, instead, turn)
        return replace(talk, said=(*talk.said, Said(turn, answer)))

    def forget(self, talk: Talk, turn: int) -> None:
        """Forget a question that could not be asked; a conversation that it began is none."""
        self._kept.cut(talk.id, turn)

    def rename(self, id_: str, title: str) -> None:
        """Give a conversation another title. Raises: NotInLibrary."""
        self._kept.rename(id_, title)

    def delete(self, id_: str) -> None:
        """Delete a conversation. Raises: NotInLibrary."""
        self._kept.delete(id_)

    def export(self, id_: str, form: str, turn: int = 0) -> tuple[str, str]:
        """Return a conversation, or one turn of it, as a file: its name and its text. Raises: NotInLibrary."""
        if form not in EXPORTS:
            raise NotInLibrary(f"a conversation is exported as html, md or json, not as {form}")
        title = self._kept.find(id_).title
        answers = [own.answer for own in map(kept, self._kept.turns(id_)) if turn in (0, own.turn)]
        return f"{_file_name(title)}.{form}", EXPORTS[form](answers[0].question if turn and answers else title, answers)

    def _said(self, turn: Kept) -> Said:
        answer, notices = look_again(self._library, turn)
        return Said(turn.turn, answer, notices)


def _file_name(title: str) -> str:
    """Return a title as the name of a file, on any system."""
    kept = "".join(character if character.isalnum() or character in " -_" else " " for character in title)
    return " ".join(kept.split())[:60] or "conversation"
