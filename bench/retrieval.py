"""Hybrid search beside its parts: `python -m bench.retrieval SET_FOLDER… [--questions N]`.

nDCG@10, recall@5 and hit@1 over a set's questions that have gold records, as they were typed, for words alone, meaning
alone, reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009; k = 60), and what `answer()` does. `pincite eval` has
all but the third, with intervals, and how good the answers are.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from bench.plot import add_plot_option, write_bars
from bench.report import machine, print_table
from index.embedders import MINILM
from index.library import Library
from rag.evaluate.asking import PASSAGES, SEARCHES, Search
from rag.evaluate.ranking import ndcg, recall
from rag.evaluate.sets import read_set
from rag.evaluate.types import Corpus, EvaluationSet, Question
from rag.retrieve import FUSION, embed_question
from rag.words import content_words

DEPTH = 10
FIRST = 5
RECIPROCAL_RANK_K = 60


def reciprocal_ranks(library: Library, question: str) -> list[int]:
    """Rank by the sum of 1 / (k + rank)."""
    rankings = (
        library.search_lexical(content_words(question), FUSION.candidates),
        library.search_dense(embed_question(library, question)[0], FUSION.candidates),
    )
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, found in enumerate(ranking, 1):
            scores[found.passage_id] = scores.get(found.passage_id, 0.0) + 1 / (RECIPROCAL_RANK_K + rank)
    return sorted(scores, key=lambda passage_id: -scores[passage_id])[:PASSAGES]


COMPARED: dict[str, Search] = {**SEARCHES, "reciprocal ranks": reciprocal_ranks}


def scores(corpus: Corpus, questions: Sequence[Question], search: Search) -> list[tuple[float, float, float]]:
    """Return nDCG@10, recall@5 and hit@1 of each question."""
    found = [(corpus.records_of(search(corpus.library, question.text)), question.relevant) for question in questions]
    return [
        (ndcg(ranked, relevant, DEPTH), recall(ranked, relevant, FIRST), float(bool(relevant.intersection(ranked[:1]))))
        for ranked, relevant in found
    ]


def measure(own: EvaluationSet) -> dict[str, list[float]]:
    """Return the means of nDCG@10, recall@5 and hit@1 over a set, by the line that they stand in."""
    measured: dict[str, list[tuple[float, float, float]]] = {name: [] for name in COMPARED}
    for part in own.parts:
        asked = [question for question in part.questions if question.relevant]
        with part.open(None) as corpus:
            for name, search in COMPARED.items():
                measured[name] += scores(corpus, asked, search)
    return {
        f"{own.name} ({len(values)} questions), {name}": [mean(column) for column in zip(*values, strict=True)]
        for name, values in measured.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="folder", help="evaluation sets")
    parser.add_argument("--questions", type=int, default=500, help="about so many of each set, evenly spread")
    add_plot_option(parser, "nDCG@10 as bars")
    arguments = parser.parse_args()
    print(machine())
    means: dict[str, list[float]] = {}
    for folder in arguments.folders:
        means |= measure(read_set(folder, arguments.questions, MINILM))
    rows = [[name, *(f"{value:.3f}" for value in values)] for name, values in means.items()]
    print_table(["", "nDCG@10", "recall@5", "hit@1"], rows)
    if arguments.plot:
        write_bars(arguments.plot, "Retrieval", "nDCG@10", {name: values[0] for name, values in means.items()})


if __name__ == "__main__":
    main()
