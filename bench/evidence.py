"""How many sentences to quote: `python -m bench.evidence SET_FOLDER` (a set with short answers, such as squad2).

Over the whole library, for the set's answerable questions: how often the quoted sentences hold an accepted answer, and
how many are quoted, for values of NEAR_THE_BEST in rag/generators/extractive.py. 1 quotes the best sentence,
0 the best three, each with what it points back to. Abstention is left out: every question is answered.
"""

import argparse
import re
from pathlib import Path
from statistics import mean

from bench.report import print_table
from bench.sets import holds_answer, open_set
from index.library import Library
from rag.answer import CANDIDATES
from rag.evidence import score_sentences
from rag.generators.extractive import NEAR_THE_BEST, quoted_sentences
from rag.prompt import give
from rag.retrieve import retrieve
from rag.types import Given

VALUES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.0)


def plain(text: str) -> str:
    """Return a text's words alone, in lower case."""
    return re.sub(r"\W+", " ", text.lower()).strip()


def given(library: Library, question: str) -> Given:
    """Return what a generator is given."""
    return give(score_sentences(library, question, retrieve(library, question, CANDIDATES)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set with short answers, such as squad2")
    parser.add_argument("--questions", type=int, help="about so many, evenly spread")
    arguments = parser.parse_args()
    opened = open_set(arguments.folder, arguments.questions)
    asked = [
        (query["answers"], given(opened.library, query["question"]))
        for query in opened.queries
        if query["answerable"] and query["answers"]
    ]
    rows = []
    for value in VALUES:
        quoted = [[sentence.text for _, sentence in quoted_sentences(own, value)] for _, own in asked]
        held = [
            any(holds_answer(text, answers, plain) for text in texts)
            for (answers, _), texts in zip(asked, quoted, strict=True)
        ]
        name = f"{value:.2f}{' (today)' if value == NEAR_THE_BEST else ''}"
        rows.append([name, f"{mean(held):.3f}", f"{mean(map(len, quoted)):.2f}"])
    print(f"{opened.name}: {len(asked)} questions, {opened.library.count()} passages")
    print_table(["NEAR_THE_BEST", "answer quoted", "sentences"], rows)


if __name__ == "__main__":
    main()
