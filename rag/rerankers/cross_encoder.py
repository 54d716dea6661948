"""The adapter to sentence-transformers' CrossEncoder: a model that is on this machine reads question and passage."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.arrays import Floats
from index.sentence_transformers import import_sentence_transformers
from index.threads import calm_openmp
from rag.errors import RerankerError


class CrossEncoderReranker:
    """A cross-encoder on the CPU; see `rag.rerankers.base.Reranker`. One question at a time."""

    remote = ""

    def __init__(self, source: str | Path) -> None:
        """Load a model from a folder, or by name from the machine's Hugging Face cache; nothing is downloaded.

        Raises: RerankerError, also for a model that gives a pair of texts more than one score.
        """
        calm_openmp()
        self.name = str(source)
        self._model = _load(source)
        self._lock = threading.Lock()
        if self._model.num_labels != 1:
            raise RerankerError(
                f"the reranker {source} gives {self._model.num_labels} scores a passage, one is needed:"
                " name a cross-encoder that was trained for ranking"
            )

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Return shape (passages,), higher is better."""
        if not passages:
            return np.zeros(0, np.float32)
        pairs = [(question, passage) for passage in passages]
        with self._lock:
            scores = self._model.predict(pairs, convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(scores, np.float32).reshape(-1)


def _load(source: str | Path) -> Any:
    import_sentence_transformers()
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it without annotations
    try:
        return CrossEncoder(str(source), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise RerankerError(
            f"the reranker {source} is not on this machine, or no cross-encoder: name a folder,"
            f" or fetch it first with: hf download {source}"
        ) from error
