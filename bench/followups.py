"""What rewriting a follow-up is worth: `python -m bench.followups SET_FOLDER`.

nDCG@10 and hit@1 over a set's questions that have a history and relevant passages: with the last turn as it was
typed, with the authors' stand-alone form where the set gives one, and with what rag/rewrite.py makes of it without a
language model. The even and the odd half are shown apart: what was tuned on one half is to hold on the other.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from bench.report import machine, print_table
from bench.retrieval import gain, ours, ranked_ids
from bench.sets import EvaluationSet, open_set
from rag.rewrite import rewrite
from rag.types import Turn

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
        scores.append((gain(ranked, frozenset(query["relevant"])), ranked[:1] != [] and ranked[0] in query["relevant"]))
    return scores


def row(name: str, scores: Sequence[tuple[float, bool]]) -> list[str]:
    """Return a form's line of the table."""
    gains = [ndcg for ndcg, _ in scores]
    halves = [f"{mean(half):.3f}" if half else "–" for half in (gains[::2], gains[1::2])]
    return [f"{name} ({len(gains)} questions)", f"{mean(gains):.3f}", *halves, f"{mean(hit for _, hit in scores):.3f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set with conversations, such as mtrag")
    opened = open_set(parser.parse_args().folder)
    asked = follow_ups(opened.queries)
    print(f"{machine()}; {opened.library.count()} passages")
    rows = []
    for name, form in FORMS.items():
        takes = [query for query in asked if form is not by_the_authors or query.get("rewrite")]
        rows.append(row(name, scored(opened, takes, form)) if takes else [f"{name}: the set has none", *"––––"])
    print_table(["", "nDCG@10", "even half", "odd half", "hit@1"], rows)


if __name__ == "__main__":
    main()
