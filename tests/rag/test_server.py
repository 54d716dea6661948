"""The server generator: on llama-cpp-python's own server, and on one that fails in every way a server can."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import WordEmbedder, text_of
from given_passages import given_passages
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import DONE, MODELS, Reply, Script, Scripted, event, refusal, serving, stream
from test_gbnf import judged

from index.library import Library
from rag import answer
from rag.errors import ContextOverflow, GeneratorError
from rag.gbnf import draft_gbnf
from rag.generators.base import Written
from rag.generators.server import ServerGenerator, checked_url, is_this_machine
from rag.generators.server_stream import CutShort, NotAStream, Refusal, pieces, without_thoughts

SEED = Path(__file__).parents[2] / "seeds" / "000_15bae5066eb9f954.txt"
QUESTION = "What did Asif say about refugees?"
ASIF = given_passages("Asif urged Kabul to take refugees back.")
HELLO = stream(event(""), event("Hel"), event("lo"), event(finish="stop"), DONE)


def written(url: str) -> str:
    return text_of(ServerGenerator(url).draft(QUESTION, ASIF, ()))


def listing(*names: str, owner: str = "tests") -> Reply:
    body = {"data": [{"id": name, "owned_by": owner} for name in names]}
    return 200, "application/json", [json.dumps(body).encode()]


# A real server


def test_a_grammar_that_the_server_takes_is_kept_to(llama_server: str) -> None:
    generator = ServerGenerator(llama_server)
    asked = [{"role": "user", "content": QUESTION}]

    assert text_of(generator.write(asked, lambda: 'root ::= "back [1.1]."')) == "back [1.1]."
    assert generator.keeps_to_grammar()


def test_random_weights_on_a_server_write_nothing_but_the_draft_format(llama_server: str, tiny_gguf: Path) -> None:
    generator = ServerGenerator(llama_server, max_tokens=80)
    texts = SEED.read_text(encoding="utf-8").split("\n")
    givens = [given_passages(*[text for text in texts if text.strip()][start:]) for start in range(3)]
    drafts = [text_of(generator.draft(QUESTION, passages, ())) for passages in givens]
    cases = [
        {"grammar": draft_gbnf(QUESTION, passages), "texts": [draft.rstrip("\ufffd")]}
        for passages, draft in zip(givens, drafts, strict=True)
    ]

    for draft, verdict in zip(drafts, judged(tiny_gguf, cases), strict=True):
        [(taken, _)] = verdict["taken"]
        assert len(draft) > 40
        assert taken == len(draft.rstrip("\ufffd").encode()), draft


def test_a_prompt_that_does_not_fit_says_so_although_the_server_only_breaks_off(llama_server: str) -> None:
    generator = ServerGenerator(llama_server)

    with pytest.raises(ContextOverflow, match=r"do not fit the context of Tiny Random .*4096.*: ask with fewer"):
        list(generator.write([{"role": "user", "content": "The agreement ended the war. " * 1_000}]))


def test_a_model_that_the_server_does_not_have_is_named_with_those_it_has(llama_server: str) -> None:
    with pytest.raises(GeneratorError, match="does not have the model other: it has Tiny Random"):
        ServerGenerator(llama_server, "other")


def test_what_a_server_writes_passes_through_the_same_checks(tmp_path: Path) -> None:
    lies = "He said “They should arrange for the return of refugees” [1]. He also resigned. It was “a triumph” [1]."
    with (
        serving(lambda asked: stream(event(lies), DONE)) as (url, _),
        Library(tmp_path, WordEmbedder, WordEmbedder.name) as library,
    ):
        library.add([SEED])
        reply = answer(QUESTION, library=library, generator=ServerGenerator(url))

    assert reply.generator == "Scripted"
    assert [claim.text for claim in reply.claims] == ["He said “They should arrange for the return of refugees”."]
    assert len(reply.withheld) == 2


# What is sent, and where


def test_the_request_is_the_prompt_and_the_key_and_no_more() -> None:
    with serving(lambda asked: HELLO) as (url, told):
        assert text_of(ServerGenerator(url, key="sk-1", max_tokens=9).draft(QUESTION, ASIF, ())) == "Hello"

    models, asked = told.requests
    assert (models["path"], asked["path"]) == ("/v1/models", "/v1/chat/completions")
    assert models["headers"]["Authorization"] == asked["headers"]["Authorization"] == "Bearer sk-1"
    body = asked["body"]
    assert set(body) == {"model", "messages", "max_tokens", "temperature", "seed", "stream"}
    assert (body["model"], body["max_tokens"], body["stream"]) == ("Scripted", 9, True)
    assert "(1.1) Asif urged Kabul to take refugees back." in body["messages"][-1]["content"]


@pytest.mark.parametrize(("owner", "is_sent"), [("llamacpp", True), ("vllm", True), ("tests", False)])
def test_servers_that_have_a_switch_for_thinking_get_it_off(owner: str, is_sent: bool) -> None:
    with serving(lambda asked: HELLO, listing("a", owner=owner)) as (url, told):
        assert written(url) == "Hello"

    assert (told.requests[-1]["body"].get("chat_template_kwargs") == {"enable_thinking": False}) == is_sent


@pytest.mark.parametrize(
    ("owner", "field"), [("llamacpp", "grammar"), ("me", "grammar"), ("sglang", "ebnf"), ("vllm", "structured_outputs")]
)
def test_each_server_gets_the_grammar_in_its_own_field(owner: str, field: str) -> None:
    with serving(lambda asked: HELLO, listing("a", owner=owner)) as (url, told):
        assert written(url) == "Hello"

    sent = told.requests[-1]["body"][field]
    assert (sent["grammar"] if owner == "vllm" else sent) == draft_gbnf(QUESTION, ASIF)


def refuses(field: str) -> Script:
    """A server that calls itself what it is not, or is too old."""
    return lambda asked: refusal(400, message="Failed to parse grammar") if field in asked.asked else HELLO


def test_a_server_that_refuses_the_grammar_is_asked_without_it_from_then_on(caplog: pytest.LogCaptureFixture) -> None:
    with serving(refuses("structured_outputs"), listing("a", owner="vllm")) as (url, told):
        generator = ServerGenerator(url)
        drafts = [text_of(generator.draft(QUESTION, ASIF, ())) for _ in range(3)]

    assert drafts == ["Hello"] * 3
    asked = [request["body"] for request in told.requests if "body" in request]
    assert ["structured_outputs" in body for body in asked] == [True, False, False, False]
    assert [body["messages"] for body in asked] == [asked[0]["messages"]] * 4
    assert [record.getMessage() for record in caplog.records] == [
        f"{url}/v1 does not take a grammar (Failed to parse grammar): what it writes is checked afterwards"
    ]


def test_a_server_that_refuses_the_question_itself_is_not_said_to_refuse_the_grammar() -> None:
    with serving(lambda asked: refusal(400, message="not now"), listing("a", owner="vllm")) as (url, told):
        generator = ServerGenerator(url)
        for _ in range(2):
            with pytest.raises(GeneratorError, match=r"cannot answer \(400: not now\)"):
                list(generator.draft(QUESTION, ASIF, ()))

    asked = [request["body"] for request in told.requests if "body" in request]
    assert ["structured_outputs" in body for body in asked] == [True, False, True, False]


def test_a_server_that_ignores_the_grammar_is_found_out() -> None:
    with serving(lambda asked: HELLO, listing("a", owner="llamacpp")) as (url, _):
        assert not ServerGenerator(url).keeps_to_grammar()


def test_a_server_that_has_no_field_for_a_grammar_is_not_even_tried() -> None:
    with serving(lambda asked: HELLO) as (url, told):
        assert not ServerGenerator(url).keeps_to_grammar()

    assert [request["path"] for request in told.requests] == ["/v1/models"]


def test_no_proxy_and_no_redirect_takes_a_question_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with (
        serving(lambda asked: (307, "text/html", [])) as (url, _),
        pytest.raises(GeneratorError, match=r"points to another address \(307\)"),
    ):
        written(url)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        (" http://[::1]:8080/v1/ ", "http://[::1]:8080/v1"),
        ("https://example.org/api", "https://example.org/api/v1"),
    ],
)
def test_an_address_is_taken_with_and_without_its_last_part(typed: str, url: str) -> None:
    assert checked_url(typed) == url


@pytest.mark.parametrize("typed", ["", "localhost:8080", "ftp://a", "http://", "http://a:port", "http://a/?q=1", "x"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(GeneratorError, match="is no server's address: write it like"):
        ServerGenerator(typed)


def test_secrets_are_neither_taken_in_an_address_nor_shown() -> None:
    with pytest.raises(GeneratorError) as refused:
        ServerGenerator("http://me:secret@127.0.0.1:9")
    with pytest.raises(GeneratorError) as broken:
        ServerGenerator("http://127.0.0.1:9", key="secret\n")

    assert "secret" not in f"{refused.value}{broken.value}"


def test_this_machine_is_told_from_others() -> None:
    here = ["http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]/v1", "http://127.8.8.8/v1"]
    elsewhere = ["http://192.168.1.5/v1", "https://example.org/v1", "http://localhost.example.org/v1"]

    assert [is_this_machine(url) for url in here + elsewhere] == [True] * 4 + [False] * 3


# Which model


def test_one_of_several_models_has_to_be_named() -> None:
    with serving(lambda asked: HELLO, listing("a", "b")) as (url, told):
        with pytest.raises(GeneratorError, match=r"more than one model: name one .*\(a, b\)"):
            ServerGenerator(url)
        assert text_of(ServerGenerator(url, "b").draft(QUESTION, ASIF, ())) == "Hello"

    assert told.requests[-1]["body"]["model"] == "b"


def test_a_name_is_shown_in_one_line_and_asked_for_as_it_is() -> None:
    with serving(lambda asked: HELLO, listing("a\x1b\nb")) as (url, told):
        generator = ServerGenerator(url)
        list(generator.draft(QUESTION, ASIF, ()))

    assert generator.name == "a b"
    assert told.requests[-1]["body"]["model"] == "a\x1b\nb"


# What can go wrong: one line that says what to do


def unused_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_nobody_answers() -> None:
    url = unused_address()
    with pytest.raises(GeneratorError, match=rf"no server answers at {url}/v1 \(.*refused\): start it"):
        ServerGenerator(url)


OVERFLOWS = {
    "OpenAI": refusal(400, message="too long", code="context_length_exceeded"),
    "llama-server": refusal(400, message="the request exceeds the available context size", type="x"),
    "vLLM": refusal(400, message="This model's maximum context length is 4096 tokens. However, you requested 5000"),
    "llama-server in the stream": stream(
        b'data: {"error":{"code":400,"type":"exceed_context_size_error","message":"too large"}}\n\n'
    ),
}


@pytest.mark.parametrize("reply", OVERFLOWS.values(), ids=OVERFLOWS)
def test_a_prompt_that_does_not_fit_is_a_context_overflow(reply: Reply) -> None:
    with (
        serving(lambda asked: reply) as (url, _),
        pytest.raises(ContextOverflow, match="start the server with a larger"),
    ):
        written(url)


HTML = (200, "text/html; charset=utf-8", [b"<!doctype html><title>Router</title>"])
FAILURES: dict[str, tuple[Reply, str]] = {
    "401": (
        refusal(401, message="Invalid API key"),
        r"does not let you in \(401: Invalid API key\): set PINCITE_SERVER_KEY",
    ),
    "404": (refusal(404, message="no such model"), r"does not have Scripted \(404: no such model\): check the address"),
    "503": (refusal(503, message="Loading\x1b[31m\nmodel"), r"cannot answer \(503: Loading \[31m model\)"),
    "a reason as text": ((500, "application/json", [b'{"error": "out of memory"}']), r"500: out of memory"),
    "a reason of FastAPI": ((422, "application/json", [b'{"detail": "bad field"}']), r"422: bad field"),
    "a page for a reason": ((502, "text/html", [b"<html>Bad gateway"]), r"502: it gives no reason"),
    "HTML": (HTML, "is not an OpenAI-compatible server .it sent text/html.: check the address"),
    "JSON that is no stream": (stream(b"data: [1, 2]\n\n"), "is not an OpenAI-compatible server"),
    "broken JSON": (stream(b'data: {"choices": \n\n'), "is not an OpenAI-compatible server"),
    "an end without an end": (stream(event("As")), "broke off in the middle of an answer: ask again"),
    "an error in the stream": (stream(event("As"), b'data: {"error": "out of memory"}\n\n'), "500: out of memory"),
    "nothing": (stream(event(finish="length"), DONE), "wrote nothing within 512 tokens: if it thinks"),
}


@pytest.mark.parametrize(("reply", "line"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_one_clear_line(reply: Reply, line: str) -> None:
    with serving(lambda asked: reply) as (url, _), pytest.raises(GeneratorError, match=line) as failure:
        written(url)

    assert len(str(failure.value).splitlines()) == 1
    assert len(str(failure.value)) < 400
    assert "\x1b" not in str(failure.value)


@pytest.mark.parametrize(
    ("models", "line"),
    [
        (HTML, "is not an OpenAI-compatible server"),
        ((200, "application/json", [b"[]"]), "is not an OpenAI-compatible server"),
        ((404, "text/html", [b"<html>"]), r"does not have a list of models \(404: it gives no reason\)"),
        (refusal(401, message="who?"), "set PINCITE_SERVER_KEY"),
        (listing(), "does not have a model: it has none"),
    ],
)
def test_a_server_that_cannot_be_used_is_refused_when_it_is_opened(models: Reply, line: str) -> None:
    with serving(lambda asked: HELLO, models) as (url, _), pytest.raises(GeneratorError, match=line):
        ServerGenerator(url)


def cut_off(asked: Scripted) -> None:
    """Begin an answer and go away, as a server that is killed does."""
    asked.begin()
    asked.say(event("Asif"))
    asked.wfile.flush()
    asked.connection.shutdown(socket.SHUT_RDWR)
    asked.close_connection = True


def test_a_stream_that_is_cut_gives_its_pieces_and_then_the_error() -> None:
    with serving(cut_off) as (url, told):
        draft = ServerGenerator(url).draft(QUESTION, ASIF, ())
        read: list[Written] = []
        with pytest.raises(GeneratorError, match="broke off in the middle"):
            read.extend(draft)

    assert len(told.requests) == 2
    assert text_of(read) == "Asif"


def silent(asked: Scripted) -> None:
    """Say nothing for a while: the prompt is read."""
    asked.wait_until_the_reader_is_gone(seconds=20)


def slow(asked: Scripted) -> None:
    """Begin an answer and then say nothing for a while."""
    asked.begin()
    asked.say(event("As"))
    asked.wait_until_the_reader_is_gone(seconds=20)


def test_a_server_that_stays_silent_is_given_up() -> None:
    with serving(silent) as (url, told):
        generator = ServerGenerator(url, timeout_seconds=0.3)
        with pytest.raises(GeneratorError, match=r"was silent for more than 0.3 seconds"):
            list(generator.draft(QUESTION, ASIF, ()))
        assert told.gone.wait(5)


@pytest.mark.parametrize("script", [silent, slow])
def test_closing_closes_the_connection_at_once(script: Script) -> None:
    with serving(script) as (url, told):
        draft = ServerGenerator(url).draft(QUESTION, ASIF, ())
        assert {next(draft).text for _ in range(3)} <= {"", "As"}
        started = time.perf_counter()
        draft.close()
        assert time.perf_counter() - started < 0.2
        assert told.gone.wait(2)

    assert len(told.requests) == 2


def test_a_connection_that_opens_after_the_end_is_closed_as_well() -> None:
    """A reader that leaves at once leaves before the connection is there."""
    for _ in range(5):
        with serving(silent) as (url, told):
            draft = ServerGenerator(url).draft(QUESTION, ASIF, ())
            next(draft)
            draft.close()
            assert told.gone.wait(2) or len(told.requests) == 1


def test_no_thread_is_left_behind() -> None:
    with serving(slow) as (url, _):
        draft = ServerGenerator(url).draft(QUESTION, ASIF, ())
        next(draft)
        draft.close()
        end = time.monotonic() + 5
        while any(thread.name == "server generator" for thread in threading.enumerate()):
            assert time.monotonic() < end
            time.sleep(0.01)


# The stream


def chunked(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield data[start : start + size]
        start += size
    yield data[start:]


@given(st.lists(st.text(min_size=1)), st.lists(st.integers(1, 9)), st.booleans())
def test_every_text_comes_through_however_the_bytes_are_cut(texts: list[str], sizes: list[int], crlf: bool) -> None:
    """U+2028, U+0085 and the like stand unescaped in a server's JSON and end no line."""
    first = "x"
    data = b": ping\n\n" + b"".join(event(text) for text in [first, *texts]) + event(finish="stop") + DONE
    data = data.replace(b"\n", b"\r\n") if crlf else data

    assert "".join(pieces(chunked(data, sizes))) == first + "".join(texts)


@given(st.binary())
def test_any_bytes_give_text_or_a_known_error(data: bytes) -> None:
    try:
        read = list(pieces([data, b"\ndata: " + data]))
    except (CutShort, NotAStream, Refusal):
        return
    assert all(isinstance(piece, str) for piece in read)


def test_half_a_character_is_replaced() -> None:
    assert "".join(pieces([b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n', DONE])) == "a?"


def test_thoughts_beside_the_answer_are_left_out() -> None:
    thought = b'data: {"choices":[{"delta":{"reasoning_content":"Hm [1.1]."}}]}\n\n'

    assert "".join(pieces([thought, event("Yes"), event(finish="stop")])) == "Yes"


Cut = Callable[[str], list[str]]


@pytest.mark.parametrize("cut", [list, lambda text: [text]], ids=["by letters", "in one"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>Hm [1.1].</think>\n\nYes [1.1].", "\n\nYes [1.1]."),
        ("\n<think>Hm", ""),
        ("Yes <think> no", "Yes <think> no"),
        ("<th", "<th"),
        ("<them> said so", "<them> said so"),
        ("", ""),
    ],
)
def test_thoughts_before_the_answer_are_left_out(text: str, shown: str, cut: Cut) -> None:
    assert "".join(without_thoughts(cut(text))) == shown


def test_the_models_of_the_script_are_those_that_are_listed() -> None:
    with serving(lambda asked: HELLO) as (url, _):
        generator = ServerGenerator(url)

    assert [generator.name] == [model["id"] for model in MODELS["data"]]
    assert generator.software == "tests"
