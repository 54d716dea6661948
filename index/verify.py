"""Is a library what it should be? Checks the database, its offsets and vectors, where they are searched, the originals.

What is derived can be made again: the words' index, vectors, the FAISS file and what Milvus holds. What is not is
reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.database import Database
from index.embedders import Embedder, reads_words
from index.originals import originals_in
from index.types import Document, Kind, Passage

if TYPE_CHECKING:
    from index.arrays import Ids
    from index.dense import DerivedStore
    from index.vectors.milvus import MilvusStore

PASSAGES_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `is_derived` says that `pincite verify --repair` makes it again."""

    part: str
    """"database", "passages", "words", "vectors", "faiss", "milvus" or "originals"."""
    text: str
    is_derived: bool = False
    passage_id: int = 0
    """The passage it is about, 0 where it is about none."""

    def __str__(self) -> str:
        return f"{self.part}: {self.text}"


OnDocument = Callable[[int, int], None]
"""Called with the number of documents checked and of all."""


def problems_of_database(database: Database, on_document: OnDocument | None = None) -> Iterator[Problem]:
    """Yield what is wrong in the database: its pages, the words' index, and every document's offsets.

    Raises: LibraryError where it is too damaged to be read.
    """
    yield from (Problem("database", reason) for reason in database.damage())
    yield from (Problem("words", reason, is_derived=True) for reason in database.damage_of_words())
    documents = database.documents()
    for number, info in enumerate(documents, 1):
        document = database.document(info.id)
        for passage in database.document_passages(info.id):
            yield from _problems_of_passage(document, passage)
        if on_document:
            on_document(number, len(documents))


def problems_of_vectors(database: Database, embedder: Embedder) -> Iterator[Problem]:
    """Yield the passages whose vectors or codes of words are missing, of a wrong size, or not of unit length."""
    import numpy as np

    for passage in database.not_embedded(embedder.name, -1):
        yield _problem_of_vector(passage, "has none")
    for passage in database.without_word_codes(embedder.name) if reads_words(embedder) else ():
        yield _problem_of_vector(passage, "has none of its words, being of an earlier version")
    for passages in _in_batches(database):
        sizes = database.vector_sizes([passage.id for passage in passages], embedder.name)
        vectors = database.vectors(
            [id_ for id_, (own, _) in sizes.items() if own == embedder.dimensions], embedder.name
        )
        for passage in passages:
            if passage.id not in sizes:
                continue
            expected = (embedder.dimensions, len(passage.sentences) * embedder.dimensions)
            if sizes[passage.id] != expected:
                reason = f"has vectors of {sizes[passage.id]} numbers instead of {expected}"
            elif not np.isclose(np.linalg.norm(vectors[passage.id]), 1, atol=1e-3):
                reason = "has a vector that is not of unit length"
            else:
                continue
            yield _problem_of_vector(passage, reason)


def problems_of_faiss(database: Database, path: Path, embedder: Embedder) -> Iterator[Problem]:
    """Yield how the file of vectors differs from those in the database.

    A missing or older file is no problem, nor is that of another library: it is made again.
    Vectors are compared in half precision, in which a large library's file holds them.
    """
    import numpy as np

    from index.dense import load

    if not path.exists():
        return
    loaded = load(path, embedder.name, embedder.dimensions)
    if loaded is None:
        yield Problem("faiss", f"{path.name} is damaged or was made with another embedder", is_derived=True)
        return
    store, stamp = loaded
    if (stamp.generation, stamp.file_number) != (database.generation(), database.vectors_file()):
        return
    stored = database.embedded_ids(embedder.name)
    if not np.array_equal(store.ids(), stored):
        yield Problem("faiss", f"{path.name} holds other passages than the database", is_derived=True)
    elif not _holds_same_vectors(store, stored, database, embedder):
        yield Problem("faiss", f"{path.name} holds other vectors than the database", is_derived=True)


def problems_of_milvus(database: Database, store: MilvusStore, embedder: Embedder) -> Iterator[Problem]:
    """Yield how the vectors in Milvus differ from those in the database.

    What it lacks, or still holds, is no problem: the next search brings it up to date.
    """
    import numpy as np

    held = store.ids()
    if len(store) != len(held):
        text = f"it holds {len(store) - len(held):,} vectors more than passages"
        yield Problem("milvus", text, is_derived=True)
    common = np.intersect1d(held, database.embedded_ids(embedder.name), assume_unique=True)
    if not _holds_same_vectors(store, common, database, embedder):
        yield Problem("milvus", "it holds other vectors than the database", is_derived=True)


def _holds_same_vectors(store: DerivedStore, ids: Ids, database: Database, embedder: Embedder) -> bool:
    """Tell whether a store's vectors are those of the database, in half precision."""
    import numpy as np

    for first in range(0, len(ids), PASSAGES_AT_ONCE):
        some = ids[first : first + PASSAGES_AT_ONCE]
        blobs = database.vectors(some.tolist(), embedder.name)
        expected = [blobs[id_].astype(np.float16).tobytes() for id_ in some.tolist()]
        if [own.tobytes() for own in store.vectors(some).astype(np.float16)] != expected:
            return False
    return True


def problems_of_originals(directory: Path) -> Iterator[Problem]:
    """Yield the kept originals whose content is not what their name, its SHA-256, says."""
    for path in originals_in(directory):
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != path.name:
                yield Problem("originals", f"{path.name} is damaged: upload the document again")


def _problems_of_passage(document: Document, passage: Passage) -> Iterator[Problem]:
    where = f"passage {passage.id} of {document.info.source}"
    if document.text[passage.start : passage.end] != passage.text:
        yield Problem("passages", f"{where} is not the text at {passage.start} to {passage.end}: add the file again")
        return
    ends = [passage.start, *(edge for span in passage.sentences for edge in (span.start, span.end)), passage.end]
    if ends != sorted(ends) or (not passage.sentences and passage.kind is not Kind.HEADING):
        yield Problem("passages", f"{where} has sentences that do not lie in it: add the file again")


def _problem_of_vector(passage: Passage, reason: str) -> Problem:
    text = f"passage {passage.id} of {passage.document.source} {reason}"
    return Problem("vectors", text, is_derived=True, passage_id=passage.id)


def _in_batches(database: Database) -> Iterator[tuple[Passage, ...]]:
    """Yield the passages that are searched, document by document."""
    for info in database.documents():
        passages = [passage for passage in database.document_passages(info.id) if passage.kind is not Kind.HEADING]
        for first in range(0, len(passages), PASSAGES_AT_ONCE):
            yield tuple(passages[first : first + PASSAGES_AT_ONCE])
