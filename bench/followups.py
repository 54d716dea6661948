"""What rewriting a follow-up is worth: `python -m bench.followups SET_FOLDER [--off-topic OTHER_SET_FOLDER]`.

nDCG@10 and hit@1 over a set's questions that have a history and relevant passages: with the last turn as it was
typed, with the authors' stand-alone form where the set gives one, and with what rag/rewrite.py makes of it without a
language model. The even and the odd half are shown apart: what was tuned on one half is to hold on the other.

Then the share of questions that would be answered rather than declined: those with an answer in the set, those
without, and, of another set about other things, questions that are asked in these conversations.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from bench.report import machine, print_table
from bench.retrieval import DEPTH, ours, ranked_ids
from bench.sets import EvaluationSet, open_set, read_lines
from rag.answer import CANDIDATES, MIN_CONFIDENCE
from rag.evaluate.ranking import ndcg
from rag.evidence import confidence, score_sentences
from rag.retrieve import retrieve
from rag.rewrite import rewrite
from rag.types import Turn

OFF_TOPIC = 90
Query = dict[str, Any]
Form = Callable[[Query], str]
"""A question of the set to what is searched for."""


def last_turn(query: Query) -> str:
    """Return the question as it was typed."""
    return str(query["question"])


def by_the_authors(query: Query) -> str:
    """Return the authors' stand-alone form."""
    return str(query["rewrite"])


def rewritten(query: Query) -> str:
    """Return what rag/rewrite.py makes of it."""
    return rewrite(query["question"], [Turn(turn["role"], turn["text"]) for turn in query["history"]])


FORMS: dict[str, Form] = {"last turn only": last_turn, "the authors' rewrites": by_the_authors, "ours": rewritten}


def follow_ups(queries: Sequence[Query]) -> list[Query]:
    """Return the questions that have a history and an answer in the set."""
    return [query for query in queries if query.get("history") and query["relevant"]]


def scored(opened: EvaluationSet, queries: Sequence[Query], form: Form) -> list[tuple[float, bool]]:
    """Return nDCG@10 and hit@1 of each question."""
    scores = []
    for query in queries:
        ranked = ranked_ids(opened, ours(opened.library, form(query)))
        scores.append(
            (ndcg(ranked, frozenset(query["relevant"]), DEPTH), ranked[:1] != [] and ranked[0] in query["relevant"])
        )
    return scores


def row(name: str, scores: Sequence[tuple[float, bool]]) -> list[str]:
    """Return a form's line of the table."""
    gains = [ndcg for ndcg, _ in scores]
    halves = [f"{mean(half):.3f}" if half else "–" for half in (gains[::2], gains[1::2])]
    return [f"{name} ({len(gains)} questions)", f"{mean(gains):.3f}", *halves, f"{mean(hit for _, hit in scores):.3f}"]


def answered(opened: EvaluationSet, queries: Sequence[Query], form: Form) -> str:
    """Return the share of questions for which the evidence is taken to be enough."""
    sure = [
        confidence(score_sentences(opened.library, text, retrieve(opened.library, text, CANDIDATES)))
        for text in map(form, queries)
    ]
    return f"{mean(value >= MIN_CONFIDENCE for value in sure):.2f}" if sure else "–"


def off_topic(queries: Sequence[Query], folder: Path | None) -> list[Query]:
    """Return `OFF_TOPIC` questions of another set, evenly spread, each in one of the conversations."""
    if folder is None:
        return []
    others = read_lines(folder / "queries.jsonl.gz")
    spread = others[:: max(1, len(others) // OFF_TOPIC)][:OFF_TOPIC]
    return [
        {"question": other["question"], "history": query["history"]}
        for query, other in zip(queries, spread, strict=False)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set with conversations, such as mtrag")
    parser.add_argument("--off-topic", type=Path, help="an evaluation set about other things, such as squad2")
    arguments = parser.parse_args()
    opened = open_set(arguments.folder)
    asked = follow_ups(opened.queries)
    print(f"{machine()}; {opened.library.count()} passages")
    print_retrieval(opened, asked)
    print_answered(opened, asked, off_topic(asked, arguments.off_topic))


def print_retrieval(opened: EvaluationSet, asked: Sequence[Query]) -> None:
    """Print what is found with each form of the questions."""
    rows = []
    for name, form in FORMS.items():
        takes = [query for query in asked if form is not by_the_authors or query.get("rewrite")]
        rows.append(row(name, scored(opened, takes, form)) if takes else [f"{name}: the set has none", *"––––"])
    print_table(["", "nDCG@10", "even half", "odd half", "hit@1"], rows)


def print_answered(opened: EvaluationSet, asked: Sequence[Query], strange: Sequence[Query]) -> None:
    """Print how many questions of each kind would be answered."""
    without = [query for query in opened.queries if query.get("history") and not query["answerable"]]
    kinds = {"answerable": asked, "not answerable": without, "off topic": strange}
    rows = [
        [name, *(answered(opened, queries, form) for queries in kinds.values())]
        for name, form in FORMS.items()
        if form is not by_the_authors
    ]
    print_table(["answered", *(f"{name} ({len(queries)})" for name, queries in kinds.items())], rows)


if __name__ == "__main__":
    main()
