"""Words of a query to FTS5 expressions, and passages to what FTS5 stores of them. Knows nothing of scores.

A word of a query is looked for in the form it has in each language that the library holds.
"""

from collections.abc import Collection, Sequence

from index.analyse import term_of, terms
from index.types import PassageTerms

SENTENCE_END = "\n"
"""Between the terms of two sentences; to FTS5 it is a space."""


def match_any(expressions: Sequence[str]) -> str:
    """Return an expression that is satisfied where any of the expressions is."""
    return " OR ".join(expressions)


def match_all(expressions: Sequence[str]) -> str:
    """Return an expression that is satisfied where all of the expressions are."""
    return " AND ".join(expressions)


def match_phrase(words: Sequence[str], languages: Collection[str]) -> str:
    """Return an expression for words in a row; quoted, so that no word is read as an operator."""
    forms = dict.fromkeys(" ".join(term_of(word, language) for word in words) for language in _known(languages))
    return "(" + match_any([f'"{form}"' for form in forms]) + ")"


def forms_of(word: str, languages: Collection[str]) -> frozenset[str]:
    """Return the terms as which a word may be stored; never none."""
    return frozenset(term_of(word, language) for language in _known(languages))


def columns_of(title: str, headings: Sequence[str], sentences: Sequence[str], language: str) -> tuple[str, str, str]:
    """Return the columns title, headings and text of `passage_terms`; a heading that is the title counts once."""
    above = [heading for heading in headings if heading != title]
    return (
        " ".join(terms(title, language)),
        " ".join(term for heading in above for term in terms(heading, language)),
        SENTENCE_END.join(" ".join(terms(sentence, language)) for sentence in sentences),
    )


def terms_of_columns(title: str, headings: str, text: str) -> PassageTerms:
    """Read what `columns_of` wrote."""
    sentences = tuple(tuple(sentence.split()) for sentence in text.split(SENTENCE_END))
    return PassageTerms((*title.split(), *headings.split()), sentences)


def _known(languages: Collection[str]) -> Collection[str]:
    return sorted(languages) or [""]
