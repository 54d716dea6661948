"""The adapter to sentence-transformers: one core a worker, sentences for the price of their passage (`index.pooling`).

Models that do not pool by the mean embed each sentence as a text of its own.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from index.arrays import Floats
from index.contextual import RemembersQueries
from index.embedders import Embedded
from index.errors import EmbedderError
from index.importing import importing, putting_off
from index.pooling import Spans, in_batches, pool, shifted, spans_of, unit
from index.threads import calm_openmp
from index.types import Span

TOKENS_IN_BATCH = 2_048
"""From 512 to 8,192, a sweep over 400 paragraphs changed the time by no more than a tenth (bench/LOG.md)."""


class SentenceTransformersEmbedder(RemembersQueries):
    """A sentence-transformers model on the CPU. Thread-safe; see `index.embedders.Embedder`."""

    def __init__(self, name: str, source: str | Path, precision: str = "auto") -> None:
        """Load a model from a folder, or by name from the machine's Hugging Face cache; nothing is downloaded.

        `precision` is "float32", "bfloat16", or "auto": bfloat16 where the processor computes in it.
        Raises: EmbedderError.
        """
        calm_openmp()
        model = _load(source)
        self.name = name
        self._model = model
        self._transformer = model[0]
        self._tokenizer = model.tokenizer
        if precision == "auto":
            precision = "bfloat16" if _computes_in_bfloat16() else "float32"
        self.precision = precision
        if precision == "bfloat16":
            self._transformer.bfloat16()
        self._pools_by_mean = _pools_by_mean(model)
        self._query_prompt = model.prompts.get("query") or ""
        self._passage_prompt = model.prompts.get("document") or model.prompts.get("passage") or ""
        self.dimensions = int(model.get_embedding_dimension() or 0)
        special = self._tokenizer.num_special_tokens_to_add()
        self.max_tokens = int(model.max_seq_length or 512) - special - self.count_tokens([self._passage_prompt])[0]
        self._workers = ThreadPoolExecutor(os.cpu_count() or 1, "embed", initializer=_use_one_core)
        super().__init__()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's tokens, without special tokens."""
        if not texts:
            return []
        encoded = self._tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def embed(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], *, words: bool) -> list[Embedded]:
        """Return, for each text, its vector, its sentences' and, where `words` are wanted, the codes of those.

        A model that does not pool by the mean tells nothing of words.
        """
        prompted, offset = [self._passage_prompt + text for text in texts], len(self._passage_prompt)
        if self._pools_by_mean:
            moved = [shifted(own, offset) for own in sentences]
            spans = [spans_of(text, own, words=words) for text, own in zip(prompted, moved, strict=True)]
            return self._embed_with(prompted, spans)
        whole = self._embed_with(prompted, [Spans()] * len(texts))
        pieces = [span.of(text) for text, own in zip(texts, sentences, strict=True) for span in own]
        singles = iter(self._embed_with([self._passage_prompt + piece for piece in pieces], [Spans()] * len(pieces)))
        together = [[passage, *(next(singles) for _ in own)] for passage, own in zip(whole, sentences, strict=True)]
        return [Embedded(np.concatenate([one.vectors for one in own])) for own in together]

    def _embed_query(self, query: str, words: Sequence[Span]) -> Floats:
        spans = Spans(sentences=shifted(words, len(self._query_prompt)))
        [embedded] = self._embed_with([self._query_prompt + query], [spans])
        embedded.vectors.setflags(write=False)
        return embedded.vectors

    def _embed_with(self, texts: Sequence[str], spans: Sequence[Spans]) -> list[Embedded]:
        if not texts:
            return []
        encoded = self._tokenizer(
            list(texts), truncation=True, max_length=self._model.max_seq_length, return_offsets_mapping=True
        )
        lengths = [len(ids) for ids in encoded["input_ids"]]
        return in_batches(
            self._workers, lengths, TOKENS_IN_BATCH, lambda batch: self._embed_batch(encoded, batch, spans)
        )

    def _embed_batch(self, encoded: Any, batch: Sequence[int], spans: Sequence[Spans]) -> list[Embedded]:
        import torch

        features = self._tokenizer.pad(
            {
                key: [encoded[key][position] for position in batch]
                for key in encoded
                if key in self._tokenizer.model_input_names
            },
            return_tensors="pt",
        )
        with torch.inference_mode():
            output = (self._transformer if self._pools_by_mean else self._model)(dict(features))
        mask = features["attention_mask"].numpy()
        if not self._pools_by_mean:
            return [Embedded(unit(vector[np.newaxis])) for vector in output["sentence_embedding"].float().numpy()]
        tokens = output["token_embeddings"].float().numpy()
        return [
            pool(tokens[row][mask[row].astype(bool)], encoded["offset_mapping"][position], spans[position])
            for row, position in enumerate(batch)
        ]


def import_sentence_transformers() -> None:
    """Import it without scikit-learn, of which it takes one function, for distances that nobody here asks for.

    With SciPy's statistics and pandas, which come along, that would be a fifth of the time of the import.
    """
    with importing():
        try:
            with putting_off("sklearn.metrics", "pairwise_distances"):
                import sentence_transformers
        except ImportError:  # a version that takes more of it
            import sentence_transformers  # noqa: F401


def _load(source: str | Path) -> Any:
    """Load a model that is already here. Raises: EmbedderError."""
    import_sentence_transformers()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it without annotations
    try:
        return SentenceTransformer(str(source), device="cpu", local_files_only=True).eval()
    except (OSError, ValueError, KeyError) as error:
        raise EmbedderError(
            f"the embedder {source} is not on this machine, or no sentence-transformers model: name a folder,"
            f" or fetch it first with: hf download {source}"
        ) from error


def _pools_by_mean(model: Any) -> bool:
    """Tell whether a text's vector is the mean of its tokens' and nothing else."""
    kinds = [type(module).__name__ for module in model]
    pooling = model[1] if len(kinds) > 1 and kinds[1] == "Pooling" else None
    is_plain = set(kinds[2:]) <= {"Normalize"}
    return pooling is not None and is_plain and pooling.pooling_mode == "mean" and pooling.include_prompt


def _computes_in_bfloat16() -> bool:
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _use_one_core() -> None:
    """Let a worker's operators run on one core: workers side by side need no barriers between cores."""
    import torch

    torch.set_num_threads(1)
