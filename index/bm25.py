"""BM25 as FTS5 computes it (Robertson and Zaragoza, 2009), for what FTS5 is not asked in a large library.

FTS5 scores every passage that holds any word of a query, and reads all the passages of every word for that. So in a
large library it is asked for the rare words only, and what the frequent ones add is worked out here, for the best of
those passages. Knows no database.
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
SCORED_AT_ONCE = 10_000
"""Up to so many matches of all words together, FTS5 is asked for all: it takes about 1.5 microseconds for each."""
MATCHES_SCORED = 3_000
"""Beyond that, it is asked for words that together match no more than so many, and for the rarest in any case."""


def idf(passages: int, holding: int) -> float:
    """Return the inverse document frequency of a word that `holding` of so many passages hold."""
    return max(LEAST_IDF, math.log((passages - holding + 0.5) / (holding + 0.5))) if passages else LEAST_IDF


def score(rarity: float, frequency: float, length: int, mean_length: float) -> float:
    """Return what a word adds to a passage's score.

    `rarity` is its `idf`; `frequency` how often the passage holds it, by the weight of the columns; lengths in words.
    """
    return rarity * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / mean_length))


def rarest(counts: Sequence[int]) -> list[int]:
    """Return the places of the words to ask for, rarest first; `counts` says how many passages hold each.

    Those that none holds are left out.
    """
    there = sorted((place for place, count in enumerate(counts) if count), key=lambda place: counts[place])
    if sum(counts) <= SCORED_AT_ONCE:
        return there
    matches = list(accumulate(counts[place] for place in there))
    return there[: max(1, bisect_right(matches, MATCHES_SCORED))]
