"""The stream of an OpenAI-compatible server to pieces of text. Knows the format, no connection.

Format: https://platform.openai.com/docs/api-reference/chat-streaming, lines as in
https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

_THOUGHTS, _END_OF_THOUGHTS = "<think>", "</think>"


class Refusal(Exception):
    """The server says in the stream that it cannot go on; `reply` is what it sent."""

    def __init__(self, reply: Any) -> None:
        super().__init__(str(reply))
        self.reply = reply


class NotAStream(Exception):
    """What came is not a stream of chat completions."""


class CutShort(Exception):
    """The stream ended before the answer did."""


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream without their ends.

    Only LF and CRLF end a line: `str.splitlines` would also cut a JSON text at a U+2028 or U+0085 within it.
    """
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in whole)
    yield rest


def pieces(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the pieces of an answer; an empty one for everything else that comes, such as a model's thoughts.

    Raises: Refusal, NotAStream, CutShort.
    """
    return without_thoughts(_contents(lines(chunks)))


def without_thoughts(written: Iterable[str]) -> Iterator[str]:
    """Yield the pieces with "" in place of a <think>…</think> at their start, which some servers leave in."""
    held, is_answer = "", False
    for piece in written:
        if is_answer:
            yield piece
            continue
        held = (held + piece).lstrip()
        if not held.startswith(_THOUGHTS[: len(held)]):
            is_answer = True
            yield held
            continue
        _, end, answer = held.partition(_END_OF_THOUGHTS)
        is_answer = bool(end)
        yield answer
    if not is_answer and not held.startswith(_THOUGHTS):
        yield held


def _contents(events: Iterable[bytes]) -> Iterator[str]:
    for line in events:
        if not line.startswith(b"data:"):
            yield ""
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return
        text, is_last = _content(_parsed(data))
        yield text
        if is_last:
            return
    raise CutShort


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotAStream from error


def _content(event: Any) -> tuple[str, bool]:
    """Return an event's text, without half characters, and whether it is the last."""
    match event:
        case {"error": _} | {"object": "error"}:
            raise Refusal(event)
        case {"choices": [{"delta": {"content": str(text)}} as choice, *_]}:
            return text.encode("utf-8", "replace").decode(), bool(choice.get("finish_reason"))
        case {"choices": [{"finish_reason": str()}, *_]}:
            return "", True
        case {"choices": _}:
            return "", False
    raise NotAStream
