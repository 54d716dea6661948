"""The draft format as GBNF, read by llama.cpp itself: every good draft, no bad one, and nothing false by chance."""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from given_passages import given_passages
from test_constrained import some_passages
from test_grammar import GROUNDED, NEITHER, PASSAGES, QUESTION, SEED, STRICT
from verifier import problems

from rag.draft import ABSTENTION, parse_draft
from rag.gbnf import MOST_WORDS, draft_gbnf
from rag.ground import Grounder
from rag.manner import Manner, Strictness
from rag.types import Given
from rag.words import FUNCTION_WORDS

ROOT = Path(__file__).parents[2]
JUDGE = Path(__file__).with_name("gbnf_judge.py")
WALKS = 60
FINISHED = 12
EMPTY = Given((), ("“", "”"))


def judged(model: Path, cases: Sequence[dict[str, Any]]) -> list[Any]:
    """Ask llama.cpp in a process of its own: a grammar that it does not understand may end that."""
    command = [sys.executable, str(JUDGE), str(model)]
    done = subprocess.run(command, input=json.dumps(cases), cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    verdicts: list[Any] = json.loads(done.stdout)
    return verdicts


def those_taken(model: Path, texts: Sequence[str], given: Given = PASSAGES) -> list[str]:
    [verdict] = judged(model, [{"grammar": draft_gbnf(QUESTION, given), "texts": texts}])
    return [text for text, (_, is_whole) in zip(texts, verdict["taken"], strict=True) if is_whole]


def test_every_good_draft_is_taken_and_no_bad_one(tiny_gguf: Path) -> None:
    assert those_taken(tiny_gguf, [*GROUNDED, *NEITHER]) == GROUNDED


def test_a_quotation_may_be_whole_sentences_of_a_passage_or_a_part(tiny_gguf: Path) -> None:
    quotations = [draft for draft in STRICT if "say: " not in draft and "said that " not in draft]

    assert those_taken(tiny_gguf, quotations) == quotations


def test_a_quotation_that_repeats_itself_is_taken_as_often_as_it_stands_there(tiny_gguf: Path) -> None:
    given = given_passages("To be or not to be, to be or to go.", "Or to go: to be.")
    quoted = ["to be, to be or to go", "not to be", "or to go", "to be"]
    others = ["to be or to be", "to be or not to go", "be or not to be, to go", "or to go: to be. To be"]
    drafts = [f"They say “{words}” [1]." for words in [*quoted, *others]]

    assert those_taken(tiny_gguf, drafts, given) == drafts[: len(quoted)]
    assert those_taken(tiny_gguf, ["“Or to go: to be.” [2].", "“Or to go: to be.” [1]."], given) == [
        "“Or to go: to be.” [2]."
    ]


def test_what_ends_a_literal_in_gbnf_may_stand_in_a_passage(tiny_gguf: Path) -> None:
    given = given_passages('He wrote "C:\\dir\\n" and root ::= "x" [a-z] # {1,2} then.', marks=("«", "»"))
    drafts = ['«"C:\\dir\\n" and root ::= "x" [a-z] # {1,2} then» [1].', "«dir\\n» [1].", '«root ::= "x"» [1].']

    assert those_taken(tiny_gguf, [*drafts, "«dir\n» [1]."], given) == drafts


def test_a_sentence_has_to_cite_after_so_many_words(tiny_gguf: Path) -> None:
    words = " ".join(["they"] * MOST_WORDS)

    assert those_taken(tiny_gguf, [f"{words} [1.1].", f"{words} they [1.1]."]) == [f"{words} [1.1]."]


@pytest.mark.parametrize("given", [EMPTY, given_passages("—— !!! ~~~"), given_passages("Hi.", "\x00\x07")])
def test_where_nothing_can_be_quoted_nothing_is(given: Given, tiny_gguf: Path) -> None:
    assert those_taken(tiny_gguf, [ABSTENTION, "“——” [1].", "“\x00” [2]."], given) == [ABSTENTION]


def test_letters_of_the_passages_and_of_the_question_may_be_written(tiny_gguf: Path) -> None:
    drafts = [
        "ministr říká, že uprchlíci půjdou zpátky [1.1].",
        "cafe\u0301 people say so [1.1].",
        "министр сказал [1.1].",
    ]

    assert those_taken(tiny_gguf, drafts, given_passages("Město přijalo uprchlíky.")) == drafts[:1]
    assert those_taken(tiny_gguf, drafts, given_passages("Zoe\u0308 left.")) == drafts[1:2]
    assert those_taken(tiny_gguf, drafts, given_passages("Он уехал.")) == drafts[2:]


def test_every_sentence_of_the_seed_can_be_quoted_whole_or_cited(tiny_gguf: Path) -> None:
    lines = [line for line in SEED.read_text(encoding="utf-8").split("\n") if line.strip()]
    given = given_passages(*lines, marks=("⟦", "⟧"))
    drafts = [
        draft
        for passage in given.passages
        for sentence in passage.sentences
        for draft in (f"⟦{sentence.text}⟧ [{passage.number}].", f"They say so [{passage.number}.{sentence.number}].")
    ]

    assert len(drafts) > 40
    assert those_taken(tiny_gguf, drafts, given) == drafts


def test_what_llama_cpp_writes_under_the_grammar_is_grounded_whatever_it_prefers(tiny_gguf: Path) -> None:
    givens = [some_passages(random.Random(number)) for number in range(WALKS)]
    cases = [{"grammar": draft_gbnf(QUESTION, given), "walks": [number]} for number, given in enumerate(givens)]
    finished = quotations = 0

    for given, verdict in zip(givens, judged(tiny_gguf, cases), strict=True):
        [(draft, is_finished)] = verdict["walked"]
        claims, withheld = Grounder(QUESTION, given).ground(parse_draft(draft, given.marks))
        if is_finished:
            assert problems(draft, QUESTION, given, FUNCTION_WORDS) == [], draft
            assert [item.reason for item in withheld if "the number" not in item.reason] == [], draft
        finished += is_finished
        quotations += sum(len(claim.quotes) for claim in claims)

    assert finished >= FINISHED
    assert quotations >= FINISHED


def test_a_grammar_that_is_none_is_told(tiny_gguf: Path) -> None:
    assert judged(tiny_gguf, [{"grammar": "root ::= ("}]) == [None]


def test_where_only_quotations_are_wanted_only_they_are_taken(tiny_gguf: Path) -> None:
    strict = replace(PASSAGES, manner=Manner(strictness=Strictness.STRICT))
    own_words = [draft for draft in GROUNDED if draft != ABSTENTION and not draft.startswith("⟦")]

    assert those_taken(tiny_gguf, [*STRICT, *own_words, *NEITHER], strict) == STRICT
    assert draft_gbnf(QUESTION, replace(EMPTY, manner=strict.manner)) == f'root ::= "{ABSTENTION}"\n'


def test_the_letters_of_the_language_that_is_wanted_are_taken(tiny_gguf: Path) -> None:
    given = given_passages("Asif urged Kabul to act.")
    drafts = ["он призвал Kabul [1.1].", "彼は act と言った [1.1].", "उसने Kabul [1.1]."]

    assert those_taken(tiny_gguf, drafts, given) == []
    for code, draft in zip(("ru", "ja", "hi"), drafts, strict=True):
        assert those_taken(tiny_gguf, [draft], replace(given, manner=Manner(code=code))) == [draft]
