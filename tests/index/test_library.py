"""A library: what goes in comes out to the character, once, and what is removed is gone everywhere."""

import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fakes import WordEmbedder
from files import column, docx, pdf, w_paragraph

from index.database import DOCUMENTS
from index.errors import LibraryError, LibraryTooNew, NotInLibrary, ReadError
from index.library import Library
from index.migrations import MIGRATIONS
from index.originals import keep_original, originals_in
from index.parse.limits import ReaderSettings
from index.types import Kind, Outcome, Progress
from index.vectors import faiss_store

FERRY = "The ferry leaves at 07:40. A ticket costs twelve euros.\n\nThe museum shows one clock.\n"
BAKERY = "# The bakery\n\nBread is sold from six. The bakery is closed on Sundays.\n"


def open_library(directory: Path) -> Library:
    return Library(directory, WordEmbedder, "words")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(tmp_path / "library") as library:
        yield library


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "ferry.txt").write_text(FERRY, encoding="utf-8")
    (folder / "bakery.md").write_text(BAKERY, encoding="utf-8")
    return folder


def outcomes(library: Library, *paths: Path) -> list[Outcome]:
    return [report.outcome for report in library.add(paths)]


def found(library: Library, word: str) -> tuple[list[str], str]:
    """Return the texts that the words find, and the text that is nearest in meaning."""
    lexical = library.passages([hit.passage_id for hit in library.search_lexical([word], 9)])
    dense = library.passages([hit.passage_id for hit in library.search_dense(library.embed_query(word), 1)])
    return [passage.text for passage in lexical], dense[0].text if dense else ""


def test_offsets_are_exact_for_documents_passages_and_sentences(library: Library, folder: Path) -> None:
    library.add([folder])
    for info in library.documents():
        text = library.document(info.id).text
        for passage in library.document_passages(info.id):
            assert text[passage.start : passage.end] == passage.text
            for number, span in enumerate(passage.sentences):
                assert span.of(text) == passage.sentence_text(number)


def test_plain_text_is_stored_as_python_reads_it(library: Library, folder: Path) -> None:
    library.add([folder])
    info = library.find("ferry.txt")
    assert library.document(info.id).text == (folder / "ferry.txt").read_text(encoding="utf-8")
    assert (info.title, info.format, info.characters, info.passages) == ("ferry", "text", len(FERRY), 2)


def test_words_and_meaning_both_find_a_passage_and_its_heading_is_no_passage_of_its_own(
    library: Library, folder: Path
) -> None:
    library.add([folder])
    bread = "Bread is sold from six. The bakery is closed on Sundays."
    assert found(library, "bakery") == ([bread], bread)
    assert [passage.kind for passage in library.document_passages(library.find("The bakery").id)] == [
        Kind.HEADING,
        Kind.PARAGRAPH,
    ]


def test_adding_the_same_again_changes_nothing(library: Library, folder: Path) -> None:
    assert outcomes(library, folder) == [Outcome.ADDED, Outcome.ADDED]
    before = library.documents()
    os.utime(folder / "ferry.txt", ns=(1, 1))

    assert outcomes(library, folder) == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    assert library.documents() == before


def test_a_changed_file_replaces_its_old_passages(library: Library, folder: Path) -> None:
    library.add([folder])
    (folder / "ferry.txt").write_text("The ferry is gone.\n", encoding="utf-8")

    assert outcomes(library, folder / "ferry.txt") == [Outcome.UPDATED]
    assert found(library, "ferry") == (["The ferry is gone."], "The ferry is gone.")
    assert found(library, "museum")[0] == []
    assert len(library.documents()) == 2


def test_a_removed_document_is_gone_from_words_meaning_and_list(library: Library, folder: Path) -> None:
    library.add([folder])
    library.remove(library.find("ferry.txt").id)

    assert found(library, "ferry")[0] == []
    assert library.count() == 1
    assert len(library.search_dense(library.embed_query("ferry"), 9)) == 1
    with pytest.raises(NotInLibrary, match=r"no document is called ferry\.txt"):
        library.find("ferry.txt")


def test_the_same_content_under_two_names_is_stored_once(library: Library, folder: Path) -> None:
    (folder / "copy.txt").write_text(FERRY, encoding="utf-8")
    library.add([folder])
    assert len(library.documents()) == 2

    (folder / "copy.txt").unlink()
    library.hold_only([folder])
    assert library.find(str(folder / "ferry.txt")).passages == 2


def test_to_hold_only_a_folder_forgets_files_that_are_gone(library: Library, folder: Path) -> None:
    library.hold_only([folder])
    (folder / "ferry.txt").unlink()
    library.hold_only([folder])
    assert [info.title for info in library.documents()] == ["The bakery"]


def test_one_bad_file_never_stops_the_rest(library: Library, folder: Path) -> None:
    (folder / "a.bin").write_bytes(bytes(range(256)) * 4)
    (folder / "empty.txt").touch()
    reports = {Path(report.source).name: report for report in library.add([folder])}

    assert {name: report.outcome for name, report in reports.items()} == {
        "a.bin": Outcome.FAILED,
        "bakery.md": Outcome.ADDED,
        "empty.txt": Outcome.FAILED,
        "ferry.txt": Outcome.ADDED,
    }
    assert reports["empty.txt"].reason == "empty.txt holds no text"


def test_hidden_files_are_left_out_and_a_folder_without_files_is_an_error(library: Library, tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / ".secret.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ReadError, match="no files in"):
        library.add([tmp_path / "hidden"])
    with pytest.raises(ReadError, match="nowhere does not exist"):
        library.add([tmp_path / "nowhere"])


def test_progress_counts_files_up_to_all(library: Library, folder: Path) -> None:
    seen: list[Progress] = []
    library.add([folder], seen.append)
    assert [progress.files_done for progress in seen] == sorted(progress.files_done for progress in seen)
    assert (seen[-1].files_done, seen[-1].files, seen[-1].passages) == (2, 2, 3)


def test_an_interrupted_run_keeps_what_it_reported_and_finishes_when_run_again(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.PASSAGES_IN_BATCH", 1)

    def interrupt(progress: Progress) -> None:
        if progress.files_done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add([folder], interrupt)
    assert [info.title for info in library.documents()] == ["The bakery"]
    assert found(library, "bakery")[1].startswith("Bread")

    library.add([folder])
    assert len(library.documents()) == 2


def test_an_upload_keeps_its_original(library: Library) -> None:
    report = library.add_upload("notes.txt", FERRY.encode())
    originals = [path.read_bytes() for path in (library.directory / "originals").iterdir()]

    assert (report.outcome, report.source, originals) == (Outcome.ADDED, "notes.txt", [FERRY.encode()])
    assert library.add_upload("notes.txt", b"").reason == "notes.txt holds no text"


def test_uploads_one_by_one_write_the_vectors_once_and_closing_writes_the_rest(tmp_path: Path) -> None:
    texts = [b"The ferry leaves.", b"The museum has a clock.", b"The bakery is closed."]
    with open_library(tmp_path / "library") as library:
        library.add_upload("0.txt", texts[0])
        first = (library.directory / "vectors.faiss").read_bytes()
        for number in (1, 2):
            library.add_upload(f"{number}.txt", texts[number])
        assert (library.directory / "vectors.faiss").read_bytes() == first
        embedder = library.embedder
    loaded = faiss_store.load(library.directory / "vectors.faiss", embedder.name, embedder.dimensions)

    assert loaded is not None
    assert loaded[0].ids().tolist() == [1, 2, 3]


def test_the_same_content_is_kept_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda _: keep_original(tmp_path, FERRY.encode() * 10_000), range(80)))

    assert len(set(kept)) == 1
    assert originals_in(tmp_path) == kept[:1]
    assert list((tmp_path / "originals").iterdir()) == kept[:1]


def test_a_document_s_original_is_there_until_the_file_changes(library: Library, folder: Path) -> None:
    library.add([folder])
    library.add_upload("notes.txt", b"A clock.")
    ferry, notes = library.find("ferry.txt").id, library.find("notes.txt").id

    assert (library.original(ferry), library.original(notes)) == (FERRY.encode(), b"A clock.")
    (folder / "ferry.txt").write_text("The ferry is gone.", encoding="utf-8")
    with pytest.raises(NotInLibrary, match=r"ferry\.txt was moved or has changed: add it again$"):
        library.original(ferry)


def test_a_folder_of_many_formats_is_added_with_pages_and_what_fails_is_said(library: Library, folder: Path) -> None:
    lines = [column(50, 700, ["The ferry leaves."]), column(50, 700, ["The museum has a clock.", "It is late."])]
    (folder / "guide.pdf").write_bytes(pdf(lines))
    (folder / "letter.docx").write_bytes(docx(w_paragraph("The bakery is closed.")))
    (folder / "secret.pdf").write_bytes(pdf([column(50, 700, ["A ticket is three euros."])], password="foo"))
    (folder / "bomb.docx").write_bytes(docx("<w:p/>" * 5_000_000))
    reports = {Path(report.source).name: report for report in library.add([folder])}

    assert {name for name, report in reports.items() if report.outcome is Outcome.FAILED} == {"bomb.docx", "secret.pdf"}
    assert reports["secret.pdf"].reason.startswith("secret.pdf needs a password (it is encrypted)")
    assert [passage.page for passage in library.document_passages(library.find("guide.pdf").id)] == [1, 2]
    assert library.document(library.find("guide.pdf").id).pages == (0, len("The ferry leaves.") + 2)
    assert library.find("letter.docx").format == "docx"

    [again] = library.add([folder / "secret.pdf"], password="foo")
    assert again.outcome is Outcome.ADDED
    assert found(library, "ticket")[0][0] == "A ticket is three euros."


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(2 * 2**20)
    with Library(tmp_path / "library", WordEmbedder, "words", ReaderSettings(max_file_mib=1)) as library:
        [report] = library.add([tmp_path / "large.txt"])
    assert report.reason == "large.txt has 2 MiB, more than 1: divide it"


def test_a_file_that_an_earlier_parser_read_is_read_again_under_all_its_names(library: Library, folder: Path) -> None:
    (folder / "copy.txt").write_text(FERRY, encoding="utf-8")
    library.add([folder])
    connection = sqlite3.connect(library.directory / "library.db")
    connection.execute("UPDATE documents SET parser_version = 1, text = 'as it was' WHERE format = 'text'")
    connection.commit()
    connection.close()

    assert outcomes(library, folder / "ferry.txt") == [Outcome.UPDATED]
    assert library.document(library.find(str(folder / "copy.txt")).id).text == FERRY
    assert len(library.documents()) == 2
    assert outcomes(library, folder) == [Outcome.UNCHANGED] * 3


def test_a_library_from_before_there_were_pages_is_brought_up_to_date(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "library.db")
    connection.executescript(MIGRATIONS[0])
    connection.executescript(
        "INSERT INTO documents VALUES (1, 'x', 'text', 1, 'A', '', 'Bread.', 6, '2026-01-01T00:00:00Z');"
        "INSERT INTO passages VALUES (1, 1, 0, 'paragraph', 0, 6, '', '[[0, 6]]', NULL, 'Bread.');"
        "PRAGMA user_version = 1;"
    )
    connection.close()
    with open_library(tmp_path) as library:
        [passage] = library.document_passages(1)
        assert (library.document(1).pages, passage.text, passage.page, passage.page_at(3)) == ((), "Bread.", None, None)


def test_the_passages_of_a_document_are_counted_without_being_read(library: Library, folder: Path) -> None:
    library.add([folder])
    connection = sqlite3.connect(library.directory / "library.db")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {DOCUMENTS} WHERE documents.id = 1")]
    connection.close()
    assert any("USING COVERING INDEX passages_by_kind" in step for step in plan)


@pytest.mark.parametrize("damage", [b"", b"PINCITE FAISS 1\n", b"\0" * 4_000, None])
def test_a_missing_or_damaged_vector_file_is_rebuilt(library: Library, folder: Path, damage: bytes | None) -> None:
    library.add([folder])
    path = library.directory / "vectors.faiss"
    if damage is None:
        path.write_bytes(path.read_bytes()[:-10])
    else:
        path.write_bytes(damage)

    with open_library(library.directory) as again:
        assert found(again, "museum")[1] == "The museum shows one clock."


def test_a_vector_file_of_another_library_is_not_trusted(library: Library, folder: Path, tmp_path: Path) -> None:
    with open_library(tmp_path / "other") as other:
        (folder / "other.txt").write_text("Sometimes a clock. A clock! Then a ferry.\n\nOne clock.\n\nBread.", "utf-8")
        other.add([folder / "other.txt"])
        (folder / "other.txt").unlink()
        library.add([folder])
        (other.directory / "vectors.faiss").replace(library.directory / "vectors.faiss")
    with open_library(library.directory) as again:
        assert found(again, "museum")[1] == "The museum shows one clock."


def test_a_reader_sees_what_another_process_added_and_removed(library: Library, folder: Path) -> None:
    library.add([folder / "bakery.md"])
    found(library, "bakery")
    with open_library(library.directory) as other:
        other.add([folder / "ferry.txt"])
        other.remove(other.find("The bakery").id)
    assert found(library, "ferry")[1] == "The ferry leaves at 07:40. A ticket costs twelve euros."
    assert len(library.search_dense(library.embed_query("bakery"), 9)) == 2


def test_another_embedder_embeds_what_is_there(library: Library, folder: Path) -> None:
    class Backwards(WordEmbedder):
        name = "backwards"

        def embed(self, text: str) -> np.ndarray:
            return super().embed(text)[::-1]

    library.add([folder])
    with Library(library.directory, Backwards, "backwards") as again:
        assert found(again, "museum")[1] == "The museum shows one clock."


def test_a_library_of_a_newer_version_is_refused(library: Library) -> None:
    connection = sqlite3.connect(library.directory / "library.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryTooNew, match="made by a newer version of Pincite"):
        open_library(library.directory)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"not a database" * 100)
    with pytest.raises(LibraryError, match="is no library"):
        open_library(tmp_path)
