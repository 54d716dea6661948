"""PDFs come out in reading order, with headings, tables and pages, and each word's box is found again."""

import io

import pypdfium2
import pytest
from files import Put, column, parsed, pdf, shown

from index.errors import EmptyDocument, PasswordNeeded, ReadError
from index.parse.pdf_boxes import PageBox, boxes
from index.parse.source import SourceFile
from index.split import page_of, split
from index.types import ParsedDocument, Span

LEFT = [
    "The ferry to Lindholm leaves at 07:40",
    "from the north quay, and the cross-",
    "ing takes 35 minutes in calm weather.",
    "In winter it may be cancelled for ice.",
]
RIGHT = [
    "Dogs travel free on weekdays, but on a",
    "Sunday a ticket for a dog is needed as",
    "well; it costs three euros on board of",
    "the ship and two in the harbour office.",
]
LEFT_TEXT = (
    "The ferry to Lindholm leaves at 07:40 from the north quay, and the crossing takes 35 minutes in calm weather."
    " In winter it may be cancelled for ice."
)
RIGHT_TEXT = (
    "Dogs travel free on weekdays, but on a Sunday a ticket for a dog is needed as well; it costs three euros on board"
    " of the ship and two in the harbour office."
)


def two_columns() -> list[Put]:
    """A title across the page, and below it two columns, drawn line by line from side to side as a scanner does."""
    rows = zip(column(50, 700, LEFT), column(320, 700, RIGHT), strict=True)
    return [Put(50, 750, "The harbour", size=18), *(put for row in rows for put in row)]


def test_columns_are_read_one_after_the_other_and_divided_words_made_whole() -> None:
    document = parsed("a.pdf", pdf([two_columns()]))

    assert shown(document) == [("heading", 1, "The harbour"), ("paragraph", 0, LEFT_TEXT), ("paragraph", 0, RIGHT_TEXT)]
    assert (document.format, document.title, document.pages) == ("pdf", "The harbour", (0,))


def test_a_hyphen_stays_in_a_word_that_has_one_elsewhere() -> None:
    lines = [
        "The well-known ferry to Lindholm leaves at 07:40",
        "from the north quay, and it has long been a well-",
        "known one.",
    ]
    assert parsed("a.pdf", pdf([column(50, 700, lines)])).text == (
        "The well-known ferry to Lindholm leaves at 07:40 from the north quay, and it has long been a well-known one."
    )


def test_a_table_comes_out_row_by_row() -> None:
    rows = [("Fare", "Euros", "Since"), ("grown-up", "12", "2019"), ("dog", "3", "2021")]
    puts = [
        Put(50 + 150 * at, 700 - 14 * number, cell) for number, row in enumerate(rows) for at, cell in enumerate(row)
    ]
    assert shown(parsed("a.pdf", pdf([puts]))) == [
        ("table", 0, "Fare | Euros | Since\ngrown-up | 12 | 2019\ndog | 3 | 2021")
    ]


def test_paragraphs_end_at_indents_and_gaps_and_items_stand_for_themselves() -> None:
    indented = [
        Put(62, 700, "The ferry to Lindholm leaves at 07:40 from the north quay,"),
        Put(50, 688, "and the crossing takes 35 minutes in calm weather, or more."),
        Put(62, 676, "In winter it may be cancelled where there is ice, and that is"),
        Put(50, 664, "told in the evening before at the quay and in the newspaper."),
        Put(50, 630, "Dogs travel free on weekdays:"),
        Put(50, 606, "• small ones in a basket"),
        Put(50, 594, "• large ones on a leash"),
    ]
    assert [text for _, _, text in shown(parsed("a.pdf", pdf([indented])))] == [
        "The ferry to Lindholm leaves at 07:40 from the north quay, and the crossing takes 35 minutes in calm"
        " weather, or more.",
        "In winter it may be cancelled where there is ice, and that is told in the evening before at the quay and in"
        " the newspaper.",
        "Dogs travel free on weekdays:",
        "• small ones in a basket\n• large ones on a leash",
    ]


def three_pages() -> bytes:
    """Three pages with a running header and page numbers; a sentence goes on from the first to the second."""
    bodies = [
        ["The ferry leaves at 07:40 from the north quay, and", "in calm weather the crossing to Lindholm takes about"],
        ["35 minutes. In winter it may be cancelled for ice."],
        ["Dogs travel free on weekdays."],
    ]
    return pdf([
        [
            Put(50, 770, "The harbour of Lindholm, a guide"),
            *column(50, 700, body),
            Put(300, 30, f"- {number} -"),
        ]
        for number, body in enumerate(bodies, start=1)
    ])  # fmt: skip


def test_running_headers_and_page_numbers_are_left_out_and_sentences_go_on_over_pages() -> None:
    document = parsed("a.pdf", three_pages())
    first, second = (
        "The ferry leaves at 07:40 from the north quay, and in calm weather the crossing to Lindholm takes about 35"
        " minutes. In winter it may be cancelled for ice.",
        "Dogs travel free on weekdays.",
    )
    assert document.text == f"{first}\n\n{second}"
    assert document.pages == (0, first.index("35"), len(first) + 2)


def test_a_passage_knows_the_page_of_each_of_its_sentences() -> None:
    document = parsed("a.pdf", three_pages())
    passages = split(document, 200, lambda texts: [len(text.split()) for text in texts])

    assert [(passage.page, passage.later_pages) for passage in passages] == [(1, (document.pages[1],)), (3, ())]
    winter = passages[0].sentences[1]
    assert (winter.of(document.text), page_of(document.pages, winter.start)) == (
        "In winter it may be cancelled for ice.",
        2,
    )


def words_at(data: bytes, found: list[PageBox]) -> str:
    """Return what the PDF's text layer has in these boxes."""
    document = pypdfium2.PdfDocument(data)
    texts = []
    for box in found:
        page = document[box.page - 1]
        page.set_rotation(0)
        width, height = page.get_size()
        inset = (box.bottom - box.top) * height / 4
        texts.append(
            page.get_textpage().get_text_bounded(
                box.left * width, (1 - box.bottom) * height + inset, box.right * width, (1 - box.top) * height - inset
            )
        )
    return " ".join(text.strip() for text in texts)


def located(document: ParsedDocument, words: str) -> Span:
    start = document.text.index(words)
    return Span(start, start + len(words))


@pytest.mark.parametrize(
    ("words", "on_the_page"),
    [
        ("leaves at 07:40", "leaves at 07:40"),
        ("the crossing takes 35", "the cross ing takes 35"),
        ("a Sunday a ticket", "a Sunday a ticket"),
        ("The harbour", "The harbour"),
    ],
)
def test_the_boxes_of_a_stretch_hold_its_words_on_the_page(words: str, on_the_page: str) -> None:
    data = pdf([two_columns()])
    document = parsed("a.pdf", data)
    found = boxes(SourceFile("a.pdf", data), document.text, document.pages, located(document, words))

    assert words_at(data, found) == on_the_page
    assert all(box.page == 1 for box in found)


def test_a_box_is_where_the_letters_are() -> None:
    data = pdf([[Put(60, 400, "Lindholm", size=20)]])
    document = parsed("a.pdf", data)
    [box] = boxes(SourceFile("a.pdf", data), document.text, document.pages, Span(0, 8))

    assert (box.left, box.right) == (pytest.approx(60 / 600, abs=0.004), pytest.approx(141 / 600, abs=0.004))
    assert box.top < 1 - 400 / 800 < box.bottom
    assert box.bottom - box.top == pytest.approx(20 / 800, rel=0.3)


def test_boxes_of_a_rotated_page_are_those_of_the_page_as_it_is_shown() -> None:
    data = pdf([[Put(60, 400, "Lindholm", size=20)]], rotate=90)
    document = parsed("a.pdf", data)
    [box] = boxes(SourceFile("a.pdf", data), document.text, document.pages, Span(0, 8))

    assert box.left < 400 / 800 < box.right
    assert (box.top, box.bottom) == (pytest.approx(60 / 600, abs=0.004), pytest.approx(141 / 600, abs=0.004))


def test_a_sentence_over_two_pages_has_boxes_on_both() -> None:
    data = three_pages()
    document = parsed("a.pdf", data)
    found = boxes(
        SourceFile("a.pdf", data), document.text, document.pages, located(document, "takes about 35 minutes.")
    )

    assert [box.page for box in found] == [1, 2]
    assert words_at(data, found) == "takes about 35 minutes."


def test_boxes_of_another_file_are_refused_or_empty() -> None:
    document = parsed("a.pdf", three_pages())
    other = SourceFile("a.pdf", pdf([[Put(50, 700, "Something else.")]]))

    assert boxes(other, document.text, document.pages, Span(0, 9)) == []
    with pytest.raises(ReadError, match=r"a\.pdf has no page 3: it is not the file that was added"):
        boxes(other, document.text, document.pages, located(document, "Dogs"))


def test_an_encrypted_file_needs_its_password() -> None:
    data = pdf([two_columns()], password="foo")

    with pytest.raises(PasswordNeeded, match=r"^a\.pdf needs a password \(it is encrypted\): add it again with --pass"):
        parsed("a.pdf", data)
    with pytest.raises(PasswordNeeded, match=r"^a\.pdf needs a password \(the password given does not open it\)"):
        parsed("a.pdf", data, password="bar")
    assert LEFT_TEXT in parsed("a.pdf", data, password="foo").text


def test_a_title_of_its_own_is_taken_where_a_person_wrote_it() -> None:
    assert parsed("a.pdf", pdf([two_columns()], title="A guide to the harbour")).title == "A guide to the harbour"
    assert parsed("a.pdf", pdf([two_columns()], title="Microsoft Word - guide3.doc")).title == "The harbour"


def test_a_page_without_text_says_what_to_do_and_damage_says_so() -> None:
    with pytest.raises(
        EmptyDocument, match=r"^a\.pdf holds no text on its one page: if it is a scan, add it with --ocr"
    ):
        parsed("a.pdf", pdf([[]]))
    with pytest.raises(ReadError, match=r"^a\.pdf is no PDF that can be read, it may be damaged or cut off"):
        parsed("a.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 9)


def scan(data: bytes) -> bytes:
    """Return a PDF that has only a picture of another one's first page."""
    source = pypdfium2.PdfDocument(data)
    out = pypdfium2.PdfDocument.new()
    page = out.new_page(*source[0].get_size())
    image = pypdfium2.PdfImage.new(out)
    image.set_bitmap(source[0].render(scale=3))
    image.set_matrix(pypdfium2.PdfMatrix().scale(*source[0].get_size()))
    page.insert_obj(image)
    page.gen_content()
    saved = io.BytesIO()
    out.save(saved)
    return saved.getvalue()


def test_a_scan_is_read_by_tesseract_with_the_boxes_of_its_words() -> None:
    data = scan(pdf([two_columns()]))
    document = parsed("a.pdf", data, ocr_languages="eng")
    span = located(document, "north quay")
    [box] = boxes(SourceFile("a.pdf", data, ocr_languages="eng"), document.text, document.pages, span)

    assert [text for _, _, text in shown(document)] == ["The harbour", LEFT_TEXT, RIGHT_TEXT]
    assert box.left * 600 == pytest.approx(92, abs=4)
    assert box.top < 1 - 688 / 800 < box.bottom + 0.01


def test_without_tesseract_a_scan_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(ReadError, match=r"^a\.pdf needs Tesseract to be read, which is not installed: get it from"):
        parsed("a.pdf", pdf([[]]), ocr_languages="eng")
    with pytest.raises(ReadError, match=r"names no languages of Tesseract: write eng, or deu\+fra"):
        parsed("a.pdf", pdf([[]]), ocr_languages="--help")
