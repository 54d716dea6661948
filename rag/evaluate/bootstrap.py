"""How much a figure would move with other questions: percentile bootstrap (Efron and Tibshirani, 1993)."""

from collections.abc import Callable

import numpy as np

from index.arrays import Floats
from rag.evaluate.types import Figure

RESAMPLES = 1_000
"""An end of an interval moves by about a fortieth of its width from seed to seed
(`python -m pytest tests/rag/test_evaluate_metrics.py -k seed`)."""
SEED = 2_022
COVERED = (2.5, 97.5)
"""Percentiles between which 95 % of the resamples lie."""

Statistic = Callable[[Floats], float]
"""A table of shape (questions, columns) to a number."""


def figure(table: Floats, statistic: Statistic, seed: int = SEED) -> Figure:
    """Return a statistic of the questions with its 95 % interval; `table` has the shape (questions, columns).

    Questions are drawn with replacement, as many as there are. A resample that the statistic says nothing of (NaN) is
    left out.
    """
    random, questions = np.random.default_rng(seed), len(table)
    draws = np.array([statistic(table[random.integers(0, questions, questions)]) for _ in range(RESAMPLES)])
    low, high = np.percentile(draws[~np.isnan(draws)], COVERED)
    return Figure(statistic(table), float(low), float(high), questions)
