"""Passages for programs: those that fit a query, and one by its number. Knows no HTTP."""

from index.errors import NotInLibrary
from index.library import Library
from index.types import EVERYTHING, Scope
from rag.rerankers import open_reranker
from rag.retrieve import retrieve
from rag.settings import load_settings
from ui.api.shapes import PassageReply, SearchReply, found_reply, passage_reply


def find(library: Library, query: str, limit: int, scope: Scope = EVERYTHING) -> SearchReply:
    """Return the passages that answers to `query` would be written from, best first. Raises: PinciteError."""
    retrieved = retrieve(library.within(scope), query, limit, reranker=open_reranker(load_settings().reranker))
    return SearchReply(passages=[found_reply(found.passage, found.score) for found in retrieved.candidates])


def read(library: Library, passage_id: int) -> PassageReply:
    """Return a passage. Raises: NotInLibrary."""
    passages = library.passages([passage_id])
    if not passages:
        raise NotInLibrary(f"no passage has the number {passage_id}: search again, documents may have changed")
    return passage_reply(passages[0])
