"""How scores are best put together: `python -m bench.fusion SET_FOLDER… [--questions N] [--today]`.

nDCG@10 of hybrid search with the values of rag.retrieve.Fusion, and with each of them changed alone, over the sets'
questions as they were typed. In brackets the even and the odd questions: a value is worth having where both agree.
The sets' libraries are kept in the user's cache, as those of `pincite eval`.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import mean

from bench.report import machine, print_table
from index.embedders import MINILM
from rag.evaluate.ranking import ndcg, recall
from rag.evaluate.sets import read_set
from rag.evaluate.types import Corpus, Question
from rag.retrieve import FUSION, Fusion, retrieve

DEPTH = 10
PASSAGES = 20
Asked = list[tuple[Corpus, Question]]


def variants() -> Iterator[tuple[str, Fusion]]:
    """Yield today's values and, one after another, each of them changed."""
    yield "today", FUSION
    for candidates in (100, 200, 500):
        yield f"candidates {candidates}", replace(FUSION, candidates=candidates)
    for looked in (20, 100):
        yield f"looked at closer {looked}", replace(FUSION, looked_at_closer=looked)
    for share in (0.3, 0.4, 0.6):
        yield f"lexical share {share}", replace(FUSION, lexical_share=share)
    for share in (0.5, 0.8, 0.9):
        yield f"unread lexical share {share}", replace(FUSION, unread_lexical_share=share)
    for share in (0.0, 0.3, 1.0):
        yield f"phrase share {share}", replace(FUSION, phrase_share=share)
    for share in (0.3, 0.6):
        yield f"unread phrase share {share}", replace(FUSION, unread_phrase_share=share)
    for least in (0.0, 0.1, 0.4):
        yield f"least ideal {least}", replace(FUSION, least_ideal=least)
    for share in (0.0, 0.15, 0.5):
        yield f"sentence share {share}", replace(FUSION, sentence_share=share)
    for matched in (8, 12, 50):
        yield f"matched by word {matched}", replace(FUSION, matched_by_word=matched)
    for share in (0.0, 0.3, 0.6, 1.0):
        yield f"word share {share}", replace(FUSION, word_share=share)
    for share in (0.0, 0.05, 0.15, 0.3):
        yield f"wanted share {share}", replace(FUSION, wanted_share=share)
    for neighbours in (5, 10):
        yield f"neighbours {neighbours}", replace(FUSION, neighbours=neighbours)
    for share in (0.0, 0.05, 0.2):
        yield f"neighbour share {share}", replace(FUSION, neighbour_share=share)
    for narrowest in (0.0, 0.3, 0.5):
        yield f"narrowest {narrowest}", replace(FUSION, narrowest=narrowest)


def gains(corpus: Corpus, question: Question, fusion: Fusion) -> tuple[float, float]:
    """Return a question's nDCG@10 and recall@5."""
    found = retrieve(corpus.library, question.text, PASSAGES, fusion).candidates
    ranked = corpus.records_of([candidate.passage.id for candidate in found])
    return ndcg(ranked, question.relevant, DEPTH), recall(ranked, question.relevant, 5)


def cell(values: Sequence[float]) -> str:
    """Return the mean, and in brackets that of the even and of the odd questions."""
    return f"{mean(values):.4f} ({mean(values[::2]):.3f} {mean(values[1::2]):.3f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="folder", help="evaluation sets")
    parser.add_argument("--questions", type=int, default=1_000, help="about so many of each set, evenly spread")
    parser.add_argument("--today", action="store_true", help="only with today's values")
    arguments = parser.parse_args()
    print(machine())
    with ExitStack() as stack:
        sets: dict[str, Asked] = {}
        for folder in arguments.folders:
            parts = read_set(folder, arguments.questions, MINILM).parts
            opened = [(stack.enter_context(part.open(None)), part.questions) for part in parts]
            sets[folder.name] = [(corpus, question) for corpus, own in opened for question in own if question.relevant]
        tried = list(variants())[: 1 if arguments.today else None]
        measured = [
            [[gains(corpus, question, fusion) for _, fusion in tried] for corpus, question in asked]
            for asked in sets.values()
        ]
        rows = [
            [name, *(cell([own[place][0] for own in one]) for one in measured), _recalls(measured, place)]
            for place, (name, _) in enumerate(tried)
        ]
        print_table(["", *(f"{name} ({len(asked)})" for name, asked in sets.items()), "recall@5"], rows)


def _recalls(measured: Sequence[Sequence[Sequence[tuple[float, float]]]], place: int) -> str:
    return " ".join(f"{mean(own[place][1] for own in one):.3f}" for one in measured)


if __name__ == "__main__":
    main()
