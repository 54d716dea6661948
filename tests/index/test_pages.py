"""A page of a PDF is drawn as it looks, in the reader's process, with the boxes of what is cited on it."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from files import Put, column, pdf
from PIL import Image

from index.errors import NotInLibrary, PasswordNeeded, ReadError
from index.library import Library
from index.parse.limits import ReaderSettings
from index.parse.pdf_boxes import PageBox, boxes
from index.parse.pdf_page import WIDTH, WantedPage
from index.parse.reader import Reader
from index.parse.source import SourceFile
from index.parse.wire import decoded_page
from index.types import Span

FIRST = ["The ferry to Lindholm leaves at 07:40 from the north", "quay. Dogs travel free on weekdays."]
SECOND = ["In winter the ferry may be cancelled for ice."]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("library")) as library:
        library.add_upload("harbour.pdf", pdf([column(50, 700, FIRST), column(50, 400, SECOND)]))
        library.add_upload("notes.txt", b"A clock stands in the museum.")
        yield library


def located(library: Library, words: str) -> Span:
    start = library.document(1).text.index(words)
    return Span(start, start + len(words))


def dark_share(picture: Image.Image, box: PageBox) -> float:
    """Return how much of a box is ink."""
    edges = (box.left * picture.width, box.top * picture.height, box.right * picture.width, box.bottom * picture.height)
    inside = picture.crop([round(edge) for edge in edges]).convert("L")
    return sum(inside.histogram()[:128]) / (inside.width * inside.height)


def test_a_page_has_the_boxes_of_the_stretches_that_stand_on_it_and_ink_within_them(library: Library) -> None:
    document = library.document(1)
    spans = [located(library, words) for words in ("from the north quay.", "Dogs travel free", "cancelled for ice.")]
    page = library.draw_page(1, 1, spans)
    whole = SourceFile("harbour.pdf", library.original(1))
    picture = Image.open(io.BytesIO(page.picture))

    assert (page.number, page.pages, picture.format) == (1, 2, "WEBP")
    assert picture.size == (page.width, page.height)
    assert page.width == pytest.approx(WIDTH, abs=1)
    assert [list(own) for own in page.boxes] == [boxes(whole, document.text, document.pages, spans[0]),
        boxes(whole, document.text, document.pages, spans[1]), []]  # fmt: skip
    assert [len(own) for own in page.boxes] == [2, 1, 0]
    assert all(dark_share(picture, box) > 0.1 for own in page.boxes for box in own)
    assert dark_share(picture, PageBox(1, 0.0, 0.5, 1.0, 1.0)) == 0
    assert [len(own) for own in library.draw_page(1, 2, spans).boxes] == [0, 0, 1]


def test_a_page_that_was_drawn_is_kept_for_the_same_stretches(library: Library) -> None:
    spans = [located(library, "Dogs travel free")]

    assert library.draw_page(1, 1, spans) is library.draw_page(1, 1, spans)
    assert library.draw_page(1, 1, []).boxes == ()


def test_what_has_no_such_page_or_is_no_pdf_gives_one_line(library: Library) -> None:
    with pytest.raises(ReadError, match=r"^harbour\.pdf has no page 3: it is not the file that was added$"):
        library.draw_page(1, 3)
    with pytest.raises(ReadError, match=r"^notes\.txt is no PDF that can be read"):
        library.draw_page(2, 1)
    with pytest.raises(NotInLibrary, match="no document has the number 9"):
        library.draw_page(9, 1)


def test_a_file_that_has_changed_since_is_not_drawn(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "changing.pdf"
    path.write_bytes(pdf([column(50, 700, ["The crane lifts forty tons of stone."])]))
    library.add([path])
    document = library.find(str(path))
    path.write_bytes(pdf([column(50, 700, ["Another text."])]))

    with pytest.raises(NotInLibrary, match=r"changing\.pdf was moved or has changed: add it again$"):
        library.draw_page(document.id, 1)


def test_an_encrypted_file_is_not_drawn_without_its_password() -> None:
    with Reader(ReaderSettings()) as reader, pytest.raises(PasswordNeeded, match=r"^a\.pdf needs a password"):
        reader.draw("a.pdf", pdf([[Put(60, 400, "Secret")]], password="foo"), WantedPage(1, "Secret", ()))


def test_a_page_of_any_shape_is_drawn_within_bounds_and_text_that_is_not_on_it_has_no_box() -> None:
    data = pdf([[Put(60, 400, "Lindholm", size=20)]]).replace(b"[0 0 600 800]", b"[0 0 2 9000]")
    with Reader(ReaderSettings()) as reader:
        page = reader.draw("a.pdf", data, WantedPage(1, "Elsewhere", (Span(0, 9),)))

    assert page.width <= WIDTH + 1
    assert page.height <= 4 * WIDTH + 1
    assert page.boxes == ((),)


@pytest.mark.parametrize(
    "reply",
    [
        b'{"number": 1, "picture": "PHNjcmlwdD4=", "size": [1, 1, 1], "boxes": []}',
        b'{"number": 1, "picture": "UklGRgAAAABXRUJQ", "size": [1, 1, 1], "boxes": [[[0, 0, 1, NaN]]]}',
        b'{"number": 2, "picture": "UklGRgAAAABXRUJQ", "size": [1, 1, 1], "boxes": []}',
        b'{"number": 1, "size": [1, 1, 1], "boxes": []}',
        b'{"number": 1, "picture": "UklGRgAAAABXRUJQ", "size": [1, 1], "boxes": []}',
        b"[]",
    ],
)
def test_a_page_in_disorder_is_not_believed(reply: bytes) -> None:
    with pytest.raises(ReadError, match=r"^a\.pdf came out in disorder and was left out$"):
        decoded_page(reply, "a.pdf")


def test_boxes_beyond_the_page_end_at_its_edges() -> None:
    reply = b'{"number": 1, "picture": "UklGRgAAAABXRUJQ", "size": [9, 8, 3], "boxes": [[[-2, 0.5, 7, 0.75]]]}'

    assert decoded_page(reply, "a.pdf").boxes == ((PageBox(1, 0.0, 0.5, 1.0, 0.75),),)
