"""What 8 bits gain and lose, and how large a batch should be: `python -m bench.embedding SET_FOLDER [--passages N]`.

Passages and questions of a set, embedded as a library does it, and by sentence-transformers in float32: the cosine of
both vectors, and how long each takes. Then the passages again, in batches of several sizes. All take turns in one run,
and the time is that of the processor, so that other work on the machine weighs less.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from bench.report import machine, print_table
from bench.sets import read_lines
from index.arrays import Floats
from index.embedders import checked_minilm_directory
from index.minilm import TOKENS_IN_BATCH, MiniLMEmbedder, _cut
from index.pooling import batches
from index.sentence_transformers import SentenceTransformersEmbedder
from rag.spread import spread

BATCHES = (1, TOKENS_IN_BATCH, 512, 1_024, 2_048, 4_096)
"""Tokens in a batch; with 1, each text is alone."""


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the seconds of all the process's threads during a call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def cosines(own: Sequence[Floats], reference: Sequence[Floats]) -> Floats:
    """Return the cosine of each pair of unit vectors, shape (vectors,)."""
    both = np.concatenate(own), np.concatenate(reference)
    result: Floats = np.einsum("ij,ij->i", *both)
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("--passages", type=int, default=200)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    entries = read_lines(arguments.folder / "corpus.jsonl.gz")
    texts = [" ".join(entry["text"].split()) for entry in spread(entries, arguments.passages)]
    asked = [entry["question"] for entry in read_lines(arguments.folder / "queries.jsonl.gz")]
    questions = spread(asked, arguments.questions)
    ours = MiniLMEmbedder()
    print(f"{machine()}; {len(texts)} passages, {len(questions)} questions")
    compare_precisions(ours, texts, questions, arguments.rounds)
    compare_batches(ours, texts, arguments.rounds)


def compare_precisions(ours: MiniLMEmbedder, texts: Sequence[str], questions: Sequence[str], rounds: int) -> None:
    """Print how near our vectors are to those in float32, and how much faster they are made."""
    reference = SentenceTransformersEmbedder("reference", checked_minilm_directory(), "float32")
    embed = [partial(one.embed_passages, texts, [()] * len(texts)) for one in (ours, reference)]
    passages = [run() for run in embed]
    ask = [[partial(one._embed_query, question, ()) for question in questions] for one in (ours, reference)]
    queries = [[query() for query in own] for own in ask]
    whole = [[processor_seconds(run) for run in embed] for _ in range(rounds)]
    single = [[processor_seconds(query) for query in pair] for pair in zip(*ask, strict=True)]
    rows = []
    for name, vectors, times in (("passages", passages, whole), ("questions", queries, single)):
        near = cosines(vectors[0], vectors[1])
        ratio = median(theirs / mine for mine, theirs in times)
        rows.append([name, f"{near.mean():.4f}", f"{np.quantile(near, 0.01):.4f}", f"{near.min():.4f}", f"{ratio:.2f}"])
    print_table([ours.precision, "cosine with float32, mean", "1 in 100 below", "least", "times as fast"], rows)


def compare_batches(ours: MiniLMEmbedder, texts: Sequence[str], rounds: int) -> None:
    """Print how much longer the model takes with batches of other sizes; tokenising is left out."""
    tokens = [_cut(ours._tokenizer.encode(text))[0] for text in texts]

    def forward(most_tokens: int) -> None:
        for batch in batches([len(ids) for ids in tokens], most_tokens):
            ours._forward([tokens[position] for position in batch])

    forward(TOKENS_IN_BATCH)
    taken = [{size: processor_seconds(partial(forward, size)) for size in BATCHES} for _ in range(rounds)]
    ratios = {size: median(own[size] / own[TOKENS_IN_BATCH] for own in taken) for size in BATCHES}
    print_table(["tokens in a batch", "time beside ours"], [[str(size), f"{ratios[size]:.2f}"] for size in BATCHES])


if __name__ == "__main__":
    main()
