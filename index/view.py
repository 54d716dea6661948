"""What a question may see: a whole library, or those of its documents that a scope allows. Searches and reads only.

Within a scope nothing else is found, counted or read. Search looks at what the scope allows and at nothing else, so
that as many passages are found, and the same ones, as if the best of the whole library had been gone through to its
end. How rare a word is, is a matter of the scope as well; only BM25 takes it from the whole library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from index import lexical_search
from index.database import Database
from index.embedders import Embedder, reads_words
from index.errors import NotInLibrary
from index.lexical import forms_of, match_any, match_phrase
from index.types import Document, DocumentInfo, Passage, PassageTerms, ScoredPassage, Span

if TYPE_CHECKING:
    from index.arrays import Floats, Ids
    from index.dense import DenseIndex


class View:
    """The documents that may be seen; see `Library.within`. Thread-safe."""

    def __init__(
        self,
        database: Database,
        open_embedder: Callable[[], Embedder],
        open_dense: Callable[[], DenseIndex],
        allowed: Sequence[int] | None,
        words_in_milvus: bool = False,
    ) -> None:
        """See the documents with the ids `allowed`, or all; what is opened is opened when first needed.

        `words_in_milvus` says that single words are searched where the vectors are.
        """
        self._database = database
        self._embedder_opened = open_embedder
        self._dense_opened = open_dense
        self._allowed = allowed
        self._words_in_milvus = words_in_milvus

    # Reading

    def documents(self) -> tuple[DocumentInfo, ...]:
        """Return every document, in the order they were added."""
        documents = self._database.documents()
        return documents if self._allowed is None else tuple(own for own in documents if self._sees(own.id))

    def document(self, document_id: int) -> Document:
        """Return a document with its text. Raises: NotInLibrary."""
        if not self._sees(document_id):
            raise NotInLibrary(f"document {document_id} is not among those that were chosen")
        return self._database.document(document_id)

    def document_passages(self, document_id: int) -> tuple[Passage, ...]:
        """Return a document's passages and headings, in order."""
        return self._database.document_passages(document_id) if self._sees(document_id) else ()

    def passages(self, ids: Sequence[int]) -> tuple[Passage, ...]:
        """Return passages by id, in the order of `ids`; those that are gone by now or out of sight are left out."""
        return tuple(passage for passage in self._database.passages(ids) if self._sees(passage.document.id))

    @property
    def is_part(self) -> bool:
        """Whether only some of the library's documents may be seen."""
        return self._allowed is not None

    def count(self, *, everywhere: bool = False) -> int:
        """Return the number of passages that can be found; `everywhere`: in the whole library."""
        return len(self._passage_ids) if self.is_part and not everywhere else self._database.count()

    # Words

    def search_lexical(self, words: Sequence[str], limit: int) -> list[ScoredPassage]:
        """Return the passages that hold any of the words (`index.analyse.words`), best first, scored by BM25."""
        if self._words_in_milvus:
            terms = {form for forms in self.forms(words) for form in forms}
            return self._dense_opened().search_terms(terms, limit, self._among)
        if self._allowed is None:
            return lexical_search.search_words(self._database, words, self._database.languages(), limit)
        return self._search_within([[word] for word in words], limit)

    def search_phrases(self, phrases: Sequence[Sequence[str]], limit: int) -> list[ScoredPassage]:
        """Return the passages that hold the words of any phrase in a row, best first, scored by BM25."""
        if self._allowed is None:
            return lexical_search.search_phrases(self._database, phrases, self._database.languages(), limit)
        return self._search_within(phrases, limit)

    def _search_within(self, phrases: Sequence[Sequence[str]], limit: int) -> list[ScoredPassage]:
        matches = self._matches(phrases)
        return self._database.search(match_any(matches), limit, self._allowed) if matches else []

    def passages_with(self, words: Sequence[str], *, everywhere: bool = False) -> list[int]:
        """Return, for each word, the number of passages that hold it; `everywhere`: of the whole library."""
        allowed = None if everywhere else self._allowed
        return self._database.passages_with(self._matches([[word] for word in words]), allowed)

    def forms(self, words: Sequence[str]) -> list[frozenset[str]]:
        """Return, for each word, the terms as which it may be stored here."""
        languages = self._database.languages()
        return [forms_of(word, languages) for word in words]

    def terms(self, ids: Sequence[int]) -> dict[int, PassageTerms]:
        """Return passages' terms by id; those that are gone by now are left out."""
        return self._database.terms(ids)

    # Meaning

    @property
    def embedder(self) -> Embedder:
        """The library's embedder, loaded when first needed. Raises: EmbedderError."""
        return self._embedder_opened()

    def embed_query(self, query: str) -> Floats:
        """Return the query's vector, shape (dimensions,), unit length."""
        vector: Floats = self.embedder.embed_queries([query])[0]
        return vector

    def search_dense(self, query: Floats, limit: int) -> list[ScoredPassage]:
        """Return the passages nearest to a query's vector, best first; scores are cosines."""
        return self._dense_opened().search(query, limit, self._among)

    def vectors(self, ids: Sequence[int]) -> dict[int, Floats]:
        """Return passages' vectors by id, each of shape (dimensions,); those that are gone by now are left out."""
        return self._database.vectors(ids, self.embedder.name)

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Floats]:
        """Return the vectors of the passages' sentences by passage id, each of shape (sentences, dimensions)."""
        return self._database.sentence_vectors(ids, self.embedder.name, self.embedder.dimensions)

    def embed_query_words(self, query: str, words: Sequence[Span]) -> Floats:
        """Return the vectors of a query and of its words, shape (1 + words, dimensions), unit length.

        Of the query alone where the embedder tells nothing of single words.
        """
        if reads_words(self.embedder):
            return self.embedder.embed_query_words(query, words)
        return self.embedder.embed_queries([query])

    def word_codes(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Return the codes of the passages' words by passage id (`index.word_codes`), where they have some."""
        return self._database.word_codes(ids, self.embedder.name)

    # What is in sight

    def _sees(self, document_id: int) -> bool:
        return self._allowed is None or document_id in self._allowed_ids

    @cached_property
    def _allowed_ids(self) -> frozenset[int]:
        return frozenset(self._allowed or ())

    @property
    def _among(self) -> Ids | None:
        return None if self._allowed is None else self._passage_ids

    @cached_property
    def _passage_ids(self) -> Ids:
        """The ids of the passages in sight, where not all are."""
        import numpy as np

        return np.array(self._database.passage_ids(self._allowed or ()), np.int64)

    def _matches(self, phrases: Sequence[Sequence[str]]) -> list[str]:
        languages = self._database.languages()
        return [match_phrase(phrase, languages) for phrase in phrases]
