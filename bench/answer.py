"""A quoted answer beside one query embedding: `python -m bench.answer SET_FOLDER [--documents 1000]`.

Answers without a language model, and embeddings of queries that were not embedded before, take turns in one run; no
question is asked twice. The steps are measured in turn with them, on questions of their own.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import TypeVar

from bench.plot import add_plot_option, write_bars
from bench.report import machine, print_table
from bench.sets import open_set
from index.library import Library
from rag import answer
from rag.answer import CANDIDATES
from rag.draft import parse_draft
from rag.evidence import score_sentences
from rag.generators.extractive import ExtractiveGenerator
from rag.give import give
from rag.ground import Grounder
from rag.retrieve import FUSION, embed_question, retrieve
from rag.rewrite import rewrite
from rag.settings import EVIDENCE_TOKENS
from rag.words import content_words

WARMING_QUESTIONS = 9
ANSWER, EMBEDDING = "answer", "one query embedding"
Timed = dict[str, float]
Result = TypeVar("Result")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as squad2")
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--questions", type=int, default=200, help="answers measured")
    add_plot_option(parser, "the medians as bars")
    arguments = parser.parse_args()
    wanted = 3 * arguments.questions + WARMING_QUESTIONS
    opened = open_set(arguments.folder, documents=arguments.documents)
    questions = iter(dict.fromkeys(query["question"] for query in opened.queries[:: len(opened.queries) // wanted]))
    for _ in range(WARMING_QUESTIONS // 3):
        measure(opened.library, questions)
    print(f"{machine()}; {opened.library.status().documents} documents, {opened.library.count()} passages")
    medians = medians_of([measure(opened.library, questions) for _ in range(arguments.questions)])
    print_medians(medians, arguments.questions)
    if arguments.plot:
        write_bars(arguments.plot, "An answer that quotes", "ms", {name: 1e3 * own for name, own in medians.items()})


def measure(library: Library, questions: Iterator[str]) -> Timed:
    """Return the seconds of one answer, one embedding, and one question's steps."""
    quoting = ExtractiveGenerator()
    whole = {
        ANSWER: seconds(lambda: answer(next(questions), library=library, generator=quoting)),
        EMBEDDING: seconds(lambda: library.embedder.embed_queries([next(questions)])),
    }
    return {**whole, **steps(library, next(questions), quoting)}


def steps(library: Library, question: str, quoting: ExtractiveGenerator) -> Timed:
    """Return the seconds of each step of one answer."""
    taken: Timed = {}

    def timed(name: str, step: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = step()
        taken[name] = time.perf_counter() - started
        return result

    standalone = timed("  rewrite", lambda: rewrite(question, ()))
    vector = timed("  embed", lambda: embed_question(library, standalone)[0])
    words = content_words(standalone)
    timed("  lexical", lambda: library.search_lexical(words, FUSION.candidates))
    timed("  dense", lambda: library.search_dense(vector, FUSION.candidates))
    retrieved = timed("  fuse and read", lambda: retrieve(library, standalone, CANDIDATES))
    taken["  fuse and read"] -= taken["  lexical"] + taken["  dense"]
    scored = timed("  evidence", lambda: score_sentences(library, standalone, retrieved))
    given = give(scored, library.embedder.count_tokens, EVIDENCE_TOKENS)
    text = timed("  draft", lambda: "".join(written.text for written in quoting.draft(question, given, ())))
    draft = timed("  parse", lambda: parse_draft(text, given.marks))
    timed("  ground", lambda: Grounder(question, given).ground(draft))
    return taken


def seconds(work: Callable[[], object]) -> float:
    """Return the wall-clock seconds of a call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def medians_of(runs: list[Timed]) -> Timed:
    """Return the median seconds of each part."""
    return {name: median(run[name] for run in runs) for name in runs[0]}


def print_medians(medians: Timed, runs: int) -> None:
    """Print each median in milliseconds and as a multiple of the embedding's."""
    rows = [[name, f"{1e3 * own:.2f}", f"{own / medians[EMBEDDING]:.2f}"] for name, own in medians.items()]
    print_table([f"median of {runs}", "ms", "× embedding"], rows)


if __name__ == "__main__":
    main()
