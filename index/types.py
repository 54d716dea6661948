"""What a library is made of: documents, passages, sentences. Frozen, no arrays, standard library only.

All offsets count characters (Unicode code points) of a document's text, end exclusive, so that
`document.text[passage.start:passage.end] == passage.text` always holds; likewise for every sentence.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text: `start` inclusive, `end` exclusive, in characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the stretch of `text` that this span covers."""
        return text[self.start : self.end]


class Kind(StrEnum):
    """What a block of a document is to its reader."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    TABLE = "table"
    """Rows, one a line; each stands for itself, as a sentence does."""
    CODE = "code"
    """Lines of source code; each stands for itself."""
    LINK = "link"
    """A pointer to something else, such as "RELATED: …": found by search, but no evidence."""

    @property
    def is_evidence(self) -> bool:
        """Whether an answer may quote it."""
        return self not in (Kind.HEADING, Kind.LINK)


@dataclass(frozen=True, slots=True)
class Block:
    """One block a parser saw. `level` is 1 for the highest heading; 0 for what is no heading."""

    span: Span
    kind: Kind = Kind.PARAGRAPH
    level: int = 0


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A file's text and the blocks a reader sees in it, in reading order, without overlap."""

    title: str
    text: str
    blocks: tuple[Block, ...]
    language: str
    """ISO 639-1 code, "" where it is not known."""
    format: str = "text"
    """As its bytes tell it: "pdf", "docx", "html", …"""
    pages: tuple[int, ...] = ()
    """Where each page begins in the text, ascending; empty for what has no pages."""


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage that is not stored yet. Spans are relative to the document's text."""

    span: Span
    kind: Kind
    headings: tuple[str, ...]
    sentences: tuple[Span, ...]
    page: int | None = None
    """The page it begins on, counted from 1."""
    later_pages: tuple[int, ...] = ()
    """Where it goes on on the next pages, as offsets in the document's text."""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document of the library without its text, as lists and citations show it."""

    id: int
    title: str
    source: str
    """The path it was added from (the first one, where it was added under several)."""
    format: str
    characters: int
    passages: int
    added_at: str
    """UTC, ISO 8601, whole seconds."""

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its whole text."""

    info: DocumentInfo
    text: str
    pages: tuple[int, ...] = ()
    """Where each page begins in the text; empty for what has no pages."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored paragraph, with its sentences and the headings above it, outermost first."""

    id: int
    document: DocumentInfo
    position: int
    """0 for the document's first passage, headings counted."""
    kind: Kind
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    sentences: tuple[Span, ...]
    """Offsets in the document's text, not in the passage's."""
    page: int | None = None
    """The page it begins on, counted from 1."""
    later_pages: tuple[int, ...] = ()
    """Where it goes on on the next pages, as offsets in the document's text."""

    def page_at(self, offset: int) -> int | None:
        """Return the page on which a character of the document stands, where it has pages."""
        return self.page + sum(start <= offset for start in self.later_pages) if self.page else None

    @property
    def heading(self) -> str:
        """The headings above the passage in one line, outermost first, "" where there is none."""
        return " › ".join(self.headings)

    def sentence_text(self, number: int) -> str:
        """Return the text of sentence `number`, counted from 0."""
        span = self.sentences[number]
        return self.text[span.start - self.start : span.end - self.start]


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """The terms by which a passage is found (`index.analyse`), in order."""

    context: tuple[str, ...]
    """Of the document's title and the headings."""
    sentences: tuple[tuple[str, ...], ...]
    """Of each sentence."""


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage id and its score; higher is better."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a library a question may be answered from. An empty field allows everything.

    A document has to satisfy every field; of a field's values any one will do. Collection, folder and dates are those
    of one of the files it came from.
    """

    collections: tuple[str, ...] = ()
    documents: tuple[int, ...] = ()
    """By their ids."""
    folders: tuple[str, ...] = ()
    """Absolute paths; what lies anywhere below counts."""
    formats: tuple[str, ...] = ()
    since: date | None = None
    """The first day on which its file may have been changed last, in local time; an upload's is the day it came."""
    until: date | None = None
    """The last such day."""


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents under one name, such as those of a folder that was added. It is there as long as it holds any."""

    name: str
    documents: int
    passages: int


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds, and where."""

    directory: str
    documents: int
    passages: int
    embedder: str
    bytes_on_disk: int


class Outcome(StrEnum):
    """What became of one file that was to be added, or is gone."""

    ADDED = "added"
    UPDATED = "updated"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    FAILED = "failed"


class Failure(StrEnum):
    """Why a file cannot be added, in the words of a table."""

    EMPTY = "no text in it"
    UNSUPPORTED = "of no known format"
    PASSWORD = "encrypted"
    LIMIT = "over a limit"
    DAMAGED = "damaged, or not what its name says"
    UNREADABLE = "cannot be opened"


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Another document of which a document says the same for the most part."""

    source: str
    """Of the other one."""
    share: float
    """How many runs of five words of the two are in both, about; 1.0 where the files are the same."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file's outcome; `reason` is one line, "" unless it failed."""

    source: str
    outcome: Outcome
    passages: int = 0
    """That were embedded for it: none where the library has the same content already."""
    reason: str = ""
    needs_password: bool = False
    """It failed since it is encrypted, and no password or a wrong one was given."""
    failure: Failure | None = None
    moved_from: str = ""
    """Where the file was before, if it was moved."""
    resembles: Resemblance | None = None
    """The document most like one that was added or updated, if one that was there before is much like it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest has come. `files_done` of `files` are finished; `current` is being read or embedded."""

    files_done: int
    files: int
    passages: int
    current: str
