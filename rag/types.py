"""What a question becomes: an answer made of claims, each resting on exact sentences. Frozen, JSON-ready.

Offsets are characters of the cited document's text, end exclusive, so that
`document.text[citation.start:citation.end] == citation.quote`.
"""

import textwrap
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from index.types import EVERYTHING, DocumentInfo, Passage, Scope, Span
from rag.manner import AS_USUAL, Manner
from rag.plain import plain


@dataclass(frozen=True, slots=True)
class Read:
    """A passage that a generator was given, and the numbers of its sentences that it was given, from 1."""

    passage_id: int
    sentences: tuple[int, ...]


WIDTH = 100
"""Columns that a printed answer is wrapped to."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation. `role` is "user" or "assistant"."""

    role: str
    text: str
    read: tuple[Read, ...] = ()
    """What an assistant's message was written from, if known: a model need not read again what it has read."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One sentence of a document that a claim rests on."""

    number: int
    """The marker shown in the answer, from 1; the same sentence keeps its number."""
    document: DocumentInfo
    heading: str
    page: int | None
    passage_id: int
    start: int
    end: int
    quote: str
    """The cited sentence, sliced from the document."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim stretch of a document inside a claim's text: `claim.text[at.start:at.end]` shows it."""

    citation: int
    """The number of the citation whose sentence it stands in."""
    start: int
    end: int
    at: Span


class Basis(StrEnum):
    """What a claim rests on."""

    QUOTATION = "quotation"
    """Nothing but the document's own words."""
    PARAPHRASE = "paraphrase"
    """Words of a model, checked as far as they can be."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the answer, without markers, and the citations it rests on (at least one)."""

    text: str
    basis: Basis
    citations: tuple[Citation, ...]
    quotes: tuple[Quote, ...] = ()

    def __str__(self) -> str:
        return self.text + " " + "".join(f"[{citation.number}]" for citation in self.citations)


@dataclass(frozen=True, slots=True)
class EvidenceSentence:
    """A sentence that may answer the question, and its score in [0, 1], higher is better."""

    document: DocumentInfo
    heading: str
    page: int | None
    passage_id: int
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Abstention:
    """Why there is no answer."""

    reason: str
    missing: tuple[str, ...] = ()
    """The words of the question that stand nowhere in what was looked at, as they were asked."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A drafted sentence that was not shown, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class GivenSentence:
    """A sentence as a generator is given it: `number` counts from 1 within its passage."""

    number: int
    span: Span
    """Offsets in the document's text."""
    text: str
    """White space collapsed to single spaces; otherwise verbatim."""
    score: float
    """How well it answers the question, in [0, 1], higher is better."""


@dataclass(frozen=True, slots=True)
class GivenPassage:
    """A passage as a generator is given it: `number` counts from 1; its sentences are cited as "2.1"."""

    number: int
    passage: Passage
    sentences: tuple[GivenSentence, ...]

    @property
    def text(self) -> str:
        """The given sentences in one line."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Given:
    """All a generator may speak from, best passage first, the pair of marks it quotes with, and how it is to write.

    `marks` is a pair that occurs in no given sentence, so that a quotation's end can be told.
    """

    passages: tuple[GivenPassage, ...]
    marks: tuple[str, str]
    left_out: int = 0
    """How many sentences of the best passages did not fit."""
    is_selection: bool = False
    """Every sentence was chosen to be shown: who only quotes leaves none out."""
    manner: Manner = AS_USUAL


class State(StrEnum):
    """How far an answer has come."""

    EVIDENCE = "evidence"
    """The evidence is found; nothing is written yet."""
    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    """Ended before its end: by the person, or at the model's limit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A grounded answer: every claim cites, or the whole answer is an abstention."""

    question: str
    claims: tuple[Claim, ...] = ()
    abstention: Abstention | None = None
    evidence: tuple[EvidenceSentence, ...] = ()
    """Best first; shown before anything is written, and the nearest passages where the answer abstains."""
    confidence: float = 0.0
    """How sure it is that the documents answer the question, in [0, 1]."""
    withheld: tuple[Withheld, ...] = ()
    scope: Scope = EVERYTHING
    """What of the library was looked at."""
    coverage: str = ""
    """What was looked at for it, in one sentence, where that is not the passages that fit best; else ""."""
    read: tuple[Read, ...] = ()
    """What the generator was given, in its order."""
    left_out: int = 0
    """How many sentences of the best passages did not fit."""
    ahead: int = 0
    """How many questions the generator answers first: this one waits."""
    loading: bool = False
    """Whether the generator is loading its model first."""
    tokens: int = 0
    """How many tokens the generator has written, 0 where it counts none."""
    generator: str = ""
    state: State = State.DONE
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall-clock seconds since the question: "evidence", "first_token", "last_token", "first_claim", "total"."""

    @property
    def text(self) -> str:
        """The answer as prose with [1] markers, or the reason for abstaining."""
        if self.abstention:
            return self.abstention.reason
        return " ".join(str(claim) for claim in self.claims)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every cited sentence once, in the order of their numbers."""
        numbered = {citation.number: citation for claim in self.claims for citation in claim.citations}
        return tuple(numbered[number] for number in sorted(numbered))

    @property
    def tokens_per_second(self) -> float | None:
        """How fast the generator wrote after its first token; None where it counts none, or wrote too few."""
        if self.tokens < 2 or "last_token" not in self.seconds:
            return None
        return (self.tokens - 1) / max(self.seconds["last_token"] - self.seconds["first_token"], 1e-9)

    @property
    def turns(self) -> tuple[Turn, Turn]:
        """The question and this answer as the `history` of the next question."""
        reply = " ".join(claim.text for claim in self.claims) or self.text
        return Turn("user", self.question), Turn("assistant", reply, self.read)

    def to_dict(self) -> dict[str, Any]:
        """Return the whole answer as plain dictionaries, lists, strings and numbers, ready for `json.dumps`."""
        return {"text": self.text, **plain(self), "citations": plain(self.citations)}

    def __str__(self) -> str:
        return "\n".join([textwrap.fill(self.text, WIDTH), *source_lines(self)])


def source_lines(answer: Answer) -> list[str]:
    """Return what stands below an answer: what was looked at and its sources, or the nearest passages if it abstains.

    Begins with a blank line.
    """
    if answer.citations:
        coverage = ["", *textwrap.wrap(answer.coverage, WIDTH)] if answer.coverage else []
        return [*coverage, "", "Sources", *(_source_line(citation) for citation in answer.citations)]
    if answer.evidence:
        return ["", "Nearest passages", *(f"  – {item.document}: {_one_line(item.text)}" for item in answer.evidence)]
    return []


def _source_line(citation: Citation) -> str:
    document = citation.document
    page = f"page {citation.page}" if citation.page else ""
    place = ", ".join(part for part in (document.title, citation.heading, page) if part)
    return f"  [{citation.number}] {place} ({document.source})\n      {_one_line(citation.quote)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
