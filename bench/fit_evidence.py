"""Fits the numbers in rag/evidence.py: `python -m bench.fit_evidence SETS_FOLDER`.

Credits: each value changed alone, by how often one and three sentences hold an accepted answer (squad2, all of it).
Confidence: a logistic regression, each group of questions counting the same. Groups are the questions of squad2, clapnq
and mtrag (as typed) over their whole corpora; those of single squad2 articles over a part of the article; and as
questions without an answer: each library's foreign questions, and an article's questions about the part that is not
there. Even questions are fitted on, odd ones reported, and the other way round. Reported only: questions of xquad, in
another language than the documents, and the sets that are not fitted: those of several documents, in other languages,
or with documents of their own, each with other sets' questions in its language.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from statistics import mean

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.report import machine, print_table
from index.embedders import MINILM
from index.library import Library
from rag.answer import CANDIDATES
from rag.evaluate.matching import holds_answer
from rag.evaluate.run import foreign_questions
from rag.evaluate.sets import read_set
from rag.evaluate.types import Corpus, EvaluationSet, Question
from rag.evidence import CREDITS, Answerability, Credits, ScoredSentence, answerability, score_sentences
from rag.retrieve import Retrieved, retrieve
from rag.spread import spread

NAMES = tuple(field.name for field in fields(Answerability))
SETS = ("squad2", "clapnq", "mtrag")
REPORTED = ("multihop_news", "hotpotqa", "stici", "rgb", "xquad")
ARTICLES = 14
PARAGRAPHS_THERE = 18
QUESTIONS = 2_000
FOREIGN_QUESTIONS = 250
OF_ARTICLE = 30
FALSE_REFUSALS = 0.10


def variants() -> Iterator[tuple[str, Credits]]:
    """Yield today's credits, and each of them changed."""
    yield "today", CREDITS
    for before in (0.5, 0.6, 0.9):
        yield f"before {before}", replace(CREDITS, before=before)
    for earlier in (0.25, 0.4, 0.75):
        yield f"earlier {earlier}", replace(CREDITS, earlier=earlier)
    for later in (0.0, 0.5):
        yield f"later {later}", replace(CREDITS, later=later)
    for wanted in (0.0, 0.1, 0.2, 0.3):
        yield f"wanted {wanted}", replace(CREDITS, wanted=wanted)


def fit_credits(corpus: Corpus, questions: Sequence[Question]) -> None:
    """Print how often one and three sentences hold an accepted answer."""
    asked = [question for question in questions if question.answerable and question.answers]
    found = [(question, retrieve(corpus.library, question.text, CANDIDATES)) for question in asked]
    rows = []
    for name, credits in variants():
        held = [_held(corpus.library, question, retrieved, credits) for question, retrieved in found]
        one, three = [first for first, _ in held], [any_ for _, any_ in held]
        halves = f"({mean(one[::2]):.3f} {mean(one[1::2]):.3f})"
        rows.append([name, f"{mean(one):.3f} {halves}", f"{mean(three):.3f}"])
    print_table([f"{len(asked)} questions", "one sentence (even, odd)", "three"], rows)


def _held(library: Library, question: Question, retrieved: Retrieved, credits: Credits) -> tuple[bool, bool]:
    best = score_sentences(library, question.text, retrieved, credits)[:3]
    texts = [sentence.passage.sentence_text(sentence.number) for sentence in best]
    held = [holds_answer(text, question.answers) for text in texts]
    return any(held[:1]), any(held)


def evidence(library: Library, question: str) -> list[ScoredSentence]:
    """Return a question's scored sentences, as `answer()` sees them."""
    return score_sentences(library, question, retrieve(library, question, CANDIDATES))


@dataclass(frozen=True)
class Group:
    """Signals of questions, shape (questions, signals), and whether each has an answer."""

    signals: np.ndarray
    answerable: np.ndarray

    def half(self, first: int) -> "Group":
        """Return every second question, from the first or the second on."""
        return Group(self.signals[first::2], self.answerable[first::2])


def group(asked: Sequence[tuple[Library, str, bool]]) -> Group:
    """Ask questions and return what is known of each."""
    found = [evidence(library, question) for library, question, _ in asked]
    signals = [astuple(answerability(sentences)) if sentences else (0.0,) * len(NAMES) for sentences in found]
    return Group(np.array(signals), np.array([int(answerable) for *_, answerable in asked]))


def whole_corpora(opened: dict[str, Corpus], sets: dict[str, EvaluationSet]) -> Iterator[tuple[str, Group]]:
    """Yield each set's own questions, and the others' asked of it."""
    for name, corpus in opened.items():
        yield name, group([(corpus.library, question.text, question.answerable) for question in sets[name].questions])
        others = [question.text for other, own in sets.items() if other != name for question in own.questions]
        foreign = spread(others, FOREIGN_QUESTIONS)
        yield f"{name}, foreign", group([(corpus.library, question, False) for question in foreign])


def single_articles(squad: EvaluationSet) -> Iterator[tuple[str, Group]]:
    """Yield questions about the part of an article that is there, about the other part, and about other articles."""
    there, absent, foreign = [], [], []
    with squad.parts[0].open(None) as corpus:
        articles = [corpus.library.document_passages(info.id) for info in corpus.library.documents()]
    for passages in articles[:ARTICLES]:
        part = [passage for passage in passages if passage.sentences][:PARAGRAPHS_THERE]
        library = _library_of([passage.text for passage in part])
        records = {corpus.record_at(passage.document.id, passage.start) for passage in part}
        whole = {corpus.record_at(passage.document.id, passage.start) for passage in passages}
        asked = [question for question in squad.questions if question.relevant]
        there += [(library, question.text, True) for question in asked if question.relevant <= records]
        absent += [(library, question.text, False) for question in asked if question.relevant <= whole - records]
        others = [question for question in asked if not question.relevant & whole]
        foreign += [(library, question.text, False) for question in spread(others, OF_ARTICLE)]
    yield "articles", group(there)
    yield "articles, absent part", group(absent)
    yield "articles, foreign", group(foreign)


def other_sets(folder: Path) -> Iterator[tuple[str, Group]]:
    """Yield the questions of each set and language that is not fitted, and foreign ones asked of it."""
    sets = [read_set(folder / name, QUESTIONS, MINILM) for name in (*REPORTED, "nomiracl")]
    for own in sets[:-1]:
        for part in own.parts:
            name = f"{own.name} {part.language}".strip() if len(own.parts) > 1 else own.name
            asked = spread(part.questions, FOREIGN_QUESTIONS)
            strange = foreign_questions(part, [one for one in sets if one is not own])
            with part.open(None) as corpus:
                yield name, group([(corpus.library, question.text, question.answerable) for question in asked])
                if strange:
                    yield f"{name}, foreign", group([(corpus.library, question.text, False) for question in strange])


def _library_of(paragraphs: Sequence[str]) -> Library:
    """Return a library with one document, a paragraph a line."""
    work = Path(tempfile.mkdtemp(prefix="pincite-bench-"))
    (work / "article.txt").write_text("\n".join(" ".join(text.split()) for text in paragraphs), encoding="utf-8")
    library = Library.open(work / "library")
    library.add([work / "article.txt"])
    return library


def fit_confidence(groups: dict[str, Group], reported: dict[str, Group], first: int) -> None:
    """Print the weights fitted on one half, and how they do on the other; `reported` are not fitted."""
    fitted = {name: own.half(first) for name, own in groups.items()}
    model = LogisticRegression(C=100, max_iter=1_000).fit(
        np.concatenate([own.signals for own in fitted.values()]),
        np.concatenate([own.answerable for own in fitted.values()]),
        sample_weight=np.concatenate([_shares(own.answerable) for own in fitted.values()]),
    )
    weights = dict(zip(NAMES, model.coef_[0].round(1).tolist(), strict=True))
    threshold = _threshold(model, fitted)
    print(f"fitted on the {'odd' if first else 'even'} half: {weights}, bias {model.intercept_[0]:.1f},")
    print(f"below {threshold:.2f} {FALSE_REFUSALS:.0%} of its answerable questions are refused; the other half:")
    rest = {name: own.half(1 - first) for name, own in groups.items()} | reported
    rows = [_row(name, own.answerable, model.predict_proba(own.signals)[:, 1], threshold) for name, own in rest.items()]
    print_table(["", "questions", "AUROC", "answerable refused", "unanswerable refused"], rows)


def _shares(answerable: np.ndarray) -> np.ndarray:
    """Return weights by which every group counts the same."""
    return np.full(len(answerable), 1_000 / len(answerable))


def _threshold(model: LogisticRegression, groups: dict[str, Group]) -> float:
    """Return the confidence below which the allowed share of answerable questions lies; each group counts the same."""
    own = [group for group in groups.values() if group.answerable.any()]
    sure = [model.predict_proba(group.signals[group.answerable == 1])[:, 1] for group in own]
    shares = np.concatenate([np.full(len(values), 1 / len(values) / len(sure)) for values in sure])
    values = np.concatenate(sure)
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(shares[order]), FALSE_REFUSALS)])


def _row(name: str, answerable: np.ndarray, sure: np.ndarray, threshold: float) -> list[str]:
    refused = [
        f"{np.mean(sure[answerable == value] < threshold):.3f}" if (answerable == value).any() else ""
        for value in (1, 0)
    ]
    both = f"{roc_auc_score(answerable, sure):.3f}" if all(refused) else ""
    return [name, str(len(answerable)), both, *refused]


def main() -> None:
    """Run both fits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the sets' folders")
    folder = parser.parse_args().folder
    print(machine())
    sets = {name: read_set(folder / name, QUESTIONS, MINILM) for name in SETS}
    with ExitStack() as stack:
        opened = {name: stack.enter_context(own.parts[0].open(None)) for name, own in sets.items()}
        fit_credits(opened["squad2"], sets["squad2"].questions)
        groups = dict([*whole_corpora(opened, sets), *single_articles(sets["squad2"])])
        translated = spread(read_set(folder / "xquad", QUESTIONS, MINILM).questions, FOREIGN_QUESTIONS)
        strange = [(opened["squad2"].library, question.text, True) for question in translated]
        reported = {"squad2, asked in another language": group(strange), **dict(other_sets(folder))}
    for first in (0, 1):
        fit_confidence(groups, reported, first)


if __name__ == "__main__":
    main()
