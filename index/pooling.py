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
from index.word_codes import encode

TOKENS_IN_BATCH = 2_048
"""From 512 to 8,192, a sweep over 400 paragraphs changed PyTorch's time by no more than a tenth; CTranslate2 takes a
quarter longer with 4,096 than with this (bench/LOG.md)."""


@dataclass(frozen=True, slots=True)
class Spans:
    """What of a text gets vectors of its own: offsets in the text as it is embedded."""

    sentences: Sequence[Span] = ()
    words: Sequence[Span] = ()


def in_batches(
    workers: Executor, lengths: Sequence[int], embed: Callable[[Sequence[int]], Sequence[Embedded]]
) -> list[Embedded]:
    """Embed texts of so many tokens, batch by batch, on all workers; `embed` gets their positions. Keeps the order."""
    grouped = batches(lengths)
    results: dict[int, Embedded] = {}
    for batch, own in zip(grouped, workers.map(embed, grouped), strict=True):
        results.update(zip(batch, own, strict=True))
    return [results[position] for position in range(len(lengths))]


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Group texts of like length, so that little is padded; the longest go first, so that workers end together."""
    found: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lambda position: -lengths[position]):
        if not found or (len(found[-1]) + 1) * lengths[found[-1][0]] > TOKENS_IN_BATCH:
            found.append([])
        found[-1].append(position)
    return found


def pool(tokens: Floats, offsets: Sequence[tuple[int, int]], spans: Spans) -> Embedded:
    """Return the mean over a text's tokens, over each sentence's, and the codes of its words.

    `tokens` has shape (tokens, dimensions); `offsets` say where each stands, a special one nowhere: (0, 0).
    """
    starts = np.array([start for start, _ in offsets])
    ends = np.array([end for _, end in offsets])
    whole = tokens.mean(axis=0)
    means = [whole]
    for sentence in spans.sentences:
        inside = (starts >= sentence.start) & (ends <= sentence.end) & (ends > starts)
        means.append(tokens[inside].mean(axis=0) if inside.any() else whole)
    vectors = unit(np.stack(means))
    written = ends > starts
    words = _word_means(tokens[written], starts[written], ends[written], spans.words)
    return Embedded(vectors, encode(unit(words), vectors[0]))


def shifted(spans: Sequence[Span], offset: int) -> list[Span]:
    """Return spans of a text as those of one that has `offset` characters before it."""
    return [Span(span.start + offset, span.end + offset) for span in spans]


def unit(vectors: Floats) -> Floats:
    """Return vectors at unit length, shape (vectors, dimensions)."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = (vectors / np.maximum(length, 1e-12)).astype(np.float32)
    return result


def _word_means(tokens: Floats, starts: Ids, ends: Ids, words: Sequence[Span]) -> Floats:
    """Return the mean over each word's tokens, shape (words, dimensions), without words that were cut off."""
    first = np.searchsorted(starts, [word.start for word in words])
    last = np.searchsorted(ends, [word.end for word in words], side="right")
    first, last = first[last > first], last[last > first]
    sums = np.concatenate([np.zeros((1, tokens.shape[1]), tokens.dtype), np.cumsum(tokens, axis=0)])
    means: Floats = (sums[last] - sums[first]) / (last - first)[:, np.newaxis]
    return means
