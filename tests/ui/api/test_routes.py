"""Pincite's own API: what `answer()` returns, over HTTP; errors in one shape."""

import json

import pytest
from serving import QUESTION, UNANSWERABLE, BrokenGenerator, client_of, places, places_of
from starlette.testclient import TestClient

from index.library import Library
from rag import Answer


def test_a_question_gets_the_citations_of_answer(client: TestClient, expected: Answer, library: Library) -> None:
    answered = client.post("/v1/answer", json={"question": QUESTION}).json()

    assert answered["state"] == "done"
    assert answered["abstention"] is None
    assert answered["text"] == expected.text
    assert places(answered) == places_of(expected)
    assert "They should arrange for the return of refugees" in answered["citations"][1]["quote"]
    assert [claim["citations"] for claim in answered["claims"]] == [[1], [2]]
    text = library.document(answered["citations"][0]["document"]["id"]).text
    for citation in answered["citations"]:
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    for claim in answered["claims"]:
        for quote in claim["quotes"]:
            shown = claim["text"][quote["at"]["start"] : quote["at"]["end"]]
            assert shown == text[quote["start"] : quote["end"]]


def test_a_streamed_answer_begins_with_the_evidence_and_ends_as_the_whole_one(
    client: TestClient, expected: Answer
) -> None:
    reply = client.post("/v1/answer", json={"question": QUESTION, "stream": True})
    answers = [json.loads(event.removeprefix("data: ")) for event in reply.text.split("\n\n") if event]

    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert [answer["state"] for answer in answers] == ["evidence", "writing", "writing", "done"]
    assert not answers[0]["claims"]
    assert answers[0]["evidence"] == answers[-1]["evidence"]
    assert [len(answer["claims"]) for answer in answers[1:]] == [0, 1, 2]
    assert places(answers[-1]) == places_of(expected)


def test_what_the_documents_do_not_tell_is_an_abstention_with_the_nearest_passages(client: TestClient) -> None:
    reply = client.post("/v1/answer", json={"question": UNANSWERABLE})
    answered = reply.json()

    assert reply.status_code == 200
    assert answered["abstention"] == {
        "reason": "The documents do not answer this.",
        "missing": ["won", "2022", "World", "Cup"],
    }
    assert answered["claims"] == answered["citations"] == []
    assert answered["evidence"]


def test_a_follow_up_is_understood_from_its_history(client: TestClient) -> None:
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "He wants them to return."}]
    answered = client.post("/v1/answer", json={"question": "And what about Hamas?", "history": history}).json()

    assert "agreement" in answered["text"]


def test_the_documents_are_listed(client: TestClient, library: Library) -> None:
    [document] = client.get("/v1/documents").json()["documents"]
    [own] = library.documents()

    assert (document["id"], document["source"], document["characters"]) == (own.id, own.source, own.characters)


def test_passages_are_found_and_read_with_the_offsets_of_their_sentences(client: TestClient, library: Library) -> None:
    found = client.post("/v1/search", json={"query": "return of refugees", "limit": 3}).json()["passages"]
    read = client.get(f"/v1/passages/{found[0]['id']}").json()
    text = library.document(read["document"]["id"]).text

    assert len(found) == 3
    assert [passage["score"] for passage in found] == sorted((passage["score"] for passage in found), reverse=True)
    assert read == {key: value for key, value in found[0].items() if key != "score"}
    assert read["headings"] == ["Call for return of refugees"]
    assert text[read["start"] : read["end"]] == read["text"]
    assert [text[one["start"] : one["end"]] for one in read["sentences"]] == [one["text"] for one in read["sentences"]]
    assert len(read["sentences"]) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind", "message"),
    [
        ("POST", "/v1/answer", {}, 422, "invalid_request_error", "question: Field required"),
        ("POST", "/v1/answer", {"question": "?!"}, 422, "invalid_request_error", "holds no letter and no digit"),
        ("POST", "/v1/answer", {"question": "a" * 2001}, 422, "invalid_request_error", "at most 2000 characters"),
        ("POST", "/v1/answer", {"question": "a", "top": 1}, 422, "invalid_request_error", "top: Extra inputs"),
        ("POST", "/v1/search", {"query": "a", "limit": 51}, 422, "invalid_request_error", "limit: Input should be"),
        ("GET", "/v1/passages/999999", None, 404, "not_found_error", "no passage has the number 999999"),
        ("GET", f"/v1/passages/{2**63}", None, 422, "invalid_request_error", "id: Input should be less"),
        ("GET", "/v1/answer", None, 405, "invalid_request_error", "GET is not possible here, but POST"),
        ("GET", "/v1/nothing", None, 404, "not_found_error", "/docs lists what there is"),
    ],
)  # fmt: skip
def test_every_error_has_one_shape(
    client: TestClient, method: str, path: str, body: object, status: int, kind: str, message: str
) -> None:
    reply = client.request(method, path, json=body)
    error = reply.json()["error"]

    assert (reply.status_code, error["type"]) == (status, kind)
    assert message in error["message"]
    assert "\n" not in error["message"]


@pytest.mark.parametrize("content", [b"\xff", b"{", b'{"question": "\\ud800 a"}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(client: TestClient, content: bytes) -> None:
    reply = client.post("/v1/answer", content=content, headers={"Content-Type": "application/json"})

    assert reply.status_code in (400, 422)
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_a_model_that_fails_is_an_error_of_the_server_before_the_answer_and_an_event_within_it(
    library: Library,
) -> None:
    generator = BrokenGenerator(["He urged it [1.1].\n"])
    error = {"error": {"message": "the model broke: start it again", "type": "generator_error"}}
    with client_of(library, generator) as client:
        whole = client.post("/v1/answer", json={"question": QUESTION})
        streamed = client.post("/v1/answer", json={"question": QUESTION, "stream": True})

    assert (whole.status_code, whole.json()) == (502, error)
    name, data = streamed.text.strip().rpartition("\n\n")[2].split("\n")
    assert (streamed.status_code, name) == (200, "event: error")
    assert json.loads(data.removeprefix("data: ")) == error
