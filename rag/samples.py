"""Sample questions made from a library by rule, without a language model: who speaks, and what the headings name.

"What did Asif say about refugees?" is a speaker of the document and the heading's last noun that its section uses.
Only questions that the library answers are returned. The rules for speakers know English verbs of saying; a document
in another language gets questions about its headings and names.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

import regex

from index.library import Library
from index.types import Kind, Passage
from rag.answer import answer
from rag.generators.extractive import ExtractiveGenerator

DOCUMENTS = 6
"""Documents looked at: enough for variety, few enough for a fraction of a second."""
PASSAGES = 200
"""Passages looked at in each document."""
TRIES = 3
"""Candidates tried for each question wanted, where the first are not answered."""
STEM = 5
"""Leading letters by which a heading's word is recognised in its section ("attacks", "attacked")."""

_VERBS = (
    "said|says|stated|told|added|noted|argued|explained|warned|stressed|emphasi[sz]ed|urged|claimed|wrote|announced"
)
_WORD = r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}’'-]*"
_NAME = r"\p{Lu}(?:[’']\p{Lu})?[\p{L}\p{M}-]+"
_SPEAKER = regex.compile(rf"(?:{_NAME} )*({_NAME}) (?:\p{{Ll}}+ly )?(?:{_VERBS})\b")
_WITHIN = regex.compile(rf"(?<=[\p{{Ll}}\p{{N}},;] ){_NAME}")
# Within a sentence, and no adjective of what follows: "Gaza," and "Hamas and", but not "Afghan soil".
_NAMED = regex.compile(
    rf"(?<=[\p{{Ll}},] ){_NAME}(?: {_NAME})*+"
    r"(?=[’']s\b|[,.;:?!)”]| (?:and|or|is|was|has|have|had|will|to|in|on|for|with)\b)"
)
_PRONOUNS = frozenset(["he", "she", "they", "it", "we", "i", "you", "who", "this", "that", "these", "those", "there"])
_SMALL = frozenset(
    regex.findall(
        r"\w+",
        "a an the of for from to in on at by with without between and or nor but not no as is are was were be been its "
        "their his her our your my into over under about after before against than how what why when where who",
    )
)


def sample_questions(library: Library, count: int = 3) -> tuple[str, ...]:
    """Return up to `count` questions that the library answers. Loads the embedder; () for an empty library."""
    documents = library.documents()[:DOCUMENTS]
    by_document = [_questions(library.document_passages(document.id)[:PASSAGES]) for document in documents]
    in_turn = (question for questions in zip_longest(*by_document) for question in questions if question)
    candidates = islice(dict.fromkeys(in_turn), TRIES * count)
    return tuple(islice((question for question in candidates if _is_answered(question, library)), count))


STRANGE = (
    "Who won the 2022 football World Cup?",
    "What is the boiling point of mercury?",
    "How many moons does Jupiter have?",
    "Wer hat die Zauberflöte komponiert?",
)
"""Questions that few libraries answer."""


def unanswerable_question(library: Library) -> str:
    """Return a question that the library does not answer, to show what happens then; "" where none is found."""
    return next((question for question in STRANGE if not _is_answered(question, library)), "")


def _is_answered(question: str, library: Library) -> bool:
    return answer(question, library=library, generator=ExtractiveGenerator()).abstention is None


def _questions(passages: Sequence[Passage]) -> Iterator[str]:
    """Yield a document's candidates: its sections in order, then the names it uses most."""
    paragraphs = [passage for passage in passages if passage.kind is Kind.PARAGRAPH]
    speaker = _speaker(" ".join(passage.text for passage in paragraphs))
    asked = f"What did {speaker} say about" if speaker else "What is said about"
    topics = chain(_heading_topics(paragraphs), _names(paragraphs, speaker))
    return (f"{asked} {topic}?" for topic in topics)


def _speaker(text: str) -> str:
    """Return the last name of whoever is most often said to speak, "" where nobody is."""
    words = set(regex.findall(_WORD, text))
    names = Counter(
        name for name in _SPEAKER.findall(text) if name.lower() not in _PRONOUNS and name.lower() not in words
    )
    return names.most_common(1)[0][0] if names else ""


def _heading_topics(paragraphs: Sequence[Passage]) -> Iterator[str]:
    sections: dict[str, list[str]] = {}
    for passage in paragraphs:
        if passage.headings:
            sections.setdefault(passage.headings[-1], []).append(passage.text)
    return (topic for heading, texts in sections.items() if (topic := heading_topic(heading, " ".join(texts))))


def heading_topic(heading: str, section: str) -> str:
    """Return what a heading names and its section speaks of, "" if nothing.

    A name goes before other words, several words before one, and later ones before earlier: "Call for return of
    refugees" → "refugees", "Warm ties between Afghanistan, India not concern" → "India". A capital is kept
    where the section writes the word in no other way.
    """
    words, names = set(regex.findall(_WORD, section)), set(_WITHIN.findall(section))
    stems = {word[:STEM].lower() for word in words}
    phrases = [phrase for phrase in _phrases(heading) if all(word[:STEM].lower() in stems for word in phrase)]
    ranked = sorted(phrases, key=lambda phrase: (any(word in names for word in phrase), len(phrase)))
    return " ".join(_as_written(word, words) for word in ranked[-1]) if ranked else ""


def _phrases(heading: str) -> list[list[str]]:
    """Split a heading at punctuation and small words: "Terror attacks from Afghan soil" → two phrases."""
    phrases: list[list[str]] = [[]]
    for token in regex.findall(rf"{_WORD}|[^\s\p{{L}}\p{{N}}]", heading):
        if token.lower() in _SMALL or not regex.fullmatch(_WORD, token):
            phrases.append([])
        else:
            phrases[-1].append(token)
    return [phrase for phrase in phrases if phrase]


def _as_written(word: str, words: set[str]) -> str:
    """Return a heading's word without its capital, unless its section never writes it so."""
    return word if word in words and word.lower() not in words else word.lower()


def _names(paragraphs: Iterable[Passage], speaker: str) -> Iterator[str]:
    """Yield the names used within sentences, the most frequent first; a name used once is no subject."""
    names = Counter(name for passage in paragraphs for name in _NAMED.findall(passage.text))
    return (name for name, uses in names.most_common() if uses > 1 and not (speaker and speaker in name))
