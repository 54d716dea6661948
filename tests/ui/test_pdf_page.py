"""A drawn page as HTML: boxes in shares of the page, the clicked sentence apart from the others, no tag but ours."""

from base64 import b64encode

from html_reading import HOSTILE, Reader

from index.parse.pdf_boxes import PageBox
from index.parse.pdf_page import DrawnPage
from index.types import Document, DocumentInfo, Span
from ui.pdf_page import render_no_page, render_page, render_page_wanted
from ui.place import Place

TEXT = "First sentence. Second sentence."
FIRST, SECOND = Span(0, 15), Span(16, 32)
CLICKED = Place(7, SECOND, (FIRST, SECOND))
BOXES = ((PageBox(2, 0.1, 0.2, 0.6, 0.25),), (PageBox(2, 0.1, 0.5, 0.3, 0.55), PageBox(2, 0.1, 0.6, 0.2, 0.65)))


def document(title: str = "Title") -> Document:
    return Document(DocumentInfo(7, title, "/data/a.pdf", "pdf", 32, 1, "2025-11-22T10:00:00Z"), TEXT, (0, 0, 20))


def drawn(number: int = 2, boxes: tuple[tuple[PageBox, ...], ...] = BOXES) -> DrawnPage:
    return DrawnPage(number, 3, b"RIFF....WEBP", 600, 800, boxes)


def shown(page: DrawnPage, place: Place = CLICKED) -> Reader:
    return Reader(render_page(page, place, document(), cited_page=2))


def test_the_boxes_stand_on_the_picture_in_shares_of_the_page_and_the_clicked_one_is_the_first_span_s() -> None:
    seen = shown(drawn())
    boxes = [name for name in seen.attributes["class"] if name.startswith("box")]

    assert boxes == ["box", "box", "box clicked"]
    assert seen.attributes["style"] == [
        "aspect-ratio: 600 / 800",
        "left:10.0000%;top:50.0000%;width:20.0000%;height:5.0000%",
        "left:10.0000%;top:60.0000%;width:10.0000%;height:5.0000%",
        "left:10.0000%;top:20.0000%;width:50.0000%;height:5.0000%",
    ]
    assert seen.attributes["src"] == [f"data:image/webp;base64,{b64encode(b'RIFF....WEBP').decode()}"]
    assert seen.attributes["alt"] == ["Page 2 of Title, with these words highlighted: Second sentence."]


def test_each_box_tells_its_sentence_and_the_boxes_stand_in_the_order_of_the_text() -> None:
    seen = Reader(render_page(drawn(), Place(7, FIRST, (SECOND,)), document(), 2)).attributes
    assert [name for name in seen["class"] if name.startswith("box")] == ["box clicked", "box", "box"]
    assert seen["data-words"] == ["First sentence.", "Second sentence.", "Second sentence."]
    assert seen["data-start"][1:] == ["0", "16", "16"]


def test_the_place_goes_along_so_that_another_page_has_the_same_sentences() -> None:
    for html in (render_page(drawn(), CLICKED, document(), 2),
                 render_page_wanted(CLICKED, 2)):  # fmt: skip
        own = Reader(html).attributes
        assert (own["data-document"], own["data-start"][0], own["data-end"][0]) == (["7"], "16", "32")
        assert own["data-cited"] == ["[[0, 15], [16, 32]]"]
    assert Reader(html).attributes["data-wanted"] == ["2"]


def test_pages_turn_within_the_document_and_back_to_the_cited_one() -> None:
    assert shown(drawn()).attributes["data-turn"] == ["1", "3"]
    first, last = shown(drawn(1, ((), ()))), shown(drawn(3, ((), ())))
    assert (first.attributes["data-turn"], last.attributes["data-turn"]) == (["0", "2", "2"], ["2", "4", "2"])
    assert "Page 1 of 3" in first.text
    assert "Back to page 2" in first.text
    assert len(first.attributes["disabled"]) == len(last.attributes["disabled"]) == 1
    assert "Back" not in shown(drawn(3, ((),)), Place(7)).text


def test_a_sentence_that_is_not_in_the_picture_is_said_not_to_be_there() -> None:
    line = "The sentence was not found in the picture of its page."
    assert line in shown(drawn(boxes=((), ()))).text
    assert line not in shown(drawn()).text
    assert line not in shown(drawn(3, ((), ()))).text, "it stands on another page"
    assert line not in shown(drawn(boxes=((),)), Place(7)).text, "none was clicked"


def test_hostile_titles_and_reasons_add_no_tag() -> None:
    harmless = Reader(render_page(drawn(), CLICKED, document(), 2)).tags
    for text in HOSTILE:
        assert Reader(render_page(drawn(), CLICKED, document(text), 2)).tags == harmless
        assert Reader(render_no_page(text)).tags == ["p"]
        assert Reader(render_no_page(text)).text.endswith(text)
