"""Has files read in processes of their own, within limits: a bomb, an endless loop or a crash costs one line, no more.

Every file is read there, plain text too: one way for all, and parsing goes on beside embedding. A process is kept for
the next file, so that only the first one waits for it to start; it is replaced once it was stopped or has read its
share.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import sysconfig
import threading
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from index.errors import LimitReached, ReadingStopped
from index.parse.limits import ReaderSettings
from index.parse.pdf_page import DrawnPage, WantedPage
from index.parse.source import SourceFile
from index.parse.wire import decoded, decoded_page, encoded_request, read_message, write_message
from index.types import ParsedDocument

FILES_FOR_ONE_PROCESS = 500
"""Then it is replaced, whatever its libraries have kept of the memory."""
BYTES_OF_A_CHARACTER = 32
"""JSON in ASCII writes a character in at most 12, and the blocks of very short ones in 20 more."""
PARSER = "index.parse.formats:parse"
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "SYSTEMROOT")
"""All that the process is told of this one's environment: keys and passwords are none of its business."""
ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Reading gains nothing from more, and embedding needs them."""


class Reader:
    """Processes that read files, started when they are needed. Thread-safe: reads as many at once as it may have."""

    def __init__(self, settings: ReaderSettings, parser: str = PARSER) -> None:
        """`parser` is the function that reads, as "module:function"."""
        self.settings = settings
        self._parser = parser
        self._run = 0
        self._processes: list[_Process] = []
        self._idle: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        for _ in range(settings.workers):
            self._idle.put(None)
        weakref.finalize(self, _end_all, self._processes)

    def read(self, name: str, data: bytes, password: str = "") -> ParsedDocument:
        """Read one file; waits for a process to be free.

        Raises: ReadError and its children, with one line that says what to do.
        """
        return decoded(self._ask(name, data, password), name)

    def draw(self, name: str, data: bytes, page: WantedPage) -> DrawnPage:
        """Draw a page of a PDF; waits for a process to be free. Raises: as `read`."""
        return decoded_page(self._ask(name, data, page=page), name)

    def _ask(self, name: str, data: bytes, password: str = "", page: WantedPage | None = None) -> bytes:
        """Return a process's reply."""
        run = self._run
        process = self._idle.get()
        try:
            if run != self._run:
                raise ReadingStopped(f"{name} was not read: reading was stopped")
            if process is None or not process.is_fresh():
                process = self._replaced(process)
            return process.ask(SourceFile(name, data, password, self.settings.ocr_languages), page)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes, whatever they are reading; files that wait fail. A later `read` starts one again."""
        self._run += 1
        _end_all(self._processes)

    def _replaced(self, process: _Process | None) -> _Process:
        if process:
            process.end()
            self._processes.remove(process)
        started = _Process(self.settings, self._parser)
        self._processes.append(started)
        return started

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class _Process:
    """One process and its pipes. Not thread-safe."""

    def __init__(self, settings: ReaderSettings, parser: str) -> None:
        limits = (settings.seconds_allowed, settings.memory_mib, settings.max_characters)
        self._settings = settings
        self._files = 0
        self._ended = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "index.parse.worker", *map(str, limits), parser, *_places()[0]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )

    def is_fresh(self) -> bool:
        """Tell whether it can read another file."""
        return self._process.poll() is None and self._files < FILES_FOR_ONE_PROCESS

    def end(self) -> None:
        """End it, whatever it is doing, and what it has started."""
        self._ended = True
        self._kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def ask(self, source: SourceFile, page: WantedPage | None) -> bytes:
        """Return the reply to a request. Raises: LimitReached, ReadError where there is none."""
        self._files += 1
        stopped = threading.Event()
        timer = threading.Timer(self._settings.seconds_allowed, self._stop, [stopped])
        timer.start()
        try:
            reply = self._exchange(source, page)
        except LimitReached as error:
            self.end()
            raise LimitReached(f"{source.name} comes out as {error}, more than a document may have") from error
        finally:
            timer.cancel()
            timer.join()
        if reply is None and self._ended:
            raise ReadingStopped(f"{source.name} was not read: reading was stopped")
        if reply is None:
            self.end()
            raise LimitReached(self._why_it_ended(source.name, stopped.is_set()))
        return reply

    def _stop(self, stopped: threading.Event) -> None:
        stopped.set()
        self._kill()

    def _exchange(self, source: SourceFile, page: WantedPage | None) -> bytes | None:
        """Send a request with its file and return the reply, None where the process ended instead."""
        requests, replies = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)
        longest = self._settings.max_characters * BYTES_OF_A_CHARACTER
        try:
            write_message(requests, encoded_request(source, page))
            write_message(requests, source.data)
            return read_message(replies, longest)
        except (BrokenPipeError, ConnectionResetError):
            return None
        except ValueError:  # what a pipe says that was closed meanwhile
            if not self._ended:
                raise
            return None

    def _why_it_ended(self, name: str, was_stopped: bool) -> str:
        if was_stopped:
            return f"{name} took more than {self._settings.seconds_allowed:g} seconds to read and was left out"
        code = self._process.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"{name} made its reader crash ({how}) and was left out; nothing else was harmed"


def _end_all(processes: Sequence[_Process]) -> None:
    for process in list(processes):
        process.end()


def _environment() -> dict[str, str]:
    """Return the environment of the process: what it needs, and where this one finds installed modules."""
    kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    return {**kept, **ONE_THREAD, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *_places()[1]])}


def _places() -> tuple[list[str], list[str]]:
    """Return where this process looks for modules before Python's own, and after.

    The first are a person's: the folder of their script, where a file called `json.py` may lie. The process that reads
    looks there last, and never in the current folder (-P), which may be the one that is being added.
    """
    places = [place for place in sys.path if Path(place).is_absolute()]
    standard = sysconfig.get_paths()["stdlib"]
    at = places.index(standard) if standard in places else 0
    return places[:at], places[at + 1 :]
