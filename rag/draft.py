"""The draft format, which every generator writes, and its parser.

Prose cites sentence ids; after a quotation the passage's number follows; every sentence ends after its citations:

    Asif urged the Afghan authorities to take refugees back [2.1] [2.2].
    He put it as “They should arrange for the return of refugees” [2].

or the draft is the abstention line alone. The parser takes any text whatever: it never fails and checks nothing,
it only tells what was claimed, quoted and cited. What holds is decided in `rag.ground`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from index.split import split_sentences
from index.types import Span

ABSTENTION = "I cannot answer this from the given passages."

QUOTATION_MARKS = (("“", "”"), ('"', '"'), ("«", "»"), ("「", "」"), ("⟦", "⟧"), ("❝", "❞"))
"""Pairs a generator may be told to quote with; the first that occurs in no given sentence is taken."""

OPENINGS = (
    "The passages say: ",
    "The passages say that ",
    "It is said that ",
    "They also say: ",
    "On this, they say: ",
)
BETWEEN = (" and ", ", and ", ", but ", ", while ", "; ")
"""What may stand before quotations and between them where nothing else than quotations is wanted."""

OTHER_MARKS = (("„", "“"), ("„", "”"), ("‘", "’"), ("‹", "›"), ("『", "』"), ("〝", "〞"), ("＂", "＂"))
"""Pairs that a generator may use all the same: what stands in them is checked as a quotation, too."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A generator's own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """What a generator claims to stand in a passage, without its marks."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation: of a sentence ("[2.1]"), or of a passage ("[2]"), where `sentence` is None."""

    passage: int
    sentence: int | None


Piece = Prose | Quotation | Mark


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One drafted sentence, in pieces, and as it was written."""

    pieces: tuple[Piece, ...]
    written: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A parsed draft. Where it abstains it has no sentences."""

    sentences: tuple[DraftSentence, ...] = ()
    abstains: bool = False


_MARKS = "|".join(
    rf"{re.escape(opening)}(?:[^{re.escape(closing)}]*){re.escape(closing)}"
    for opening, closing in (*QUOTATION_MARKS, *(pair for pair in OTHER_MARKS if pair[0] != "‘"))
)
_SINGLE = r"(?<![\w\p{M}])‘[^‘]*?’(?!\w)|(?<![\w\p{M}])'[^']*'(?!\w)"
_CITATION = r"\[\s*\d{1,6}(?:\.\d{1,6})?(?:\s*[,;]\s*\d{1,6}(?:\.\d{1,6})?)*\s*\]"
_ATOM = regex.compile(rf"(?P<quotation>{_MARKS}|{_SINGLE})|(?P<citation>{_CITATION})", regex.DOTALL)
_CITED = "\ue001"
"""Stands for every character of a citation while sentences are split; a quotation looks like one capitalised word."""

_TERMINAL = r"[.!?…。．！？؟۔।]"
_CITATIONS = rf"{_CITED}+(?:\s*{_CITED}+)*+"
_END = regex.compile(
    rf"(?:{_TERMINAL}\s*)?{_CITATIONS}\s*{_TERMINAL}(?=\s|\Z)|{_TERMINAL}\s*{_CITATIONS}(?=\s++(?!\p{{Ll}})|\Z)|\n"
)
"""A sentence ends after its citations, on whichever side of them the full stop stands, and with its line.

Where the full stop stands before them, a word in lower case goes on with the sentence: “It is.” [1] and so on."""
_BEFORE_CITATIONS = regex.compile(rf"{_TERMINAL}(?=\s*{_CITED})")


def parse_draft(text: str, marks: tuple[str, str], is_final: bool = True) -> Draft:
    """Parse a draft, or as much of it as is surely complete where `is_final` is False.

    `marks` is the quotation pair the generator was told to use; what stands in it may hold any other mark.
    """
    if text.strip().rstrip(".").casefold() == ABSTENTION.rstrip(".").casefold():
        return Draft(abstains=True)
    atoms, masked = _mask(text, marks)
    spans = _sentence_spans(masked)
    if not is_final:
        spans = spans[:-1]
    sentences = [_sentence(text, masked, atoms, span) for span in spans]
    return Draft(tuple(sentence for sentence in sentences if sentence.pieces))


def _mask(text: str, marks: tuple[str, str]) -> tuple[dict[int, str], str]:
    """Return the quotations and citations by offset, and the text with placeholders over them, of equal length."""
    opening, closing = map(re.escape, marks)
    own = regex.compile(rf"(?P<own>{opening}.*?(?:{closing}|\Z))|{_ATOM.pattern}", regex.DOTALL)
    atoms: dict[int, str] = {}

    def cover(match: regex.Match[str]) -> str:
        atoms[match.start()] = match.group()
        return _CITED * len(match.group()) if match["citation"] else _like_a_word(match.group())

    return atoms, own.sub(cover, text.replace(_CITED, "\ufffd"))


def _like_a_word(quotation: str) -> str:
    """Return a word as long as the quotation, with its full stop, if it ends in one."""
    ends_sentence = re.search(rf"{_TERMINAL}\s*.\Z", quotation, re.DOTALL)
    return "X" * (len(quotation) - 1) + ("." if ends_sentence else "X")


def _sentence_spans(masked: str) -> list[Span]:
    """Split at the ends of cited sentences and of lines, and what is left as prose is split."""
    spans, start = [], 0
    joined = _BEFORE_CITATIONS.sub("X", masked)
    for end in [*(match.end() for match in _END.finditer(masked)), len(masked)]:
        spans += split_sentences(joined, Span(start, end))
        start = end
    return spans


def _sentence(text: str, masked: str, atoms: dict[int, str], span: Span) -> DraftSentence:
    pieces: list[Piece] = []
    position = span.start
    for start in sorted(offset for offset in atoms if span.start <= offset < span.end):
        pieces += _prose(text[position:start])
        pieces += _atom_pieces(atoms[start], masked[start] == _CITED)
        position = start + len(atoms[start])
    pieces += _prose(text[position : span.end])
    return DraftSentence(tuple(pieces), text[span.start : max(position, span.end)].strip())


def _prose(text: str) -> list[Piece]:
    return [Prose(text)] if text.strip() else []


def _atom_pieces(atom: str, is_citation: bool) -> Iterator[Piece]:
    if not is_citation:
        yield Quotation(atom[1:-1] if len(atom) > 1 else "")
        return
    for passage, sentence in re.findall(r"(\d+)(?:\.(\d+))?", atom):
        yield Mark(int(passage), int(sentence) if sentence else None)
