"""all-MiniLM-L6-v2 on the CPU: in 8 bits through CTranslate2, which starts and answers without PyTorch.

Passages are embedded by sentence-transformers where the processor multiplies in bfloat16, which is faster still.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from index.arrays import Floats
from index.contextual import RemembersQueries
from index.eight_bits import open_encoder
from index.embedders import MINILM, MINILM_SHA256, Embedded, checked_minilm_directory, minilm_directory
from index.pooling import Spans, in_batches, pool, spans_of
from index.processor import computes_in_bfloat16
from index.types import Span

if TYPE_CHECKING:
    from tokenizers import Encoding

    from index.sentence_transformers import SentenceTransformersEmbedder

MOST_TOKENS = 256
"""That the model reads, special ones included: `max_seq_length` of its sentence_bert_config.json."""
SPECIAL_TOKENS = 2
TOKENS_IN_BATCH = 256
"""One long text, or several short ones: what the layers hand on then stays in the core's cache, and nothing is padded
where a text is alone. `python -m bench.embedding` compares."""
BYTES_OF_A_TOKEN = 4
"""About so many: by that, texts are put together before they are tokenised."""
Precision = Literal["int8", "bfloat16"]


class MiniLMEmbedder(RemembersQueries):
    """The packaged model. Thread-safe; see `index.embedders.ContextualEmbedder`."""

    name = MINILM
    dimensions = 384
    max_tokens = MOST_TOKENS - SPECIAL_TOKENS

    def __init__(self, precision: Precision | None = None) -> None:
        """Load the model; the first time on a machine its weights are checked and converted.

        `precision` is that of passages: None chooses what is faster here. Raises: EmbedderError.
        """
        from tokenizers import Tokenizer

        self.precision: Precision = precision or ("bfloat16" if computes_in_bfloat16() else "int8")
        self._tokenizer = Tokenizer.from_file(str(minilm_directory() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        cores = os.cpu_count() or 1
        # One more than cores: while one waits for Python's interpreter, which reading and writing use, all compute.
        self._workers = ThreadPoolExecutor(cores + 1, "embed")
        # One worker more than passages ever take: a question need not wait for a batch of them.
        self._encoder = open_encoder(f"{MINILM}-{MINILM_SHA256[:12]}-int8", checked_minilm_directory, cores + 2)
        super().__init__()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's tokens, without special tokens."""
        # One by one: encode_batch wakes threads, which take more time than they save beside embedding.
        return [len(self._tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]

    def embed(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], *, words: bool) -> list[Embedded]:
        """Return, for each text, its vector, its sentences' and, where `words` are wanted, the codes of those."""
        if self.precision == "bfloat16":
            return self._in_bfloat16.embed(texts, sentences, words=words)

        def embed_batch(batch: Sequence[int]) -> list[Embedded]:
            spans = [spans_of(texts[row], sentences[row], words=words) for row in batch]
            return self._embed_batch([texts[row] for row in batch], spans)

        return in_batches(self._workers, about_lengths(texts), TOKENS_IN_BATCH, embed_batch)

    @cached_property
    def _in_bfloat16(self) -> SentenceTransformersEmbedder:
        from index.sentence_transformers import SentenceTransformersEmbedder

        return SentenceTransformersEmbedder(MINILM, checked_minilm_directory(), "bfloat16")

    def _embed_query(self, query: str, words: Sequence[Span]) -> Floats:
        [embedded] = self._embed_batch([query], [Spans(sentences=words)])
        embedded.vectors.setflags(write=False)
        return embedded.vectors

    def _embed_batch(self, texts: Sequence[str], spans: Sequence[Spans]) -> list[Embedded]:
        read = [_cut(self._tokenizer.encode(text)) for text in texts]
        tokens = self._forward([ids for ids, _ in read])
        return [
            pool(vectors[: len(ids)], offsets, own)
            for vectors, (ids, offsets), own in zip(tokens, read, spans, strict=True)
        ]

    def _forward(self, rows: Sequence[Sequence[int]]) -> Floats:
        """Return the vectors of tokens, shape (rows, tokens of the longest, dimensions)."""
        from ctranslate2 import StorageView

        lengths = np.array([len(ids) for ids in rows], np.int32)
        padded = np.zeros((len(rows), lengths.max()), np.int32)
        for row, ids in zip(padded, rows, strict=True):
            row[: len(ids)] = ids
        output = self._encoder.forward_batch(StorageView.from_array(padded), StorageView.from_array(lengths))
        return np.array(output.last_hidden_state)


def about_lengths(texts: Sequence[str]) -> list[int]:
    """Return about how many tokens the model reads of each text, at least one."""
    return [max(1, min(len(text.encode()) // BYTES_OF_A_TOKEN, MOST_TOKENS)) for text in texts]


def _cut(encoded: Encoding) -> tuple[list[int], list[tuple[int, int]]]:
    """Return a text's tokens and where they stand, the last special one included, cut to what the model reads."""
    ids, offsets = encoded.ids, encoded.offsets
    if len(ids) <= MOST_TOKENS:
        return ids, offsets
    return [*ids[: MOST_TOKENS - 1], ids[-1]], [*offsets[: MOST_TOKENS - 1], offsets[-1]]
