"""Nothing false gets past grounding: any draft in, only verbatim quotes and existing citations out."""

from dataclasses import replace

import pytest
from given_passages import BEFORE, given_passages
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.draft import QUOTATION_MARKS, parse_draft
from rag.ground import Grounder
from rag.manner import Manner, Strictness
from rag.types import Basis, Claim, Given, Withheld

ASIF = "Khawaja Asif urged Kabul to act. “They should arrange for the return of refugees,” he stated in 2025."
GAZA = "He praised the resilience of Gaza’s people. The 1,200 guests paid $3.5 million."
QUESTION = "What did Asif say about refugees?"
PASSAGES = given_passages(ASIF, GAZA, marks=("⟦", "⟧"))


STRICT = replace(PASSAGES, manner=Manner(strictness=Strictness.STRICT))


def ground(text: str, given: Given = PASSAGES) -> tuple[tuple[Claim, ...], tuple[Withheld, ...]]:
    return Grounder(QUESTION, given).ground(parse_draft(text, given.marks))


def only_claim(text: str) -> Claim:
    claims, withheld = ground(text)
    assert withheld == ()
    return claims[0]


def test_prose_with_its_sentence_becomes_a_paraphrase() -> None:
    claim = only_claim("Asif urged Kabul to act [1.1].")
    citation = claim.citations[0]

    assert (claim.text, claim.basis) == ("Asif urged Kabul to act.", Basis.PARAPHRASE)
    assert citation.quote == "Khawaja Asif urged Kabul to act."
    assert (BEFORE + ASIF)[citation.start : citation.end] == citation.quote


def test_a_quotation_cites_the_sentence_it_stands_in() -> None:
    claim = only_claim("He asked for ⟦the return of refugees⟧ [1].")
    quote = claim.quotes[0]

    assert claim.text == "He asked for “the return of refugees”."
    assert quote.at.of(claim.text) == "the return of refugees"
    assert (BEFORE + ASIF)[quote.start : quote.end] == "the return of refugees"
    assert [citation.quote for citation in claim.citations] == [ASIF.split(". ", 1)[1]]
    assert quote.citation == claim.citations[0].number


def test_a_sentence_quoted_whole_is_shown_in_its_own_words_alone() -> None:
    claim = only_claim("⟦He praised the resilience of Gaza’s people.⟧ [2].")
    assert (claim.text, claim.basis) == ("He praised the resilience of Gaza’s people.", Basis.QUOTATION)
    assert claim.quotes[0].at.of(claim.text) == claim.text


def test_the_same_sentence_keeps_its_number() -> None:
    claims, _ = ground("Asif urged Kabul [1.1]. He praised them [2.1]. Kabul was urged [1.1].")
    assert [claim.citations[0].number for claim in claims] == [1, 2, 1]


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        ("Asif urged Kabul to act.", "no citation"),
        ("Asif urged Kabul [3.1].", "cites passage 3"),
        ("Asif urged Kabul [1.9].", "a sentence that was not given"),
        ("Asif urged Kabul [1.0].", "a sentence that was not given"),
        ("Asif urged Kabul [1].", "no sentence of it"),
        ("He said ⟦they must go⟧ [1].", "not verbatim"),
        ("He said ⟦the return of refugee⟧ [1].", "not verbatim"),
        ("He said ⟦the return of refugees⟧ [2].", "not verbatim"),
        ("He said ⟦the return of refugees⟧.", "a quotation without a citation"),
        ("He said “the return of all refugees” [1.2].", "not verbatim"),
        ('He said "send them home" [1.2].', "not verbatim"),
        ("He said 'send them home' [1.2].", "not verbatim"),
        ("He said «send them home» [1.2].", "not verbatim"),
        ("He said “send them home [1.2].", "a stray"),
        ("There were 1,300 guests [2.2].", "the number 1300 is not in what it cites"),
        ("There were 1,200 guests [2.1].", "the number 1200 is not in what it cites"),
        ("There were ١٣٠٠ guests [2.2].", "the number 1300"),
        ("The guests paid five million [2.2].", "the number five"),
        ("Biden urged Kabul to act [1.1].", "the name Biden"),
        ("In Kabul, Putin was urged [1.1].", "the name Putin"),
        ("Asif urged Kabul [citation needed] to act [1.1].", "a stray '['"),
        ("Asif urged \u202eKabul [1.1].", "a stray"),
        ("Asif urged Kabul [1.1] and then", "an unfinished sentence"),
        ("Then [9.9] Asif urged Kabul [1.1].", "cites passage 9"),
        ("[1.1].", "it says nothing"),
        ("The guests paid 3.5bn [2.2].", "the number 3.5bn"),
        ("The guests paid €3.5 million [2.2].", "the number €3.5"),
        ("The guests paid -3.5 million [2.2].", "the number -3.5"),
        ("The guests paid 1,200% [2.2].", "the number 1200%"),
        ("The guests paid 1200 percent [2.2].", "the number 1200%"),
        ("付了三百万 [2.2].", "the number 三百万"),
        ("Asif met 𝐁iden [1.1].", "the name Biden"),
        ("Asif met eBiden [1.1].", "the name eBiden"),
        ('He said ‘they must go" [1.1].', "a stray"),
        ("He said ‘they must go [1.1].", "a stray"),
        ("He said ‹they must go [1.1].", "a stray"),
        ("He said `they must go´ [1.1].", "a stray"),
        ("He said 'they must go’ [1.1].", "a stray"),
        ("He urged \U000e0041\U000e0042Kabul [1.1].", "a stray"),
        ("He urged\u2063 Kabul [1.1].", "a stray"),
    ],
)
def test_what_does_not_hold_is_withheld_with_the_reason(draft: str, reason: str) -> None:
    claims, withheld = ground(draft)
    assert claims == ()
    assert reason in withheld[0].reason


def test_a_lie_beside_a_truth_is_withheld_alone() -> None:
    claims, withheld = ground("Refugees are criminals. Asif urged Kabul to act [1.1]. Kabul agreed [7.7].")
    assert [claim.text for claim in claims] == ["Asif urged Kabul to act."]
    assert [item.text for item in withheld] == ["Refugees are criminals.", "Kabul agreed [7.7]."]


def test_words_with_capitals_inside_and_after_a_hyphen_are_known_by_their_own_parts() -> None:
    given = given_passages("The iPhone is sold in Kabul.")
    assert ground("The iPhone is for pro-Kabul people [1.1].", given)[1] == ()


def test_a_quotation_that_stands_twice_is_found_where_it_was_given() -> None:
    twice = given_passages("They must act now. He left. They must act now.")
    passage = twice.passages[0]
    cut = replace(twice, passages=(replace(passage, sentences=passage.sentences[1:]),))
    [claim] = ground("He said “must act now” [1].", cut)[0]
    assert claim.citations[0].start == passage.sentences[2].span.start


def test_a_quotation_that_ends_in_a_full_stop_need_not_end_the_sentence() -> None:
    claims, withheld = ground("⟦Khawaja Asif urged Kabul to act.⟧ [1]; and ⟦the resilience⟧ [2].")
    assert ([len(claim.quotes) for claim in claims], withheld) == ([2], ())


def test_numbers_are_the_same_however_they_are_written() -> None:
    claims, _ = ground("The 1200 guests paid $3.5 million [2.2]. It was in ٢٠٢٥ [1.2].")
    assert len(claims) == 2


MARKERS = ["[1.1]", "[1.2]", "[2]", "[2.1]", "[2.2]", "[3.1]", "[1]", "[", "]"]
QUOTATION = ["⟦", "⟧", "“", "”", '"', "‘", "’", "the return of refugees", "the return of refugee", ASIF, GAZA]
OTHER = [". ", " ", "\n", "Asif", "Biden", "They should", "resilience", "1,200", "7", "said", "\u202e"]
PIECES = st.sampled_from(MARKERS + QUOTATION + OTHER)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=14), st.sampled_from(QUOTATION_MARKS))
def test_any_draft_shows_only_verbatim_quotes_and_existing_citations(parts: list[str], marks: tuple[str, str]) -> None:
    given = given_passages(ASIF, GAZA, marks=marks)
    documents = {passage.passage.id: BEFORE + passage.passage.text for passage in given.passages}
    sentences = {(p.passage.id, s.span.start, s.span.end) for p in given.passages for s in p.sentences}
    for claim in ground("".join(parts), given)[0]:
        assert claim.citations
        for citation in claim.citations:
            assert (citation.passage_id, citation.start, citation.end) in sentences
            assert documents[citation.passage_id][citation.start : citation.end] == citation.quote
        cited = {citation.number: citation for citation in claim.citations}
        for quote in claim.quotes:
            source = cited[quote.citation]
            text = documents[source.passage_id][quote.start : quote.end]
            assert quote.at.of(claim.text) == " ".join(text.split())
        outside = claim.text
        for quote in sorted(claim.quotes, key=lambda quote: -quote.at.start):
            outside = outside[: quote.at.start].rstrip("“") + outside[quote.at.end :].lstrip("”")
        assert not set(outside) & set('“”„«»"⟦⟧[]「」')
        assert {"7", "Biden", "\u202e"}.isdisjoint(outside.split())


@pytest.mark.parametrize(
    "draft",
    [
        "⟦He praised the resilience of Gaza’s people.⟧ [2].",
        "The passages say: ⟦urged Kabul to act⟧ [1], and ⟦He praised the resilience⟧ [2].",
        "⟦urged Kabul to act⟧ [1]; ⟦He praised the resilience⟧ [2].",
    ],
)
def test_where_only_quotations_are_wanted_they_are_shown_with_the_fixed_words_between(draft: str) -> None:
    claims, withheld = ground(draft, STRICT)
    assert (len(claims), withheld) == (1, ())


@pytest.mark.parametrize(
    "draft",
    [
        "Asif urged Kabul to act [1.1].",
        "Asif said: ⟦urged Kabul to act⟧ [1].",
        "⟦urged Kabul to act⟧ [1] and so on.",
        "⟦urged Kabul to act⟧ [1] and he praised ⟦the resilience⟧ [2].",
    ],
)
def test_where_only_quotations_are_wanted_a_model_s_own_words_are_withheld(draft: str) -> None:
    claims, withheld = ground(draft, STRICT)
    assert claims == ()
    assert withheld[0].reason == "own words, where only quotations are wanted"


def test_a_sentence_may_begin_with_a_small_word_of_the_language_that_is_wanted() -> None:
    draft = "El ministro Asif urged Kabul [1.1]."

    assert ground(draft)[1][0].reason == "the name El is in no passage that was given"
    assert ground(draft, replace(PASSAGES, manner=Manner(code="es")))[1] == ()
