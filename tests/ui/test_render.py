"""Answers as HTML: every state shows what it is, and no text of a document becomes markup."""

from dataclasses import replace
from datetime import date

from html_reading import HOSTILE, TEXTS, Reader
from hypothesis import given

from index.types import DocumentInfo, Scope, Span
from rag.conversation import Notice, Since
from rag.types import Abstention, Answer, Basis, Citation, Claim, EvidenceSentence, Quote, State, Withheld
from ui.render import (
    SHOWN_EVIDENCE,
    render_said,
    render_samples,
    render_talk,
    render_turn,
    render_waiting,
    render_welcome,
)
from ui.sharing import answer_markdown
from ui.talks import Said, Talk

DOCUMENT = DocumentInfo(7, "The interview", "/home/a/interview.txt", "text", 900, 12, "2025-11-22T10:00:00Z")
SENTENCE = "They should arrange for the return of refugees and ensure that illegals do not come from there"
CITATION = Citation(1, DOCUMENT, "Call for return", 4, 31, 100, 194, SENTENCE)
OTHER = Citation(2, DOCUMENT, "", None, 32, 300, 320, "He spoke on Saturday.")
QUOTATION = Claim(SENTENCE, Basis.QUOTATION, (CITATION,))
PARAPHRASE = Claim(
    "He asked for “the return of refugees” on Saturday.",
    Basis.PARAPHRASE,
    (CITATION, OTHER),
    (Quote(1, 124, 146, Span(15, 36)),),
)
EVIDENCE = tuple(
    EvidenceSentence(DOCUMENT, "Call for return", None, 31, start, start + 9, f"Sentence {start}", 0.5)
    for start in range(100, 106)
)
DONE = Answer("What did Asif say?", (QUOTATION, PARAPHRASE), generator="quotes only", seconds={"total": 0.432})


def elements(html: str, name: str) -> list[str]:
    """The values of an attribute, in order."""
    return [value or "" for value in Reader(html).attributes.get(name, [])]


def test_a_quotation_looks_like_one_and_a_paraphrase_like_prose() -> None:
    html = render_turn(DONE)
    assert '<blockquote class="claim quotation" dir="ltr">' in html
    assert '<p class="claim paraphrase" dir="ltr">' in html
    assert "The document’s own words" in html
    assert "A model’s words, checked against the numbered sentences" in html


def test_an_answer_says_of_which_document_and_folder_it_was_asked() -> None:
    scope = Scope(documents=(DOCUMENT.id,), folders=("/data/<b>",))
    assert f"Asked of: “{DOCUMENT.title}” · in /data/<b>" in Reader(render_turn(replace(DONE, scope=scope))).text
    assert "Asked of: one document" in Reader(render_turn(Answer("Where?", scope=Scope(documents=(3,))))).text


def test_a_claim_and_each_piece_of_it_run_the_way_of_its_first_letter() -> None:
    text = "07:40 تغادر العبّارة Lindholm كل صباح."
    claim = replace(PARAPHRASE, text=text, quotes=(Quote(1, 124, 132, Span(21, 29)),))
    html = render_turn(replace(DONE, claims=(claim,)))
    assert '<p class="claim paraphrase" dir="rtl"><bdi dir="rtl">07:40 تغادر العبّارة </bdi>' in html
    assert '<q class="verbatim">Lindholm</q><bdi dir="rtl"> كل صباح.</bdi>' in html


def test_the_legend_explains_only_what_is_there() -> None:
    html = render_turn(replace(DONE, claims=(QUOTATION,)))
    assert "The document’s own words" in html
    assert "A model’s words" not in html


def test_what_was_looked_at_stands_below_the_claims_and_is_no_markup() -> None:
    html = render_turn(replace(DONE, coverage="From 2 of 3 paragraphs of <b>Town</b>."))
    assert '<p class="coverage" dir="auto">From 2 of 3 paragraphs of &lt;b&gt;Town&lt;/b&gt;.</p>' in html
    assert html.index("claims") < html.index("coverage") < html.index("sources")
    assert "coverage" not in render_turn(DONE)


def test_every_citation_is_a_button_that_opens_its_sentence() -> None:
    html = render_turn(replace(DONE, claims=(PARAPHRASE,)))
    assert elements(html, "data-document") == ["7"] * 4, "two chips in the claim, two in the list of sources"
    assert elements(html, "data-start") == ["100", "300", "100", "300"]
    assert elements(html, "data-end") == ["194", "320", "194", "320"]
    assert f"Source 1: {SENTENCE} (Call for return, page 4, The interview)" in elements(html, "aria-label")


def test_verbatim_words_in_a_paraphrase_are_marked() -> None:
    assert '<q class="verbatim">the return of refugees</q>' in render_turn(
        replace(DONE, claims=(replace(PARAPHRASE, quotes=(Quote(1, 124, 146, Span(14, 36)),)),))
    )


def test_a_source_that_already_stands_above_word_for_word_is_not_repeated() -> None:
    text = Reader(render_turn(replace(DONE, claims=(QUOTATION,)))).text
    assert text.count(SENTENCE) == 1
    text = Reader(render_turn(replace(DONE, claims=(PARAPHRASE,)))).text
    assert text.count(SENTENCE) == 1


def test_evidence_is_shown_at_once_and_gives_way_to_the_answer() -> None:
    found = Answer("Q", evidence=EVIDENCE, state=State.EVIDENCE)
    text = Reader(render_turn(found)).text
    assert [f"Sentence {start}" in text for start in range(100, 106)] == [True] * SHOWN_EVIDENCE + [False, False]
    assert "Reading…" in text
    text = Reader(render_turn(replace(found, claims=(QUOTATION,), state=State.WRITING))).text
    assert "Sentence 100" not in text
    assert "Writing…" in text


def test_a_turn_is_busy_until_its_end() -> None:
    busy = [elements(render_turn(replace(DONE, state=state)), "aria-busy") for state in State]
    assert busy == [["true"], ["true"], ["false"], ["false"]]
    assert elements(render_waiting("Q"), "aria-busy") == ["true"]


def test_an_abstention_says_so_and_offers_the_nearest_passages() -> None:
    html = render_turn(Answer("Who won?", abstention=Abstention("No passage answers this."), evidence=EVIDENCE[:1]))
    text = Reader(html).text
    assert "Not in your documents" in text
    assert "No passage answers this." in text
    assert "Nearest passages, which do not answer itSentence 100" in text
    assert elements(html, "data-start") == ["100"]


def test_a_stopped_answer_keeps_what_was_written_and_says_that_it_was_stopped() -> None:
    text = Reader(render_turn(replace(DONE, state=State.STOPPED))).text
    assert SENTENCE in text
    assert "Stopped before the end." in text
    assert "Stopped before the end." in Reader(render_turn(Answer("Q", state=State.STOPPED))).text


def test_withheld_sentences_are_counted_with_their_reasons() -> None:
    withheld = (Withheld("a", "it cites nothing"), Withheld("b", "it cites nothing"), Withheld("c", "5 is not there"))
    text = Reader(render_turn(replace(DONE, withheld=withheld))).text
    assert "3 drafted sentences withheld: it cites nothing, 5 is not there" in text
    assert (
        "1 drafted sentence withheld: it cites nothing"
        in Reader(render_turn(replace(DONE, withheld=withheld[:1]))).text
    )


def test_the_footer_tells_who_answered_and_how_long_it_took() -> None:
    assert "quotes only · 432 ms" in Reader(render_turn(DONE)).text
    assert "quotes only · 12.3 s" in Reader(render_turn(replace(DONE, seconds={"total": 12.34}))).text


def test_the_footer_says_how_fast_a_model_wrote_and_what_it_was_not_given() -> None:
    seconds = {"first_token": 1.24, "last_token": 2.24, "total": 8.1}
    answer = replace(DONE, generator="Qwen3 4B", seconds=seconds, tokens=15, left_out=3)
    text = Reader(render_turn(answer)).text
    assert "Qwen3 4B · first token 1.2 s · 14 tokens/s · 8.1 s" in text
    assert "3 more sentences of these passages did not fit the model’s budget" in text
    assert "did not fit" not in Reader(render_turn(replace(DONE, left_out=3))).text, "quotes have no budget"


def test_a_turn_says_what_it_waits_for() -> None:
    waiting = Answer("Q", evidence=EVIDENCE, state=State.EVIDENCE, generator="Qwen3 4B", ahead=2)
    assert "Waiting: 2 questions go first" in Reader(render_turn(waiting)).text


def test_an_empty_library_says_what_to_do() -> None:
    assert "The library is empty. Use “Add documents”" in Reader(render_welcome(False)).text
    assert "The library is empty" not in Reader(render_welcome(True)).text


def test_turns_stand_in_their_order() -> None:
    said = tuple(Said(number, replace(DONE, question=f"Question {number}")) for number in (1, 2))
    html = render_talk(Talk("ab12", said))
    assert Reader(html).text.index("Question 1") < Reader(html).text.index("Question 2")
    assert elements(html, "data-turn") == ["1", "2"]


def test_a_kept_answer_can_be_copied_saved_asked_again_and_edited() -> None:
    html = render_said(Said(7, DONE), "ab12")
    assert elements(html, "href") == ["conversations/ab12/html?turn=7"]
    assert elements(html, "data-copy") == [answer_markdown(DONE)]
    assert [word in Reader(html).text for word in ("Copy", "Save as page", "Ask again", "Edit")] == [True] * 4
    assert 'class="tools"' not in render_turn(DONE), "while it is written there is nothing to do with it"


def test_what_became_of_a_document_stands_below_the_answer() -> None:
    said = Said(7, DONE, (Notice("The <b>interview</b>", Since.GONE),))
    assert "The <b>interview</b> is no longer in the library." in Reader(render_said(said, "ab12")).text


def test_an_answer_from_a_part_of_the_library_says_of_which() -> None:
    scope = Scope(collections=("papers", "letters"), formats=("pdf",), since=date(2024, 1, 2))
    assert (
        "Asked of: “papers” · “letters” · pdf · since 2024-01-02"
        in Reader(render_turn(replace(DONE, scope=scope))).text
    )
    assert "Asked of" not in Reader(render_turn(DONE)).text


def test_an_abstention_names_the_words_that_stand_nowhere() -> None:
    refused = Answer("Who won?", abstention=Abstention("No passage answers this.", ("World", "Cup")))
    assert "In none of the passages: “World”, “Cup”." in Reader(render_turn(refused)).text


def test_the_sample_that_is_not_answered_says_so() -> None:
    seen = Reader(render_samples(["What did Asif say?"], "Who won?"))
    assert seen.text == "What did Asif say?Who won?Not in your documents: see what happens."
    assert seen.attributes["class"].count("sample") == 2


@given(TEXTS)
def test_hostile_text_in_every_place_adds_no_tag_and_no_attribute(text: str) -> None:
    assert shape(text) == shape("harmless")


def test_hostile_text_is_shown_as_it_is() -> None:
    for text in HOSTILE:
        assert Reader(everything(text)).text.count(text) >= 12


def shape(text: str) -> tuple[list[str], dict[str, int]]:
    """The tags and the number of attributes of each name of a page in which `text` is everywhere."""
    seen = Reader(everything(text))
    return seen.tags, {name: len(values) for name, values in seen.attributes.items()}


def everything(text: str) -> str:
    """All that can be rendered, made of one text. Its verbatim stretch is the whole text, so as to keep the tags."""
    said = f"{text}."
    document = replace(DOCUMENT, title=said, source=said)
    citation = replace(CITATION, document=document, heading=said, quote=f"another {text}")
    quote = Quote(1, 0, 1, Span(0, len(said)))
    claims = tuple(Claim(said, basis, (citation,), (quote,)) for basis in Basis)
    evidence = (replace(EVIDENCE[0], document=document, heading=said, text=said),)
    withheld = (Withheld(said, said),)
    answers = [
        Answer(said, claims, evidence=evidence, withheld=withheld, generator=said, scope=Scope(collections=(said,))),
        Answer(said, abstention=Abstention(said, (said,)), evidence=evidence, generator=said),
        Answer(said, evidence=evidence, state=State.EVIDENCE),
        Answer(said, evidence=evidence, state=State.EVIDENCE, generator=said, loading=True),
    ]
    kept = Talk("ab12", tuple(Said(number, own, (Notice(said, Since.GONE),)) for number, own in enumerate(answers)))
    return render_talk(kept) + render_waiting(said) + render_samples([said], said)
