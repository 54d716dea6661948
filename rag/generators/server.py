"""The server generator: a model behind any OpenAI-compatible server (llama-server, vLLM, Ollama, LM Studio and others).

The question and its passages are sent to that server and to no other: redirects are not followed, and on the way
to this machine itself no proxy is used. What the server writes is checked by `rag.ground` like any draft.
"""

import ipaddress
import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx2

from rag.errors import ContextOverflow, GeneratorError
from rag.gbnf import draft_gbnf
from rag.generators.base import Written
from rag.generators.chat import Message
from rag.generators.relay import Put, relay
from rag.generators.server_grammar import grammar_fields, takes_grammar
from rag.generators.server_stream import CutShort, NotAStream, Refusal, pieces
from rag.prompt import messages
from rag.restate import MAX_TOKENS, restate_messages
from rag.types import Given, Turn

_Grammar = Callable[[], str]
"""Written when it is needed, in the thread that asks the server."""

logger = logging.getLogger("pincite")

_CONNECT_SECONDS = 10.0
_MAX_REPLY_BYTES = 4_000_000
"""Of a list of models or an error message; more is not read."""
_MAX_REASON_CHARACTERS = 200
_TEMPERATURE, _SEED = 0.2, 0
"""As the llama generator has them: near the passages' words, and the same question in the same words."""
_TEMPLATE_SWITCH = {"chat_template_kwargs": {"enable_thinking": False}}
_HAVE_TEMPLATE_SWITCH = frozenset({"llamacpp", "sglang", "vllm"})
"""What these servers call themselves in `owned_by`; others may refuse a request with a field they do not know."""
_ONLY_A_WORD = ("kumquat", 'root ::= "kumquat"')
"""A word that no model writes by itself, and the grammar that takes nothing else."""
_OVERFLOW = re.compile(r"(?:exceed|maximum|overflow|longer|too l).*context|context.*(?:exceed|maximum|overflow)", re.I)
"""In llama-server, vLLM, LM Studio, Mistral, llama-cpp-python and OpenAI itself, whose codes differ."""


class ServerGenerator:
    """Writes with a model on a server. Safe from any thread: how many questions go at once is the server's choice."""

    name: str
    software: str
    """What the server says it is (`owned_by` of its model), such as "vllm" or "llamacpp"."""

    def __init__(
        self,
        url: str,
        model: str | None = None,
        key: str | None = None,
        max_tokens: int = 512,
        timeout_seconds: float = 300.0,
    ) -> None:
        """Ask the server for its models and take `model`, or the only one there is.

        `url` is the server's address, with or without "/v1". `max_tokens` is the longest answer. The server may be
        silent for `timeout_seconds` at most: it reads a long prompt in that time.

        Raises: GeneratorError, with what happened and the next step.
        """
        self._url = checked_url(url)
        self._max_tokens = max_tokens
        self._timeout_seconds = timeout_seconds
        self._has_key = bool(key)
        self._client = httpx2.Client(
            headers={"Authorization": f"Bearer {_checked_key(key)}"} if key else {},
            timeout=httpx2.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds), pool=None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=not is_this_machine(self._url),
        )
        self._model, self.software = self._chosen(model)
        self._takes_grammar = takes_grammar(self.software)
        self.name = _one_line(self._model)
        self.remote = "" if is_this_machine(self._url) else self._url

    def warm(self) -> None:
        """Ask whether the server still has the model. Raises: GeneratorError."""
        self._chosen(self._model)

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    def draft(self, question: str, given: Given, history: Sequence[Turn]) -> Generator[Written, None, None]:
        """Yield what comes of the draft; nothing new while the server is silent or thinks.

        A server that takes a grammar is held to the draft format. Closing the iterator closes the connection at once.

        Raises: GeneratorError (and ContextOverflow).
        """
        return self.write(messages(question, given, history), lambda: draft_gbnf(question, given))

    def restate(self, question: str, history: Sequence[Turn]) -> Generator[Written, None, None]:
        """Yield a follow-up as a question that stands alone. Raises: as `draft`."""
        return self.write(restate_messages(question, history), max_tokens=MAX_TOKENS)

    def write(
        self, conversation: Sequence[Message], grammar: _Grammar | None = None, max_tokens: int | None = None
    ) -> Generator[Written, None, None]:
        """Yield the model's next message in a conversation, as `draft` does.

        `grammar` returns GBNF that the message is held to, if the server takes one; else anything may come.
        `max_tokens` is the longest message where it is not to be that of an answer.

        Raises: as `draft`.
        """
        connection = _Connection()
        request = self._request(conversation, max_tokens or self._max_tokens)
        return relay(partial(self._write, request, grammar, connection), connection.cut, "server generator")

    def keeps_to_grammar(self) -> bool:
        """Try whether the server writes what a grammar leaves it to write: some ignore the field without a word.

        Raises: GeneratorError.
        """
        if not self._takes_grammar:
            return False
        conversation = [{"role": "user", "content": "Write one word."}]
        return "".join(written.text for written in self.write(conversation, lambda: _ONLY_A_WORD[1])) == _ONLY_A_WORD[0]

    def _write(
        self, request: Mapping[str, object], grammar: _Grammar | None, connection: "_Connection", put: Put
    ) -> None:
        """Put the pieces of one answer. A connection that the reader cut is no error."""
        try:
            is_empty = True
            for piece in self._answer_held_to(grammar, request, connection):
                put(Written(piece, tokens=1 if piece else 0))  # servers send every token by itself
                is_empty = is_empty and not piece.strip()
        except GeneratorError:
            if not connection.is_cut:
                raise
        else:
            if is_empty:
                raise GeneratorError(
                    f"{self.name} wrote nothing within {request['max_tokens']:,} tokens: "
                    "if it thinks before it answers, turn that off on the server, or choose another model"
                )

    def _request(self, conversation: Sequence[Message], max_tokens: int) -> dict[str, object]:
        return {
            "model": self._model,
            "messages": list(conversation),
            "max_tokens": max_tokens,
            "temperature": _TEMPERATURE,
            "seed": _SEED,
            "stream": True,
            **(_TEMPLATE_SWITCH if self.software in _HAVE_TEMPLATE_SWITCH else {}),
        }

    def _answer_held_to(
        self, grammar: _Grammar | None, request: Mapping[str, object], connection: "_Connection"
    ) -> Iterator[str]:
        """Yield the pieces of an answer that keeps to a grammar, or, where the server refuses that, of any answer."""
        if grammar is None or not self._takes_grammar:
            yield from self._answer(request, connection)
            return
        try:
            yield from self._answer({**request, **grammar_fields(self.software, grammar())}, connection)
        except _BadRequest as refusal:
            without = self._answer(request, connection)
            yield next(without, "")
            self._takes_grammar = False
            logger.warning(
                "%s does not take a grammar (%s): what it writes is checked afterwards", self._url, refusal.reason
            )
            yield from without

    def _answer(self, request: Mapping[str, object], connection: "_Connection") -> Iterator[str]:
        is_begun = False
        try:
            with self._in_words(), self._ask("POST", "/chat/completions", connection, request) as response:
                self._check(response)
                for piece in pieces(response.iter_bytes()):
                    yield piece
                    is_begun = is_begun or bool(piece)
        except _BrokenOff:
            if not is_begun and not connection.is_cut:
                self._ask_why(request, connection)
            raise

    def _ask_why(self, request: Mapping[str, object], connection: "_Connection") -> None:
        """Ask for a single token without streaming: llama-cpp-python's server breaks a stream off without a reason,
        such as a prompt that is too long, and gives it here."""
        plain = {**request, "stream": False, "max_tokens": 1}
        with self._in_words(), self._ask("POST", "/chat/completions", connection, plain) as response:
            self._check(response)

    def _ask(self, method: str, path: str, connection: "_Connection", body: Mapping[str, object] | None = None) -> Any:
        return self._client.stream(method, self._url + path, json=body, extensions={"trace": connection.trace})

    def _chosen(self, wanted: str | None) -> tuple[str, str]:
        """Return a model's name and what the server calls itself."""
        owners = self._models()
        if wanted is None and len(owners) == 1:
            [wanted] = owners
        if wanted in owners:
            return wanted, owners[wanted]
        listed = _one_line(", ".join(owners)) or "none"
        if wanted is None and owners:
            raise GeneratorError(
                f"{self._url} has more than one model: name one of them as the server's model ({listed})"
            )
        missing = "a model" if wanted is None else f"the model {_one_line(wanted)}"
        raise GeneratorError(f"{self._url} does not have {missing}: it has {listed}")

    def _models(self) -> dict[str, str]:
        """Return the names of the server's models with their owners, in its order."""
        with self._in_words(), self._ask("GET", "/models", _Connection()) as response:
            self._check(response)
            reply = _reply(response)
        match reply:
            case {"data": [*models]}:
                entries = [model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)]
                return {model["id"]: str(model.get("owned_by", "")) for model in entries}
        raise self._foreign("something else than a list of models")

    def _check(self, response: httpx2.Response) -> None:
        """Raise what a reply's status or type says is wrong with it."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code >= 300:
            raise self._refused(response.status_code, _reply(response))
        if kind not in ("application/json", "text/event-stream"):
            raise self._foreign(kind or "something without a type")

    def _refused(self, status: int, reply: Any) -> GeneratorError:
        """Return the error for a status of 300 or more, or for an error within a stream."""
        reason = _one_line(_reason(reply)) or "it gives no reason"
        match status:
            case 401 | 403:
                step = "check PINCITE_SERVER_KEY" if self._has_key else "set PINCITE_SERVER_KEY to a key of yours"
                return GeneratorError(f"{self._url} does not let you in ({status}: {reason}): {step}")
            case 404:
                what = getattr(self, "name", "a list of models")
                return GeneratorError(
                    f"{self._url} does not have {what} (404: {reason}): check the address and the model"
                )
            case _ if status < 400:
                return GeneratorError(f"{self._url} points to another address ({status}): name that one yourself")
        if _OVERFLOW.search(f"{reply}"):
            return ContextOverflow(
                f"the question and its passages do not fit the context of {self.name} ({reason}): "
                "ask with fewer passages or start the server with a larger context"
            )
        line = f"{self._url} cannot answer ({status}: {reason}): see what the server itself prints"
        return _BadRequest(line, reason) if status in (400, 422) else GeneratorError(line)

    def _foreign(self, what: str) -> GeneratorError:
        return GeneratorError(
            f"{self._url} is not an OpenAI-compatible server (it sent {_one_line(what)}): check the address"
        )

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turn what goes wrong with a connection into one line."""
        try:
            yield
        except httpx2.ConnectTimeout as error:
            raise GeneratorError(f"no server answers at {self._url} in time: check the address") from error
        except httpx2.ConnectError as error:
            raise GeneratorError(
                f"no server answers at {self._url} ({_one_line(str(error))}): start it, or check the address"
            ) from error
        except httpx2.TimeoutException as error:
            raise GeneratorError(
                f"{self._url} was silent for more than {self._timeout_seconds:g} seconds: is it overloaded or stuck?"
            ) from error
        except Refusal as refusal:
            raise self._refused(500, refusal.reply) from refusal
        except NotAStream as error:
            raise self._foreign("something else than a stream of answers") from error
        except (httpx2.HTTPError, CutShort) as error:
            raise _BrokenOff(f"{self._url} broke off in the middle of an answer: ask again") from error


class _BadRequest(GeneratorError):
    """The server does not take the request as it was put."""

    def __init__(self, line: str, reason: str) -> None:
        super().__init__(line)
        self.reason = reason


class _BrokenOff(GeneratorError):
    """The connection ended before the answer did."""


class _Connection:
    """The connection of one request, which another thread may cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of the socket as httpx2 opens it (its `trace` extension)."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                self._shut()

    def cut(self) -> None:
        """End the connection, whatever waits for it. Closing it would not wake a thread that reads from it."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def _shut(self) -> None:
        if self.is_cut and self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def checked_url(url: str) -> str:
    """Return a server's address up to and including "/v1". Raises: GeneratorError."""
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment:
        raise GeneratorError(f"{_one_line(url)!r} is no server's address: write it like http://127.0.0.1:8080")
    if "@" in parts.netloc:
        raise GeneratorError("a server's address takes no name or password: put a key into PINCITE_SERVER_KEY")
    path = parts.path.rstrip("/").removesuffix("/v1")
    return f"{parts.scheme}://{parts.netloc}{path}/v1"


def is_this_machine(url: str) -> bool:
    """Tell whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_key(key: str) -> str:
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise GeneratorError("the server's key holds a space, a line end or a letter outside ASCII: copy it again")
    return key


def _reply(response: httpx2.Response) -> Any:
    """Return what a reply says: parsed where it is JSON, else its text, "" where there is none to read."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MAX_REPLY_BYTES:
            return ""
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.lstrip().startswith("<") else text


def _reason(reply: Any) -> str:
    """Return the message in an error, in any of the shapes that servers give it."""
    match reply:
        case {"error": {"message": str(message)}} | {"error": str(message)}:
            return message
        case {"message": str(message)} | {"detail": str(message)}:
            return message
    return str(reply)


def _one_line(text: str) -> str:
    """Return a stranger's text fit to stand in a message: printable, in one line, not long."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(printable.split())
    return line if len(line) <= _MAX_REASON_CHARACTERS else line[: _MAX_REASON_CHARACTERS - 1] + "…"
