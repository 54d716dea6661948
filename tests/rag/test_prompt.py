"""The prompt: what a conversation's questions have in common comes first, so that a model reads it once."""

from dataclasses import replace
from itertools import takewhile

from given_passages import given_passages

from rag.manner import Manner, Strictness
from rag.prompt import messages
from rag.types import Turn

GIVEN = given_passages("Asif urged Kabul to act. He spoke on Saturday.", "Gaza’s people act.")
TOLD = (Turn("user", "Who is Asif?"), Turn("assistant", "A minister [1.1]."))


def test_the_question_comes_last_and_the_passages_once_before_the_first_that_is_told() -> None:
    *_, passages, answered, asked = messages("And Kabul?", GIVEN, TOLD)

    assert passages["content"] == (
        "Passages:\n[1] News\n(1.1) Asif urged Kabul to act. (1.2) He spoke on Saturday.\n\n"
        "[2] News\n(2.1) Gaza’s people act.\n\nQuestion: Who is Asif?"
    )
    assert (answered, asked["content"]) == (
        {"role": "assistant", "content": "A minister [1.1]."},
        "Question: And Kabul?",
    )


def test_a_second_question_begins_as_the_whole_of_the_first() -> None:
    first, second = messages("Who is Asif?", GIVEN, ()), messages("And Kabul?", GIVEN, TOLD)

    same = list(takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    assert len(same) == len(first)


def test_roles_take_turns_wherever_the_history_is_cut() -> None:
    for told in ((), TOLD, TOLD * 4, TOLD[1:], (*TOLD, *TOLD)[1:]):
        roles = [message["role"] for message in messages("And Kabul?", GIVEN, told)]
        assert roles == ["system", *["user", "assistant"] * ((len(roles) - 2) // 2), "user"]


def test_a_model_is_told_the_language_that_is_wanted_and_quotes_in_the_documents_own() -> None:
    spanish = replace(GIVEN, manner=Manner(code="es"))
    told, plain = messages("And Kabul?", spanish, TOLD), messages("And Kabul?", GIVEN, TOLD)

    assert "- Write in Spanish, whatever language the passages are in." in told[0]["content"]
    assert told[-1]["content"] == "Question: And Kabul? (Answer in Spanish.)"
    assert told[1:-1] == plain[1:-1]
    assert "Write in" not in plain[0]["content"]
    assert messages("And Kabul?", spanish, TOLD, only_quotes=True) == messages(
        "And Kabul?", GIVEN, TOLD, only_quotes=True
    )


def test_where_only_quotations_are_wanted_any_model_is_asked_for_nothing_else() -> None:
    strict = replace(GIVEN, manner=Manner(strictness=Strictness.STRICT))

    assert messages("And Kabul?", strict, ()) == messages("And Kabul?", GIVEN, (), only_quotes=True)
    assert messages("And Kabul?", strict, ()) != messages("And Kabul?", GIVEN, ())
