"""Fits the weights in rag/evidence.py: `python -m bench.fit_evidence SETS_FOLDER`.

Ranking: a grid over the signals' weights, by how often one and three sentences hold an accepted answer (squad2).
Confidence: a logistic regression on even questions of squad2, clapnq and mtrag and, as questions that have no answer,
on each set's questions asked of the others; odd questions are for the report.
"""

import argparse
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.sets import EvaluationSet, holds_answer, open_set
from index.library import Library
from rag.answer import CANDIDATES
from rag.evidence import ScoredSentence, Signals, score_sentences
from rag.retrieve import retrieve

NAMES = tuple(field.name for field in fields(Signals))
CONFIDENCE_SIGNALS = ("sentence_cosine", "passage_cosine", "sentence_coverage")
"""Those that earn their weight: the others came out near zero or with the wrong sign."""

QUESTIONS = 1_600
FALSE_REFUSALS = 0.10


def plain(text: str) -> str:
    """Return a text's words alone, in lower case."""
    return re.sub(r"\W+", " ", text.lower()).strip()


def evidence(library: Library, question: str) -> list[ScoredSentence]:
    """Return a question's scored sentences, as `answer()` sees them."""
    return score_sentences(library, question, retrieve(library, question, CANDIDATES))


def fit_rank(squad: EvaluationSet) -> None:
    """Print the best of a grid of weights for ranking sentences."""
    questions = [query for query in squad.queries if query["answerable"]]
    found = [(query["answers"], evidence(squad.library, query["question"])) for query in questions]
    tables = [
        (
            np.array([astuple(sentence.signals) for sentence in sentences]),
            np.array(
                [
                    holds_answer(sentence.passage.sentence_text(sentence.number), answers, plain)
                    for sentence in sentences
                ]
            ),
        )
        for answers, sentences in found
        if sentences
    ]
    rows = []
    for passage, coverage, fused in itertools.product((0, 0.3), (0, 0.5, 0.75, 1, 1.25), (0, 0.25, 0.5)):
        weights = np.array([1, passage, coverage, 0, 0, fused])
        rows.append((_hits(tables, weights, 1), _hits(tables, weights, 3), weights))
    for one, three, weights in sorted(rows, key=lambda row: -row[0])[:5]:
        print(f"one sentence {one:.3f}  three {three:.3f}  {dict(zip(NAMES, weights.tolist(), strict=True))}")


def _hits(tables: Sequence[tuple[np.ndarray, np.ndarray]], weights: np.ndarray, limit: int) -> float:
    best = (holds[np.argsort(-(signals @ weights), kind="stable")[:limit]].any() for signals, holds in tables)
    return float(np.mean(list(best)))


def best_signals(library: Library, question: str) -> list[float]:
    """Return the signals of the best sentence that the confidence is made from."""
    sentences = evidence(library, question)
    return [getattr(sentences[0].signals, name) if sentences else 0.0 for name in CONFIDENCE_SIGNALS]


def foreign(sets: Sequence[EvaluationSet]) -> Iterator[tuple[str, list[list[float]]]]:
    """Yield each set's library with the signals of the other sets' questions."""
    for own in sets:
        others = [query["question"] for other in sets if other is not own for query in other.queries[::8]]
        yield own.name, [best_signals(own.library, question) for question in others]


def fit_confidence(sets: Sequence[EvaluationSet]) -> None:
    """Print the fitted weights, and how they do on the other half."""
    own = {
        item.name: (
            np.array([best_signals(item.library, query["question"]) for query in item.queries]),
            np.array([int(query["answerable"]) for query in item.queries]),
        )
        for item in sets
    }
    off = {name: np.array(signals) for name, signals in foreign(sets)}
    signals = np.concatenate([x[::2] for x, _ in own.values()] + [x[::2] for x in off.values()])
    labels = np.concatenate([y[::2] for _, y in own.values()] + [np.zeros(len(x[::2])) for x in off.values()])
    share = np.concatenate(
        [np.full(len(part[::2]), 1 / len(part)) for part in [*(x for x, _ in own.values()), *off.values()]]
    )
    model = LogisticRegression(C=10, max_iter=1_000).fit(signals, labels, sample_weight=share / share.mean())
    print(
        "weights",
        dict(zip(CONFIDENCE_SIGNALS, model.coef_[0].round(2), strict=True)),
        "bias",
        model.intercept_.round(2),
    )
    sure = {name: (model.predict_proba(x[1::2])[:, 1], y[1::2]) for name, (x, y) in own.items()}
    threshold = min(float(np.quantile(p[y == 1], FALSE_REFUSALS)) for p, y in sure.values())
    pooled = float(np.quantile(np.concatenate([p[y == 1] for p, y in sure.values()]), FALSE_REFUSALS))
    print(f"threshold for {FALSE_REFUSALS:.0%} false refusals: {threshold:.3f} in each set, {pooled:.3f} over all")
    for name, (p, y) in sure.items():
        refused = float(np.mean(p[y == 0] < pooled))
        wrongly = float(np.mean(p[y == 1] < pooled))
        elsewhere = float(np.mean(model.predict_proba(off[name][1::2])[:, 1] < pooled))
        print(
            f"{name:10} AUROC {roc_auc_score(y, p):.3f}  refused: unanswerable {refused:.2f},"
            f" answerable {wrongly:.2f}, other sets' questions {elsewhere:.3f}"
        )


def main() -> None:
    """Run both fits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the sets' folders squad2, clapnq and mtrag")
    folder = parser.parse_args().folder
    squad, *others = (open_set(folder / name, QUESTIONS) for name in ("squad2", "clapnq", "mtrag"))
    fit_rank(squad)
    fit_confidence([squad, *others])


if __name__ == "__main__":
    main()
