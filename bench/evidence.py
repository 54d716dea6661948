"""How much to quote and to give: `python -m bench.evidence SET_FOLDER` (a set with short answers, such as squad2).

Over the whole library, for the set's answerable questions: how often the quoted sentences hold an accepted answer, and
how many are quoted, for values of NEAR_THE_BEST in rag/generators/extractive.py. 1 quotes the best sentence,
0 the best three, each with what it points back to. Abstention is left out: every question is answered.
The second table says how often what a model is given holds an accepted answer, for budgets of tokens of evidence.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from bench.report import print_table
from bench.sets import open_set
from index.library import Library
from rag.answer import CANDIDATES
from rag.evaluate.matching import holds_answer
from rag.evidence import ScoredSentence, score_sentences
from rag.generators.extractive import NEAR_THE_BEST, quoted_sentences
from rag.give import give
from rag.retrieve import retrieve
from rag.settings import EVIDENCE_TOKENS
from rag.types import Given

VALUES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.0)
BUDGETS = (100, 200, 300, 500, 750, 1_000, 1_500, 3_000)


def found(library: Library, question: str) -> list[ScoredSentence]:
    """Return the sentences that may answer, best first."""
    return score_sentences(library, question, retrieve(library, question, CANDIDATES))


def budget_row(library: Library, asked: Sequence[tuple[list[str], list[ScoredSentence]]], budget: int) -> list[str]:
    """Return how often what fits into a budget holds an answer, and how much it is on average."""
    given = [give(sentences, library.embedder.count_tokens, budget) for _, sentences in asked]
    held = [holds_answer(text_of(own), answers) for own, (answers, _) in zip(given, asked, strict=True)]
    tokens = mean(sum(library.embedder.count_tokens([passage.text for passage in own.passages])) for own in given)
    sentences = mean(sum(len(passage.sentences) for passage in own.passages) for own in given)
    name = f"{budget:,}{' (today)' if budget == EVIDENCE_TOKENS else ''}"
    return [name, f"{mean(held):.3f}", f"{tokens:.0f}", f"{sentences:.1f}"]


def text_of(given: Given) -> str:
    """Return all that is given as one text."""
    return "\n".join(passage.text for passage in given.passages)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set with short answers, such as squad2")
    parser.add_argument("--questions", type=int, help="about so many, evenly spread")
    arguments = parser.parse_args()
    opened = open_set(arguments.folder, arguments.questions)
    asked = [
        (query["answers"], found(opened.library, query["question"]))
        for query in opened.queries
        if query["answerable"] and query["answers"]
    ]
    count_tokens, rows = opened.library.embedder.count_tokens, []
    given = [give(sentences, count_tokens, EVIDENCE_TOKENS) for _, sentences in asked]
    for value in VALUES:
        quoted = [[sentence.text for _, sentence in quoted_sentences(own, value)] for own in given]
        held = [
            any(holds_answer(text, answers) for text in texts)
            for (answers, _), texts in zip(asked, quoted, strict=True)
        ]
        name = f"{value:.2f}{' (today)' if value == NEAR_THE_BEST else ''}"
        rows.append([name, f"{mean(held):.3f}", f"{mean(map(len, quoted)):.2f}"])
    print(f"{opened.name}: {len(asked)} questions, {opened.library.count()} passages")
    print_table(["NEAR_THE_BEST", "answer quoted", "sentences"], rows)
    rows = [budget_row(opened.library, asked, budget) for budget in BUDGETS]
    print_table(["EVIDENCE_TOKENS", "answer given", "tokens, without ids", "sentences"], rows)


if __name__ == "__main__":
    main()
