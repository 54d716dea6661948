"""The list of documents, and what became of uploaded files."""

import pytest
from html_reading import TEXTS, Reader
from hypothesis import given

from index.types import DocumentInfo, FileReport, Outcome
from ui.documents import folders_of, outcome_words, render_documents


def document(number: int, title: str) -> DocumentInfo:
    return DocumentInfo(number, title, "/data/a.txt", "text", 100, 5, "2025-11-22T10:00:00Z")


def test_every_document_opens_and_is_removed_only_after_a_second_click() -> None:
    seen = Reader(render_documents([document(3, "Minutes"), document(8, "Report")], {"papers": [3, 8]}))
    assert seen.attributes["data-document"] == ["3", "8"]
    assert seen.attributes["data-remove"] == ["3", "8"]
    assert seen.attributes["class"].count("confirm") == seen.attributes["class"].count("remove") == 2
    assert len(seen.attributes["open"]) == 1, "only the collection is unfolded"
    assert "papers" in seen.text
    assert "2 documents" in seen.text


def test_documents_stand_under_each_of_their_collections_which_have_boxes_where_there_are_several() -> None:
    documents = [document(1, "Minutes"), document(2, "Report"), document(3, "Letter")]
    seen = Reader(render_documents(documents, {"papers": [1, 2], "letters": [2, 3]}))
    assert seen.attributes["data-document"] == ["1", "2", "2", "3"]
    names = [value for value in seen.attributes["value"] if value in ("papers", "letters")]
    assert names[:4:2] == ["papers", "letters"]
    assert seen.attributes["type"].count("checkbox") == 2
    assert "3 documents" in seen.text
    assert "checkbox" not in render_documents(documents, {"papers": [1, 2, 3]})


def test_one_document_can_be_asked_alone_where_there_are_others() -> None:
    documents = [document(1, "Minutes"), document(2, "Report")]
    seen = Reader(render_documents(documents, {"papers": [1, 2]})).attributes
    assert (seen["data-only"], seen["data-title"]) == (["1", "2"], ["Minutes", "Report"])
    assert "data-only" not in Reader(render_documents(documents[:1], {"papers": [1]})).attributes


def test_folders_are_offered_that_hold_some_of_the_documents_each_once() -> None:
    papers = ["/home/ada/papers/2023/a.pdf", "/home/ada/papers/2024/b.pdf", "/home/ada/papers/2024/c.pdf"]
    below = ["/home/ada/papers/2023", "/home/ada/papers/2024"]
    assert folders_of(papers) == below
    assert folders_of([*papers, "upload.txt"]) == ["/home/ada/papers", *below]
    assert folders_of([*papers, "letters/old/d.txt"]) == ["/home/ada/papers", *below, "letters/old"]
    assert folders_of(papers[1:]) == folders_of(["a.txt", "b.txt"]) == folders_of([]) == []


def test_a_search_lists_only_what_is_called_so() -> None:
    documents, members = [document(1, "Minutes"), document(2, "REPORT of May")], {"a": [1], "b": [2]}
    assert Reader(render_documents(documents, members, "report")).attributes["data-document"] == ["2"]
    assert "No document is called so." in Reader(render_documents(documents, members, "zebra")).text


def test_without_documents_the_list_says_what_to_do() -> None:
    assert (
        Reader(render_documents([], {})).text
        == "No documents yet. Add some to ask about them: PDF, Word, web pages, tables, text."
    )


@pytest.mark.parametrize(
    ("report", "with_password", "words"),
    [
        (FileReport("a/a.txt", Outcome.ADDED, passages=3), False, "added, 3 passages"),
        (FileReport("a/a.txt", Outcome.UPDATED, passages=1), False, "updated, 1 passage"),
        (FileReport("a/a.txt", Outcome.UNCHANGED), False, "is already here"),
        (FileReport("a/a.txt", Outcome.FAILED, reason="a.txt holds no text"), False, "holds no text"),
        (FileReport("a/a.txt", Outcome.FAILED, reason="the disk is full"), False, "the disk is full"),
        (FileReport("a/a.txt", Outcome.FAILED, needs_password=True), False, "needs its password"),
        (
            FileReport("a/a.txt", Outcome.FAILED, needs_password=True),
            True,
            "is encrypted, and that password does not open it",
        ),
    ],
)
def test_what_became_of_a_file_reads_after_its_name(report: FileReport, with_password: bool, words: str) -> None:
    assert outcome_words(report, "a.txt", with_password) == words


@given(TEXTS)
def test_hostile_names_add_no_tag(text: str) -> None:
    def tags(name: str) -> list[str]:
        return Reader(render_documents([document(1, name)], {name: [1], f"{name} too": [1]})).tags

    assert tags(text) == tags("harmless")
