"""Real and broken files through a real library: `python -m bench.samples FOLDER [--embed]`.

FOLDER holds the files and `manifest.jsonl`: per line a `file`, what to `expect` (text, no_text, password, error, any)
and a phrase that its text `contains`, compared after collapsing white space. Prints the share met, each miss, and the
time and memory that reading took. The embedder is a stand-in that costs nothing, unless `--embed` is given.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.memory import UNITS_IN_MIB
from bench.report import machine, print_table
from index.library import Library
from index.parse.limits import READER_SETTINGS
from index.types import FileReport, Outcome, Span

MUST_NOT_CONTAIN = " must not be in the text"
HARM = ("made its reader crash", "seconds to read", "cannot be read, it may be damaged (")
"""Reasons that no file may have: the reader died, hung, or stumbled over something that no parser expected."""


class StandIn:
    """An embedder that gives every text the same vector, and counts four characters as a token."""

    name = "stand-in"
    dimensions = 1
    max_tokens = 254

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text."""
        return [len(text) // 4 + 1 for text in texts]

    def embed_queries(self, queries: Sequence[str]) -> Any:
        """Return shape (queries, 1)."""
        return np.ones((len(queries), 1), np.float32)

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Any]:
        """Return a vector for each passage and each of its sentences."""
        return [np.ones((1 + len(own), 1), np.float32) for own in sentences]


@dataclass(frozen=True)
class Result:
    """What came of one file."""

    entry: dict[str, Any]
    report: FileReport
    text: str
    seconds: float

    @property
    def miss(self) -> str:
        """Why the expectation is not met, "" where it is."""
        if any(harm in self.report.reason for harm in HARM):
            return self.report.reason
        match self.entry["expect"]:
            case "text":
                return self._miss_of_text()
            case "no_text" if "no text" not in self.report.reason:
                return f"{self.report.outcome}, not empty: {self.report.reason}"
            case "password" if "password" not in self.report.reason:
                return f"{self.report.outcome}, no password asked for: {self.report.reason}"
            case "error" if self.report.outcome is not Outcome.FAILED:
                return f"{self.report.outcome}, not refused"
            case _:
                return ""

    def _miss_of_text(self) -> str:
        text, wanted = collapsed(self.text), collapsed(self.entry["contains"] or "")
        unwanted = self.entry["note"].partition(MUST_NOT_CONTAIN)
        if not text:
            return f"{self.report.outcome}: {self.report.reason}"
        if unwanted[1] and unwanted[0] in text:
            return f"contains {unwanted[0]!r}"
        return "" if wanted in text else f"does not contain {wanted!r}"


def collapsed(text: str) -> str:
    """Return `text` with single spaces."""
    return " ".join(text.split())


def main() -> None:
    """Add every file and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder with files and manifest.jsonl")
    parser.add_argument("--embed", action="store_true", help="embed with the default embedder")
    arguments = parser.parse_args()
    print(machine())
    lines = (arguments.folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as work:
        library = Library.open(Path(work)) if arguments.embed else Library(Path(work), StandIn, StandIn.name)
        with library:
            results = [added(library, arguments.folder, json.loads(line)) for line in lines]
    print_results(results)


def added(library: Library, folder: Path, entry: dict[str, Any]) -> Result:
    """Add one file, read its text back, and remove it: the next one may have the same content."""
    started = time.perf_counter()
    [report] = library.add([folder / entry["file"]])
    seconds = time.perf_counter() - started
    texts = [library.document(document.id).text for document in library.documents()]
    for document in library.documents():
        check_offsets(library, document.id)
        library.remove(document.id)
    return Result(entry, report, "".join(texts), seconds)


def check_offsets(library: Library, document_id: int) -> None:
    """Stop where a passage's or a sentence's offsets do not lead to its text."""
    text = library.document(document_id).text
    for passage in library.document_passages(document_id):
        sentences = [span.of(text) == passage.sentence_text(at) for at, span in enumerate(passage.sentences)]
        if text[passage.start : passage.end] != passage.text or not all(sentences):
            raise SystemExit(f"offsets of document {document_id} are wrong at {passage.start}")


def print_results(results: Sequence[Result]) -> None:
    """Print the share met, each miss, the slowest files, and the memory."""
    misses = [result for result in results if result.miss]
    print(f"\n{len(results) - len(misses)} of {len(results)} met ({1 - len(misses) / len(results):.1%})")
    for result in misses:
        print(f"  {result.entry['file']}, {result.entry['expect']} expected: {result.miss}")
    slowest = sorted(results, key=lambda result: -result.seconds)[:5]
    rows = [[result.entry["file"], f"{result.seconds:.1f}", str(result.report.passages)] for result in slowest]
    print_table(["the slowest", "seconds", "passages"], rows)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / UNITS_IN_MIB
    limits = f"{READER_SETTINGS.memory_mib} MiB and {READER_SETTINGS.seconds:g} seconds are allowed"
    print(f"all in {sum(result.seconds for result in results):.0f} seconds; a reader took {peak:.0f} MiB; {limits}")


if __name__ == "__main__":
    main()
