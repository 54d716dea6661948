"""Answers in OpenAI's format, asked for with OpenAI's own client."""

from dataclasses import replace

import openai
import pytest
from serving import QUESTION, UNANSWERABLE, BrokenGenerator, client_of, places, places_of
from starlette.testclient import TestClient

from index.library import Library
from rag import Answer
from ui.api.message import harmless, rests_on, said, turn_of

SENTENCE = (
    "“They should arrange for the return of refugees and ensure that illegals do not come from there,” he stated."
)


@pytest.fixture
def chat(client: TestClient) -> openai.OpenAI:
    return chat_of(client)


def chat_of(client: TestClient) -> openai.OpenAI:
    """OpenAI's client, whose requests go to the application without a socket."""
    return openai.OpenAI(base_url=f"{client.base_url}/v1", api_key="any", http_client=client, max_retries=0)


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_the_question_gets_the_citations_of_answer_in_text_and_in_a_field(
    chat: openai.OpenAI, expected: Answer
) -> None:
    reply = chat.chat.completions.create(model="pincite", messages=[user(QUESTION)], temperature=0.2)
    [choice] = reply.choices
    first, second = expected.citations

    assert places(reply.model_extra["pincite"]) == places_of(expected)
    assert choice.finish_reason == "stop"
    assert choice.message.content == (
        f"{expected.text}\n\n---\n\n**Sources**\n\n"
        f"[1] {first.document.title}, Call for return of refugees ({first.document.source})\n> {first.quote}\n\n"
        f"[2] {first.document.title}, Call for return of refugees ({first.document.source})\n> {second.quote}"
    )
    assert second.quote == SENTENCE


def test_the_streamed_pieces_are_the_whole_message(chat: openai.OpenAI, expected: Answer) -> None:
    whole = chat.chat.completions.create(model="pincite", messages=[user(QUESTION)])
    stream = chat.chat.completions.create(
        model="pincite", messages=[user(QUESTION)], stream=True, stream_options={"include_usage": True}
    )
    *chunks, ended, usage = list(stream)

    assert "".join(chunk.choices[0].delta.content for chunk in chunks) == whole.choices[0].message.content
    assert [chunk.choices[0].delta.role for chunk in chunks] == ["assistant"] + [None] * (len(chunks) - 1)
    assert [chunk.choices[0].finish_reason for chunk in (*chunks, ended)] == [None] * len(chunks) + ["stop"]
    assert places(ended.model_extra["pincite"]) == places_of(expected)
    assert (usage.choices, usage.usage.total_tokens) == ([], 0)


def test_the_answer_comes_claim_by_claim(chat: openai.OpenAI, expected: Answer) -> None:
    stream = chat.chat.completions.create(model="pincite", messages=[user(QUESTION)], stream=True)
    pieces = [chunk.choices[0].delta.content for chunk in stream if chunk.choices[0].delta.content]

    assert pieces[:2] == [str(expected.claims[0]), f" {expected.claims[1]}"]


def test_earlier_messages_are_the_history_and_parts_and_instructions_are_taken(chat: openai.OpenAI) -> None:
    before = chat.chat.completions.create(model="pincite", messages=[user(QUESTION)]).choices[0].message.content
    follow_up = {"role": "user", "content": [{"type": "text", "text": "And what about Hamas?"}]}
    conversation = [
        {"role": "system", "content": "Answer as a pirate."},
        user(QUESTION),
        {"role": "assistant", "content": before},
        follow_up,
    ]
    reply = chat.chat.completions.create(model="gpt-4o", messages=conversation)

    assert "agreement has been made directly with Hamas" in reply.choices[0].message.content
    assert reply.model_extra["pincite"]["question"] == "And what about Hamas?"


def test_an_abstention_says_so_and_names_the_nearest_passages(chat: openai.OpenAI) -> None:
    reply = chat.chat.completions.create(model="pincite", messages=[user(UNANSWERABLE)])
    content = reply.choices[0].message.content

    assert content.startswith("The documents do not answer this.\n\n---\n\n**Nearest passages**\n\n")
    assert reply.model_extra["pincite"]["claims"] == []


def test_there_is_one_model(chat: openai.OpenAI) -> None:
    assert [model.id for model in chat.models.list()] == ["pincite"]
    assert chat.models.retrieve("pincite").owned_by == "pincite"
    with pytest.raises(openai.NotFoundError, match="only one model here, called pincite"):
        chat.models.retrieve("gpt-4o")


def test_a_mistake_is_told_as_the_client_expects_it(chat: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="there is no message of the user"):
        chat.chat.completions.create(model="pincite", messages=[{"role": "system", "content": "Hello"}])
    with pytest.raises(openai.BadRequestError, match="the question is empty"):
        chat.chat.completions.create(model="pincite", messages=[user(" ")])
    with pytest.raises(openai.UnprocessableEntityError, match="n: Input should be 1"):
        chat.chat.completions.create(model="pincite", messages=[user(QUESTION)], n=2)


def test_a_model_that_fails_while_it_streams_raises_in_the_client(library: Library) -> None:
    with client_of(library, BrokenGenerator(["He urged it [1.1].\n"])) as client:
        chat = chat_of(client)
        with pytest.raises(openai.APIError, match="the model broke: start it again"):
            list(chat.chat.completions.create(model="pincite", messages=[user(QUESTION)], stream=True))


def test_a_document_can_make_no_client_load_a_picture(expected: Answer) -> None:
    hostile = "See ![x](http://elsewhere.example/x.png) <img src=y> 1 < 2 a[1]"
    [cited, *_] = expected.citations
    document = replace(cited.document, title=hostile)
    answer = replace(
        expected,
        claims=tuple(
            replace(claim, citations=(replace(cited, document=document, quote=hostile),)) for claim in expected.claims
        ),
    )

    assert harmless(hostile) == "See !\\[x](http://elsewhere.example/x.png) \\<img src=y> 1 < 2 a[1]"
    assert "![" not in said(answer) + rests_on(answer)
    assert "<img" not in (said(answer) + rests_on(answer)).replace("\\<", "")


def test_our_own_message_comes_back_as_what_was_said(expected: Answer) -> None:
    turn = turn_of("assistant", said(expected) + rests_on(expected))

    assert turn == replace(expected.turns[1], read=())
