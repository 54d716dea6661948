"""Near-duplicates and their threshold: `python -m bench.duplicates SET_FOLDER [--documents 1000]`.

Each document of the set is edited in one of several ways and looked for among all of them, edited or not, as a library
does it. A pair that is found and was not made here is another one: two records of the set that are the same by
themselves, or an error; the most alike of them are printed, to be looked at.
"""

import argparse
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.report import machine, print_table
from bench.sets import read_lines
from index.duplicates import KEYS, SMALLEST, Sketch, share, sketch

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Edit = Callable[[str, random.Random], str]


def words_replaced(part: float) -> Edit:
    """Return an edit that replaces so many of the words."""

    def edit(text: str, chance: random.Random) -> str:
        return re.sub(r"\w+", lambda word: "edited" if chance.random() < part else word[0], text)

    return edit


def sentences_dropped(part: float) -> Edit:
    """Return an edit that drops so many of the sentences."""

    def edit(text: str, chance: random.Random) -> str:
        return " ".join(own for own in re.split(r"(?<=[.!?])\s+", text) if chance.random() >= part)

    return edit


EDITS: dict[str, Edit] = {
    "1 word in 100 replaced": words_replaced(0.01),
    "1 word in 20 replaced": words_replaced(0.05),
    "1 word in 10 replaced": words_replaced(0.1),
    "1 sentence in 10 dropped": sentences_dropped(0.1),
    "1 sentence in 3 dropped": sentences_dropped(1 / 3),
    "half of the sentences dropped": sentences_dropped(0.5),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an evaluation set, such as multihop_news")
    parser.add_argument("--documents", type=int, default=1_000)
    arguments = parser.parse_args()
    print(f"{machine()}; {SMALLEST} hashes, {KEYS} keys")
    texts = [entry["text"] for entry in read_lines(arguments.folder / "corpus.jsonl.gz")]
    chance = random.Random(0)
    texts = chance.sample(texts, min(arguments.documents, len(texts)))
    sketches = [sketch(text) for text in texts]
    rows = []
    for name, edit in EDITS.items():
        shares = [found_share(sketches[i], sketch(edit(text, chance))) for i, text in enumerate(texts)]
        rows.append([name, *(f"{sum(own >= limit for own in shares) / len(shares):.3f}" for limit in THRESHOLDS)])
    others = pairs(sketches)
    rows.append(["pairs that nobody made", *(str(sum(own >= limit for own, _, _ in others)) for limit in THRESHOLDS)])
    print_table([f"of {len(texts)}, found from a share of", *map(str, THRESHOLDS)], rows)
    for own, left, right in others[:5]:
        print(f"\n{own:.2f}\n  {texts[left][:300]!r}\n  {texts[right][:300]!r}")


def found_share(left: Sketch, right: Sketch) -> float:
    """Return the share of two sketches, 0 where they have no key in common."""
    return share(left.smallest, right.smallest) if {*left.keys} & {*right.keys} else 0.0


def pairs(sketches: Sequence[Sketch]) -> list[tuple[float, int, int]]:
    """Return every pair that has a key in common, the most alike first."""
    found = [
        (found_share(left, right), i, i + 1 + j)
        for i, left in enumerate(sketches)
        for j, right in enumerate(sketches[i + 1 :])
        if {*left.keys} & {*right.keys}
    ]
    return sorted(found, reverse=True)


if __name__ == "__main__":
    main()
