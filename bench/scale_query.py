"""A question's time in a large library beside a small one: `python -m bench.scale_query SET_FOLDER`.

Both libraries hold the set's passages with words of their own: every round after the first replaces each word but the
most frequent by one that is made up from it, so that the large one has the vocabulary, and the common words, of a
large one. Vectors are random (searching them takes the same time whatever they are). What is measured is everything
between a question and its scored sentences but the embedding; what scoring every passage costs, dense and lexical, is
shown apart. Questions take turns.
"""

import argparse
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from bench.report import machine, print_table
from bench.sets import read_lines
from index.arrays import Floats
from index.library import Library
from index.types import Span
from rag.answer import CANDIDATES
from rag.evidence import score_sentences
from rag.query import read_query
from rag.retrieve import FUSION, retrieve
from rag.spread import spread

DIMENSIONS = 384
PASSAGES_OF_DOCUMENT = 50
KEPT_WORDS = 300
"""The most frequent words stand in every round as they are."""
WORD = re.compile(r"\w+")


class RandomEmbedder:
    """Random unit vectors, the same for the same text; see `index.embedders.Embedder`."""

    name = "random"
    dimensions = DIMENSIONS
    max_tokens = 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's words."""
        return [len(text.split()) for text in texts]

    def embed_queries(self, queries: Sequence[str]) -> Floats:
        """Return shape (queries, dimensions)."""
        return np.concatenate([_random(1, len(query)) for query in queries])

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Floats]:
        """Return, for each text, shape (1 + its sentences, dimensions)."""
        return [_random(1 + len(own), hash(text) % 2**32) for text, own in zip(texts, sentences, strict=True)]


def _random(rows: int, seed: int) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((rows, DIMENSIONS), dtype=np.float32)
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def documents(texts: Sequence[str], passages: int) -> Iterator[str]:
    """Yield documents that together have so many passages."""
    counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
    kept = {word for word, _ in counts.most_common(KEPT_WORDS)}
    for first in range(0, passages, PASSAGES_OF_DOCUMENT):
        places = range(first, min(first + PASSAGES_OF_DOCUMENT, passages))
        yield "\n\n".join(_of_round(texts[place % len(texts)], place // len(texts), kept) for place in places)


def _of_round(text: str, number: int, kept: set[str]) -> str:
    if not number:
        return text
    return WORD.sub(lambda match: match[0] if match[0].lower() in kept else f"{match[0]}{number}", text)


def open_library(folder: Path, texts: Sequence[str], passages: int) -> Library:
    """Return a library of so many passages."""
    folder.mkdir()
    for number, text in enumerate(documents(texts, passages)):
        (folder / f"{number:05}.txt").write_text(text, encoding="utf-8")
    library = Library(folder / "library", RandomEmbedder, "random")
    library.add([folder])
    library.warm()
    return library


def seconds(library: Library, question: str) -> dict[str, float]:
    """Return the seconds of one question, and of the parts that score every passage."""
    vector, query = library.embed_query(question), read_query(library, question)
    words = [word.text for word in query.words]
    started = time.perf_counter()
    score_sentences(library, question, retrieve(library, question, CANDIDATES))
    whole = time.perf_counter()
    library.search_dense(vector, FUSION.candidates)
    dense = time.perf_counter()
    library.search_lexical(words, FUSION.candidates)
    library.search_phrases(query.phrases, FUSION.candidates)
    read_query(library, question)
    lexical = time.perf_counter()
    return {
        "question to scored sentences": whole - started,
        "of that, dense search": dense - whole,
        "of that, lexical search": lexical - dense,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    arguments = parser.parse_args()
    texts = [" ".join(entry["text"].split()[:100]) for entry in read_lines(arguments.folder / "corpus.jsonl.gz")]
    asked = [entry["question"] for entry in read_lines(arguments.folder / "queries.jsonl.gz")]
    print(machine())
    with tempfile.TemporaryDirectory(prefix="pincite-bench-") as work:
        libraries = [
            open_library(Path(work) / name, texts, passages)
            for name, passages in (("small", arguments.small), ("large", arguments.large))
        ]
        runs = [
            [seconds(library, question) for library in libraries] for question in spread(asked, arguments.questions)
        ]
        print_table(["median milliseconds", *(f"{library.count():,} passages" for library in libraries)], _rows(runs))


def _rows(runs: Sequence[Sequence[dict[str, float]]]) -> list[list[str]]:
    medians = [{name: 1e3 * median(run[side][name] for run in runs) for name in runs[0][side]} for side in (0, 1)]
    rows = [[name, *(f"{own[name]:.1f}" for own in medians)] for name in medians[0]]
    rest = [2 * own["question to scored sentences"] - sum(own.values()) for own in medians]
    rows.append(["the rest", *(f"{own:.1f}" for own in rest)])
    return [*rows, ["the rest, large beside small", "", f"{rest[1] / rest[0]:.2f} x"]]


if __name__ == "__main__":
    main()
