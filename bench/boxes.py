"""Are the boxes of a citation in a PDF around its words? `python -m bench.boxes FILE… [--stretches N]`.

Takes stretches of one to twelve words at random from each PDF's text, finds their boxes, and compares what the PDF's
text layer has inside of them with the words. White space, hyphens and marks are left out, as lines were joined.
"""

import argparse
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2

from bench.report import print_table
from index.parse.pdf import parse_pdf
from index.parse.pdf_boxes import PageBox, boxes
from index.parse.source import SourceFile
from index.types import Span

LONGEST = 12
"""Words of a stretch, at most."""


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--stretches", type=int, default=50, help="of each file")
    arguments = parser.parse_args()
    rows = []
    for path in arguments.files:
        source = SourceFile(path.name, path.read_bytes())
        matches = list(matching(source, arguments.stretches))
        rows.append([path.name, str(len(matches)), str(sum(matches))])
    print_table(["", "stretches", "with just their words"], rows)


def matching(source: SourceFile, stretches: int) -> Iterator[bool]:
    """Yield, for each of some stretches, whether its boxes hold just its words; differing ones are printed."""
    extract = parse_pdf(source)
    document = pypdfium2.PdfDocument(source.data)
    dice = random.Random(0)
    spans = [span for block in extract.blocks if (span := stretch_of(extract.text, block.span, dice))]
    for span in dice.sample(spans, min(stretches, len(spans))):
        inside = "".join(text_in(document, box) for box in boxes(source, extract.text, extract.pages, span))
        if letters(inside) != letters(span.of(extract.text)):
            print(f"{source.name}: {span.of(extract.text)!r} has {inside!r} in its boxes")
        yield letters(inside) == letters(span.of(extract.text))


def stretch_of(text: str, block: Span, dice: random.Random) -> Span | None:
    """Return a few words of a block, None where it has no letters there."""
    words = [match.span() for match in re.finditer(r"\S+", block.of(text))]
    first = dice.randrange(len(words))
    last = min(len(words), first + dice.randint(1, LONGEST)) - 1
    span = Span(block.start + words[first][0], block.start + words[last][1])
    return span if letters(span.of(text)) else None


def text_in(document: pypdfium2.PdfDocument, box: PageBox) -> str:
    """Return what the text layer has in the middle half of a box's height."""
    page = document[box.page - 1]
    left, bottom, right, top = page.get_bbox()
    width, height, inset = right - left, top - bottom, (box.bottom - box.top) * (top - bottom) / 4
    return str(
        page.get_textpage().get_text_bounded(
            left + box.left * width + 0.3,
            top - box.bottom * height + inset,
            left + box.right * width - 0.3,
            top - box.top * height - inset,
        )
    )


def letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(re.findall(r"[^\W_]+", text.replace("\x02", "")))


if __name__ == "__main__":
    main()
