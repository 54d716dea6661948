"""A person's own questions, a file of JSON lines, about a library of theirs.

Fields: `question`; and where known `answers` (accepted ones, each short enough to stand in a sentence), `relevant`
(the documents that answer, by number, path, file name or title), `answerable` (true if it is left out), `evidence`
(the sentences that answer, word for word), `lang` and `type`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from index.errors import NotInLibrary
from index.ingest import OnProgress
from index.library import Library
from rag.errors import EvaluationError
from rag.evaluate.lines import Line, read_lines
from rag.evaluate.types import Corpus, EvaluationSet, Part, Question, RecordSentence
from rag.spread import spread


def read_own(path: Path, library: Library, limit: int) -> EvaluationSet:
    """Read a file of questions, about `limit` of them, evenly spread.

    Raises: EvaluationError for what is missing or malformed, and for a document that is not in the library.
    """
    questions = tuple(_question(line, library) for line in spread(list(read_lines(path)), limit))
    if not questions:
        raise EvaluationError(f"{path} holds no questions: write one JSON object a line, with the field question")
    return EvaluationSet(path.name.partition(".")[0], (Part("", questions, partial(_open, library)),))


def _question(line: Line, library: Library) -> Question:
    return Question(
        id=str(line.number),
        text=line.text("question"),
        answerable=line.truth("answerable", default=True),
        answers=line.texts("answers"),
        relevant=frozenset(_document(line, name, library) for name in line.texts("relevant")),
        gold=tuple(RecordSentence("", sentence) for sentence in line.texts("evidence")),
        language=line.text("lang", ""),
        kind=line.text("type", ""),
    )


def _document(line: Line, name: str, library: Library) -> str:
    try:
        return str(library.find(name).id)
    except NotInLibrary as error:
        raise line.error(f'"relevant": {error}') from error


@contextmanager
def _open(library: Library, on_progress: OnProgress | None = None) -> Iterator[Corpus]:
    """Hand out the library as it is; every document is a record."""
    yield Corpus(library, {info.id: ((0, str(info.id)),) for info in library.documents()})
