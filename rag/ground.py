"""A draft to grounded claims: the last word on what is shown, for any generator.

A claim is shown only if each of these holds; else it is withheld, with the reason:
- it cites, and every citation names a sentence that was given;
- every quotation stands in the passage it names, to the character;
- every number stands in a sentence it cites;
- every capitalised word stands in a given passage, its headings or title, or in the question;
- where only quotations are wanted, it has no other words than a few fixed ones.
"""

from collections.abc import Iterator, Sequence

import regex

from index.types import Passage, Span
from rag.draft import BETWEEN, OPENINGS, Draft, DraftSentence, Mark, Piece, Prose, Quotation
from rag.function_words import OTHERS
from rag.locate import places, sentences_around
from rag.manner import Strictness
from rag.types import Basis, Citation, Claim, Given, GivenPassage, Quote, Withheld
from rag.vocabulary import WORD, names, parts, plain, unknown_number
from rag.words import FUNCTION_WORDS

NOT_IN_PROSE = regex.compile(
    r"[\[\]【】［］“”„‟«»‹›‘‚‛「」『』\"`´❛❜❝❞〝〞〟＂＇⟦⟧\p{Cc}\p{Co}\u202a-\u202e\u2066-\u2069\ufffd]"
    r"|(?![\u00ad\u200c\u200d])\p{Default_Ignorable_Code_Point}"
    r"|(?<![\p{L}\p{M}\p{N}])['’]"
)
"""What only citations and quotations may hold, and characters that hide or turn a text around.

An apostrophe stands after a letter; at a word's beginning it opens something that looks like a quotation.
"""

_FIXED = frozenset(text.strip() for text in (*OPENINGS, *BETWEEN))
CLOSING = tuple(".!?…。．！？؟۔।")


class Rejected(Exception):
    """A drafted sentence does not hold; the message says why."""


class Grounder:
    """Grounds one answer's sentences as they come; the same cited sentence keeps its number."""

    def __init__(self, question: str, given: Given) -> None:
        self._given = {passage.number: passage for passage in given.passages}
        self._known_words = known_words(question, given)
        self._is_strict = given.manner.strictness is Strictness.STRICT
        self._numbers: dict[tuple[int, int], int] = {}

    def ground(self, draft: Draft) -> tuple[tuple[Claim, ...], tuple[Withheld, ...]]:
        """Return the sentences that hold as claims, and the others with the reason."""
        claims: list[Claim] = []
        withheld: list[Withheld] = []
        for sentence in draft.sentences:
            try:
                claims.append(self._claim(sentence))
            except Rejected as reason:
                withheld.append(Withheld(sentence.written, str(reason)))
        return tuple(claims), tuple(withheld)

    def _claim(self, sentence: DraftSentence) -> Claim:
        _check_finished(sentence)
        located = list(self._located(sentence.pieces))
        cited = self._cited(sentence.pieces, located)
        if self._is_strict:
            _check_only_quotes(sentence)
        prose = " ".join(piece.text for piece in sentence.pieces if isinstance(piece, Prose))
        self._check_prose(prose, [given.passage.sentence_text(number) for given, number in cited])
        citations = tuple(self._citation(given, number) for given, number in cited)
        text, places = _text_of(sentence.pieces)
        quotes = tuple(self._quote(given, span, at) for (given, span), at in zip(located, places, strict=True))
        is_quotation = not WORD.search(prose)
        return Claim(text, Basis.QUOTATION if is_quotation else Basis.PARAPHRASE, citations, quotes)

    # Citations

    def _located(self, pieces: Sequence[Piece]) -> Iterator[tuple[GivenPassage, Span]]:
        """Yield each quotation's passage and place."""
        for position, piece in enumerate(pieces):
            if isinstance(piece, Quotation):
                following = [mark for mark in pieces[position + 1 :] if isinstance(mark, Mark)]
                if not following:
                    raise Rejected("a quotation without a citation")
                given = self._passage(following[0])
                yield given, _place(piece.text, given)

    def _cited(
        self, pieces: Sequence[Piece], located: Sequence[tuple[GivenPassage, Span]]
    ) -> list[tuple[GivenPassage, int]]:
        """Return the cited sentences, each once, numbered from 0 in their passages."""
        cited = [(given, number) for given, span in located for number in sentences_around(span, given.passage)]
        quoted = {given.number for given, _ in located}
        for mark in (piece for piece in pieces if isinstance(piece, Mark)):
            given = self._passage(mark)
            if mark.sentence is not None:
                cited.append((given, mark.sentence - 1))
            elif mark.passage not in quoted:
                raise Rejected(f"[{mark.passage}] names a passage, but no sentence of it")
        if not cited:
            raise Rejected("no citation")
        if any(number + 1 not in {sentence.number for sentence in given.sentences} for given, number in cited):
            raise Rejected("cites a sentence that was not given")
        return list(dict.fromkeys(cited))

    def _passage(self, mark: Mark) -> GivenPassage:
        if mark.passage not in self._given:
            raise Rejected(f"cites passage {mark.passage}, which was not given")
        return self._given[mark.passage]

    def _citation(self, given: GivenPassage, number: int) -> Citation:
        passage = given.passage
        span = passage.sentences[number]
        marker = self._numbers.setdefault((passage.id, number), len(self._numbers) + 1)
        place = (passage.document, passage.heading, passage.page_at(span.start), passage.id, span.start, span.end)
        return Citation(marker, *place, passage.sentence_text(number))

    def _quote(self, given: GivenPassage, span: Span, at: Span) -> Quote:
        first = sentences_around(span, given.passage)[0]
        return Quote(self._citation(given, first).number, span.start, span.end, at)

    # Prose

    def _check_prose(self, prose: str, cited: Sequence[str]) -> None:
        stray = NOT_IN_PROSE.search(prose)
        if stray:
            raise Rejected(f"a stray {stray.group()!r} outside quotations and citations")
        unknown = unknown_number(prose, " ".join(cited))
        if unknown:
            raise Rejected(f"the number {unknown} is not in what it cites")
        for name in names(prose):
            if plain(name) not in self._known_words:
                raise Rejected(f"the name {name} is in no passage that was given")


def _check_finished(sentence: DraftSentence) -> None:
    """A generator may be cut off anywhere: what neither cites nor closes at its end is half a sentence."""
    if not any(WORD.search(piece.text) for piece in sentence.pieces if not isinstance(piece, Mark)):
        raise Rejected("it says nothing")
    last = sentence.pieces[-1]
    if isinstance(last, Prose) and not last.text.rstrip().endswith(CLOSING):
        raise Rejected("an unfinished sentence")


def _check_only_quotes(sentence: DraftSentence) -> None:
    """Refuse a generator's own words; the marks between quotations are none."""
    for piece in sentence.pieces:
        if isinstance(piece, Prose) and WORD.search(piece.text) and piece.text.strip() not in _FIXED:
            raise Rejected("own words, where only quotations are wanted")


def _place(quotation: str, given: GivenPassage) -> Span:
    """Return where a quotation stands: within the given sentences, where it stands in several places."""
    found = list(places(quotation, given.passage))
    if not found:
        raise Rejected(f"not verbatim in the passage it names: “{quotation}”")
    numbers = {sentence.number - 1 for sentence in given.sentences}
    return next((span for span in found if numbers.issuperset(sentences_around(span, given.passage))), found[0])


def known_words(question: str, given: Given) -> frozenset[str]:
    """Return the words that names may be made of: those that were given, and those that join others."""
    return frozenset(word for text in texts_of(question, given) for word in parts(text)) | joining_words(given)


def joining_words(given: Given) -> frozenset[str]:
    """Return the small words of English, and of the language that is to be written in."""
    return FUNCTION_WORDS | OTHERS.get(given.manner.code, frozenset())


def texts_of(question: str, given: Given) -> list[str]:
    """Return what a claim may take names from: the question, the passages, their headings and titles."""
    return [question, *(_reading_of(passage.passage) for passage in given.passages)]


def _reading_of(passage: Passage) -> str:
    return " ".join([passage.text, *passage.headings, passage.document.title])


def _text_of(pieces: Sequence[Piece]) -> tuple[str, list[Span]]:
    """Return a claim's text as it is read, without citations, and where each quotation stands in it.

    A claim that is one quotation and nothing else is shown as it is, without marks of ours.
    """
    only_quotation = sum(not isinstance(piece, Mark) for piece in pieces) == 1 or _is_bare(pieces)
    text, places = "", []
    for piece in pieces:
        if isinstance(piece, Prose):
            text = _join(text, " ".join(piece.text.split()))
        elif isinstance(piece, Quotation):
            words = " ".join(piece.text.split())
            text = _join(text, words if only_quotation else f"“{words}”")
            end = len(text) - (0 if only_quotation else 1)
            places.append(Span(end - len(words), end))
    return (text[: places[0].end] if only_quotation and places else text), places


def _is_bare(pieces: Sequence[Piece]) -> bool:
    """Tell a claim that is one quotation and a full stop."""
    quotations = sum(isinstance(piece, Quotation) for piece in pieces)
    prose = "".join(piece.text for piece in pieces if isinstance(piece, Prose))
    return quotations == 1 and not prose.strip(" .")


def _join(text: str, more: str) -> str:
    if not text or more[:1] in ".,;:!?。，؟؛":
        return text + more
    return f"{text} {more}"
