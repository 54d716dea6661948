"""Files are prepared, batches embedded and the ones before written, all at once; a few files ahead and no more."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from fakes import WordEmbedder

from index.database import Database, NewDocument
from index.embedders import Embedder
from index.ingest import FILES_AHEAD, OnProgress, add_files, collections_of
from index.parse.limits import ReaderSettings
from index.parse.reader import Reader
from index.types import FileReport, Outcome, ParsedDocument, Progress, Span

FILES = 40
PATIENCE = 60.0
"""Seconds after which something has not happened at the same time as something else."""


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


class Watching(WordEmbedder):
    """Calls a function before each batch, with the batch's number from 1."""

    def __init__(self, before: Callable[[int], object]) -> None:
        self.batches = 0
        self._before = before

    def embed_passages(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> list[Any]:
        self.batches += 1
        self._before(self.batches)
        return super().embed_passages(texts, sentences)


class Held(Database):
    """Writes nothing before it may."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.may_write = threading.Event()

    def replace(self, documents: Sequence[NewDocument], embedder: str) -> None:
        assert self.may_write.wait(PATIENCE)
        super().replace(documents, embedder)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    found = [tmp_path / f"{number:02}.txt" for number in range(FILES)]
    for number, file in enumerate(found):
        file.write_text(f"The ferry leaves at {number}.", encoding="utf-8")
    return found


def add(
    database: Database,
    embedder: Embedder,
    reader: Reader,
    files: Sequence[Path],
    on_progress: OnProgress | None = None,
) -> list[FileReport]:
    return add_files(database, lambda: embedder, reader, files, collections_of(files, []), on_progress)


def read_before_the_first_batch_is_done(
    folder: Path, files: Sequence[Path], expected: int
) -> tuple[list[FileReport], int]:
    """Add files, one a batch, of which the first is embedded only when so many were read, and half a second later."""
    counted: list[int] = []

    def wait(batch: int) -> None:
        if batch == 1:
            assert reader.enough.wait(PATIENCE)
            reader.enough.clear()
            reader.enough.wait(0.5)
            counted.append(len(reader.names))

    with Watched(expected) as reader:
        reports = add(Database(folder / "library.db"), Watching(wait), reader, files)
    return reports, counted[0]


def test_large_files_are_prepared_while_others_are_embedded_and_no_more_than_a_few(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.PASSAGES_IN_BATCH", 1)
    monkeypatch.setattr("index.ingest.BYTES_AHEAD", 0)

    reports, read = read_before_the_first_batch_is_done(tmp_path, files, FILES_AHEAD)

    assert [report.outcome for report in reports] == [Outcome.ADDED] * FILES
    assert [report.source for report in reports] == [str(file) for file in files]
    assert FILES_AHEAD <= read <= FILES_AHEAD + 2


def test_of_small_files_more_are_prepared_and_not_all(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.PASSAGES_IN_BATCH", 1)
    monkeypatch.setattr("index.ingest.SMALL_FILES_AHEAD", 20)

    _, read = read_before_the_first_batch_is_done(tmp_path, files, 20)

    assert 20 <= read <= 22


def test_embedding_does_not_wait_for_a_full_batch_while_a_file_is_being_prepared(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.PASSAGES_AT_LEAST", 3)
    begun = threading.Event()

    class Slow(Reader):
        def read(self, name: str, data: bytes, password: str = "") -> ParsedDocument:
            if name == files[3].name:
                assert begun.wait(PATIENCE)
            return super().read(name, data, password)

    with Slow(ReaderSettings(workers=1)) as reader:
        reports = add(Database(tmp_path / "library.db"), Watching(lambda _: begun.set()), reader, files[:5])

    assert [report.outcome for report in reports] == [Outcome.ADDED] * 5


def test_a_batch_is_written_while_the_next_is_embedded(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.PASSAGES_IN_BATCH", 1)
    database = Held(tmp_path / "library.db")

    def go_on(batch: int) -> None:
        if batch == 2:
            assert database.count_sources() == 0
            database.may_write.set()

    with Reader(ReaderSettings(workers=1)) as reader:
        reports = add(database, Watching(go_on), reader, files[:3])

    assert [report.outcome for report in reports] == [Outcome.ADDED] * 3
    assert database.count_sources() == 3


def test_what_is_being_written_when_a_run_is_stopped_is_written_and_told(
    tmp_path: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.PASSAGES_IN_BATCH", 1)
    database = Held(tmp_path / "library.db")
    told: list[Progress] = []

    def stop(batch: int) -> None:
        if batch == 2:
            threading.Timer(0.2, database.may_write.set).start()
            raise KeyboardInterrupt

    with Reader(ReaderSettings(workers=1)) as reader, pytest.raises(KeyboardInterrupt):
        add(database, Watching(stop), reader, files[:3], told.append)

    assert [source.path for source in database.sources()] == [str(files[0])]
    assert told[-1].files_done == 1
