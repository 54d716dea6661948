"""A server whose generator quotes, and then goes on for ever. Arguments: a file to note its end in, library, port."""

import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from index.library import Library
from rag.generators import ExtractiveGenerator
from rag.generators.base import Written
from rag.settings import load_settings
from rag.types import Given, Turn
from ui.serve import serve


class EndlessGenerator:
    """Quotes as the extractive generator does, then writes a sentence without an end until it is stopped."""

    name = "endless"
    remote = ""

    def __init__(self, note: Path) -> None:
        self._note = note

    def warm(self) -> None:
        pass

    def close(self) -> None:
        pass

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        try:
            yield from ExtractiveGenerator().draft(question, given, history)
            while True:
                time.sleep(0.05)
                yield Written("and on ")
        finally:
            self._note.write_text("closed", encoding="utf-8")

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        yield from ()


if __name__ == "__main__":
    note, folder, port = sys.argv[1:]
    with Library.open(Path(folder)) as library:
        library.add([Path("seeds")])
        serve(library, EndlessGenerator(Path(note)), load_settings(), int(port), open_browser=False)
