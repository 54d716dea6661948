"""How good a ranking is, for gold records without degrees. All in [0, 1], higher is better."""

import math
from collections.abc import Sequence


def ndcg(ranked: Sequence[str], relevant: frozenset[str], depth: int) -> float:
    """Return nDCG (Järvelin and Kekäläinen, 2002) of the first `depth`: how far up the gold records stand."""
    gain = sum(_discount(place) for place, record in enumerate(ranked[:depth]) if record in relevant)
    return gain / sum(_discount(place) for place in range(min(len(relevant), depth)))


def recall(ranked: Sequence[str], relevant: frozenset[str], depth: int) -> float:
    """Return the share of the gold records that stand among the first `depth`."""
    return len(relevant.intersection(ranked[:depth])) / len(relevant)


def _discount(place: int) -> float:
    return 1 / math.log2(place + 2)
