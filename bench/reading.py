"""How many questions are read as asking for more than a fact: `python -m bench.reading SET_FOLDER…`.

Those with a wish for whole documents are listed, since nearly none of the sets' questions has one: what is read so by
mistake is not answered from passages. With `--time`, how long it takes to find every document that mentions the word
that most passages of the first set hold.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

from bench.report import machine, print_table
from bench.sets import open_set, read_lines
from rag.reading import Reading, Wish, read_question
from rag.whole import look_at_whole
from rag.words import content_words

FREQUENT = 20
"""Words of the questions that are tried."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="folder", help="evaluation sets")
    parser.add_argument("--time", action="store_true", help="ingest the first set and time a look at all of it")
    arguments = parser.parse_args()
    rows, listed = [], []
    for folder in arguments.folders:
        queries = read_lines(folder / "queries.jsonl.gz")
        wishes = [
            (read_question(query["question"], bool(query.get("history"))), query["question"]) for query in queries
        ]
        counts = Counter(reading.wish for reading, _ in wishes if reading)
        rows.append([folder.name, str(len(queries)), *(str(counts[wish]) for wish in Wish)])
        listed += [f"{folder.name}, {reading.wish.value}: {question}" for reading, question in wishes if reading]
    print_table(["", "questions", *Wish], rows)
    print("\n".join(["", *listed]))
    if arguments.time:
        print_time(arguments.folders[0])


def print_time(folder: Path) -> None:
    """Print how long a look at all passages takes, for the most frequent word of the questions."""
    opened = open_set(folder)
    words = Counter(word for query in opened.queries for word in content_words(query["question"]))
    tried = [word for word, _ in words.most_common(FREQUENT)]
    word, held = max(zip(tried, opened.library.passages_with(tried), strict=True), key=lambda pair: pair[1])
    started = time.perf_counter()
    look_at_whole(opened.library, Reading(Wish.MENTIONS, word))
    seconds = time.perf_counter() - started
    print(f"\n{machine()}\n{seconds:.2f} s for “{word}”, which {held} of {opened.library.count()} passages hold")


if __name__ == "__main__":
    main()
