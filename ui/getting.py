"""Downloads a model behind the page: in a thread of its own, one at a time, followed and cancelled by anyone.

The download itself is `rag.models.pull`; consent is the caller's.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import DownloadError
from rag.models.pull import pull
from rag.models.types import CatalogueModel


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far a download has come."""

    model: CatalogueModel
    done: int = 0
    """Bytes that are here."""
    total: int = 0
    """All bytes there are; 0 until the hub has said so."""
    brought: int = 0
    """Bytes that came in `seconds`: those of an earlier try are not among them."""
    seconds: float = 0.0
    cancelled: bool = False
    """A person cancelled it: it ends at its next piece, or when the hub is given up."""

    @property
    def rate(self) -> float | None:
        """Bytes in a second, None before the first have come."""
        return self.brought / self.seconds if self.brought and self.seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate, None where that is not known."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a download ended: with a file, or with a reason, or with neither, as it was cancelled."""

    path: Path | None = None
    """The whole file, checked."""
    trouble: str = ""
    """What stood in the way, in one line."""


class Getting:
    """The download under way, if there is one. Thread-safe."""

    def __init__(self) -> None:
        self._transfer: Transfer | None = None
        self._began: tuple[float, int] | None = None
        """When the first byte was due, and how many were here then."""
        self._lock = threading.Lock()

    @property
    def transfer(self) -> Transfer | None:
        """How far the download under way is now, None where there is none."""
        with self._lock:
            if self._transfer is None or self._began is None:
                return self._transfer
            moment, first = self._began
            brought = max(self._transfer.done - first, 0)
            return replace(self._transfer, brought=brought, seconds=time.monotonic() - moment)

    def start(self, model: CatalogueModel, folder: Path, ended: Callable[[Outcome], None]) -> bool:
        """Begin to download `model` into `folder`; return whether it could: one comes at a time.

        `ended` is called at the end, whatever it is. Until it returns, the download counts as under way, so that who
        follows it sees what became of it.
        """
        with self._lock:
            if self._transfer:
                return False
            self._transfer, self._began = Transfer(model), None
        name = f"pincite download {model.name}"
        threading.Thread(target=self._get, args=(model, folder, ended), name=name, daemon=True).start()
        return True

    def cancel(self) -> None:
        """End the download at its next piece. What has come is kept for the next time."""
        with self._lock:
            if self._transfer:
                self._transfer = replace(self._transfer, cancelled=True)

    def _get(self, model: CatalogueModel, folder: Path, ended: Callable[[Outcome], None]) -> None:
        try:
            ended(self._outcome(model, folder))
        finally:
            with self._lock:
                self._transfer = None

    def _outcome(self, model: CatalogueModel, folder: Path) -> Outcome:
        try:
            return Outcome(pull(model, folder, self._follow))
        except _Cancelled:
            return Outcome()
        except DownloadError as error:
            return Outcome(trouble="" if self._is_cancelled() else str(error))

    def _follow(self, done: int, total: int) -> None:
        with self._lock:
            assert self._transfer is not None, "only the thread that downloads ends it"
            self._began = self._began or (time.monotonic(), done)
            self._transfer = replace(self._transfer, done=done, total=total)
        if self._is_cancelled():
            raise _Cancelled

    def _is_cancelled(self) -> bool:
        return self._transfer is not None and self._transfer.cancelled


class _Cancelled(Exception):
    """A person cancelled the download."""
