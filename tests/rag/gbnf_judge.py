"""Asks llama.cpp's own grammar sampler what a GBNF grammar takes. A program of its own: a bad grammar may crash it.

    python gbnf_judge.py MODEL.gguf <cases.json

Of each case, {"grammar": …, "texts": […], "walks": […]}, it prints null where the grammar cannot be parsed, else
"taken": of each text, how many bytes are taken and whether it may end there; "walked": for each seed, a text that
the grammar took, token by token, by chance, and whether it came to an end.
"""

import codecs
import json
import sys
from ctypes import POINTER as pointer_to
from ctypes import byref, cast
from pathlib import Path
from typing import Any

import numpy as np

from rag.generators.llama_library import llama_library
from rag.generators.llama_model import LlamaModel

MOST_TOKENS = 300
LIKED = {b" ": 3.0, b"[": 6.0, b"]": 6.0, b".": 5.0, b"\xe2": 4.0}
"""Logits above others; the last is the first byte of most quotation marks."""


class Judge:
    """One grammar in llama.cpp, on the vocabulary of one model."""

    def __init__(self, model: LlamaModel, grammar: str) -> None:
        self.llama = llama_library()
        self.model = model
        self.spelled = [model.bytes_of(token) for token in range(model.vocabulary_size)]
        self.sampler = self.llama.llama_sampler_init_grammar(model.vocabulary, grammar.encode(), b"root")

    def scored(self, tokens: Any, scores: Any) -> Any:
        """The scores after the grammar: -inf for what it does not take."""
        array = np.zeros(len(tokens), [("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        array["id"], array["logit"] = tokens, scores
        first = cast(array.ctypes.data, pointer_to(self.llama.llama_token_data))
        candidates = self.llama.llama_token_data_array(first, len(tokens), -1, False)
        self.llama.llama_sampler_apply(self.sampler, byref(candidates))
        return array["logit"]

    def may_end(self) -> bool:
        end = next(token for token in range(self.model.vocabulary_size) if self.model.ends_text(token))
        return bool(np.isfinite(self.scored([end], [1.0])[0]))

    def taken(self, text: str) -> tuple[int, bool]:
        self.llama.llama_sampler_reset(self.sampler)
        for place, byte in enumerate(text.encode()):
            token = self.spelled.index(bytes([byte]))
            if not np.isfinite(self.scored([token], [1.0])[0]):
                return place, False
            self.llama.llama_sampler_accept(self.sampler, token)
        return len(text.encode()), self.may_end()

    def walked(self, seed: int) -> tuple[str, bool]:
        """What ends a sentence comes far more often than by chance: else none would end."""
        self.llama.llama_sampler_reset(self.sampler)
        random = np.random.default_rng(seed)
        every = np.arange(len(self.spelled))
        ends = np.array([self.model.ends_text(int(token)) for token in every])
        liked = np.array([sum(score for part, score in LIKED.items() if part in text) for text in self.spelled])
        written = b""
        for _ in range(MOST_TOKENS):
            scores = self.scored(every, random.standard_normal(len(every)) + liked + 5 * ends)
            best_first = (int(token) for token in np.argsort(-scores))
            token = next(token for token in best_first if is_text(written + self.spelled[token]))
            if ends[token]:
                return written.decode(), True
            self.llama.llama_sampler_accept(self.sampler, token)
            written += self.spelled[token]
        return written.decode("utf-8", "replace"), False


def is_text(written: bytes) -> bool:
    """Whether it is UTF-8, the last character perhaps not whole: llama.cpp lets overlong forms pass."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(written)
    except UnicodeDecodeError:
        return False
    return True


def judged(model: LlamaModel, case: dict[str, Any]) -> dict[str, Any] | None:
    judge = Judge(model, case["grammar"])
    if not judge.sampler:
        return None
    taken = [judge.taken(text) for text in case.get("texts", [])]
    return {"taken": taken, "walked": [judge.walked(seed) for seed in case.get("walks", [])]}


if __name__ == "__main__":
    loaded = LlamaModel(Path(sys.argv[1]), context=64, threads=1)
    print(json.dumps([judged(loaded, case) for case in json.load(sys.stdin)]))
