"""Asked questions to figures with their intervals: of a whole set, and by language and kind of question."""

from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from index.arrays import Floats
from rag.evaluate.bootstrap import figure
from rag.evaluate.refusal import auroc, refusal_f1, refusal_precision
from rag.evaluate.scores import scores_of
from rag.evaluate.types import Asked, Figures, Foreign, Scored

FEWEST = 5
"""A group of fewer questions gets no figures of its own."""


def scored(asked: Asked) -> Scored:
    """Return a question with its own scores."""
    return Scored(
        asked.question.id, asked.question.answerable, asked.refused, round(asked.confidence, 4), scores_of(asked)
    )


def figures_of(asked: Sequence[Asked], foreign: Sequence[Foreign]) -> Figures:
    """Return every figure that these questions allow."""
    return {**_means(asked), **_refusals(asked), **_foreign(foreign), **_seconds(asked)}


def groups_of(asked: Sequence[Asked], foreign: Sequence[Foreign]) -> dict[str, Figures]:
    """Return the figures of each language and each kind of question, where there are several."""
    languages = {f"lang {name}": own for name, own in _by(asked, lambda one: one.question.language).items()}
    kinds = {f"type {name}": own for name, own in _by(asked, lambda one: one.question.kind).items()}
    groups = {**(languages if len(languages) > 1 else {}), **(kinds if len(kinds) > 1 else {})}
    return {
        name: figures_of(own, [one for one in foreign if name == f"lang {one.language}"])
        for name, own in groups.items()
        if len(own) >= FEWEST
    }


def _by(asked: Sequence[Asked], name_of: Callable[[Asked], str]) -> dict[str, list[Asked]]:
    groups: dict[str, list[Asked]] = {}
    for one in asked:
        groups.setdefault(name_of(one), []).append(one)
    return {name: own for name, own in groups.items() if name}


def _means(asked: Sequence[Asked]) -> Figures:
    values: dict[str, list[float]] = {}
    for one in asked:
        for name, value in scores_of(one).items():
            values.setdefault(name, []).append(value)
    return {name: figure(_column(own), _mean) for name, own in values.items()}


def _refusals(asked: Sequence[Asked]) -> Figures:
    """How well questions without an answer are refused, and what that costs those with one."""
    table = np.array([[one.confidence, one.refused, one.question.answerable] for one in asked], np.float32)
    answerable, others = table[table[:, 2] == 1], table[table[:, 2] == 0]
    figures: Figures = {}
    if len(answerable):
        figures["false refusals"] = figure(answerable[:, 1:2], _mean)
    if len(others):
        figures["refusal recall"] = figure(others[:, 1:2], _mean)
    if len(answerable) and len(others):
        figures["refusal AUROC"] = figure(table, lambda rows: auroc(rows[:, 0], rows[:, 2]))
        figures["refusal F1"] = figure(table, lambda rows: refusal_f1(rows[:, 1], rows[:, 2]))
        if table[:, 1].any():
            figures["refusal precision"] = figure(table, lambda rows: refusal_precision(rows[:, 1], rows[:, 2]))
    return figures


def _foreign(foreign: Sequence[Foreign]) -> Figures:
    return {"off topic refused": figure(_column([one.refused for one in foreign]), _mean)} if foreign else {}


def _seconds(asked: Sequence[Asked]) -> Figures:
    column = _column([one.seconds for one in asked])
    return {
        "seconds median": figure(column, lambda rows: median(rows[:, 0].tolist())),
        "seconds p95": figure(column, lambda rows: float(np.percentile(rows[:, 0], 95))),
    }


def _column(values: Sequence[float]) -> Floats:
    return np.array(values, np.float32).reshape(-1, 1)


def _mean(rows: Floats) -> float:
    return float(rows[:, 0].mean(dtype=np.float64))
