"""What rewriting a follow-up is worth: `python -m bench.followups SET_FOLDER [--off-topic OTHER_SET_FOLDER]`.

nDCG@10 and hit@1 over a set's questions that have a history and gold records: with the last turn as it was typed, and
with what rag/rewrite.py makes of it without a language model. The even and the odd half are shown apart: what was tuned
on one half is to hold on the other.

Then the share of questions that would be answered rather than declined: those with an answer in the set, those
without, and, of another set about other things, questions that are asked in these conversations.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

from bench.report import machine, print_table
from index.embedders import MINILM
from rag.answer import CANDIDATES, MIN_CONFIDENCE
from rag.evaluate.asking import hybrid
from rag.evaluate.ranking import ndcg
from rag.evaluate.sets import read_set
from rag.evaluate.types import Corpus, Question
from rag.evidence import confidence, score_sentences
from rag.retrieve import retrieve
from rag.rewrite import rewrite
from rag.spread import spread

DEPTH = 10
QUESTIONS = 2_000
OFF_TOPIC = 90
Form = Callable[[Question], str]
"""A question of the set to what is searched for."""


def last_turn(question: Question) -> str:
    """Return the question as it was typed."""
    return question.text


def rewritten(question: Question) -> str:
    """Return what rag/rewrite.py makes of it."""
    return rewrite(question.text, question.history)


FORMS: dict[str, Form] = {"last turn only": last_turn, "rewritten": rewritten}


def scored(corpus: Corpus, questions: Sequence[Question], form: Form) -> list[tuple[float, bool]]:
    """Return nDCG@10 and hit@1 of each question."""
    found = [(corpus.records_of(hybrid(corpus.library, form(question))), question.relevant) for question in questions]
    return [(ndcg(ranked, relevant, DEPTH), bool(relevant.intersection(ranked[:1]))) for ranked, relevant in found]


def row(name: str, scores: Sequence[tuple[float, bool]]) -> list[str]:
    """Return a form's line of the table."""
    gains = [gain for gain, _ in scores]
    halves = [f"{mean(half):.3f}" if half else "–" for half in (gains[::2], gains[1::2])]
    return [f"{name} ({len(gains)} questions)", f"{mean(gains):.3f}", *halves, f"{mean(hit for _, hit in scores):.3f}"]


def answered(corpus: Corpus, questions: Sequence[Question], form: Form) -> str:
    """Return the share of questions for which the evidence is taken to be enough."""
    sure = [
        confidence(score_sentences(corpus.library, text, retrieve(corpus.library, text, CANDIDATES)))
        for text in map(form, questions)
    ]
    return f"{mean(value >= MIN_CONFIDENCE for value in sure):.2f}" if sure else "–"


def off_topic(questions: Sequence[Question], folder: Path | None) -> list[Question]:
    """Return `OFF_TOPIC` questions of another set, evenly spread, each in one of the conversations."""
    if folder is None:
        return []
    others = spread(read_set(folder, QUESTIONS, MINILM).questions, OFF_TOPIC)
    return [replace(other, history=question.history) for question, other in zip(questions, others, strict=False)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set with conversations, such as mtrag")
    parser.add_argument("--off-topic", type=Path, help="an evaluation set about other things, such as squad2")
    arguments = parser.parse_args()
    own = read_set(arguments.folder, QUESTIONS, MINILM)
    within = [question for question in own.questions if question.history]
    asked = [question for question in within if question.relevant]
    kinds = {
        "answerable": asked,
        "not answerable": [question for question in within if not question.answerable],
        "off topic": off_topic(asked, arguments.off_topic),
    }
    with own.parts[0].open(None) as corpus:
        print(f"{machine()}; {corpus.library.count()} passages")
        rows = [row(name, scored(corpus, asked, form)) for name, form in FORMS.items()]
        print_table(["", "nDCG@10", "even half", "odd half", "hit@1"], rows)
        print_answered(corpus, kinds)


def print_answered(corpus: Corpus, kinds: dict[str, list[Question]]) -> None:
    """Print how many questions of each kind would be answered."""
    rows = [
        [name, *(answered(corpus, questions, form) for questions in kinds.values())] for name, form in FORMS.items()
    ]
    print_table(["answered", *(f"{name} ({len(questions)})" for name, questions in kinds.items())], rows)


if __name__ == "__main__":
    main()
