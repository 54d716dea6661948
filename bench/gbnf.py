"""What the grammar for servers costs in llama.cpp: `python -m bench.gbnf`. Set-up, and the mask of one token.

On the vocabulary of `bench.decoding`'s model, in turn with the smallest grammar there is: a mask asks of each of
151,936 tokens whether it may come. Scores are drawn by chance. llama-server takes a mask only where the token that the
model prefers is refused; llama-cpp-python's server takes one for every token.
"""

import argparse
import time
from collections.abc import Iterator
from ctypes import POINTER as pointer_to
from ctypes import byref, cast
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np

from bench.decoding import given_of, make_model, paragraphs
from bench.report import machine, print_table
from rag.gbnf import draft_gbnf
from rag.generators.llama_library import llama_library
from rag.generators.llama_model import LlamaModel

QUESTION = "What did Asif say about refugees?"
SMALLEST = "root ::= [a-z ]*\n"
GIVEN = ((5, 100), (5, 200), (20, 200))


class Masks:
    """One grammar in llama.cpp, taken along tokens that it allows."""

    def __init__(self, model: LlamaModel, grammar: str, seed: int) -> None:
        self._llama = llama_library()
        self._model = model
        self._random = np.random.default_rng(seed)
        self._spelled = np.array([min(len(model.bytes_of(token)), 8) for token in range(model.vocabulary_size)])
        started = time.perf_counter()
        self._sampler = self._llama.llama_sampler_init_grammar(model.vocabulary, grammar.encode(), b"root")
        self.parsed_seconds = time.perf_counter() - started

    def seconds(self) -> Iterator[float]:
        """Yield what each mask takes, until the grammar lets nothing but the end come."""
        kind = self._llama.llama_token_data
        while True:
            tokens = np.zeros(self._model.vocabulary_size, [("id", np.int32), ("logit", np.float32), ("p", np.float32)])
            tokens["id"] = np.arange(len(tokens))
            tokens["logit"] = self._random.standard_normal(len(tokens)) + self._spelled / 2  # long tokens are usual
            first = cast(tokens.ctypes.data, pointer_to(kind))
            candidates = self._llama.llama_token_data_array(first, len(tokens), -1, False)
            started = time.perf_counter()
            self._llama.llama_sampler_apply(self._sampler, byref(candidates))
            yield time.perf_counter() - started
            token = int(tokens["logit"].argmax())
            if self._model.ends_text(token):
                return
            self._llama.llama_sampler_accept(self._sampler, token)


def measure(model: LlamaModel, tokens: int, passages: int, words: int) -> list[str]:
    """Return the row for so many passages."""
    started = time.perf_counter()
    grammar = draft_gbnf(QUESTION, given_of(paragraphs(passages, words)))
    written_seconds = time.perf_counter() - started
    ours, smallest = Masks(model, grammar, seed=0), Masks(model, SMALLEST, seed=0)
    pairs = [
        pair for pair, _ in zip(zip(ours.seconds(), smallest.seconds(), strict=False), range(tokens), strict=False)
    ]
    masks: list[Any] = [list(side) for side in zip(*pairs, strict=True)]
    return [
        f"{passages} × {words}",
        f"{len(grammar) / 1000:,.0f}",
        f"{written_seconds * 1000:.0f}",
        f"{ours.parsed_seconds * 1000:.0f}",
        f"{median(masks[0]) * 1000:.0f} / {quantiles(masks[0], n=20)[-1] * 1000:.0f}",
        f"{median(masks[1]) * 1000:.0f}",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "pincite-bench")
    parser.add_argument("--tokens", type=int, default=60)
    arguments = parser.parse_args()
    print(machine())
    model = LlamaModel(make_model(arguments.folder), context=64, threads=1)
    headers = ["passages × words", "kB", "written ms", "parsed ms", "mask ms, median / p95", "smallest grammar's"]
    print_table(headers, [measure(model, arguments.tokens, *given) for given in GIVEN])


if __name__ == "__main__":
    main()
