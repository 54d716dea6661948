"""What only whole documents can tell: a summary, which documents there are, which of them speak of something.

Everything here is chosen from all passages, or from as many as the answer's `coverage` says. What is said of documents
as a whole stands there, too; the answer itself is sentences of theirs, cited as always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from index.types import DocumentInfo, Kind, Passage
from index.view import View
from rag.evidence import ScoredSentence
from rag.give import Cut, give_chosen
from rag.reading import Reading, Wish
from rag.spread import spread
from rag.types import EvidenceSentence, Given
from rag.words import WORD, content_words, stem, stems_of

if TYPE_CHECKING:
    from index.arrays import Floats

SENTENCES = 10
"""Sentences of an answer, at most: they fit a screen, and a small model's context several times."""
SENTENCES_OF_DOCUMENT = 5
TITLES = 10
"""Documents named, at most."""
PASSAGES = 5_000
"""Passages looked at, at most: about a second, at 0.2 ms each (`python -m bench.reading SET_FOLDER --time`)."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What answers a question about documents as a whole; nothing is given where they say nothing of it."""

    given: Given
    coverage: str
    is_quoted: bool
    """Whether the sentences are the answer as they are, whoever else could write it."""

    @property
    def evidence(self) -> tuple[EvidenceSentence, ...]:
        """The sentences as evidence."""
        return tuple(
            EvidenceSentence(
                own.passage.document,
                own.passage.heading,
                own.passage.page,
                own.passage.id,
                sentence.span.start,
                sentence.span.end,
                own.passage.sentence_text(sentence.number - 1),
                1.0,
            )
            for own in self.given.passages
            for sentence in own.sentences
        )


def look_at_whole(library: View, reading: Reading | None) -> Whole | None:
    """Return what answers a question that was read so; None where passages are to answer it after all.

    That is so of facts, of lists, of subjects that are no document's title, and of an empty library.
    """
    if reading is None or reading.wish is Wish.LIST:
        return None
    documents = library.documents()
    if not documents:
        return None
    match reading.wish:
        case Wish.DOCUMENTS:
            return _listed(library, documents)
        case Wish.MENTIONS:
            return _mentioning(library, documents, reading.subject)
        case Wish.SUMMARY:
            named = [document for document in documents if _plain(document.title) == _plain(reading.subject)]
            return _summary(library, named if reading.subject else documents)


def list_coverage(reading: Reading | None, sentences: Sequence[ScoredSentence], library: View) -> str:
    """Return what is to be said of an answer to a wish for all of something, "" of any other."""
    if reading is None or reading.wish is not Wish.LIST:
        return ""
    looked_at, passages = len({sentence.passage.id for sentence in sentences}), library.count()
    if looked_at >= passages:
        return ""
    return f"Only the {looked_at} passages that fit best were read, of {passages:,}: a list may be incomplete."


# Which documents there are


def _listed(library: View, documents: Sequence[DocumentInfo]) -> Whole:
    firsts = [_first_paragraph(library, document) for document in documents[:SENTENCES]]
    named = "; ".join(document.title for document in documents[:TITLES])
    more = f"; and {len(documents) - TITLES:,} more" if len(documents) > TITLES else ""
    coverage = f"{_counted(len(documents), 'document')}: {named}{more}. Quoted is how {_each(len(documents))} begins."
    return Whole(give_chosen([Cut(passage, (0,)) for passage in firsts if passage]), coverage, is_quoted=True)


def _first_paragraph(library: View, document: DocumentInfo) -> Passage | None:
    return next(iter(_paragraphs(library, document)), None)


# Which documents speak of something


def _mentioning(library: View, documents: Sequence[DocumentInfo], subject: str) -> Whole:
    words = content_words(subject)
    ids = [found.passage_id for found in library.search_lexical(words, PASSAGES)]
    best: dict[int, Passage] = {}
    for passage in library.passages(ids):
        if passage.kind.is_evidence and passage.document.id not in best and _holds(passage.text, words):
            best[passage.document.id] = passage
    shown = list(best.values())[:SENTENCES]
    cuts = [Cut(passage, (_sentence_with(words, passage),)) for passage in shown]
    looked = f"all {library.count():,} passages" if len(ids) < PASSAGES else f"the {PASSAGES:,} that fit best"
    coverage = (
        f"“{subject}” is mentioned in {len(best):,} of {_counted(len(documents), 'document')}:"
        f" looked for by its words, not by its meaning, in {looked}."
    )
    quoted = f" Quoted is one sentence of {_each(len(best))}." if best else ""
    return Whole(give_chosen(cuts), coverage + quoted, is_quoted=True)


def _holds(text: str, words: Sequence[str]) -> bool:
    """Tell whether a text holds all the words, as they are or in another form: stems are slow to make."""
    return set(WORD.findall(text.lower())).issuperset(words) or stems_of(text).issuperset(map(stem, words))


def _sentence_with(words: Sequence[str], passage: Passage) -> int:
    """Return the index of the first of the sentences with the most of these words."""
    stems = frozenset(map(stem, words))
    held = [len(stems & stems_of(passage.sentence_text(index))) for index in range(len(passage.sentences))]
    return held.index(max(held))


# What documents say as a whole


def _summary(library: View, documents: Sequence[DocumentInfo]) -> Whole | None:
    shown = spread(documents, SENTENCES)
    each = min(SENTENCES_OF_DOCUMENT, SENTENCES // max(len(shown), 1))
    paragraphs = [_paragraphs(library, document) for document in shown]
    looked_at = [spread(own, PASSAGES // len(shown)) for own in paragraphs]
    cuts = [cut for own in looked_at for cut in _central(library, own, each)]
    if not cuts:
        return None
    sources = f"{len(shown):,} of {len(documents):,} documents" if len(documents) > 1 else documents[0].title
    coverage = (
        f"From {len(cuts):,} of {_counted(sum(map(len, paragraphs)), 'paragraph')} of {sources}:"
        f" of each part the sentence nearest to what the whole is about."
    )
    left_out = sum(map(len, paragraphs)) - sum(map(len, looked_at))
    skipped = f" {left_out:,} were not looked at." if left_out else ""
    return Whole(give_chosen(cuts), coverage + skipped, is_quoted=False)


def _central(library: View, paragraphs: Sequence[Passage], count: int) -> list[Cut]:
    """Return, from each of `count` parts of a document, the sentence nearest to the mean of all its sentences."""
    vectors = library.sentence_vectors([passage.id for passage in paragraphs])
    there = [passage for passage in paragraphs if passage.id in vectors]
    if not there:
        return []
    mean = sum(vectors[passage.id].sum(axis=0) for passage in there)
    parts = min(count, len(there))
    bounds = [len(there) * part // parts for part in range(parts + 1)]
    return [_nearest(there[start:end], vectors, mean) for start, end in pairwise(bounds)]


def _nearest(passages: Sequence[Passage], vectors: dict[int, Floats], mean: Floats) -> Cut:
    best = max(passages, key=lambda passage: float((vectors[passage.id] @ mean).max()))
    return Cut(best, (int((vectors[best.id] @ mean).argmax()),))


# Reading and words


def _paragraphs(library: View, document: DocumentInfo) -> list[Passage]:
    return [passage for passage in library.document_passages(document.id) if passage.kind is Kind.PARAGRAPH]


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())


def _each(count: int) -> str:
    return "each" if count <= SENTENCES else f"each of the first {SENTENCES}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
