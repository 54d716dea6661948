"""What vectors of sentences and codes of words cost: `python -m bench.sentence_vectors SET_FOLDER [--passages N]`.

The same passages are embedded with and without them, in turn; then a library of them is weighed. Processor time, so
that other work on the machine weighs less.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from bench.report import machine, print_table
from bench.sets import read_lines, write_passage
from index.library import Library
from index.minilm import MiniLMEmbedder
from index.types import Passage, Span

ROUNDS = 5
Spans = list[Sequence[Span]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("--passages", type=int, default=300)
    arguments = parser.parse_args()
    entries = read_lines(arguments.folder / "corpus.jsonl.gz")[: arguments.passages]
    with tempfile.TemporaryDirectory(prefix="pincite-bench-") as work, Library.open(Path(work) / "library") as library:
        library.add([write_passage(Path(work) / f"{place:06}.md", entry) for place, entry in enumerate(entries)])
        passages = [
            passage
            for document in library.documents()
            for passage in library.document_passages(document.id)
            if passage.sentences and passage.kind.is_evidence
        ]
        print(f"{machine()}; {len(passages)} passages, {sum(len(own.sentences) for own in passages)} sentences")
        print_time(passages)
        print_space(library, passages, Path(work) / "library")


def print_time(passages: Sequence[Passage]) -> None:
    """Print the processor time of embedding, with sentences and words and without."""
    embedder = MiniLMEmbedder()
    texts = [passage.text for passage in passages]
    none: Spans = [() for _ in texts]
    sentences: Spans = [passage.sentences for passage in passages]
    ways: dict[str, tuple[Spans, bool]] = {
        "passages alone": (none, False),
        "with their sentences": (sentences, False),
        "with their sentences and words": (sentences, True),
    }
    embedder.embed_passages(texts, none)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (spans, words) in ways.items():
            started = time.process_time()
            embedder.embed(texts, spans, words=words)
            taken[name].append(time.process_time() - started)
    alone, *_ = taken.values()
    ratios = {
        name: median(mine / theirs for mine, theirs in zip(own, alone, strict=True)) for name, own in taken.items()
    }
    rows = [[name, f"{median(own):.2f}", f"{ratios[name]:.3f}"] for name, own in taken.items()]
    print_table(["embedding", "processor seconds, median", "beside passages alone, median of rounds"], rows)


def print_space(library: Library, passages: Sequence[Passage], folder: Path) -> None:
    """Print the bytes that vectors take beside the text and the whole library."""
    ids = [passage.id for passage in passages]
    single, half = np.dtype(np.float32).itemsize, np.dtype(np.float16).itemsize
    sizes = {
        "text": sum(len(passage.text.encode()) for passage in passages),
        "vectors of passages": sum(vector.size for vector in library.vectors(ids).values()) * single,
        "vectors of sentences": sum(own.size for own in library.sentence_vectors(ids).values()) * half,
        "codes of words": sum(len(codes) for codes in library.word_codes(ids).values()),
        "the library on disk": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
    }
    rows = [[name, f"{size / len(passages):,.0f}"] for name, size in sizes.items()]
    print_table(["", "bytes a passage"], rows)


if __name__ == "__main__":
    main()
