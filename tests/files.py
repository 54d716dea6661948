"""Small files of each format, made here from what they are to say; and the parser for what is made."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from index.parse.formats import parse
from index.parse.source import SourceFile
from index.types import ParsedDocument

Shown = tuple[str, int, str]
"""A block as a test looks at it: its kind, its level, its text."""


def parsed(name: str, data: bytes, password: str = "", ocr_languages: str = "") -> ParsedDocument:
    """Parse bytes in this process."""
    return parse(SourceFile(name, data, password, ocr_languages))


def shown(document: ParsedDocument) -> list[Shown]:
    """Return a document's blocks as a test looks at them."""
    return [(block.kind.value, block.level, block.span.of(document.text)) for block in document.blocks]


def zipped(entries: Mapping[str, str | bytes], first_stored: str = "") -> bytes:
    """Return a ZIP container; the entry `mimetype` of an EPUB or OpenDocument file comes first and as it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first_stored:
            archive.writestr("mimetype", first_stored, zipfile.ZIP_STORED)
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


# PDF


@dataclass(frozen=True)
class Put:
    """A line of text on a page: points from its left and bottom edge."""

    left: float
    bottom: float
    text: str
    size: float = 10
    font: str = "F1"
    """F1 is Helvetica, F2 the same in bold."""


def column(left: float, top: float, lines: Iterable[str], size: float = 10) -> list[Put]:
    """Return lines one below the other."""
    return [Put(left, top - 12 * number, text, size) for number, text in enumerate(lines)]


def pdf(pages: Sequence[Sequence[Put]], password: str = "", rotate: int = 0, title: str = "") -> bytes:
    """Return a PDF of pages of 600 by 800 points; with a password, encrypted as PDF 1.3 has it (RC4, 40 bits)."""
    key, encrypt = _encryption(password) if password else (b"", b"")
    first_page = 5
    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Rotate {rotate}"
            f"/Contents {first_page + 2 * number + 1} 0 R/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>>>".encode()
        )
        content = b"\n".join(map(_drawn, page))
        content = _rc4(_object_key(key, len(objects) + 1), content) if key else content
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    info = b"<</Title(%s)>>" % title.encode("cp1252")
    return _assembled([*objects, info], encrypt)


def _drawn(put: Put) -> bytes:
    text = put.text.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"BT /%s %g Tf %g %g Td (%s) Tj ET" % (put.font.encode(), put.size, put.left, put.bottom, text)


def _assembled(objects: Sequence[bytes], encrypt: bytes) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<</Size %d/Root 1 0 R/Info %d 0 R%s>>" % (len(objects) + 1, len(objects), encrypt)
    start = len(out)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer%s\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, trailer, start,
    )  # fmt: skip


PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
PERMISSIONS = -4


def _encryption(password: str) -> tuple[bytes, bytes]:
    """Return the key and the trailer's entry of the standard security handler, revision 2 (PDF 1.7, 7.6.3)."""
    padded, identity = (password.encode() + PADDING)[:32], b"0123456789abcdef"
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + PERMISSIONS.to_bytes(4, "little", signed=True) + identity).digest()[:5]
    user = _rc4(key, PADDING)
    return key, b"/ID[<%s><%s>]/Encrypt<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P %d>>" % (
        identity.hex().encode(), identity.hex().encode(), owner.hex().encode(), user.hex().encode(), PERMISSIONS,
    )  # fmt: skip


def _object_key(key: bytes, number: int) -> bytes:
    return hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


# Office


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DRAWING = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    f' xmlns:r="{RELATIONS}"'
)


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """Return a part's relations: by id, the kind and the target."""
    listed = "".join(
        f'<Relationship Id="{identity}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for identity, (kind, target) in targets.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def docx(body: str, styles: str = "", numbering: str = "", footnotes: str = "") -> bytes:
    """Return a Word file with this body."""
    parts = {"styles": styles, "numbering": numbering, "footnotes": footnotes}
    there = {kind: content for kind, content in parts.items() if content}
    return zipped(
        {
            "[Content_Types].xml": "<Types>wordprocessingml</Types>",
            "_rels/.rels": relations({"r1": ("officeDocument", "word/document.xml")}),
            "word/document.xml": f"<w:document {WORD}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": relations({kind: (kind, f"{kind}.xml") for kind in there}),
            **{f"word/{kind}.xml": f"<w:{kind} {WORD}>{content}</w:{kind}>" for kind, content in there.items()},
        }
    )


def w_paragraph(text: str, properties: str = "") -> str:
    """Return a paragraph of Word's."""
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def pptx(slides: Sequence[str], notes: Mapping[int, str] | None = None) -> bytes:
    """Return a presentation with the shapes of each slide, and notes by the slide's number from 1."""
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types>presentationml</Types>",
        "_rels/.rels": relations({"r1": ("officeDocument", "ppt/presentation.xml")}),
        "ppt/presentation.xml": f"<p:presentation {DRAWING}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{number}" r:id="s{number}"/>' for number in range(1, len(slides) + 1))
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"s{number}": ("slide", f"slides/slide{number}.xml") for number in range(1, len(slides) + 1)}
        ),
    }
    for number, shapes in enumerate(slides, start=1):
        entries[f"ppt/slides/slide{number}.xml"] = (
            f"<p:sld {DRAWING}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
        )
    for number, text in (notes or {}).items():
        entries[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(
            {"n": ("notesSlide", f"../notesSlides/n{number}.xml")}
        )
        shape = p_shape([text], "body")
        entries[f"ppt/notesSlides/n{number}.xml"] = (
            f"<p:notes {DRAWING}><p:cSld><p:spTree>{shape}</p:spTree></p:cSld></p:notes>"
        )
    return zipped(entries)


def p_shape(paragraphs: Iterable[str], placeholder: str = "") -> str:
    """Return a shape with text."""
    place = f'<p:nvSpPr><p:nvPr><p:ph type="{placeholder}"/></p:nvPr></p:nvSpPr>' if placeholder else ""
    text = "".join(f"<a:p><a:r><a:t>{escape(own)}</a:t></a:r></a:p>" for own in paragraphs)
    return f"<p:sp>{place}<p:txBody>{text}</p:txBody></p:sp>"


def odt(body: str, kind: str = "text") -> bytes:
    """Return an OpenDocument file with this body."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "drawing")
    )
    inner = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    content = f"<office:document-content {names}>{inner}</office:document-content>"
    return zipped({"content.xml": content}, f"application/vnd.oasis.opendocument.{kind}")


def epub(chapters: Sequence[str], title: str) -> bytes:
    """Return a book with these chapters' XHTML."""
    items = "".join(
        f'<item id="c{number}" href="text/c%20{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    return zipped({
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
        **{
            f"OPS/text/c {number}.xhtml": '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
            f"<head><title/></head><body>{chapter}</body></html>"
            for number, chapter in enumerate(chapters)
        },
    }, "application/epub+zip")  # fmt: skip
