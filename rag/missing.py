"""What of a question is nowhere in the documents, so that a person can tell a wrong word from a missing document."""

from index.analyse import words
from index.view import View
from rag.words import WORD, content_words


def missing_words(library: View, question: str) -> tuple[str, ...]:
    """Return the words of content that no passage holds, as they stand in the question, each once."""
    asked = content_words(question)
    absent = {word for word, count in zip(asked, library.passages_with(asked), strict=True) if not count}
    tokens = dict.fromkeys(WORD.findall(question))
    return tuple(token for token in tokens if absent.intersection(words(token))) if library.count() else ()
