"""A model's token vectors to the vectors of a text, its sentences and its words, and texts to batches of like length.

A sentence's vector is the mean of its tokens' contextual embeddings within the passage ("late chunking", Günther
et al., 2024), where the model pools by the mean; it costs no second pass, and "he" is embedded next to its name.
Knows no model.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats, Ids
from index.embedders import Embedded
from index.types import Span
from index.word_codes import encode, word_spans


@dataclass(frozen=True, slots=True)
class Spans:
    """What of a text gets vectors of its own: offsets in the text as it is embedded."""

    sentences: Sequence[Span] = ()
    words: Sequence[Span] = ()


def spans_of(text: str, sentences: Sequence[Span], *, words: bool) -> Spans:
    """Return a text's sentences and, where they are wanted, its words from the first of them on."""
    return Spans(sentences, word_spans(text, sentences[0].start if sentences else 0) if words else ())


def in_batches(
    workers: Executor,
    lengths: Sequence[int],
    most_tokens: int,
    embed: Callable[[Sequence[int]], Sequence[Embedded]],
) -> list[Embedded]:
    """Embed texts of so many tokens, batch by batch, on all workers; `embed` gets their positions. Keeps the order."""
    grouped = batches(lengths, most_tokens)
    results: dict[int, Embedded] = {}
    for batch, own in zip(grouped, workers.map(embed, grouped), strict=True):
        results.update(zip(batch, own, strict=True))
    return [results[position] for position in range(len(lengths))]


def batches(lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Group texts of like length, so that little is padded; the longest go first, so that workers end together.

    A batch has `most_tokens` at most, with what is padded, or one text.
    """
    found: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lambda position: -lengths[position]):
        if not found or (len(found[-1]) + 1) * lengths[found[-1][0]] > most_tokens:
            found.append([])
        found[-1].append(position)
    return found


def pool(tokens: Floats, offsets: Sequence[tuple[int, int]], spans: Spans) -> Embedded:
    """Return the mean over a text's tokens, over each sentence's, and the codes of its words.

    `tokens` has shape (tokens, dimensions); `offsets` say where each stands, a special one nowhere: (0, 0).
    """
    edges = np.array(offsets, np.int64).reshape(-1, 2)
    written = edges[:, 1] > edges[:, 0]
    of_text, edges = tokens[written], edges[written]
    whole = tokens.mean(axis=0)
    means = [
        of_text[first:last].mean(axis=0) if first < last else whole
        for first, last in zip(*_tokens_of(spans.sentences, edges), strict=True)
    ]
    vectors = unit(np.stack([whole, *means]))
    return Embedded(vectors, encode(unit(_word_means(of_text, *_tokens_of(spans.words, edges))), vectors[0]))


def shifted(spans: Sequence[Span], offset: int) -> list[Span]:
    """Return spans of a text as those of one that has `offset` characters before it."""
    return [Span(span.start + offset, span.end + offset) for span in spans]


def unit(vectors: Floats) -> Floats:
    """Return vectors at unit length, shape (vectors, dimensions)."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, np.newaxis]
    result: Floats = (vectors / np.maximum(length, 1e-12)).astype(np.float32, copy=False)
    return result


def _tokens_of(spans: Sequence[Span], edges: Ids) -> tuple[Ids, Ids]:
    """Return the first token of each span and the one after its last; `edges` say where each begins and ends."""
    first = np.searchsorted(edges[:, 0], [span.start for span in spans])
    last = np.searchsorted(edges[:, 1], [span.end for span in spans], side="right")
    return first, last


def _word_means(tokens: Floats, first: Ids, last: Ids) -> Floats:
    """Return the mean over each word's tokens, shape (words, dimensions), without words that were cut off.

    Words have few tokens: all words' second tokens are added to their first ones at once, and so on.
    """
    first, counts = first[last > first], (last - first)[last > first]
    sums = tokens[first]
    for place in range(1, counts.max(initial=0)):
        longer = np.flatnonzero(counts > place)
        sums[longer] += tokens[first[longer] + place]
    sums /= counts[:, np.newaxis].astype(np.float32)
    return sums
