"""What an evaluation is made of: records, questions, what became of each question, and figures. Frozen, no arrays."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from index.ingest import OnProgress
from index.library import Library
from rag.types import Turn


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a set's corpus, and so what a passage is judged by: it belongs to a gold record or it does not."""

    id: str
    title: str
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class RecordSentence:
    """A sentence of a record; `record` is "" where it may stand in any."""

    record: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and what is known of its answer; only `text` and `history` are shown to what is evaluated."""

    id: str
    text: str
    answerable: bool = True
    history: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ()
    """Accepted answers that a sentence can hold, any one is right."""
    relevant: frozenset[str] = frozenset()
    """The ids of all gold records."""
    unjudged: frozenset[str] = frozenset()
    """Records that are neither right nor wrong to cite."""
    gold: tuple[RecordSentence, ...] = ()
    candidates: tuple[str, ...] = ()
    """The only records that it is asked of; empty for all."""
    language: str = ""
    kind: str = ""
    """What the set calls this sort of question."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A library, and which record each place in it belongs to."""

    library: Library
    starts: dict[int, tuple[tuple[int, str], ...]]
    """By document: where each of its records begins, in characters, ascending, and the record's id."""

    def record_at(self, document_id: int, start: int) -> str:
        """Return the id of the record that holds the character `start` of a document."""
        return [record for begins, record in self.starts[document_id] if begins <= start][-1]

    def records_of(self, passage_ids: list[int]) -> tuple[str, ...]:
        """Return the ids of the passages' records, each once, in the order of the passages."""
        passages = self.library.passages(passage_ids)
        return tuple(dict.fromkeys(self.record_at(passage.document.id, passage.start) for passage in passages))


OpenCorpus = Callable[[OnProgress | None], AbstractContextManager[Corpus]]


@dataclass(frozen=True, slots=True)
class Part:
    """Questions that are asked of one library."""

    language: str
    questions: tuple[Question, ...]
    open: OpenCorpus
    takes_others: bool = True
    """Whether other sets' questions are asked here too, to see them refused."""


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Questions under one name; those of one language, or with candidates of their own, are a part of their own."""

    name: str
    parts: tuple[Part, ...]

    @property
    def questions(self) -> list[Question]:
        """Every part's questions, in order."""
        return [question for part in self.parts for question in part.questions]


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one question."""

    question: Question
    ranked: dict[str, tuple[str, ...]]
    """By way of searching: the ids of the records found, best first."""
    evidence: tuple[str, ...]
    """Sentences, best first, whether or not it was sure enough to answer."""
    cited: tuple[RecordSentence, ...]
    """The sentences that the answer cites; empty where it was refused."""
    confidence: float
    refused: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Foreign:
    """What became of another set's question, which these documents do not answer."""

    question: Question
    language: str
    """The part's."""
    confidence: float
    refused: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its 95 % interval, and how many questions it was made from."""

    value: float
    low: float
    high: float
    questions: int


Figures = dict[str, Figure]
"""By name, as `rag.evaluate.figures` spells them; what cannot be said of these questions is left out."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One question's own scores, so that a single failure can be looked up."""

    id: str
    answerable: bool
    refused: bool
    confidence: float
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class SetReport:
    """What a set came to: as a whole, and by language and kind of question where it has several."""

    name: str
    figures: Figures
    groups: dict[str, Figures]
    questions: tuple[Scored, ...]
    foreign_confidences: tuple[float, ...]
    adding_seconds: float
    asking_seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """The whole evaluation."""

    sets: tuple[SetReport, ...]
    generator: str
    embedder: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain dictionaries, lists, strings and numbers, ready for `json.dumps`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Step:
    """How far the evaluation has come: `done` of `total` documents added or questions asked, of the set `name`."""

    name: str
    verb: str
    done: int
    total: int


OnStep = Callable[[Step], None]
