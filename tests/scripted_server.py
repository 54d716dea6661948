"""An OpenAI-compatible server on this machine that says what a test tells it to, and notes what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SSE = "text/event-stream"
MODELS = {"object": "list", "data": [{"id": "Scripted", "owned_by": "tests"}]}

Reply = tuple[int, str, list[bytes]]
"""Status, content type, and the chunks of the body."""
Script = Callable[["Scripted"], Reply | None]
"""Answers a question; None where it has answered by itself, or left the question without an answer."""


def event(text: str | None = None, finish: str | None = None, **others: Any) -> bytes:
    """Return one piece of an answer as it comes in a stream."""
    delta = {} if text is None else {"content": text}
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **others}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def stream(*chunks: bytes) -> Reply:
    return 200, SSE, list(chunks)


def refusal(status: int, **error: Any) -> Reply:
    return status, "application/json", [json.dumps({"error": error}).encode()]


class Scripted(BaseHTTPRequestHandler):
    """One request. `self.asked` is its body."""

    protocol_version = "HTTP/1.1"
    script: Script
    models: Reply
    requests: list[dict[str, Any]]
    gone: threading.Event
    asked: dict[str, Any]

    def do_GET(self) -> None:
        self.requests.append({"path": self.path, "headers": dict(self.headers)})
        self.send(self.models)

    def do_POST(self) -> None:
        self.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.requests.append({"path": self.path, "headers": dict(self.headers), "body": self.asked})
        reply = type(self).script(self)
        if reply:
            self.send(reply)

    def send(self, reply: Reply) -> None:
        status, kind, chunks = reply
        self.begin(status, kind)
        for chunk in chunks:
            self.say(chunk)
        self.say(b"")

    def begin(self, status: int = 200, kind: str = SSE) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Location", "http://192.0.2.1/")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def say(self, chunk: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def wait_until_the_reader_is_gone(self, seconds: float) -> None:
        """Note it if the other side closes the connection within so many seconds."""
        self.connection.settimeout(seconds)
        try:
            is_gone = self.connection.recv(1) == b""
        except TimeoutError:
            is_gone = False
        except OSError:
            is_gone = True
        if is_gone:
            self.gone.set()
        self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None: ...


@contextmanager
def serving(script: Script, models: Reply | None = None) -> Iterator[tuple[str, type[Scripted]]]:
    """Serve a script; yield its address and the class that notes what is asked."""
    listed = models or (200, "application/json", [json.dumps(MODELS).encode()])
    told = {"script": staticmethod(script), "models": listed, "requests": [], "gone": threading.Event()}
    handler: type[Scripted] = type("Told", (Scripted,), told)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
