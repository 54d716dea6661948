"""The source panel: the whole document, the cited sentence marked, and nothing of it markup."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from html_reading import HOSTILE, TEXTS, Reader
from hypothesis import given
from hypothesis import strategies as st

from index.types import Document, DocumentInfo, Kind, Passage, Span
from ui.place import Place
from ui.sources import render_source, shortened

TEXT = "A heading\nFirst sentence. Second sentence. Third sentence.\nRELATED: elsewhere\nLast paragraph."


def document(text: str, title: str = "Title") -> Document:
    return Document(DocumentInfo(1, title, "/data/a.txt", "text", len(text), 1, "2025-11-22T10:00:00Z"), text)


def passage(of: Document, start: int, end: int, kind: Kind = Kind.PARAGRAPH) -> Passage:
    return Passage(start, of.info, start, kind, start, end, of.text[start:end], (), ())


def parts(of: Document) -> list[Passage]:
    """The document's blocks; its paragraph of three sentences is stored as two passages."""
    heading, related, last = TEXT.index("\n"), TEXT.index("RELATED"), TEXT.index("Last")
    second = TEXT.index("Second")
    return [
        passage(of, 0, heading, Kind.HEADING),
        passage(of, heading + 1, second - 1),
        passage(of, second, related - 1),
        passage(of, related, last - 1, Kind.LINK),
        passage(of, last, len(TEXT)),
    ]


def cited(sentence: str) -> Span:
    return Span(TEXT.index(sentence), TEXT.index(sentence) + len(sentence))


def test_the_document_is_shown_whole_with_its_heading_and_its_paragraphs() -> None:
    html = render_source(document(TEXT), parts(document(TEXT)), Place(1))
    body = html[html.index('<div class="source-document"') :]
    assert Reader(body).text == TEXT.replace("\n", "")
    assert Reader(body).tags == ["div", "h3", "p", "p", "p"]
    assert Reader(body).attributes["class"] == ["source-document", "heading", "paragraph", "link", "paragraph"]


@pytest.mark.parametrize("sentence", ["First sentence.", "Second sentence.", "Third sentence.", "Last paragraph."])
def test_exactly_the_cited_sentence_is_marked(sentence: str) -> None:
    html = render_source(document(TEXT), parts(document(TEXT)), Place(1, cited(sentence)))
    assert marked(html) == [sentence]


def test_a_citation_across_two_blocks_is_marked_in_both() -> None:
    html = render_source(document(TEXT), parts(document(TEXT)), Place(1, cited("Third sentence.\nRELATED")))
    assert marked(html) == ["Third sentence.", "RELATED"]


def test_without_a_citation_nothing_is_marked() -> None:
    assert marked(render_source(document(TEXT), parts(document(TEXT)), Place(1))) == []


@given(TEXTS.filter(lambda text: "\n" not in text), st.data())
def test_any_text_is_shown_as_it_is_with_no_tag_but_ours(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    of = document(text, title=text)
    html = render_source(of, [passage(of, 0, len(text))], Place(1, Span(start, end)))
    header, body = html.split('<div class="source-document"')
    assert Reader(header).tags == ["header", "h2", "p", "p", "a", "button"]
    assert Reader(f"<div{body}").tags == (["div", "p", "mark"] if start < end else ["div", "p"])
    assert Reader(f"<div{body}").text == text
    assert marked(html) == ([text[start:end]] if start < end else [])


def test_what_else_the_answer_cites_is_marked_more_faintly_and_never_within_the_clicked_sentence() -> None:
    first, second, third, last = map(
        cited, ("First sentence.", "Second sentence.", "Third sentence.", "Last paragraph.")
    )
    others = (last, first, second, Span(second.start - 3, second.start + 3), Span(third.start, third.start))
    html = render_source(document(TEXT), parts(document(TEXT)), Place(1, second, others))

    assert marked(html) == ["Second sentence."]
    assert f'<mark data-start="{second.start}" data-end="{second.end}">' in html, "where the claims on it are found by"
    assert marked(html, '<span class="cited">') == ["First sentence.", "Last paragraph."]


def test_only_a_pdf_is_shown_as_pages_or_text_and_each_original_is_saved_by_its_number() -> None:
    of = document("x")
    plain, pdf = (
        Reader(render_source(replace(of, info=replace(of.info, id=7, format=name)), [], Place(7)))
        for name in ("text", "pdf")
    )

    assert plain.attributes["href"] == pdf.attributes["href"] == ["originals/7"]
    assert [name for name in plain.attributes["class"] if name.startswith("as-")] == []
    assert [name for name in pdf.attributes["class"] if name.startswith("as-")] == ["as-page", "as-text"]


def test_hostile_titles_stay_titles() -> None:
    for text in HOSTILE:
        assert Reader(render_source(document("x", title=text), [], Place(1))).text.startswith(text)


def test_a_path_in_the_home_folder_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ann"))
    assert shortened("/home/ann/notes/a.txt") == "~/notes/a.txt"
    assert shortened("/home/anna/a.txt") == "/home/anna/a.txt"
    assert shortened("upload.txt") == "upload.txt"


def marked(html: str, tag: str = "<mark>") -> list[str]:
    html = re.sub(r' data-start="\d+" data-end="\d+"', "", html)
    return [Reader(piece.split("</")[0]).text for piece in html.split(tag)[1:]]
