"""Ingest and search beside other libraries: `python -m bench.ingest SET_FOLDER [--peers langchain llamaindex …]`.

One paragraph of the set is one passage. Ours is all of `Library.add`: read, parse, split into sentences, embed with
the title before each passage, store in SQLite and FAISS. The peers embed the bare paragraphs and index them, each with
its default settings and the same weights. A question is embedded and ten passages are found: by meaning alone, ours
also by words and meaning as `answer` does. All take turns in one run, the models loaded beforehand; a ratio is the
median of the rounds' ratios.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from bench.peers.environment import PACKAGES, Measured, environment, measure, versions
from bench.report import machine, print_table
from bench.sets import read_lines, write_passage
from index.embedders import checked_minilm_directory, minilm_directory
from index.library import Library
from index.minilm import MiniLMEmbedder, _cut
from index.pooling import batches
from index.sentence_transformers import SentenceTransformersEmbedder
from rag.retrieve import retrieve
from rag.spread import spread

FOUND = 10
OURS, HYBRID = "ours, Library.add", "ours, words and meaning"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("--passages", type=int, help="take only so many")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", choices=sorted(PACKAGES), default=["langchain"])
    arguments = parser.parse_args()
    variables = dict(os.environ)
    entries = read_lines(arguments.folder / "corpus.jsonl.gz")[: arguments.passages]
    asked = [entry["question"] for entry in read_lines(arguments.folder / "queries.jsonl.gz")]
    questions = spread(asked, arguments.questions)
    work = Path(tempfile.mkdtemp(prefix="pincite-bench-"))
    try:
        runs = contestants(work, entries, questions, arguments.peers, variables)
        taken = take_turns(runs, arguments.rounds)
    finally:
        shutil.rmtree(work)
    print(f"{len(entries)} passages, {len(questions)} questions")
    print_rates(len(entries), taken)
    print_queries(taken)


def contestants(
    work: Path, entries: list[dict[str, str]], questions: Sequence[str], peers: Sequence[str], variables: dict[str, str]
) -> dict[str, Callable[[], list[Measured]]]:
    """Return what is compared, by name; each call is one run. Our own has two: searched by meaning, and by both."""
    for peer in peers:
        environment(peer)
    embedder = MiniLMEmbedder()
    embedder.embed_queries(["warm"])
    print(f"{machine()}; ours computes in {embedder.precision}; {'; '.join(map(versions, peers))}")
    texts = [" ".join(entry["text"].split()) for entry in entries]
    (work / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    (work / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
    (work / "files").mkdir()
    files = [write_passage(work / "files" / f"{position:06}.md", entry) for position, entry in enumerate(entries)]
    measure_ours(work / "warm", files[:1], questions[:1])

    def measure_peer(peer: str) -> Callable[[], list[Measured]]:
        given = (work / "texts.json", work / "questions.json", minilm_directory())
        return lambda: [measure(peer, *given, variables)]

    def embed() -> list[Measured]:
        return [Measured(seconds(lambda: embedder.embed_passages(texts, [()] * len(texts))), [])]

    forward, float32 = forward_pass(embedder, texts), float32_pass(texts)
    return {
        OURS: lambda: measure_ours(work / "library", files, questions),
        **{peer: measure_peer(peer) for peer in peers},
        "our embedder alone, same texts": embed,
        "floor: the model's forward pass": lambda: [Measured(forward(), [])],
        "the forward pass in float32, PyTorch": lambda: [Measured(float32(), [])],
    }


def seconds(work: Callable[[], object]) -> float:
    """Return the wall-clock seconds of a call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure_ours(directory: Path, files: list[Path], questions: Sequence[str]) -> list[Measured]:
    """Add files to a new library and search it for questions by meaning, and by words and meaning."""
    with Library.open(directory) as library:
        library.warm()
        taken = seconds(lambda: library.add(files))
        if library.status().documents != len({file.read_bytes() for file in files}):
            raise SystemExit("not every file was added")
        meaning = [seconds(partial(_search_by_meaning, library, question)) for question in questions]
    with Library.open(directory) as library:  # the embedder keeps the vectors of the last questions
        library.warm()
        both = [seconds(partial(retrieve, library, question, FOUND)) for question in questions]
    shutil.rmtree(directory)
    return [Measured(taken, meaning), Measured(taken, both)]


def _search_by_meaning(library: Library, question: str) -> None:
    library.search_dense(library.embed_query(question), FOUND)


def forward_pass(embedder: MiniLMEmbedder, texts: list[str]) -> Callable[[], float]:
    """Return a run of the model alone, as we load it, on our batches, tokenised beforehand, on our workers."""
    encoded = embedder._tokenizer.encode_batch(texts)
    rows = [_cut(one)[0] for one in encoded]
    grouped = [[rows[position] for position in batch] for batch in batches([len(ids) for ids in rows])]
    return lambda: seconds(lambda: list(embedder._workers.map(embedder._forward, grouped)))


def float32_pass(texts: list[str]) -> Callable[[], float]:
    """Return a run of the model alone as sentence-transformers loads it, on the same batches and workers."""
    import torch

    embedder = SentenceTransformersEmbedder("reference", checked_minilm_directory(), "float32")
    encoded = embedder._tokenizer(texts, truncation=True, max_length=embedder.max_tokens + 2)
    grouped = [
        dict(embedder._tokenizer.pad({key: [encoded[key][i] for i in batch] for key in encoded}, return_tensors="pt"))
        for batch in batches([len(ids) for ids in encoded["input_ids"]])
    ]

    def forward(batch: dict[str, torch.Tensor]) -> None:
        with torch.inference_mode():
            embedder._transformer(dict(batch))

    return lambda: seconds(lambda: list(embedder._workers.map(forward, grouped)))


def take_turns(runs: dict[str, Callable[[], list[Measured]]], rounds: int) -> dict[str, list[list[Measured]]]:
    """Run all in turn, `rounds` times; return what was measured of each, round by round."""
    taken: dict[str, list[list[Measured]]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return taken


def print_rates(passages: int, taken: dict[str, list[list[Measured]]]) -> None:
    """Print how many passages a second each takes in, and ours beside it."""
    rates = {name: [passages / own[0].ingest for own in rounds] for name, rounds in taken.items()}
    print_table(["ingest", "passages/s", "ours beside it", "each round"], _rows(rates, rates[OURS], ".1f"))


def print_queries(taken: dict[str, list[list[Measured]]]) -> None:
    """Print the milliseconds of a question, and how much faster ours finds by meaning."""
    times = {name: [_milliseconds(own[0]) for own in rounds] for name, rounds in taken.items() if rounds[0][0].queries}
    times[HYBRID] = [_milliseconds(own[1]) for own in taken[OURS]]
    speeds = {name: [1 / own for own in rounds] for name, rounds in times.items()}
    rows = _rows(speeds, speeds[OURS], ".3f")
    for row in rows:
        row[1] = f"{median(times[row[0]]):.1f}"
    print_table(["a question", "median ms", "ours by meaning beside it", "each round"], rows)


def _milliseconds(measured: Measured) -> float:
    return 1e3 * median(measured.queries)


def _rows(speeds: dict[str, list[float]], ours: Sequence[float], form: str) -> list[list[str]]:
    ratios = {name: [mine / own for mine, own in zip(ours, rounds, strict=True)] for name, rounds in speeds.items()}
    return [
        [
            name,
            format(median(rounds), form),
            f"{median(ratios[name]):.2f}",
            " ".join(f"{own:.2f}" for own in ratios[name]),
        ]
        for name, rounds in speeds.items()
    ]


if __name__ == "__main__":
    main()
