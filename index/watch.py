"""Tells when something changed in a folder, once it is quiet again. Knows nothing of what is done about it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CREATED,
    EVENT_TYPE_DELETED,
    EVENT_TYPE_MODIFIED,
    EVENT_TYPE_MOVED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from index.errors import ReadError
from index.files import absolute

QUIET_SECONDS = 1.0
"""Without a change, before one counts: programs write a file in several steps."""
AT_MOST_SECONDS = 30.0
"""A file that is written to without an end, such as a log, does not put the others off for longer."""
CHANGES = {EVENT_TYPE_CREATED, EVENT_TYPE_MODIFIED, EVENT_TYPE_MOVED, EVENT_TYPE_DELETED, EVENT_TYPE_CLOSED}
"""What a reader does, opening a file and closing it unwritten, is no change."""


class FolderWatch:
    """Watches a folder and all below; hidden files and folders are passed over. A context manager.

    So is the folder `without`: a library that lies within would be seen to change with each run.
    """

    def __init__(self, folder: Path, without: Path) -> None:
        """Watch from now on. Raises: ReadError where the system does not let it be watched."""
        self._changed = threading.Event()
        handler = _Handler(absolute(folder), absolute(without), self._changed)
        self._observer = Observer()
        self._observer.daemon = True
        try:
            self._observer.schedule(handler, str(absolute(folder)), recursive=True)
            self._observer.start()
        except OSError as error:
            raise ReadError(f"{folder} cannot be watched ({error.strerror}): run pincite sync now and then") from error

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until something changed and then nothing for a second; tell whether something did before the timeout."""
        if not self._changed.wait(timeout_seconds):
            return False
        until = time.monotonic() + AT_MOST_SECONDS
        while self._changed.is_set() and time.monotonic() < until:
            self._changed.clear()
            self._changed.wait(QUIET_SECONDS)
        self._changed.clear()
        return True

    def close(self) -> None:
        """Watch no longer."""
        self._observer.stop()
        self._observer.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class _Handler(FileSystemEventHandler):
    def __init__(self, folder: Path, without: Path, changed: threading.Event) -> None:
        self._folder = folder
        self._without = without
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if self._is_change(event) and any(map(self._is_seen, (event.src_path, event.dest_path))):
            self._changed.set()

    def _is_change(self, event: FileSystemEvent) -> bool:
        """A folder is modified with every file in it, hidden ones, too; the files have events of their own."""
        return event.event_type in CHANGES and not (event.is_directory and event.event_type == EVENT_TYPE_MODIFIED)

    def _is_seen(self, path: bytes | str) -> bool:
        """Tell whether a path, "" for none, is one that a library would look at."""
        if not path:
            return False
        own = Path(os.fsdecode(path))
        is_hidden = any(part.startswith(".") for part in own.relative_to(self._folder).parts)
        return not is_hidden and not own.is_relative_to(self._without)
