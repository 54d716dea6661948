"""Fits the weights in rag/evidence.py: `python -m bench.fit_evidence SETS_FOLDER`.

Ranking: a grid over the signals' weights, by how often one and three sentences hold an accepted answer (squad2).
Confidence: a logistic regression. Questions are those of squad2, clapnq and mtrag over their whole corpora, those of
single squad2 articles over the article alone (a folder with one document), and, as questions without an answer, each
library's foreign questions. Even ones are fitted on, odd ones reported.
"""

import argparse
import itertools
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.sets import EvaluationSet, holds_answer, open_set, read_lines
from index.library import Library
from rag.answer import CANDIDATES
from rag.evidence import ScoredSentence, Signals, score_sentences
from rag.retrieve import retrieve

NAMES = tuple(field.name for field in fields(Signals))
CONFIDENCE_SIGNALS = ("sentence_cosine", "passage_cosine", "sentence_coverage", "known_words")
"""Those that earn their weight: the others came out near zero or with the wrong sign."""

ARTICLES = 14
PARAGRAPHS_OF_ARTICLE = 18
QUESTIONS = 800
FOREIGN_QUESTIONS = 100
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


@dataclass(frozen=True)
class Labelled:
    """Signals of questions, shape (questions, signals), and whether each has an answer."""

    signals: np.ndarray
    answerable: np.ndarray

    def half(self, first: int) -> "Labelled":
        """Return every second question, from the first or the second on."""
        return Labelled(self.signals[first::2], self.answerable[first::2])


def whole_corpora(sets: Sequence[EvaluationSet]) -> Iterator[tuple[str, Labelled]]:
    """Yield each set's own questions, and the others' asked of it."""
    for own in sets:
        others = [query["question"] for other in sets if other is not own for query in other.queries]
        yield own.name, _labelled([(own.library, query["question"], query["answerable"]) for query in own.queries])
        step = max(1, len(others) // FOREIGN_QUESTIONS)
        yield f"{own.name}, foreign", _labelled([(own.library, question, False) for question in others[::step]])


def single_articles(folder: Path) -> Iterator[tuple[str, Labelled]]:
    """Yield the answerable questions of single articles, and other articles' asked of them."""
    corpus, queries = (read_lines(folder / f"{name}.jsonl.gz") for name in ("corpus", "queries"))
    titles = list(dict.fromkeys(entry["title"] for entry in corpus))[:ARTICLES]
    own, foreign = [], []
    for title in titles:
        entries = [entry for entry in corpus if entry["title"] == title][:PARAGRAPHS_OF_ARTICLE]
        library, ids = article_library(entries), {entry["id"] for entry in entries}
        mine = [query for query in queries if query["relevant"] and set(query["relevant"]) <= ids]
        others = [query for query in queries if not set(query["relevant"]) & ids]
        own += [(library, query["question"], True) for query in mine[::2]]
        foreign += [(library, query["question"], False) for query in others[:: len(others) // 25]]
    yield "articles", _labelled(own)
    yield "articles, foreign", _labelled(foreign)


def article_library(entries: Sequence[dict[str, Any]]) -> Library:
    """Return a library with one document, a paragraph a line."""
    work = Path(tempfile.mkdtemp(prefix="pincite-bench-"))
    text = "\n".join(" ".join(entry["text"].split()) for entry in entries)
    (work / "article.txt").write_text(text, encoding="utf-8")
    library = Library.open(work / "library")
    library.add([work / "article.txt"])
    return library


def _labelled(asked: Sequence[tuple[Library, str, bool]]) -> Labelled:
    signals = [best_signals(library, question) for library, question, _ in asked]
    return Labelled(np.array(signals), np.array([int(answerable) for *_, answerable in asked]))


def fit_confidence(groups: dict[str, Labelled]) -> None:
    """Print the fitted weights, each group counting the same, and how they do on the other half."""
    fitted = [group.half(0) for group in groups.values()]
    share = np.concatenate([np.full(len(group.answerable), 1 / len(group.answerable)) for group in fitted])
    model = LogisticRegression(C=100, max_iter=1_000).fit(
        np.concatenate([group.signals for group in fitted]),
        np.concatenate([group.answerable for group in fitted]),
        sample_weight=share / share.mean(),
    )
    weights = dict(zip(CONFIDENCE_SIGNALS, model.coef_[0].round(2).tolist(), strict=True))
    print(f"weights {weights}, bias {model.intercept_[0]:.2f}")
    report = {name: group.half(1) for name, group in groups.items()}
    sure = {name: model.predict_proba(group.signals)[:, 1] for name, group in report.items()}
    right = np.concatenate([sure[name][group.answerable == 1] for name, group in report.items()])
    threshold = float(np.quantile(right, FALSE_REFUSALS))
    print(f"threshold {threshold:.2f} for {FALSE_REFUSALS:.0%} false refusals")
    for name, group in report.items():
        _print_group(name, group.answerable, sure[name], threshold)


def _print_group(name: str, answerable: np.ndarray, sure: np.ndarray, threshold: float) -> None:
    refused = {
        label: f"{label} refused {np.mean(sure[answerable == value] < threshold):.3f}"
        for label, value in (("answerable", 1), ("unanswerable", 0))
        if (answerable == value).any()
    }
    both = f"AUROC {roc_auc_score(answerable, sure):.3f}" if len(refused) == 2 else ""
    print(f"{name:18} {both:12} {', '.join(refused.values())}")


def main() -> None:
    """Run both fits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the sets' folders squad2, clapnq and mtrag")
    folder = parser.parse_args().folder
    squad, *others = (open_set(folder / name, QUESTIONS) for name in ("squad2", "clapnq", "mtrag"))
    fit_rank(squad)
    fit_confidence(dict([*whole_corpora([squad, *others]), *single_articles(folder / "squad2")]))


if __name__ == "__main__":
    main()
