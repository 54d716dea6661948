"""BM25 as FTS5 computes it (Robertson and Zaragoza, 2009), and what FTS5 is asked for in a large library.

FTS5 scores every passage that its expression finds, and reads for that. So in a large library the rare words find, and
the frequent ones only help to rank what was found. Knows no database.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

K1 = 1.2
B = 0.75
TITLE_WEIGHT = 2.0
"""As `index.migrations` has it; headings and text count once."""
LEAST_IDF = 1e-6
"""For words that most passages hold."""
SCORED_AT_ONCE = 5_000
"""Up to so many matches of all words together, FTS5 is asked for all: it takes about 1.3 microseconds for each."""
MATCHES_SCORED = 2_000
"""Beyond that, the words that find match no more than so many together; the rarest finds in any case.

With half of it a question takes 3 ms less in 100,000 passages and finds the right one a little less often, as it does
in a million with 20,000 for `MATCHES_READ` (bench/LOG.md, `python -m bench.scale`)."""
MATCHES_READ = 50_000
"""Frequent words that help to rank match no more than this together: FTS5 takes 0.07 microseconds for each."""


def idf(passages: int, holding: int) -> float:
    """Return the inverse document frequency of a word that `holding` of so many passages hold."""
    return max(LEAST_IDF, math.log((passages - holding + 0.5) / (holding + 0.5))) if passages else LEAST_IDF


def divided(counts: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the places of the words that find, and of those that only help to rank, both rarest first.

    `counts` says how many passages hold each word; those that none holds are left out.
    """
    there = sorted((place for place, count in enumerate(counts) if count), key=lambda place: counts[place])
    if sum(counts) <= SCORED_AT_ONCE:
        return there, []
    finding = max(1, _fit(there, counts, MATCHES_SCORED))
    return there[:finding], there[finding:]


def worth_reading(frequent: Sequence[int], counts: Sequence[int]) -> list[int]:
    """Return the places of the words that help to rank, as many of the rarest as may be read; `frequent` is sorted."""
    return list(frequent[: _fit(frequent, counts, MATCHES_READ)])


def _fit(places: Sequence[int], counts: Sequence[int], most: int) -> int:
    """Return how many of the first words match no more than `most` times together."""
    return bisect_right(list(accumulate(counts[place] for place in places)), most)
