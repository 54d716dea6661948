"""The grammar takes every good draft, token by token, and nothing that cites or quotes what was not given."""

from dataclasses import replace
from pathlib import Path

import llguidance
import pytest
from given_passages import given_passages

from rag.draft import ABSTENTION, parse_draft
from rag.grammar import Mode, draft_grammar
from rag.ground import Grounder
from rag.manner import Manner
from rag.types import Given

SEED = Path(__file__).parents[2] / "seeds" / "000_15bae5066eb9f954.txt"
ASIF = "Khawaja Asif urged Kabul to act. “They should arrange for the return of refugees,” he stated in 2025."
GAZA = "He praised the resilience of Gaza’s people. The 1,200 guests paid $3.5 million, or 5% more."
CHINESE = "国防部长周六表示，巴基斯坦不希望关系恶化。他说双方应改善关系。"
URDU = "وزیر دفاع نے کہا کہ پاکستان خرابی نہیں چاہتا۔ ۳٫۵ فیصد اضافہ ہوا۔"
TEXTS = (ASIF, GAZA, CHINESE, URDU, "Hi. Text with <|im_end|> inside [3.1] and more.")
QUESTION = "What did Asif say about Lahore?"
PASSAGES = given_passages(*TEXTS, marks=("⟦", "⟧"))


def takes(text: str, mode: Mode = Mode.GROUNDED, given: Given = PASSAGES) -> bool:
    """Feed a text byte by byte, the strictest of all ways to spell it."""
    tokenizer = llguidance.LLTokenizer("byte")
    limits = llguidance.LLParserLimits(initial_lexer_fuel=10**8, step_lexer_fuel=10**8)
    matcher = llguidance.LLMatcher(tokenizer, draft_grammar(QUESTION, given, mode), log_level=0, limits=limits)
    assert not matcher.is_error(), matcher.get_error()
    tokens = tokenizer.tokenize_str(text)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


GROUNDED = [
    ABSTENTION,
    "Asif urged Kabul to act [1.1].",
    "Asif urged Kabul to act [1.1] [1.2].",
    "Asif urged Kabul to act [1.1], and he praised Gaza's people [2.1].",
    "He asked for ⟦the return of refugees⟧ [1].",
    "He asked for ⟦the return of refugees⟧ [1], praised ⟦Gaza’s people⟧ [2] and was in Lahore [1.2].",
    "⟦“They should arrange for the return of refugees,” he stated in 2025.⟧ [1].",
    "⟦Khawaja Asif urged Kabul to act. “They should arrange⟧ [1]. In 2025, he stated so [1.2].",
    "The guests paid $3.5 million, or 3.5 million, or 5% more — 1,200 in all [2.2].",
    "Refugees: people of Kabul; they act [1.1]. Resilience is praised – so he says [2.1].",
    "The return of refugees isn't far-off for pro-Kabul people [1.2].",
    "Asif's café, naïve as it is, isn't in Kabul [1.1].",
    "⟦巴基斯坦不希望关系恶化⟧ [3].",
    "国防部长表示，双方应改善关系 [3.2].",
    "⟦国防部长周六表示，巴基斯坦不希望关系恶化。他说⟧ [3].",
    "وزیر نے کہا، پاکستان خرابی نہیں چاہتا [4.1].",
    "⟦۳٫۵ فیصد اضافہ⟧ [4].",
    "It holds ⟦inside [3.1] and⟧ [5].",
    "⟦Text with <|im_end|> inside [3.1]⟧ [5].",
]
STRICT = [
    ABSTENTION,
    "⟦Khawaja Asif urged Kabul to act.⟧ [1].",
    "The passages say: ⟦He praised the resilience of Gaza’s people.⟧ [2].",
    "It is said that ⟦arrange for the return of refugees⟧ [1].",
    "⟦Khawaja Asif urged Kabul⟧ [1], and ⟦praised the resilience of Gaza’s⟧ [2]. ⟦The 1,200 guests paid⟧ [2].",
    "They also say: ⟦国防部长周六表示，巴基斯坦不希望关系恶化。⟧ [3].",
]
NEITHER = [
    "",
    "Asif urged Kabul to act.",
    "Asif urged Kabul to act. He left [1.1].",
    "Asif urged Kabul [6.1].",
    "Asif urged Kabul [1.3].",
    "Asif urged Kabul [1.0].",
    "Asif urged Kabul [0.1].",
    "Asif urged Kabul [1].",
    "Asif urged Kabul [11.1].",
    "Asif urged Kabul [1.1]",
    "Asif urged Kabul [1.1]!",
    "Asif urged Kabul. [1.1]",
    "Biden urged Kabul [1.1].",
    "Asif met Biden [1.1].",
    "The guests paid $3.6 million [2.2].",
    "The guests paid 35 [2.2].",
    "The guests paid 1,20 [2.2].",
    "The guests paid ½ more [2.2].",
    "He said ⟦they must go⟧ [1].",
    "He said ⟦the return of refugee⟧ [1].",
    "He said ⟦he return of refugees⟧ [1].",
    "He said ⟦the return of refugees⟧ [2].",
    "He said ⟦the return of refugees⟧ [1.2].",
    "He said ⟦the return of refugees⟧.",
    "He said ⟦⟧ [1].",
    "He said ⟦ ⟧ [1].",
    "He said ⟦the return ⟧ [1].",
    "It is ⟦5 million⟧ [2].",
    "It is ⟦5⟧ [2].",
    'He said "the return of refugees" [1.2].',
    "He said “the return of refugees” [1.2].",
    "He said 'the return of refugees' [1.2].",
    "He said ‘the return of refugees’ [1.2].",
    "He said «send them home» [1.2].",
    "He urged \u202eKabul [1.1].",
    "He urged\nKabul [1.1].",
    "<think>He urged Kabul</think> He urged Kabul [1.1].",
    ABSTENTION + " He urged Kabul [1.1].",
    "⟦国防部长周六表示，巴基斯坦不希望关系恶化。 他说⟧ [3].",
]  # fmt: skip


@pytest.mark.parametrize("draft", GROUNDED)
def test_a_good_draft_is_taken_by_the_grammar_and_by_grounding(draft: str) -> None:
    assert takes(draft)
    assert Grounder(QUESTION, PASSAGES).ground(parse_draft(draft, PASSAGES.marks))[1] == ()


@pytest.mark.parametrize("draft", STRICT)
def test_the_strict_mode_takes_quotations_with_a_few_words_between(draft: str) -> None:
    assert takes(draft, Mode.STRICT)
    assert Grounder(QUESTION, PASSAGES).ground(parse_draft(draft, PASSAGES.marks))[1] == ()


@pytest.mark.parametrize("draft", NEITHER)
def test_a_bad_draft_is_taken_in_no_mode(draft: str) -> None:
    assert not takes(draft, Mode.GROUNDED)
    assert not takes(draft, Mode.STRICT)


def test_the_strict_mode_takes_no_words_of_a_model_and_no_scraps() -> None:
    assert not takes("Asif urged Kabul to act [1.1].", Mode.STRICT)
    assert not takes("Asif says: ⟦the return of refugees,” he⟧ [1].", Mode.STRICT)
    assert not takes("⟦refugees⟧ [1].", Mode.STRICT)


@pytest.mark.parametrize("marks", [("“", "”"), ('"', '"'), ("«", "»"), ("「", "」"), ("❝", "❞")])
def test_each_pair_of_marks_quotes(marks: tuple[str, str]) -> None:
    given = given_passages(GAZA, marks=marks)
    opening, closing = marks

    assert takes(f"He praised {opening}the resilience of Gaza’s people{closing} [1].", given=given)
    assert takes(f"{opening}He praised the resilience of Gaza’s people.{closing} [1].", Mode.STRICT, given)
    assert not takes(f"He praised {opening}the resilience of India’s people{closing} [1].", given=given)


def test_no_quotation_holds_the_marks_or_a_sentence_that_was_not_given() -> None:
    marked = given_passages("The guests said “no” and then they left the hall. Nobody spoke. They went.")
    passage = marked.passages[0]
    cut = replace(marked, passages=(replace(passage, sentences=(passage.sentences[0], passage.sentences[2])),))

    assert takes("They “left the hall. Nobody spoke” [1].", given=marked)
    assert not takes("They “left the hall. Nobody spoke” [1].", given=cut)
    assert not takes("They “left the hall. They went” [1].", given=cut)
    assert not takes("Nobody “spoke” [1.2].", given=cut)
    assert not takes("They went [1.2].", given=cut)
    assert takes("They went [1.3].", given=cut)
    assert not takes("They “said “no” and then” [1].", given=marked)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("text", ["", "—— !!! ~~~", "\x00\x07"])
def test_where_nothing_can_be_quoted_nothing_is(text: str, mode: Mode) -> None:
    given = given_passages(text)

    assert takes(ABSTENTION, mode, given)
    assert not takes(f"“{text}” [1].", mode, given)


def test_where_nothing_is_given_only_the_abstention_is_left() -> None:
    empty = Given((), ("“", "”"))

    for mode in Mode:
        assert takes(ABSTENTION, mode, empty)
        assert not takes("It is so [1.1].", mode, empty)


def test_every_sentence_of_the_seed_can_be_quoted_whole_or_cited() -> None:
    lines = [line for line in SEED.read_text(encoding="utf-8").split("\n") if line.strip()]
    for line in lines:
        given = given_passages(line, marks=("⟦", "⟧"))
        for sentence in given.passages[0].sentences:
            assert takes(f"⟦{sentence.text}⟧ [1].", given=given), sentence.text
            assert takes(f"They say so [1.{sentence.number}].", given=given)


def test_where_another_language_is_wanted_no_english_words_stand_between_quotations() -> None:
    spanish = replace(PASSAGES, manner=Manner(code="es"))
    bare = "⟦Khawaja Asif urged Kabul to act.⟧ [1]; ⟦He praised the resilience of Gaza’s people.⟧ [2]."

    assert takes(bare, Mode.STRICT, spanish)
    assert not takes(f"The passages say: {bare}", Mode.STRICT, spanish)
    assert not takes(bare.replace("; ", " and "), Mode.STRICT, spanish)
    assert takes("El ministro urged Kabul to act [1.1].", Mode.GROUNDED, spanish)
    assert not takes("El ministro urged Kabul to act [1.1].", Mode.GROUNDED)
