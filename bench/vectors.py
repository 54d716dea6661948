"""Which index finds what an exact one finds, at what cost: `python -m bench.vectors SET_FOLDER --library FOLDER ...`.

Questions are the set's, embedded by MiniLM. Vectors are those of the libraries' passages and sentences, and where more
are asked for than there are, **synthetic** ones: a real vector, moved by half the difference of two others of its
cluster. So they have the local dimension of the real ones (25 by Levina and Bickel's estimate, against 24 to 25), and
lie a little further from the questions, which makes them no easier to find.

Costs are in CPU time of one thread, one query at a time. Ours is measured as it is used: written, mapped, searched.
"""

import argparse
import importlib
import math
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.plot import add_plot_option, write_plot
from bench.report import machine, print_table
from bench.sets import read_lines
from index.arrays import Floats, Ids
from index.embedders import MINILM, open_embedder
from index.vectors import snapshot
from index.vectors.faiss_store import Stamp
from index.vectors.snapshot import Snapshot
from rag.retrieve import FUSION
from rag.spread import spread

faiss: Any = importlib.import_module("faiss")
"""Its annotations lack some of what it has."""

DIMENSIONS = 384
CLUSTERS, IN_CLUSTER = 256, 40
MOVED = 0.5
TOP = 10

Search = Callable[[Floats], Ids]


def real_vectors(libraries: Sequence[Path]) -> Floats:
    """Return the vectors of the libraries' passages and sentences, each once, in an order of chance."""
    found = []
    for folder in libraries:
        database = sqlite3.connect(f"file:{folder / 'library.db'}?mode=ro", uri=True)
        for own, sentences in database.execute("SELECT vector, sentence_vectors FROM embeddings"):
            halves = np.frombuffer(sentences, np.float16).reshape(-1, DIMENSIONS)
            found += [np.frombuffer(own, np.float32)[np.newaxis], halves.astype(np.float32)]
        database.close()
    vectors = np.concatenate(found)
    _, first = np.unique(np.round(vectors[:, :4] * 2048).astype(np.int32), axis=0, return_index=True)
    return _unit(vectors[np.random.default_rng(0).permutation(first)])


def with_synthetic(real: Floats, count: int) -> Floats:
    """Return `count` vectors, the real ones first."""
    if count <= len(real):
        return real[:count]
    random, missing = np.random.default_rng(1), count - len(real)
    number = min(CLUSTERS, max(1, len(real) // IN_CLUSTER))
    clusters = faiss.Kmeans(DIMENSIONS, number, niter=5, spherical=True, seed=1)
    clusters.train(real)
    cluster = clusters.index.search(real, 1)[1][:, 0]
    order, sizes = np.argsort(cluster, kind="stable"), np.bincount(cluster, minlength=number)
    starts = np.cumsum(sizes) - sizes
    vectors = np.empty((count, DIMENSIONS), np.float32)
    vectors[: len(real)] = real
    for first in range(len(real), count, snapshot.READ_AT_ONCE):
        anchors = random.integers(0, len(real), min(snapshot.READ_AT_ONCE, missing, count - first))
        own = cluster[anchors]
        one, other = (order[starts[own] + (random.random(len(own)) * sizes[own]).astype(int)] for _ in range(2))
        vectors[first : first + len(own)] = _unit(real[anchors] + MOVED * (real[one] - real[other]))
    return vectors


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def ours(vectors: Floats, folder: Path) -> Snapshot:
    """Write a snapshot of the vectors, and map it."""
    path = folder / "vectors"
    snapshot.write(path, Stamp("bench", DIMENSIONS, 1, 1), np.arange(len(vectors)), lambda ids: vectors[ids])
    loaded = snapshot.load(path, "bench", DIMENSIONS)
    if loaded is None:
        raise SystemExit(f"the snapshot at {path} was not read back")
    return loaded[0]


def others(vectors: Floats, lists: int) -> dict[str, Callable[[], Search]]:
    """Return FAISS's own indexes by name, each made when it is called."""
    inner = faiss.METRIC_INNER_PRODUCT

    def quantised(kind: int) -> Search:
        index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(DIMENSIONS), DIMENSIONS, lists, kind, inner)
        index.train(vectors[: lists * snapshot.TRAINED_ON])
        return _filled(index, vectors, faiss.SearchParametersIVF(nprobe=int(snapshot.PROBES * lists**0.5)))

    def graph(width: int) -> Search:
        index = faiss.IndexHNSWSQ(DIMENSIONS, faiss.ScalarQuantizer.QT_8bit, 32, inner)
        index.hnsw.efConstruction = 100
        index.train(vectors[:50_000])
        return _filled(index, vectors, faiss.SearchParametersHNSW(efSearch=width))

    return {
        "IVF, half precision": lambda: quantised(faiss.ScalarQuantizer.QT_fp16),
        "IVF, 8 bits": lambda: quantised(faiss.ScalarQuantizer.QT_8bit),
        "HNSW32, 8 bits, ef 400": lambda: graph(400),
    }


def _filled(index: Any, vectors: Floats, parameters: Any) -> Search:
    index.add(vectors)

    def search(query: Floats) -> Ids:
        found: Ids = index.search(query[np.newaxis], FUSION.candidates, params=parameters)[1][0]
        return found

    return search


@dataclass(frozen=True, slots=True)
class Found:
    """What an index found of what is nearest, among the first `TOP` and of all, and what it cost in CPU time."""

    name: str
    recalls: tuple[float, float]
    milliseconds: float
    """A query."""
    seconds: float
    """To make it."""

    @property
    def row(self) -> list[str]:
        """A line of the table."""
        recalls = (f"{recall:.4f}" for recall in self.recalls)
        return [self.name, *recalls, f"{self.milliseconds:.2f}", f"{self.seconds:.0f}"]


def measure(name: str, make: Callable[[], Search], queries: Floats, exact: Ids) -> Found:
    """Make an index, and ask it every question."""
    started = time.process_time()
    search = make()
    made = time.process_time()
    found = [search(query) for query in queries]
    asked = time.process_time()
    first, every = (
        float(np.mean([np.isin(right[:top], own[:top]).mean() for own, right in zip(found, exact, strict=True)]))
        for top in (TOP, FUSION.candidates)
    )
    return Found(name, (first, every), 1e3 * (asked - made) / len(queries), made - started)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("--library", type=Path, action="append", required=True, help="a library embedded by MiniLM")
    parser.add_argument("--vectors", type=int, action="append", help="how many vectors; may be given several times")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--only-ours", action="store_true")
    add_plot_option(parser, "recall over time as curves, a point for each number of vectors,")
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    asked = [entry["question"] for entry in read_lines(arguments.folder / "queries.jsonl.gz")]
    queries = open_embedder(MINILM).embed_queries(spread(asked, arguments.questions))
    real = real_vectors(arguments.library)
    print(machine())
    measured: list[Found] = []
    for count in arguments.vectors or [len(real)]:
        vectors = with_synthetic(real, count)
        print(f"\n{count:,} vectors, {max(0, count - len(real)):,} of them synthetic")
        with tempfile.TemporaryDirectory(prefix="pincite-bench-") as folder:
            own = of_all(vectors, queries, Path(folder), arguments.only_ours)
        headers = ["", f"recall@{TOP}", f"recall@{FUSION.candidates}", "CPU ms a query", "CPU s to make"]
        print_table(headers, [found.row for found in own])
        measured += own
    if arguments.plot:
        plot(arguments.plot, measured)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def plot(path: Path, measured: Sequence[Found]) -> None:
    """Write a curve for each index, with a point for each number of vectors."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for found in measured:
        curves.setdefault(found.name, []).append((found.milliseconds, found.recalls[0]))
    lowest = min(0.9, *(math.floor(10 * found.recalls[0]) / 10 for found in measured))
    write_plot(path, "What an exact search finds", "CPU ms a query", f"recall@{TOP}", curves, lowest)


def of_all(vectors: Floats, queries: Floats, folder: Path, only_ours: bool) -> list[Found]:
    """Measure each index."""
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(vectors)
    exact = index.search(queries, FUSION.candidates)[1]

    def snapshot_search() -> Search:
        made = ours(vectors, folder)
        return lambda query: made.search(query, FUSION.candidates, None)[0]

    ways: dict[str, Callable[[], Search]] = {
        "exact": lambda: lambda query: index.search(query[np.newaxis], FUSION.candidates)[1][0],
        "snapshot: IVF, RaBitQ, refined": snapshot_search,
    }
    ways |= {} if only_ours else others(vectors, snapshot.lists_for(len(vectors)))
    return [measure(name, make, queries, exact) for name, make in ways.items()]


if __name__ == "__main__":
    main()
