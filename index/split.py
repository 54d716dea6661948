"""A document to passages and sentences. Pure: offsets in, offsets out.

A passage is a paragraph, or a part of one at sentence ends where it is longer than the embedder reads.
Passages and headings together cover all of a document's text but white space, and sentences all of a
passage's, in order and without overlap. Sentences are split by sentencex (Wikimedia).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from index.types import Block, Kind, ParsedDocument, PassageDraft, Span

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Tokens of each text, as the embedder counts them, without special tokens."""

LINE_OF_ITS_OWN = re.compile(r"\n(?=\s*(?:[-*+•‣]|\(?\d{1,3}[.)])\s)|(?<=\|)\n|\n(?=[^\n]* \| )")
"""A list item or a table row begins here, whatever the punctuation before it."""


def split(document: ParsedDocument, max_tokens: int, count_tokens: CountTokens) -> tuple[PassageDraft, ...]:
    """Return the document's passages and headings in order, none longer than `max_tokens` tokens."""
    paths = _heading_paths(document)
    carried = {heading for path in paths for heading in path}
    return tuple(
        PassageDraft(
            span,
            _kind(block, position in carried),
            _headings(document, path),
            tuple(sentences),
            page_of(document.pages, span.start),
            document.pages[bisect_right(document.pages, span.start) : bisect_left(document.pages, span.end)],
        )
        for position, (block, path) in enumerate(zip(document.blocks, paths, strict=True))
        for span, sentences in _parts(document, block, max_tokens, count_tokens)
    )


def page_of(pages: Sequence[int], offset: int) -> int | None:
    """Return the page on which a character stands, counted from 1; `pages` are the offsets at which they begin.

    Of pages that begin at the same place, all but the last are empty.
    """
    return max(1, bisect_right(pages, offset)) if pages else None


def _headings(document: ParsedDocument, path: Sequence[int]) -> tuple[str, ...]:
    return tuple(" ".join(document.blocks[position].span.of(document.text).split()) for position in path)


def _kind(block: Block, is_carried: bool) -> Kind:
    """A heading that stands above nothing is kept as a paragraph, so that it can be found."""
    return Kind.PARAGRAPH if block.kind is Kind.HEADING and not is_carried else block.kind


def _heading_paths(document: ParsedDocument) -> list[tuple[int, ...]]:
    """Return, for each block, the positions of the headings above it, outermost first."""
    paths: list[tuple[int, ...]] = []
    above: list[int] = []
    for position, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            above = [heading for heading in above if document.blocks[heading].level < block.level]
        paths.append(tuple(above))
        if block.kind is Kind.HEADING:
            above.append(position)
    return paths


def _parts(
    document: ParsedDocument, block: Block, max_tokens: int, count_tokens: CountTokens
) -> Iterator[tuple[Span, list[Span]]]:
    """Yield the block as one passage, or as several of about equal length where it is too long."""
    sentences = _sentences(document, block)
    if _utf8_length(block.span.of(document.text)) <= max_tokens:
        yield block.span, sentences
        return
    lengths = count_tokens([sentence.of(document.text) for sentence in sentences])
    if max(lengths) > max_tokens:
        sentences = [piece for own in sentences for piece in _cut(document.text, own, max_tokens, count_tokens)]
        lengths = count_tokens([sentence.of(document.text) for sentence in sentences])
    for part in _pack(sentences, lengths, max_tokens):
        yield Span(part[0].start, part[-1].end), part


def _sentences(document: ParsedDocument, block: Block) -> list[Span]:
    match block.kind:
        case Kind.TABLE:
            return _lines(document.text, block.span)
        case Kind.CODE:
            return _join_fragments(document.text, _lines(document.text, block.span))
        case _:
            return split_sentences(document.text, block.span, document.language)


def _lines(text: str, span: Span) -> list[Span]:
    """Return the lines of a block that are not blank, without white space at their ends."""
    ends = [match.start() + span.start for match in re.finditer(r"\n", span.of(text))]
    lines = (_trim(text, start, end) for start, end in pairwise([span.start, *ends, span.end]))
    return [line for line in lines if line]


def _pack(sentences: Sequence[Span], lengths: Sequence[int], max_tokens: int) -> Iterator[list[Span]]:
    """Group sentences into parts of about equal length, each of at most `max_tokens` tokens."""
    parts = max(1, -(-sum(lengths) // max_tokens))
    target = sum(lengths) / parts
    part: list[Span] = []
    length = 0
    for sentence, tokens in zip(sentences, lengths, strict=True):
        if part and (length + tokens > max_tokens or length + tokens / 2 > target):
            yield part
            part, length = [], 0
        part.append(sentence)
        length += tokens
    if part:
        yield part


def _cut(text: str, sentence: Span, max_tokens: int, count_tokens: CountTokens) -> Iterator[Span]:
    """Yield the sentence, or its halves of halves where it is longer than a passage may be."""
    if _utf8_length(sentence.of(text)) <= max_tokens or count_tokens([sentence.of(text)])[0] <= max_tokens:
        yield sentence
        return
    middle = _place_to_cut(text, sentence)
    for half in (_trim(text, sentence.start, middle), _trim(text, middle, sentence.end)):
        if half:
            yield from _cut(text, half, max_tokens, count_tokens)


def _place_to_cut(text: str, sentence: Span) -> int:
    """Return the clause's end, the word's end, or failing both the character, that is nearest to the middle."""
    middle = (sentence.start + sentence.end) // 2
    for pattern in (r"[,;:，；、：]\s*", r"\s+"):
        places = [match.end() + sentence.start for match in re.finditer(pattern, sentence.of(text))]
        nearest = min(places, key=lambda place: abs(place - middle), default=sentence.start)
        if abs(nearest - middle) <= (sentence.end - sentence.start) // 4:
            return nearest
    return middle


def split_sentences(text: str, span: Span, language: str = "") -> list[Span]:
    """Return the sentences of `text` within `span`, without the white space between them."""
    from sentencex import segment

    sentences = []
    for line in _lines_of_their_own(text, span):
        start = line.start
        for sentence in segment(language or "en", line.of(text)):
            trimmed = _trim(text, start, start + len(sentence))
            start += len(sentence)
            if trimmed:
                sentences.append(trimmed)
    return _join_fragments(text, sentences)


def _lines_of_their_own(text: str, span: Span) -> Iterator[Span]:
    ends = [match.start() + span.start for match in LINE_OF_ITS_OWN.finditer(span.of(text))]
    for start, end in pairwise([span.start, *ends, span.end]):
        yield Span(start, end)


def _join_fragments(text: str, sentences: Sequence[Span]) -> list[Span]:
    """Join a piece without a letter or digit, such as a bare closing mark or "1.", to its neighbour."""
    joined: list[Span] = []
    is_open = False
    for sentence in sentences:
        is_fragment = not any(character.isalpha() for character in sentence.of(text))
        if joined and (is_open or (is_fragment and not any(map(str.isdigit, sentence.of(text))))):
            joined[-1] = Span(joined[-1].start, sentence.end)
        else:
            joined.append(sentence)
        is_open = is_fragment
    return joined


def _trim(text: str, start: int, end: int) -> Span | None:
    stretch = text[start:end]
    start += len(stretch) - len(stretch.lstrip())
    end -= len(stretch) - len(stretch.rstrip())
    return Span(start, end) if start < end else None


def _utf8_length(text: str) -> int:
    """An upper bound of the tokens of any tokenizer: none is shorter than a byte."""
    return len(text.encode("utf-8", errors="replace"))
