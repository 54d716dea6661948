"""Evaluation sets as libraries: a folder with corpus.jsonl.gz and queries.jsonl.gz, named on the command line."""

import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import rag.evaluate.lines
from index.library import Library


@dataclass(frozen=True)
class EvaluationSet:
    """Questions, and a library that holds the set's passages as one Markdown file each."""

    name: str
    queries: list[dict[str, Any]]
    library: Library
    passage_ids: dict[int, str]
    """The set's own id of each document, by the library's number."""


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a gzipped JSON-lines file."""
    return [line.fields for line in rag.evaluate.lines.read_lines(path)]


def open_set(folder: Path, limit: int | None = None, documents: int | None = None) -> EvaluationSet:
    """Ingest a set, or its first `documents`, into a temporary library.

    `limit` takes about so many questions, evenly spread over the set.
    """
    queries = read_lines(folder / "queries.jsonl.gz")
    step = max(1, len(queries) // limit) if limit else 1
    library, passage_ids = _ingest(folder, documents)
    return EvaluationSet(folder.name, queries[::step], library, passage_ids)


@lru_cache(maxsize=16)
def _ingest(folder: Path, documents: int | None) -> tuple[Library, dict[int, str]]:
    corpus = read_lines(folder / "corpus.jsonl.gz")[:documents]
    work = Path(tempfile.mkdtemp(prefix="pincite-bench-"))
    library = Library.open(work / "library")
    files = [write_passage(work / f"{position:06}.md", entry) for position, entry in enumerate(corpus)]
    library.add(files)
    return library, {document.id: corpus[int(Path(document.source).stem)]["id"] for document in library.documents()}


def write_passage(path: Path, entry: dict[str, Any]) -> Path:
    """Write one passage of a set as a Markdown file under its title."""
    title = " ".join((entry.get("title") or entry["id"]).split())
    path.write_text(f"# {title}\n\n{' '.join(entry['text'].split())}\n", encoding="utf-8")
    return path
