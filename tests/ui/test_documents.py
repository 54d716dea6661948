"""The list of documents and what became of uploaded files."""

from html_reading import TEXTS, Reader
from hypothesis import given

from index.types import DocumentInfo, FileReport, Outcome
from ui.documents import render_adding, render_documents, render_outcomes


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
    assert [value for value in seen.attributes["value"] if value in ("papers", "letters")][::2] == ["papers", "letters"]
    assert seen.attributes["type"].count("checkbox") == 2
    assert "3 documents" in seen.text
    assert "checkbox" not in render_documents(documents, {"papers": [1, 2, 3]})


def test_a_search_lists_only_what_is_called_so() -> None:
    documents, members = [document(1, "Minutes"), document(2, "REPORT of May")], {"a": [1], "b": [2]}
    assert Reader(render_documents(documents, members, "report")).attributes["data-document"] == ["2"]
    assert "No document is called so." in Reader(render_documents(documents, members, "zebra")).text


def test_without_documents_the_list_says_what_to_do() -> None:
    assert (
        Reader(render_documents([], {})).text
        == "No documents yet. Add some to ask about them: PDF, Word, web pages, tables, text."
    )


def test_each_file_has_one_line_with_its_outcome_or_its_reason() -> None:
    reports = [
        FileReport("a.txt", Outcome.ADDED, passages=3),
        FileReport("b.md", Outcome.UPDATED, passages=1),
        FileReport("c.txt", Outcome.UNCHANGED),
        FileReport("d.bin", Outcome.FAILED, reason="d.bin holds no text"),
    ]
    seen = Reader(render_outcomes(reports).replace("</li>", "\n</li>"))
    assert seen.text.splitlines() == [
        "a.txt: added, 3 passages",
        "b.md: updated, 1 passage",
        "c.txt: is already here",
        "d.bin: d.bin holds no text",
    ]
    assert seen.attributes["class"] == ["outcomes", "added", "updated", "unchanged", "failed"]


def test_progress_tells_which_file_of_how_many_is_being_read() -> None:
    seen = Reader(render_adding([FileReport("a.txt", Outcome.ADDED, 3)], 4, "b.txt"))
    assert "Adding 2 of 4: b.txt" in seen.text
    assert (seen.attributes["value"], seen.attributes["max"]) == (["1"], ["4"])


@given(TEXTS)
def test_hostile_names_add_no_tag(text: str) -> None:
    def tags(name: str) -> list[str]:
        reports = [FileReport(name, outcome, reason=name) for outcome in Outcome]
        return Reader(
            render_documents([document(1, name)], {name: [1], f"{name} too": [1]}) + render_adding(reports, 9, name)
        ).tags

    assert tags(text) == tags("harmless")
