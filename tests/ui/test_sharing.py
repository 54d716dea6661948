"""What is shared of a conversation: its quotes and sources, nothing that acts, and no folder of this machine."""

import json
from dataclasses import replace

import pytest
from html_reading import Reader
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from index.types import DocumentInfo, Scope, Span
from rag.types import Abstention, Answer, Basis, Citation, Claim, Quote
from ui.sharing import answer_markdown, conversation_html, conversation_json, conversation_markdown

QUOTE = "The <ferry> leaves at *07:40*."


def answered(quote: str = QUOTE, question: str = "When does # the ferry leave?") -> Answer:
    document = DocumentInfo(3, "Timetable", "/home/ada/secret plans/ferry.pdf", "pdf", 90, 2, "2026-01-01T00:00:00Z")
    citation = Citation(1, document, "Summer", 4, 7, 0, len(quote), quote)
    quoted = Claim(quote, Basis.QUOTATION, (citation,), (Quote(1, 0, len(quote), Span(0, len(quote))),))
    told = Claim("It leaves early.", Basis.PARAPHRASE, (citation,))
    return Answer(question, claims=(quoted, told), generator="tiny")


REFUSED = Answer("Who won?", abstention=Abstention("The documents do not answer this."))


def test_markdown_reads_as_the_words_themselves_with_numbers_and_sources() -> None:
    text = conversation_markdown("A *talk*", [answered(), REFUSED])
    read = Reader(MarkdownIt().render(text))

    assert "A *talk*" in read.text
    assert "When does # the ferry leave?" in read.text
    assert f"{QUOTE} [1]" in read.text
    assert f"“{QUOTE}” — Timetable, Summer, page 4, ferry.pdf" in read.text
    assert "Not in the documents: The documents do not answer this." in read.text
    assert "secret plans" not in text
    assert answer_markdown(answered()).startswith("> The \\<ferry\\>")


def test_what_an_answer_was_asked_of_goes_along_without_the_folder_s_place() -> None:
    scope = Scope(documents=(3,), folders=("/home/ada/secret plans/2024",), formats=("pdf",))
    asked, refused = replace(answered(), scope=scope), replace(REFUSED, scope=Scope(collections=("papers",)))
    for text in (conversation_markdown("A talk", [asked, refused]), conversation_html("A talk", [asked, refused])):
        assert "Asked of: “Timetable”, in 2024, pdf" in text
        assert "Asked of: “papers”" in text
        assert "secret plans" not in text
    assert "Asked of" not in conversation_markdown("A talk", [answered(), REFUSED])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1))
def test_no_text_acts_as_markdown_or_html(text: str) -> None:
    words = " ".join(text.split())
    if words:
        html = MarkdownIt().render(answer_markdown(answered(f"a {text} b")))
        assert f"a {words} b [1]" in " ".join(Reader(html).text.split())
    page = conversation_html(text, [answered(text, text)])
    assert set(Reader(page.removeprefix("<!doctype html>")).tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "section", "blockquote", "p", "a",
        "ol", "li", "b", "q", "small", "footer",
    }  # fmt: skip


def test_the_page_holds_quotes_and_sources_and_loads_nothing() -> None:
    page = conversation_html("A talk", [answered(), REFUSED])

    assert page.count("The &lt;ferry&gt; leaves at *07:40*.") >= 3
    assert 'href="#s1-1"' in page
    assert 'id="s1-1"' in page
    assert "Timetable, Summer, page 4, ferry.pdf" in page
    assert "default-src &#x27;none&#x27;" in page
    assert not any(word in page for word in ("secret plans", "src=", "http://", "https://", "<script"))


def test_json_has_every_answer_whole() -> None:
    told = json.loads(conversation_json("A talk", [answered(), REFUSED]))
    assert told["title"] == "A talk"
    assert [own["question"] for own in told["answers"]] == ["When does # the ferry leave?", "Who won?"]
    assert told["answers"][0]["claims"][0]["citations"][0]["quote"] == QUOTE
    assert told["answers"][1]["abstention"] == {"reason": "The documents do not answer this.", "missing": []}


@pytest.mark.parametrize("answer", [Answer("Why?")])
def test_a_question_that_was_never_answered_is_said_to_be_so(answer: Answer) -> None:
    assert answer_markdown(answer) == "(not answered)\n"
    assert "Not answered." in conversation_html("x", [answer])
