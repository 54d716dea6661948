"""The records of a set as documents of a library in the user's cache, so that a second run need not embed them again.

A record is a Markdown file under its title: a document with its layout, a passage as one paragraph. Records that are
all paragraphs of one document, as their ids tell ("Warsaw#0", "Warsaw#1", …), are one text file.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from index.ingest import OnProgress
from index.library import Library
from index.parse import PARSER_VERSION
from index.types import Outcome
from rag.errors import EvaluationError
from rag.evaluate.types import Corpus, Record

PASSAGE_CHARACTERS = 3_000
"""A shorter record is a passage that the set's makers cut out of a document, line breaks wherever they fell: it is one
paragraph. A longer one is a document, with a layout of its own."""
PARAGRAPH_ID = re.compile(r"(?P<document>.+)#\d+", re.DOTALL)
Starts = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A document's file as it is to be written, and where each record begins in its text."""

    name: str
    text: str
    starts: Starts


@contextmanager
def open_records(records: Sequence[Record], embedder: str, on_progress: OnProgress | None = None) -> Iterator[Corpus]:
    """Open the library that holds these records and nothing else, made if it is not there yet.

    Raises: EvaluationError where a record cannot be read as a document; LibraryError.
    """
    documents = as_documents(records)
    folder = cache_folder() / _key(documents, embedder)
    files = [_write(folder / "documents" / document.name, document.text) for document in documents]
    with Library.open(folder / "library", embedder) as library:
        for report in library.hold_only(files, on_progress):
            if report.outcome is Outcome.FAILED:
                raise EvaluationError(f"a record cannot be added: {report.reason}")
        starts = {document.name: document.starts for document in documents}
        yield Corpus(library, {info.id: starts[Path(info.source).name] for info in library.documents()})


def cache_folder() -> Path:
    """Return the folder that the libraries of evaluation sets lie in; it may be deleted at any time."""
    return Path(platformdirs.user_cache_dir("pincite", appauthor=False)) / "evaluation"


def as_documents(records: Sequence[Record]) -> list[Written]:
    """Return the records as files, those of one document together."""
    documents: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        match = PARAGRAPH_ID.fullmatch(record.id)
        documents.setdefault((record.language, match["document"] if match else record.id), []).append(record)
    written: list[Written] = []
    for own in documents.values():
        if len(own) > 1 and _is_whole(own):
            written.append(_article(f"{len(written):06}.txt", own))
        else:
            written += [_page(f"{len(written) + place:06}.md", record) for place, record in enumerate(own)]
    return written


def _is_whole(paragraphs: Sequence[Record]) -> bool:
    """Tell whether these are all paragraphs of a document: their numbers leave none out."""
    return [record.id.rpartition("#")[2] for record in paragraphs] == [str(place) for place in range(len(paragraphs))]


def _article(name: str, paragraphs: Sequence[Record]) -> Written:
    text, starts = paragraphs[0].title, []
    for record in paragraphs:
        text += "\n\n"
        starts.append((len(text), record.id))
        text += "\n".join(" ".join(line.split()) for line in record.text.splitlines())
    return Written(name, text, ((0, starts[0][1]), *starts[1:]))


def _page(name: str, record: Record) -> Written:
    heading = f"# {record.title}\n\n" if record.title else ""
    text = " ".join(record.text.split()) if len(record.text) < PASSAGE_CHARACTERS else record.text
    return Written(name, f"{heading}{text}\n", ((0, record.id),))


def _write(path: Path, text: str) -> Path:
    """Write a file, unless it is as it should be: its time says that it need not be read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8", "replace")
    if not path.is_file() or path.read_bytes() != data:
        path.write_bytes(data)
    return path


def _key(documents: Sequence[Written], embedder: str) -> str:
    """Return a folder's name for these documents, as this parser and this embedder see them."""
    digest = hashlib.sha256(f"{PARSER_VERSION}\0{embedder}".encode())
    for document in documents:
        digest.update(f"\0{document.name}\0{document.text}".encode("utf-8", "replace"))
    return digest.hexdigest()[:24]
