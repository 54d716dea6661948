"""How time and memory grow with the library: `python -m bench.scale SET_FOLDER WORK_FOLDER --passages N ...`.

Libraries are made once in WORK_FOLDER, where later runs find them (`bench.scale_library`: text and vectors beyond the
set's are synthetic). Times are CPU times, medians over the set's questions, which all libraries are asked in turns.
What is added is a document of one passage. Recall is not measured here but by `bench.vectors`: these vectors are made
from too few real ones.
"""

import argparse
import multiprocessing
import resource
import shutil
import time
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from statistics import mean, median

import numpy as np

from bench.plot import add_plot_option, write_plot
from bench.report import machine, print_table
from bench.scale_library import build
from bench.sets import read_lines
from index.arrays import Floats
from index.database import Database
from index.dense import DenseIndex
from index.embedders import MINILM, open_embedder
from index.lexical import match_any, match_phrase
from index.library import VECTORS_FILE, Library
from rag.answer import CANDIDATES
from rag.evidence import score_sentences
from rag.query import read_query
from rag.retrieve import FUSION, embed_question, retrieve
from rag.spread import spread

EMBEDDED_AT_ONCE = 256
FIRST = 10
QUESTION, EMBEDDING, DENSE = "a new question", "embedding", "of that, dense search"
SCORED = "embedded question to scored sentences"
REST = "a new question without what scores every passage"


def made(folder: Path, set_folder: Path, passages: int) -> Path:
    """Return a library's folder, made if it is not there; one that was not finished is made anew."""
    directory, unfinished = folder / f"lib{passages}", folder / f"lib{passages}.part"
    if not directory.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        started, (texts, vectors) = time.perf_counter(), embedded(set_folder)
        build(unfinished / "library.db", texts, vectors, passages, open_embedder(MINILM).name)
        database = Database(unfinished / "library.db")
        DenseIndex(database, unfinished / VECTORS_FILE, open_embedder(MINILM)).save(wait=True)
        database.close()
        unfinished.rename(directory)
        print(f"{directory} was made within {time.perf_counter() - started:.0f} s", flush=True)
    return directory


@cache
def embedded(set_folder: Path) -> tuple[list[str], Floats]:
    """Return the set's texts, and their vectors: shape (texts, dimensions)."""
    texts = [" ".join(entry["text"].split()) for entry in read_lines(set_folder / "corpus.jsonl.gz")]
    embedder = open_embedder(MINILM)
    parts = [texts[first : first + EMBEDDED_AT_ONCE] for first in range(0, len(texts), EMBEDDED_AT_ONCE)]
    return texts, np.stack([own[0] for part in parts for own in embedder.embed_passages(part, [[] for _ in part])])


def parts(library: Library, question: str, vector: Floats) -> dict[str, float]:
    """Return the CPU seconds of one question whose embedding is known, and of the parts that search."""
    started = time.process_time()
    score_sentences(library, question, retrieve(library, question, CANDIDATES))
    whole = time.process_time()
    library.search_dense(vector, FUSION.candidates)
    dense = time.process_time()
    query = read_query(library, question)
    library.search_lexical([word.text for word in query.words], FUSION.candidates)
    library.search_phrases(query.phrases, FUSION.candidates)
    lexical = time.process_time()
    return {
        SCORED: whole - started,
        DENSE: dense - whole,
        "of that, lexical search, words counted before": lexical - dense,
        REST: whole - started - (lexical - whole),
    }


def asked_of_all(libraries: Sequence[Library], question: str) -> list[dict[str, float]]:
    """Return a question's CPU seconds in each library; it is embedded once, the embedder keeps the last vectors."""
    started = time.process_time()
    vector = embed_question(libraries[0], question)[0]
    embedding = time.process_time() - started
    found = [parts(library, question, vector) for library in libraries]
    return [
        {QUESTION: embedding + own[SCORED], EMBEDDING: embedding, **own, REST: embedding + own[REST]} for own in found
    ]


def share_found(library: Library, database: Database, question: str) -> float:
    """Return how many of the ten passages that are best by all words `search_lexical` has among its ten best."""
    words = [word.text for word in read_query(library, question).words]
    matches = [match_phrase([word], database.languages()) for word in words]
    best = {hit.passage_id for hit in database.search(match_any(matches), FIRST)}
    found = {hit.passage_id for hit in library.search_lexical(words, FUSION.candidates)[:FIRST]}
    return len(best & found) / max(len(best), 1)


def mean_share_found(library: Library, questions: Sequence[str]) -> float:
    """Return the mean of `share_found` over questions."""
    with closing(Database(library.directory / "library.db")) as database:
        return mean(share_found(library, database, question) for question in questions)


def seconds_to_add(library: Library, folder: Path, rounds: int = 5) -> tuple[float, float]:
    """Return the medians of the wall and the CPU seconds of adding one document; it is removed again."""
    path, walls, cpus = folder / "added.txt", [], []
    for number in range(rounds):
        path.write_text(f"The ferry to island {number} leaves at dawn. A ticket is {number} euros.", encoding="utf-8")
        wall, cpu = time.perf_counter(), time.process_time()
        library.add([path])
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    library.remove(library.find(str(path)).id)
    return median(walls), median(cpus)


def peak_mebibytes(directory: Path, questions: Sequence[str]) -> float:
    """Return the most memory of a process that opens a library and answers questions from it."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (directory, list(questions)))


def _peak(directory: Path, questions: Sequence[str]) -> float:
    with Library.open(directory) as library:
        for question in questions:
            score_sentences(library, question, retrieve(library, question, CANDIDATES))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set_folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("work_folder", type=Path, help="where the libraries are, or are made")
    parser.add_argument("--passages", type=int, action="append", required=True, help="may be given several times")
    parser.add_argument("--questions", type=int, default=100)
    add_plot_option(parser, "the times as curves over the passages")
    arguments = parser.parse_args()
    folders = [made(arguments.work_folder, arguments.set_folder, passages) for passages in arguments.passages]
    asked = [entry["question"] for entry in read_lines(arguments.set_folder / "queries.jsonl.gz")]
    questions = spread(asked, arguments.questions)
    memory = [peak_mebibytes(folder, questions[:20]) for folder in folders]
    libraries = [Library.open(folder) for folder in folders]
    for library in libraries:
        library.warm()
    runs = [asked_of_all(libraries, question) for question in questions]
    medians = _medians(runs)
    print(machine())
    headers = ["median CPU milliseconds", *(f"{library.count():,} passages" for library in libraries)]
    print_table(headers, _rows(medians))
    if arguments.plot:
        counts = [library.count() for library in libraries]
        curves = {name: list(zip(counts, medians[name], strict=True)) for name in (QUESTION, EMBEDDING, DENSE)}
        write_plot(arguments.plot, "One question", "passages", "CPU ms", curves)
    print_table(
        ["", *headers[1:]],
        [
            _row("one document added, seconds", [seconds_to_add(*pair)[0] for pair in _with_folders(libraries)], ".2f"),
            _row("of that, CPU seconds", [seconds_to_add(*pair)[1] for pair in _with_folders(libraries)], ".2f"),
            _row("most memory, MiB", memory, ",.0f"),
            _row("ten best by all words, found", [mean_share_found(own, questions) for own in libraries], ".3f"),
        ],
    )


def _with_folders(libraries: Sequence[Library]) -> list[tuple[Library, Path]]:
    return [(library, library.directory) for library in libraries]


def _row(name: str, values: Sequence[float], form: str) -> list[str]:
    return [name, *(format(value, form) for value in values)]


def _medians(runs: Sequence[Sequence[dict[str, float]]]) -> dict[str, list[float]]:
    """Return the median milliseconds of each part, one for each library."""
    sides = range(len(runs[0]))
    return {name: [1e3 * median(run[side][name] for run in runs) for side in sides] for name in runs[0][0]}


def _rows(medians: dict[str, list[float]]) -> list[list[str]]:
    """Return each part's medians, and what the whole is beside that of the first library."""
    whole = medians[QUESTION]
    rows = [_row(name, values, ".1f") for name, values in medians.items()]
    return [
        *rows,
        _row("a new question, beside the first", [value / whole[0] for value in whole], ".2f"),
        _row("without scoring, beside the first", [value / medians[REST][0] for value in medians[REST]], ".2f"),
    ]


if __name__ == "__main__":
    main()
