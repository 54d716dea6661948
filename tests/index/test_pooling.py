"""Texts to batches, and a model's token vectors to those of texts, sentences and words."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index.embedders import Embedded
from index.pooling import Spans, batches, in_batches, pool, shifted
from index.types import Span


@pytest.mark.parametrize("lengths", [[5], [256] * 40, [1] * 5_000, list(range(1, 257)), []])
def test_batches_hold_every_text_once_and_stay_within_the_budget(lengths: Sequence[int]) -> None:
    found = batches(lengths, 2_048)
    assert sorted(position for batch in found for position in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[position] for position in batch) <= 2_048 for batch in found)


def test_what_is_embedded_in_batches_comes_back_in_order() -> None:
    lengths = [3, 250, 7, 256, 1] * 20

    def embed(batch: Sequence[int]) -> list[Embedded]:
        return [Embedded(np.array([[position]], np.float32)) for position in batch]

    with ThreadPoolExecutor(3) as workers:
        found = in_batches(workers, lengths, 512, embed)
    assert [int(own.vectors[0, 0]) for own in found] == list(range(100))


def test_vectors_are_means_of_tokens_of_unit_length() -> None:
    """[CLS] a b c [SEP]: the text has all five, a sentence only its own, and one without tokens has the text's."""
    tokens = np.array([[2, 0], [4, 0], [0, 4], [0, 2], [4, 4]], np.float32)
    offsets = [(0, 0), (0, 1), (2, 3), (4, 5), (0, 0)]

    vectors = pool(tokens, offsets, Spans(sentences=[Span(0, 3), Span(4, 5), Span(6, 9)])).vectors

    assert vectors == pytest.approx(
        np.array([[0.5**0.5, 0.5**0.5], [0.5**0.5, 0.5**0.5], [0, 1], [0.5**0.5, 0.5**0.5]])
    )


def test_spans_move_with_what_stands_before() -> None:
    assert shifted([Span(0, 2), Span(5, 9)], 3) == [Span(3, 5), Span(8, 12)]
