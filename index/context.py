"""What is embedded before a passage's text: its document's title and the headings above it, cut to a budget."""

from collections.abc import Sequence

from index.parse.title import clip
from index.split import CountTokens
from index.types import Span

TOKENS_FOR_CONTEXT = 64
"""Of what the embedder reads, kept for the context; the rest is the passage's, so that none of it is cut off."""

NEAREST_HEADINGS = 2
SEPARATOR = ": "


def with_context(
    title: str, headings: Sequence[str], text: str, span: Span, sentences: Sequence[Span], count_tokens: CountTokens
) -> tuple[str, list[Span]]:
    """Return a passage's text with its context before it, and where its sentences stand in that.

    `span` and `sentences` are offsets in the document's text, `text` is what `span` covers.
    """
    context = context_of(title, headings, count_tokens)
    offset = len(context) - span.start
    return context + text, [Span(sentence.start + offset, sentence.end + offset) for sentence in sentences]


def context_of(title: str, headings: Sequence[str], count_tokens: CountTokens) -> str:
    """Return the title and the nearest headings in one line, of at most `TOKENS_FOR_CONTEXT` tokens."""
    line = clip(SEPARATOR.join(dict.fromkeys([title, *headings[-NEAREST_HEADINGS:]])))
    while len(line.encode()) > TOKENS_FOR_CONTEXT and count_tokens([line + SEPARATOR])[0] > TOKENS_FOR_CONTEXT:
        line = line[: len(line) * 3 // 4]
    return line + SEPARATOR
