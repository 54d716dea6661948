"""A hub on this machine that speaks the public one's protocol, with a store on another host, and breaks at will."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the hub serves, how it misbehaves, and what it was asked."""

    repository: str
    file: str
    content: bytes
    breaks_after: list[int] = field(default_factory=list)
    """Bytes after which each of the next transfers breaks off."""
    holds_after: int | None = None
    """Bytes after which a transfer stands still until `released`."""
    status: int = 200
    sha256: str = ""
    """What it claims; "" claims the truth, "none" claims nothing."""
    claimed_size: int = 0
    """What it says of the size; 0 says the truth."""
    sends_less: bool = False
    """The store sends but one byte, and says that this is all."""
    takes_ranges: bool = True
    released: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    """Every request: method, path and range."""
    headers: list[dict[str, str]] = field(default_factory=list)
    endpoint: str = ""
    store: str = ""

    @property
    def etag(self) -> str:
        """The SHA-256 it claims, or the SHA-1 that files outside of LFS have."""
        if self.sha256 == "none":
            return hashlib.sha1(self.content).hexdigest()
        return self.sha256 or hashlib.sha256(self.content).hexdigest()

    @property
    def ranges(self) -> list[str]:
        """The range of each transfer from the store."""
        return [line.split(" ", 2)[2] for line in self.asked if line.startswith("GET /blob")]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._note()
        self._resolve()

    def do_GET(self) -> None:
        self._note()
        if self.path.startswith("/blob"):
            self._send_blob()
        else:
            self._resolve()

    def _note(self) -> None:
        self.hub.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '-')}")
        self.hub.headers.append({name.lower(): value for name, value in self.headers.items()})

    def _resolve(self) -> None:
        """As the public hub does for large files: what they are, and a redirection to where they lie."""
        hub = self.hub
        paths = [f"/{hub.repository}/resolve/{revision}/{hub.file}" for revision in ("main", COMMIT)]
        if hub.status != 200 or self.path not in paths:
            self._answer(404 if hub.status == 200 else hub.status, {"X-Error-Code": "EntryNotFound"})
            return
        self._answer(
            302,
            {
                "Location": f"{hub.store}/blob?signature=x",
                "X-Repo-Commit": COMMIT,
                "X-Linked-Size": str(hub.claimed_size or len(hub.content)),
                "X-Linked-Etag": f'"{hub.etag}"',
            },
        )

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_blob(self) -> None:
        hub, size = self.hub, 1 if self.hub.sends_less else len(self.hub.content)
        asked = self.headers.get("Range", "") if hub.takes_ranges else ""
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.end_headers()
        end = hub.breaks_after.pop(0) if hub.breaks_after else hub.holds_after
        self.wfile.write(hub.content[start : 1 if hub.sends_less else end])
        if end is not None:
            if hub.holds_after is not None:
                self.wfile.flush()
                hub.released.wait(60)
            self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve until the block ends. "localhost" stands for the store's host: to a client it is not 127.0.0.1."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    hub.store = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        hub.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
