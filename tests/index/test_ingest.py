"""Files are read while others are embedded, a few ahead and no more."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import WordEmbedder

from index.database import Database
from index.ingest import FILES_AHEAD, add_files, collections_of
from index.parse.limits import ReaderSettings
from index.parse.reader import Reader
from index.types import Outcome, ParsedDocument, Span

FILES = 40


class Watched(Reader):
    """Notes which files were asked for; `enough` is set when a number of them were."""

    def __init__(self, number: int) -> None:
        super().__init__(ReaderSettings(workers=1))
        self.names: list[str] = []
        self.number = number
        self.enough = threading.Event()

    def read(self, name: str, data: bytes, password: str = "") -> ParsedDocument:
        document = super().read(name, data, password)
        self.names.append(name)
        if len(self.names) == self.number:
            self.enough.set()
        return document


class Waiting(WordEmbedder):
    """Embeds its first passages only once enough files were read."""

    def __init__(self, reader: Watched) -> None:
        self.reader = reader
        self.read_meanwhile: list[int] = []

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Any]:
        if not self.read_meanwhile:
            assert self.reader.enough.wait(60)
            self.reader.enough.wait(0.5)
        self.read_meanwhile.append(len(self.reader.names))
        return super().embed_passages(texts, sentences)


def test_files_are_read_while_others_are_embedded_and_no_more_than_a_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.PASSAGES_IN_BATCH", 1)
    files = [tmp_path / f"{number:02}.txt" for number in range(FILES)]
    for number, file in enumerate(files):
        file.write_text(f"The ferry leaves at {number}.", encoding="utf-8")
    with Watched(FILES_AHEAD) as reader:
        embedder = Waiting(reader)
        reports = add_files(
            Database(tmp_path / "library.db"), lambda: embedder, reader, files, collections_of(files, [])
        )

    assert [report.outcome for report in reports] == [Outcome.ADDED] * FILES
    assert [report.source for report in reports] == [str(file) for file in files]
    assert FILES_AHEAD <= embedder.read_meanwhile[0] <= FILES_AHEAD + 2
