"""How much to quote and to give: `python -m bench.evidence SET_FOLDER` (a set with short answers, such as squad2).

Over the whole library, for the set's answerable questions: how often the quoted sentences hold an accepted answer, and
how many are quoted, for values of NEAR_THE_BEST in rag/generators/extractive.py. 1 quotes the best sentence,
0 the best three, each with what it points back to. Abstention is left out: every question is answered.
The second table says how often what a model is given holds an accepted answer, for budgets of tokens of evidence.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from bench.plot import add_plot_option, write_plot
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


@dataclass(frozen=True, slots=True)
class Shown:
    """How often what is quoted, or given to a model, holds an accepted answer, and how much it is on average."""

    name: str
    share: float
    sentences: float
    tokens: float = 0.0

    @property
    def point(self) -> tuple[float, float]:
        """Of a curve: the share over the sentences."""
        return self.sentences, self.share


def quoted(asked: Sequence[list[str]], given: Sequence[Given], value: float) -> Shown:
    """Return what the quoted sentences hold where those near the best are quoted, too."""
    texts = [[sentence.text for _, sentence in quoted_sentences(own, value)] for own in given]
    held = [any(holds_answer(text, answers) for text in own) for answers, own in zip(asked, texts, strict=True)]
    return Shown(f"{value:.2f}{' (today)' if value == NEAR_THE_BEST else ''}", mean(held), mean(map(len, texts)))


def within_budget(library: Library, asked: Sequence[tuple[list[str], list[ScoredSentence]]], budget: int) -> Shown:
    """Return what fits into a budget."""
    given = [give(sentences, library.embedder.count_tokens, budget) for _, sentences in asked]
    held = [holds_answer(text_of(own), answers) for own, (answers, _) in zip(given, asked, strict=True)]
    tokens = mean(sum(library.embedder.count_tokens([passage.text for passage in own.passages])) for own in given)
    sentences = mean(sum(len(passage.sentences) for passage in own.passages) for own in given)
    name = f"{budget:,}{' (today)' if budget == EVIDENCE_TOKENS else ''}"
    return Shown(name, mean(held), sentences, tokens)


def text_of(given: Given) -> str:
    """Return all that is given as one text."""
    return "\n".join(passage.text for passage in given.passages)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set with short answers, such as squad2")
    parser.add_argument("--questions", type=int, help="about so many, evenly spread")
    add_plot_option(parser, "the shares as curves over the sentences")
    arguments = parser.parse_args()
    opened = open_set(arguments.folder, arguments.questions)
    asked = [
        (query["answers"], found(opened.library, query["question"]))
        for query in opened.queries
        if query["answerable"] and query["answers"]
    ]
    count_tokens, answers = opened.library.embedder.count_tokens, [own for own, _ in asked]
    given = [give(sentences, count_tokens, EVIDENCE_TOKENS) for _, sentences in asked]
    quotes = [quoted(answers, given, value) for value in VALUES]
    print(f"{opened.name}: {len(asked)} questions, {opened.library.count()} passages")
    rows = [[own.name, f"{own.share:.3f}", f"{own.sentences:.2f}"] for own in quotes]
    print_table(["NEAR_THE_BEST", "answer quoted", "sentences"], rows)
    budgets = [within_budget(opened.library, asked, budget) for budget in BUDGETS]
    rows = [[own.name, f"{own.share:.3f}", f"{own.tokens:.0f}", f"{own.sentences:.1f}"] for own in budgets]
    print_table(["EVIDENCE_TOKENS", "answer given", "tokens, without ids", "sentences"], rows)
    if arguments.plot:
        curves = {"quoted": sorted(own.point for own in quotes), "given to a model": [own.point for own in budgets]}
        title = "Questions whose accepted answer is shown"
        write_plot(arguments.plot, title, "sentences", "share of the questions", curves)


if __name__ == "__main__":
    main()
