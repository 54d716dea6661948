"""Each format comes out as the text a reader sees, with its headings, lists, tables and pages."""

import datetime
import io

import openpyxl
import pytest
from files import DRAWING, docx, epub, odt, p_shape, parsed, pptx, shown, w_paragraph, zipped

from index.errors import LimitReached, ReadError
from index.split import split

STYLES = """
<w:style w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/></w:style>
<w:style w:styleId="Own"><w:name w:val="Clause"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
"""
NUMBERING = """
<w:abstractNum w:abstractNumId="7">
  <w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
  <w:lvl w:ilvl="1"><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%1.%2)"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="8">
  <w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
"""


def styled(style: str, text: str) -> str:
    return w_paragraph(text, f'<w:pStyle w:val="{style}"/>')


def item(number: int, level: int, text: str) -> str:
    return w_paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def cells(*texts: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{w_paragraph(text)}</w:tc>" for text in texts) + "</w:tr>"


def test_word_headings_lists_tables_text_boxes_and_notes() -> None:
    box = (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:txbxContent>'
        f"{w_paragraph('In a box.')}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>{w_paragraph('In a box.')}"
        "</w:txbxContent></mc:Fallback></mc:AlternateContent><w:t>Beside a box.</w:t></w:r></w:p>"
    )
    deleted = "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText> gone</w:delText></w:r></w:del></w:p>"
    document = parsed("a.docx", docx(
        styled("T", "The harbour") + styled("H1", "Fares") + item(1, 0, "for a dog") + item(1, 1, "small")
        + item(1, 1, "large") + item(1, 0, "for a horse") + item(2, 0, "none on Sundays") + styled("Own", "By season")
        + f"<w:tbl>{cells('Fare', 'Euros')}{cells('dog', '3')}</w:tbl>"
        + f"<w:tbl>{cells('A frame around a paragraph.')}</w:tbl>" + box + deleted,
        STYLES, NUMBERING,
        '<w:footnote w:type="separator"><w:p/></w:footnote><w:footnote>' + w_paragraph("A note.") + "</w:footnote>",
    ))  # fmt: skip

    assert shown(document) == [
        ("heading", 1, "The harbour"),
        ("heading", 1, "Fares"),
        ("paragraph", 0, "1. for a dog\n  1.i) small\n  1.ii) large\n2. for a horse\n- none on Sundays"),
        ("heading", 2, "By season"),
        ("table", 0, "Fare | Euros\ndog | 3"),
        ("paragraph", 0, "A frame around a paragraph."),
        ("paragraph", 0, "Beside a box."),
        ("paragraph", 0, "In a box."),
        ("paragraph", 0, "Kept"),
        ("paragraph", 0, "A note."),
    ]
    assert (document.title, document.format) == ("The harbour", "docx")


def test_powerpoint_slides_are_pages() -> None:
    table = (
        "<p:graphicFrame><a:tbl><a:tr><a:tc><a:p><a:r><a:t>Fare</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>Euros"
        "</a:t></a:r></a:p></a:tc></a:tr></a:tbl></p:graphicFrame>"
    )
    slides = [
        p_shape(["for dogs", "for horses"], "body") + p_shape(["Fares"], "title") + p_shape(["7"], "sldNum") + table,
        p_shape(["Closed in winter."]),
    ]
    document = parsed("a.pptx", pptx(slides, {2: "Say when."}))

    assert shown(document) == [
        ("heading", 1, "Fares"),
        ("paragraph", 0, "- for dogs\n- for horses"),
        ("table", 0, "Fare | Euros"),
        ("paragraph", 0, "Closed in winter."),
        ("paragraph", 0, "Notes: Say when."),
    ]
    assert document.pages == (0, document.text.index("Closed"))


def test_excel_rows_read_with_their_columns_names() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Fares"
    for row in (
        ["Fares of the ferry"],
        ["Fare", "Euros", "Since", "Share"],
        ["dog", 3.5, datetime.datetime(2021, 5, 1), 0.25],
        ["horse", None, datetime.datetime(2021, 5, 1, 7, 40), 1],
    ):
        sheet.append(row)
    sheet["D3"].number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    document = parsed("a.xlsx", out.getvalue())

    assert shown(document) == [
        ("heading", 1, "Fares"),
        ("heading", 2, "Fares of the ferry"),
        (
            "table",
            0,
            "Fare: dog; Euros: 3.5; Since: 2021-05-01; Share: 25%\nFare: horse; Since: 2021-05-01 07:40; Share: 1",
        ),
    ]


def test_opendocument_headings_lists_tables_and_notes() -> None:
    body = (
        '<text:h text:outline-level="2">Fares</text:h><text:p>For a<text:s/>dog<text:note><text:note-citation>1'
        "</text:note-citation><text:note-body><text:p>A note.</text:p></text:note-body></text:note> three.</text:p>"
        "<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Fare</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="999999"/></table:table-row></table:table>'
    )
    assert shown(parsed("a.odt", odt(body))) == [
        ("heading", 2, "Fares"),
        ("paragraph", 0, "For a dog three."),
        ("paragraph", 0, "- one\n  - inner"),
        ("table", 0, "Fare"),
        ("paragraph", 0, "A note."),
    ]


def test_opendocument_spreadsheets_and_presentations() -> None:
    def row(*values: str) -> str:
        return "".join(
            f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
            for value in values
        ).join(("<table:table-row>", "</table:table-row>"))

    sheet = f'<table:table table:name="Fares">{row("Fare", "Euros")}{row("dog", "3")}</table:table>'
    assert shown(parsed("a.ods", odt(sheet, "spreadsheet"))) == [
        ("heading", 1, "Fares"),
        ("table", 0, "Fare: dog; Euros: 3"),
    ]
    slides = "".join(
        f"<drawing:page><drawing:frame><drawing:text-box><text:p>{text}</text:p></drawing:text-box></drawing:frame>"
        "</drawing:page>"
        for text in ("First.", "Second.")
    )
    document = parsed("a.odp", odt(slides, "presentation"))
    assert (document.text, document.pages) == ("First.\n\nSecond.", (0, 8))


def test_a_book_s_chapters_come_in_order_under_its_title() -> None:
    book = epub(["<h1>Morning</h1><p>The ferry leaves.</p>", "<h1>Evening</h1><p>It is back &amp; rests.</p>"], "A day")
    document = parsed("a.epub", book)

    assert (document.title, document.format) == ("A day", "epub")
    assert shown(document) == [
        ("heading", 1, "Morning"),
        ("paragraph", 0, "The ferry leaves."),
        ("heading", 1, "Evening"),
        ("paragraph", 0, "It is back & rests."),
    ]


def test_a_page_is_read_for_its_main_part_and_nothing_hidden() -> None:
    page = """<!DOCTYPE html><html><head><title>Fares – The harbour</title><style>p {}</style></head><body>
    <nav><ul><li>Home<li>News</ul></nav><main><h1>Fares</h1><p>A dog pays <b>three</b>
    euros.<br>A horse five.<script>alert(1)</script><p hidden>PWNED</p><p style="display: none">PWNED</p>
    <h2>By season</h2><ol start="3"><li>summer<ul><li>June</ul><li>winter</ol>
    <table><tr><th>Fare<th>Euros<tr><td>dog<td>3</table><pre>if dog:
        pay(3)</pre></main><footer>© Harbour</footer></body></html>"""
    document = parsed("a.html", page.encode())

    assert shown(document) == [
        ("heading", 1, "Fares"),
        ("paragraph", 0, "A dog pays three euros.\nA horse five."),
        ("heading", 2, "By season"),
        ("paragraph", 0, "3. summer\n  - June\n4. winter"),
        ("table", 0, "Fare | Euros\ndog | 3"),
        ("code", 0, "if dog:\n        pay(3)"),
    ]
    assert document.title == "Fares"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<title>A<body><p>One<p>Two<table><tr><td>Three<b>", "One\n\nTwo\n\nThree"),
        ("<html>" + "<div>" * 20_000 + "Deep inside.", "Deep inside."),
        ("<html><article><p>Short.</p></article><p>" + "The rest of the page is far longer. " * 9, None),
        ("<html><table><tr><td><h1>A</h1><p>One.</p><p>Two.</p></td></tr></table>", "A\n\nOne.\n\nTwo."),
        ("<html><p>a</p></b></p></div><p>b</p>", "a\n\nb"),
    ],
)
def test_broken_and_odd_pages_are_read_too(page: str, text: str | None) -> None:
    document = parsed("a.html", page.encode())
    assert document.text == text or (text is None and "The rest" in document.text)


@pytest.mark.parametrize("declared", ['<meta charset="windows-1251">', '<?xml version="1.0" encoding="windows-1251"?>'])
def test_a_page_is_in_the_encoding_that_it_declares(declared: str) -> None:
    page = f"{declared}<html><p>Паром уходит в семь часов сорок минут.</p></html>"
    assert parsed("a.html", page.encode("windows-1251")).text == "Паром уходит в семь часов сорок минут."


def test_rtf_text_and_tables() -> None:
    table = rb"\trowd Fare\cell Euros\cell\row dog\cell 3\cell\row"
    source = rb"{\rtf1\ansi The fares\par A dog pays three \'80uros.\par " + table + b"}"
    document = parsed("a.rtf", source)

    assert document.text == "The fares\n\nA dog pays three €uros.\n\nFare | Euros\ndog | 3"
    assert parsed("named.txt", source).format == "rtf"


MAIL = b"""From: Ada <ada@example.org>
To: bob@example.org
Subject: =?utf-8?q?The_f=C3=A4hre?=
Date: Fri, 16 Dec 2022 17:04:16 -0500
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sie f=E4hrt um 07:40.

--b
Content-Type: text/csv
Content-Disposition: attachment; filename="fares.csv"

a,b
--b--
"""


def test_a_letter_comes_with_its_sender_and_its_attachments_names() -> None:
    document = parsed("a.eml", MAIL)

    assert shown(document) == [
        ("heading", 1, "The fähre"),
        (
            "table",
            0,
            "From: Ada <ada@example.org>\nTo: bob@example.org\nDate: Fri, 16 Dec 2022 17:04:16 -0500",
        ),
        ("paragraph", 0, "Sie fährt um 07:40."),
        ("paragraph", 0, "Attachments: fares.csv"),
    ]
    assert (document.title, parsed("letter", MAIL).format) == ("The fähre", "eml")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Fare,Euros\ndog,3\n\"horse, big\",5\n", [("table", 0, "Fare: dog; Euros: 3\nFare: horse, big; Euros: 5")]),
        ("Fare;Euros\ndog;3,50\n", [("table", 0, "Fare: dog; Euros: 3,50")]),
        ("Fare\tEuros\ndog\t\nhorse\t5\textra\n", [("table", 0, "Fare: dog\nFare: horse; Euros: 5; extra")]),
        ("The fares,\nFare,Euros\ndog,3\n", [("heading", 1, "The fares"), ("table", 0, "Fare: dog; Euros: 3")]),
        ("1,2\n3,4\n", [("table", 0, "1 | 2\n3 | 4")]),
        ('a,b\n1,"two\nlines"\n', [("table", 0, "a: 1; b: two lines")]),
        ('a,b\n1,"never closed\n2,3\n', [("table", 0, "a: 1; b: never closed 2,3")]),
    ],
)  # fmt: skip
def test_a_table_s_rows_read_as_sentences(source: str, expected: list[tuple[str, int, str]]) -> None:
    assert shown(parsed("a.csv", source.encode())) == expected


def test_each_row_is_a_sentence_of_its_own_whatever_it_holds() -> None:
    document = parsed("a.csv", b"Name,Note\nDr. A. Smith,He left. Then he came\nB.,1\n")
    [passage] = split(document, 200, lambda texts: [len(text.split()) for text in texts])

    assert [span.of(document.text) for span in passage.sentences] == [
        "Name: Dr. A. Smith; Note: He left. Then he came",
        "Name: B.; Note: 1",
    ]


def test_json_records_are_lines_and_long_texts_paragraphs() -> None:
    long = "The ferry leaves at 07:40. " * 12
    source = '{"name": "Ferry", "open": true, "crew": [{"name": "Ada", "years": 1.50}, {"name": "Bob", "note": null}]}'
    assert shown(parsed("a.json", source.encode())) == [
        ("table", 0, "name: Ferry; open: yes"),
        ("heading", 1, "crew"),
        ("table", 0, "name: Ada; years: 1.50\nname: Bob"),
    ]
    lines = f'{{"id": 1, "at": {{"town": "Lindholm"}}, "tags": ["a", "b"]}}\n\n{{"id": 2, "text": "{long}"}}\n'
    assert shown(parsed("a.jsonl", lines.encode())) == [
        ("table", 0, "id: 1; at.town: Lindholm; tags: a, b\nid: 2"),
        ("paragraph", 0, f"text: {long.strip()}"),
    ]


def test_xml_articles_have_headings_and_data_has_records() -> None:
    article = (
        "<article><front><article-meta><article-id>10</article-id><title-group><article-title>On ferries"
        "</article-title></title-group></article-meta></front><body><sec><title>Methods</title><p>We took <i>one</i>."
        "</p></sec></body></article>"
    )
    document = parsed("a.nxml", article.encode())
    assert document.title == "On ferries"
    assert shown(document) == [
        ("heading", 1, "On ferries"),
        ("heading", 1, "Methods"),
        ("paragraph", 0, "We took one."),
    ]
    data = b"<fares><fare><who>dog</who><euros>3</euros></fare><fare><who>horse</who></fare></fares>"
    assert shown(parsed("a.xml", data)) == [("table", 0, "who: dog; euros: 3"), ("table", 0, "who: horse")]


def test_source_code_keeps_its_text_and_is_cited_by_the_line() -> None:
    functions = "".join(f"def fare_{number}(dog):\n    return {number} * dog\n\n\n" for number in range(40))
    document = parsed("fares.py", f"import sys\n\n{functions}".encode())
    passages = split(document, 600, lambda texts: [len(text) // 4 for text in texts])

    assert document.text == f"import sys\n\n{functions}"
    assert (document.title, document.format) == ("fares.py", "code")
    assert {kind for kind, _, _ in shown(document)} == {"code"}
    assert all(text.startswith(("import", "def")) for _, _, text in shown(document))
    assert passages[0].sentences[2].of(document.text) == "return 0 * dog"


def test_a_type_is_told_from_the_bytes_before_the_name() -> None:
    assert parsed("a.txt", b"<!doctype html><p>x").format == "html"
    assert parsed("letter.docx", epub(["<p>x</p>"], "A")).format == "epub"
    assert parsed("a.bin", docx(w_paragraph("x"))).format == "docx"
    assert parsed("a.csv", b"\xef\xbb\xbfa,b\n1,2\n").text == "a: 1; b: 2"


ENTITIES = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">]>'


@pytest.mark.parametrize(
    ("name", "data", "error", "line"),
    [
        ("a.xml", f"{ENTITIES}<a>&y;</a>".encode(), ReadError, "a.xml declares XML entities"),
        ("a.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', ReadError, "a.xml declares XML"),
        ("a.xml", b"<a>" * 200_000, ReadError, "a.xml is damaged: its XML cannot be read"),
        ("a.docx", docx("<w:p/>" * 5_000_000), LimitReached, "a.docx unpacks to 29 MiB in word/document.xml alone"),
        (
            "a.docx",
            docx("<w:tbl><w:tr><w:tc>" * 3_000 + "</w:tc></w:tr></w:tbl>" * 3_000),
            ReadError,
            "a.docx is nested",
        ),
        ("a.odt", odt("").replace(b"content.xml", b"content.xmx"), ReadError, "a.odt is damaged: it lacks content.xml"),
        ("a.epub", zipped({"../x": ""}, "application/epub+zip"), ReadError, "a.epub is damaged: it lacks META-INF"),
        (
            "a.epub",
            zipped({"META-INF/rights.xml": "x"}, "application/epub+zip"),
            ReadError,
            "a.epub has a copy protection",
        ),
    ],
)
def test_what_is_made_to_do_harm_is_left_out_with_one_line(name: str, data: bytes, error: type, line: str) -> None:
    with pytest.raises(error) as raised:
        parsed(name, data)
    assert str(raised.value).startswith(line)
    assert "\n" not in str(raised.value)


def test_pictures_outside_of_a_document_are_never_looked_for() -> None:
    relation = f'<p:pic><p:blip {DRAWING} r:link="x"/></p:pic>'
    assert parsed("a.pptx", pptx([p_shape(["Text."]) + relation])).text == "Text."
    assert parsed("a.html", b'<html><p>Text.<img src="http://192.0.2.1/x.png" alt="x"></p>').text == "Text."
