"""How well questions without an answer are told from those with one. Arrays in, numbers out."""

import numpy as np

from index.arrays import Floats


def auroc(confidences: Floats, answerable: Floats) -> float:
    """Return how often a question with an answer gets the higher confidence than one without; a tie counts half.

    The area under the ROC curve as a probability (Hanley and McNeil, 1982). Both of shape (questions,); `answerable`
    holds 1 and 0. NaN where one of the two is missing.
    """
    positives, negatives = confidences[answerable == 1], np.sort(confidences[answerable == 0])
    if not len(positives) or not len(negatives):
        return float("nan")
    below = np.searchsorted(negatives, positives, "left")
    up_to = np.searchsorted(negatives, positives, "right")
    return float((below + up_to).mean() / (2 * len(negatives)))


def refusal_precision(refused: Floats, answerable: Floats) -> float:
    """Return the share of the refused questions that have no answer; NaN where none was refused."""
    return _share(float(((1 - answerable) * refused).sum()), float(refused.sum()))


def refusal_f1(refused: Floats, answerable: Floats) -> float:
    """Return the harmonic mean of precision and of recall, the share of the questions without an answer refused."""
    right = float(((1 - answerable) * refused).sum())
    return _share(2 * right, float(refused.sum() + (1 - answerable).sum()))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
