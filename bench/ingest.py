"""Ingest and search beside other libraries: `python -m bench.ingest SET_FOLDER… [--peers langchain llamaindex …]`.

One paragraph of the sets is one passage; with `--short-passages N`, N sentences of theirs or parts of such are (see
`bench.short_passages`). Ours is all of `Library.add`: read, parse, split into sentences, embed with the title before
each passage, store in SQLite and FAISS. The peers embed the bare texts and index them, each with its default settings
and the same weights. With `--given-vectors` only questions are compared: ours takes the texts in once, and the peers
index its vectors.

A question is embedded and ten passages are found, one question after the other: by meaning alone, ours also by words
and meaning as `answer` does. All take turns in one run, loaded and warm; a ratio is the median of the rounds' ratios.
Our embedder and its model alone are timed over at most `ALONE` of the texts.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.peers.environment import PACKAGES, Inputs, Measured, environment, measure, versions
from bench.plot import add_plot_option, write_bars
from bench.report import machine, print_table
from bench.sets import read_lines, write_passage
from bench.short_passages import check_passages, language_of, short_passages, write_pages
from index import minilm, sentence_transformers
from index.arrays import Floats
from index.embedders import checked_minilm_directory, minilm_directory, open_embedder
from index.library import Library
from index.minilm import MiniLMEmbedder, _cut, about_lengths
from index.pooling import batches
from index.sentence_transformers import SentenceTransformersEmbedder
from rag.retrieve import retrieve
from rag.spread import spread

FOUND = 10
ALONE = 5_000
WARM = "warm"
OURS, HYBRID = "ours, Library.add", "ours, words and meaning"

Runs = dict[str, Callable[[], list[Measured]]]
"""What is compared, by name; each call is one run. Our own has two: searched by meaning, and by both."""
Taken = dict[str, list[list[Measured]]]
"""What was measured of each, round by round."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The texts that all take in, the files that hold them for ours, and how to tell that it took in just these."""

    name: str
    texts: list[str]
    files: list[Path]
    check: Callable[[Library], None]


def main() -> None:
    """Measure and print."""
    arguments, variables = _arguments(), dict(os.environ)
    for peer in arguments.peers:
        environment(peer)
    embedder = MiniLMEmbedder()
    embedder.embed_queries([WARM])
    print(f"{machine()}; ours computes in {embedder.precision}; {'; '.join(map(versions, arguments.peers))}")
    asked = list(dict.fromkeys(entry["question"] for entry in _entries(arguments, "queries.jsonl.gz")))
    questions = spread(asked, arguments.questions)
    work = Path(tempfile.mkdtemp(prefix="pincite-bench-"))
    try:
        corpus = _corpus(arguments, embedder, work)
        print(
            f"{len(corpus.texts):,} {corpus.name}, {len(questions)} questions, rounds: {arguments.rounds}", flush=True
        )
        inputs = write_inputs(work, corpus.texts, questions)
        make = vectors_given if arguments.given_vectors else all_taken_in
        taken = take_turns(make(work, corpus, questions, inputs, arguments.peers, variables), arguments.rounds)
    finally:
        shutil.rmtree(work)
    if not arguments.given_vectors:
        print_rates(taken)
    print_queries(taken)
    if arguments.plot:
        plot(arguments.plot, corpus.name, taken, arguments.given_vectors)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="folder", help="evaluation sets, such as squad2")
    parser.add_argument("--languages", nargs="+", metavar="CODE", help="take only texts and questions in these")
    parser.add_argument("--passages", type=int, help="take only so many paragraphs")
    parser.add_argument("--short-passages", type=int, metavar="N", help="take N sentences instead of paragraphs")
    parser.add_argument("--most-tokens", type=int, default=24, help="about the longest a short passage may be")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", choices=sorted(PACKAGES), default=["langchain"])
    parser.add_argument("--given-vectors", action="store_true", help="compare only questions, over the same vectors")
    add_plot_option(parser, "passages a second, or milliseconds a question with --given-vectors,")
    return parser.parse_args()


# What is taken in


def _entries(arguments: argparse.Namespace, name: str) -> Iterator[dict[str, Any]]:
    for folder in arguments.folders:
        for entry in read_lines(folder / name):
            if not arguments.languages or language_of(entry) in arguments.languages:
                yield entry


def _corpus(arguments: argparse.Namespace, embedder: MiniLMEmbedder, work: Path) -> Corpus:
    entries, sets = list(_entries(arguments, "corpus.jsonl.gz")), ", ".join(own.name for own in arguments.folders)
    (work / "files").mkdir()
    if not arguments.short_passages:
        return paragraphs(f"paragraphs of {sets}", entries[: arguments.passages], work / "files")
    texts = short_passages(entries, arguments.short_passages, arguments.most_tokens, embedder.count_tokens)
    mean = sum(embedder.count_tokens(texts)) / len(texts)
    name = f"sentences of {sets}, cut to about {arguments.most_tokens} tokens at most, {mean:.1f} on average"
    return sentences(name, texts, work / "files")


def paragraphs(name: str, entries: Sequence[dict[str, Any]], folder: Path) -> Corpus:
    """Return paragraphs as they stand in a set, one file each, which may become more than one passage."""
    files = [write_passage(folder / f"{position:06}.md", entry) for position, entry in enumerate(entries)]

    def check(library: Library) -> None:
        if library.status().documents != len({file.read_bytes() for file in files}):
            raise SystemExit("not every file was added")

    return Corpus(name, [" ".join(entry["text"].split()) for entry in entries], files, check)


def sentences(name: str, texts: list[str], folder: Path) -> Corpus:
    """Return texts of which each becomes one passage."""
    return Corpus(name, texts, write_pages(folder, texts), lambda library: check_passages(library, texts))


def write_inputs(work: Path, texts: Sequence[str], questions: Sequence[str]) -> Inputs:
    """Write what the peers are given."""
    (work / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    (work / "questions.json").write_text(json.dumps(questions), encoding="utf-8")
    return Inputs(work / "texts.json", work / "questions.json", minilm_directory())


# What is compared


def all_taken_in(
    work: Path,
    corpus: Corpus,
    questions: Sequence[str],
    inputs: Inputs,
    peers: Sequence[str],
    variables: Mapping[str, str],
) -> Runs:
    """Return runs in which each takes all texts in."""
    take_in(work / "warm", Corpus("", [], corpus.files[:1], lambda _: None))
    return {
        OURS: lambda: measure_ours(work / "library", corpus, questions),
        **_of_peers(peers, inputs, variables),
        **alone(spread(corpus.texts, ALONE)),
    }


def vectors_given(
    work: Path,
    corpus: Corpus,
    questions: Sequence[str],
    inputs: Inputs,
    peers: Sequence[str],
    variables: Mapping[str, str],
) -> Runs:
    """Return runs in which each only answers questions; ours takes the texts in now, the peers get its vectors.

    Raises: SystemExit where a text is not one passage.
    """
    library, path = work / "library", work / "vectors.npy"
    print(f"ours took them in within {take_in(library, corpus):.0f} s", flush=True)
    np.save(path, passage_vectors(library, len(corpus.texts)))
    given = Inputs(inputs.texts, inputs.questions, inputs.model, path)
    return {OURS: lambda: search_ours(library, len(corpus.texts), 0.0, questions), **_of_peers(peers, given, variables)}


def passage_vectors(directory: Path, count: int) -> Floats:
    """Return the vectors of a library of so many passages, in order of their ids, shape (passages, dimensions)."""
    with Library.open(directory) as library:
        ids = [own.id for document in library.documents() for own in library.document_passages(document.id)]
        vectors = library.vectors(ids)
    if len(ids) != count:
        raise SystemExit(f"{count:,} texts became {len(ids):,} passages: --given-vectors needs --short-passages")
    return np.stack([vectors[id_] for id_ in sorted(ids)])


def _of_peers(peers: Sequence[str], inputs: Inputs, variables: Mapping[str, str]) -> Runs:
    def run(peer: str) -> list[Measured]:
        return [measure(peer, inputs, variables)]

    return {peer: partial(run, peer) for peer in peers}


def alone(texts: list[str]) -> Runs:
    """Return runs of our embedder, and of its model on our batches."""
    embedder = MiniLMEmbedder()
    forward, float32 = forward_pass(embedder, texts), float32_pass(texts)
    return {
        "our embedder alone, same texts": lambda: [
            Measured(len(texts), seconds(lambda: embedder.embed_passages(texts, [()] * len(texts))), [])
        ],
        "floor: the model's forward pass": lambda: [Measured(len(texts), forward(), [])],
        "the forward pass in float32, PyTorch": lambda: [Measured(len(texts), float32(), [])],
    }


def seconds(work: Callable[[], object]) -> float:
    """Return the wall-clock seconds of a call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure_ours(directory: Path, corpus: Corpus, questions: Sequence[str]) -> list[Measured]:
    """Take a corpus into a new library and search it for questions by meaning, and by words and meaning."""
    taken = take_in(directory, corpus)
    measured = search_ours(directory, len(corpus.texts), taken, questions)
    shutil.rmtree(directory)
    return measured


def take_in(directory: Path, corpus: Corpus) -> float:
    """Add files to a new library, and return the seconds of that."""
    with Library.open(directory) as library:
        library.warm()
        taken = seconds(lambda: library.add(corpus.files))
        corpus.check(library)
    return taken


def search_ours(directory: Path, passages: int, taken: float, questions: Sequence[str]) -> list[Measured]:
    """Search a library for questions by meaning, and by both; each way with an embedder that knows no question yet."""
    ways = (_search_by_meaning, lambda library, question: retrieve(library, question, FOUND))
    return [Measured(passages, taken, _search(directory, search, questions)) for search in ways]


def _search(directory: Path, search: Callable[[Library, str], object], questions: Sequence[str]) -> list[float]:
    open_embedder.cache_clear()
    with Library.open(directory) as library:
        search(library, WARM)
        return [seconds(partial(search, library, question)) for question in questions]


def _search_by_meaning(library: Library, question: str) -> None:
    library.search_dense(library.embed_query(question), FOUND)


def forward_pass(embedder: MiniLMEmbedder, texts: list[str]) -> Callable[[], float]:
    """Return a run of the model alone, as we load it, on our batches, tokenised beforehand, on our workers."""
    rows = [_cut(embedder._tokenizer.encode(text))[0] for text in texts]
    grouped = [
        [rows[position] for position in batch] for batch in batches(about_lengths(texts), minilm.TOKENS_IN_BATCH)
    ]
    return lambda: seconds(lambda: list(embedder._workers.map(embedder._forward, grouped)))


def float32_pass(texts: list[str]) -> Callable[[], float]:
    """Return a run of the model alone as sentence-transformers loads it, on the same batches and as many workers."""
    import torch

    embedder = SentenceTransformersEmbedder("reference", checked_minilm_directory(), "float32")
    encoded = embedder._tokenizer(texts, truncation=True, max_length=embedder.max_tokens + 2)
    grouped = [
        dict(embedder._tokenizer.pad({key: [encoded[key][i] for i in batch] for key in encoded}, return_tensors="pt"))
        for batch in batches([len(ids) for ids in encoded["input_ids"]], sentence_transformers.TOKENS_IN_BATCH)
    ]

    def forward(batch: dict[str, torch.Tensor]) -> None:
        with torch.inference_mode():
            embedder._transformer(dict(batch))

    return lambda: seconds(lambda: list(embedder._workers.map(forward, grouped)))


# What was measured


def take_turns(runs: Runs, rounds: int) -> Taken:
    """Run all in turn, `rounds` times."""
    taken: Taken = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return taken


def print_rates(taken: Taken) -> None:
    """Print how many passages a second each takes in, and ours beside it."""
    rates = _rates(taken)
    print_table(["ingest", "passages/s", "ours beside it", "each round"], _rows(rates, rates[OURS], ".1f"))


def print_queries(taken: Taken) -> None:
    """Print the milliseconds of a question, and how much faster ours finds by meaning."""
    times = _times(taken)
    speeds = {name: [1 / own for own in rounds] for name, rounds in times.items()}
    rows = _rows(speeds, speeds[OURS], ".3f")
    for row in rows:
        row[1] = f"{median(times[row[0]]):.1f}"
    print_table(["a question", "median ms", "ours by meaning beside it", "each round"], rows)


def plot(path: Path, title: str, taken: Taken, questions: bool) -> None:
    """Write bars of what a question takes, or of how much each takes in."""
    if questions:
        write_bars(path, title, "ms a question", {name: median(own) for name, own in _times(taken).items()})
    else:
        write_bars(path, title, "passages a second", {name: median(own) for name, own in _rates(taken).items()})


def _rates(taken: Taken) -> dict[str, list[float]]:
    return {name: [own[0].passages / own[0].ingest for own in rounds] for name, rounds in taken.items()}


def _times(taken: Taken) -> dict[str, list[float]]:
    """Return each contestant's medians over the questions, in milliseconds, round by round."""
    times = {name: [_milliseconds(own[0]) for own in rounds] for name, rounds in taken.items() if rounds[0][0].queries}
    return {**times, HYBRID: [_milliseconds(own[1]) for own in taken[OURS]]}


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
