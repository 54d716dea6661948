"""Ingest beside LangChain: `python -m bench.ingest SET_FOLDER`.

One paragraph of the set is one passage. Ours is all of `Library.add`: read, parse, split into sentences, embed with
the title before each passage, store in SQLite and FAISS. LangChain embeds the bare paragraphs and puts them into FAISS.
All take turns in one run, the models loaded beforehand; a ratio is the median of the rounds' ratios.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.peers import langchain_peer
from bench.report import machine, print_table
from bench.sets import read_lines, write_passage
from index.embedders import MINILM, minilm_directory, open_embedder
from index.library import Library
from index.sentence_transformers import SentenceTransformersEmbedder, _batches


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("--passages", type=int, help="take only so many")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    variables = dict(os.environ)
    entries = read_lines(arguments.folder / "corpus.jsonl.gz")[: arguments.passages]
    work = Path(tempfile.mkdtemp(prefix="pincite-bench-"))
    try:
        runs = contestants(work, entries, variables)
        print_rates(len(entries), take_turns(runs, arguments.rounds))
    finally:
        shutil.rmtree(work)


def contestants(work: Path, entries: list[dict[str, str]], variables: dict[str, str]) -> dict[str, Callable[[], float]]:
    """Return what is compared, by name; each call is one run and returns its seconds."""
    python = langchain_peer.environment()
    embedder = open_embedder(MINILM)
    embedder.embed_queries(["warm"])
    print(f"{machine()}; ours computes in {embedder.precision}; {langchain_peer.version(python)}")
    texts = [" ".join(entry["text"].split()) for entry in entries]
    (work / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    (work / "files").mkdir()
    files = [write_passage(work / "files" / f"{position:06}.md", entry) for position, entry in enumerate(entries)]
    library_seconds(work / "warm", files[:1])
    return {
        "ours, Library.add": lambda: library_seconds(work / "library", files),
        "LangChain": lambda: langchain_peer.ingest_seconds(python, work / "texts.json", minilm_directory(), variables),
        "our embedder alone, same texts": lambda: seconds(lambda: embedder.embed_passages(texts, [()] * len(texts))),
        "floor: the model's forward pass": forward_pass(embedder, texts),
    }


def seconds(work: Callable[[], object]) -> float:
    """Return the wall-clock seconds of a call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def library_seconds(directory: Path, files: list[Path]) -> float:
    """Return the seconds to add files to a new library."""
    with Library.open(directory) as library:
        library.warm()
        taken = seconds(lambda: library.add(files))
        if library.status().documents != len({file.read_bytes() for file in files}):
            raise SystemExit("not every file was added")
    shutil.rmtree(directory)
    return taken


def forward_pass(embedder: SentenceTransformersEmbedder, texts: list[str]) -> Callable[[], float]:
    """Return a run of the model alone, on our batches, tokenised and padded beforehand, on our workers."""
    import torch

    encoded = embedder._tokenizer(texts, truncation=True, max_length=embedder.max_tokens + 2)
    batches = [
        dict(embedder._tokenizer.pad({key: [encoded[key][i] for i in batch] for key in encoded}, return_tensors="pt"))
        for batch in _batches([len(ids) for ids in encoded["input_ids"]])
    ]

    def forward(batch: dict[str, torch.Tensor]) -> None:
        with torch.inference_mode():
            embedder._transformer(dict(batch))

    return lambda: seconds(lambda: list(embedder._workers.map(forward, batches)))


def take_turns(runs: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Run all in turn, `rounds` times."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return taken


def print_rates(passages: int, taken: dict[str, list[float]]) -> None:
    """Print medians, and ratios to LangChain round by round."""
    peer = taken["LangChain"]
    rows = [
        [
            name,
            f"{passages / median(own):.1f}",
            f"{median(theirs / mine for theirs, mine in zip(peer, own, strict=True)):.2f}",
            " ".join(f"{theirs / mine:.2f}" for theirs, mine in zip(peer, own, strict=True)),
        ]
        for name, own in taken.items()
    ]
    print(f"{passages} passages")
    print_table(["", "passages/s", "× LangChain", "each round"], rows)


if __name__ == "__main__":
    main()
