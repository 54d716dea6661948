"""What programs send and get, as OpenAPI describes it. Offsets are characters of a document's text, end exclusive."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from index.types import DocumentInfo, Passage, Scope
from rag.answer import MAX_QUESTION_CHARACTERS
from rag.keys import LANGUAGE_CODES, STRICTNESSES
from rag.manner import MOST_PASSAGES as MOST_READ
from rag.manner import Wishes
from rag.types import Answer, Basis, Citation, State

MAX_PASSAGES = 50
"""As many as retrieval looks at closely (`rag.retrieve.Fusion`)."""
MAX_TURNS = 100
MAX_TURN_CHARACTERS = 20_000
MAX_ID = 2**63 - 1
"""SQLite's largest integer."""
MAX_NAMES = 100
MAX_NAME_CHARACTERS = 1_000

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARACTERS)]


class Request(BaseModel):
    """What a program sends: a name that is not known is a mistake, and said."""

    model_config = ConfigDict(extra="forbid")


class Reply(BaseModel):
    """What a program gets, read from our own types."""

    model_config = ConfigDict(from_attributes=True)


def _with_a_word(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("holds no letter and no digit")
    return text


class TurnSent(Request):
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=MAX_TURN_CHARACTERS)


class Narrowed(Request):
    """What of the library is looked at: what satisfies every field; of a field's values, any one. Empty: everything."""

    collections: list[Name] = Field([], max_length=MAX_NAMES, description="By their names.")
    documents: list[Id] = Field([], max_length=MAX_NAMES, description="By their ids, as /v1/documents tells them.")
    types: list[Name] = Field([], max_length=MAX_NAMES, description="Formats, such as pdf: see `format`.")
    since: date | None = Field(None, description="The first day on which a file may have been changed last.")
    until: date | None = Field(None, description="The last such day.")

    @property
    def scope(self) -> Scope:
        """The same for the library."""
        formats = tuple(name.lower() for name in self.types)
        return Scope(tuple(self.collections), tuple(self.documents), (), formats, self.since, self.until)


class Wished(Request):
    """How the answer is wanted; what is left out is as the server's settings say."""

    passages: int | None = Field(None, ge=1, le=MOST_READ, description="The most passages that are read anew for it.")
    strictness: Literal[STRICTNESSES] | None = Field(  # type: ignore[valid-type]  # the values are in rag.keys alone
        None, description="strict: only quotations; grounded: a model's own words, each sentence of which cites."
    )
    language: Literal[LANGUAGE_CODES] | None = Field(  # type: ignore[valid-type]  # as above
        None, description="The language that a model writes in; quotations stay as they are."
    )

    @property
    def wishes(self) -> Wishes:
        """The same for an answer."""
        return Wishes(self.passages, self.strictness, self.language)


class Options(Narrowed, Wished):
    """What of the library is looked at for an answer, and how the answer is wanted."""


class AnswerRequest(Options):
    """A question."""

    question: str = Field(
        max_length=MAX_QUESTION_CHARACTERS, examples=["What did Asif say about refugees?"], description="The question."
    )
    history: list[TurnSent] = Field([], max_length=MAX_TURNS, description="Earlier messages, oldest first.")
    stream: bool = Field(False, description="Server-sent events: one complete, grounded answer each, the last done.")

    _has_a_word = field_validator("question")(_with_a_word)


class SearchRequest(Narrowed):
    """What to look for."""

    query: str = Field(max_length=MAX_QUESTION_CHARACTERS, examples=["return of refugees"])
    limit: int = Field(10, ge=1, le=MAX_PASSAGES, description="How many passages, at most.")

    _has_a_word = field_validator("query")(_with_a_word)


class DocumentReply(Reply):
    """A document of the library."""

    id: int
    title: str
    source: str = Field(description="The path it was added from, or an uploaded file's name.")
    format: str
    characters: int
    passages: int
    added_at: str = Field(description="UTC, ISO 8601.")


class DocumentsReply(Reply):
    """Every document, in the order they were added."""

    documents: list[DocumentReply]


class SpanReply(Reply):
    """A stretch of a text, end exclusive."""

    start: int
    end: int


class CitationReply(Reply):
    """A sentence that a claim rests on: `text[start:end]` of the document is `quote`."""

    number: int = Field(description="The [1] of the answer's text.")
    document: DocumentReply
    heading: str
    page: int | None
    passage_id: int
    start: int
    end: int
    quote: str = Field(description="The cited sentence, verbatim.")


class QuoteReply(Reply):
    """Verbatim words inside a claim: `claim.text[at.start:at.end]` is `text[start:end]` of the document."""

    citation: int
    start: int
    end: int
    at: SpanReply


def _numbers(citations: Sequence[Citation | int]) -> list[int]:
    """Return the numbers of citations, which are all that comes back when a reply is read again."""
    return [citation.number if isinstance(citation, Citation) else citation for citation in citations]


class ClaimReply(Reply):
    """One sentence of the answer, and the numbers of the citations that it rests on."""

    text: str
    basis: Basis = Field(description="quotation: the document's own words; paraphrase: a model's, checked.")
    citations: Annotated[list[int], BeforeValidator(_numbers, json_schema_input_type=list[int])]
    quotes: list[QuoteReply]


class EvidenceReply(Reply):
    """A sentence that may answer the question, found before anything was written."""

    document: DocumentReply
    heading: str
    page: int | None
    passage_id: int
    start: int
    end: int
    text: str
    score: float = Field(description="In [0, 1], higher is better.")


class AbstentionReply(Reply):
    """Why there is no answer."""

    reason: str
    missing: list[str] = Field(
        default_factory=list, description="Words of the question that stand nowhere in what was looked at."
    )


class WithheldReply(Reply):
    """A drafted sentence that is not part of the answer, and why."""

    text: str
    reason: str


class AnswerReply(Reply):
    """A grounded answer: every claim cites, or the whole answer is an abstention."""

    question: str
    state: State = Field(description="evidence, writing, done, or stopped before its end.")
    text: str = Field(description="The answer with [1] markers, or the reason for abstaining.")
    claims: list[ClaimReply]
    citations: list[CitationReply]
    abstention: AbstentionReply | None
    evidence: list[EvidenceReply] = Field(description="Best first; the nearest passages where the answer abstains.")
    withheld: list[WithheldReply]
    confidence: float = Field(description="How sure it is that the documents answer, in [0, 1].")
    coverage: str = Field(description="What was looked at, where that is not the passages that fit best.")
    generator: str = Field(description="Who wrote it.")
    ahead: int = Field(description="How many questions are answered first.")
    loading: bool = Field(description="Whether the model is being loaded first.")
    tokens: int
    seconds: dict[str, float] = Field(description="Seconds since the question, by what was reached.")


class SentenceReply(Reply):
    """A sentence of a passage."""

    start: int
    end: int
    text: str


class PassageReply(Reply):
    """A paragraph of a document: `text[start:end]` of the document is `text`."""

    id: int
    document: DocumentReply
    kind: str
    headings: list[str] = Field(description="Those above it, outermost first.")
    page: int | None
    start: int
    end: int
    text: str
    sentences: list[SentenceReply]


class FoundReply(PassageReply):
    """A passage that was found."""

    score: float = Field(description="Higher is better; comparable within one search only.")


class SearchReply(Reply):
    """The passages that fit best, best first."""

    passages: list[FoundReply]


def answer_reply(answer: Answer) -> AnswerReply:
    """Return an answer as programs get it."""
    return AnswerReply.model_validate(answer)


def documents_reply(documents: Sequence[DocumentInfo]) -> DocumentsReply:
    """Return documents as programs get them."""
    return DocumentsReply(documents=[DocumentReply.model_validate(document) for document in documents])


def passage_reply(passage: Passage) -> PassageReply:
    """Return a passage as programs get it."""
    return PassageReply.model_validate(_fields(passage))


def found_reply(passage: Passage, score: float) -> FoundReply:
    """Return a passage that was found as programs get it."""
    return FoundReply.model_validate({**_fields(passage), "score": score})


def _fields(passage: Passage) -> dict[str, object]:
    sentences = [
        SentenceReply(start=span.start, end=span.end, text=passage.sentence_text(number))
        for number, span in enumerate(passage.sentences)
    ]
    return {
        "id": passage.id, "document": DocumentReply.model_validate(passage.document), "kind": passage.kind,
        "headings": list(passage.headings), "page": passage.page, "start": passage.start, "end": passage.end,
        "text": passage.text, "sentences": sentences,
    }  # fmt: skip
