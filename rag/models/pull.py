"""Downloads a model from the hub: the only part of Pincite that connects to another machine, and only when called.

It goes on where an earlier try broke off, is checked against the hub's SHA-256, and appears under its name only
when it is whole. `huggingface_hub.hf_hub_download` is not used because since version 2 it deletes what an
interrupted download has brought. Asks nobody for consent: whoever calls has it.
"""

import errno
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from rag.errors import DownloadError
from rag.models.hub_errors import explain
from rag.models.types import CatalogueModel, gigabytes

_HEADERS = {"user-agent": "pincite", "Accept-Encoding": "identity"}
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_SHA256 = re.compile("[0-9a-f]{64}")
_PIECE = 2**20
"""Bytes that huggingface_hub gathers before it writes them: what a break loses and a person who cancels waits for."""
_SIZE_TOLERANCE = 0.1
"""The hub's file may differ by this share from the size that a person agreed to."""

Follow = Callable[[int, int], None]
"""Takes the bytes that are here, and all there are."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the hub says of the file."""

    url: str
    size: int
    sha256: str


def pull(model: CatalogueModel, folder: Path, follow: Follow | None = None, endpoint: str | None = None) -> Path:
    """Download `model` into `folder` and return its path; one that is there already only becomes the last pulled.

    `follow` is called as it grows. `endpoint` is the hub's address, by default `hub_address()`.
    Ctrl-C, like anything that `follow` raises, leaves the part that is here for the next try.

    Raises: DownloadError, with what stood in the way and the next step.
    """
    target = folder / model.file
    with _explained(model, folder):
        if target.is_file():
            target.touch()
            return target
        _set_up_hub()
        folder.mkdir(parents=True, exist_ok=True)
        offer = _look_up(model, endpoint or hub_address())
        part = folder / f"{model.file}.{offer.sha256[:16]}.part"
        with _alone(part):
            _check_space(folder, offer.size - _size(part))
            _fetch(offer, part, follow or (lambda done, total: None))
            _check(offer, part, model)
            part.replace(target)
        _remove_parts(target)
    return target


def hub_address() -> str:
    """Return the address of the hub that `pull` asks where it is given none: HF_ENDPOINT, or the public one's."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def kept_part(model: CatalogueModel, folder: Path) -> int:
    """Return how many bytes an earlier try left."""
    return max(map(_size, _parts(folder / model.file)), default=0)


def _look_up(model: CatalogueModel, endpoint: str) -> _Offer:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(model.repository, model.file, endpoint=endpoint)
    found = get_hf_file_metadata(url, token=False, headers=_HEADERS, endpoint=endpoint)
    if found.commit_hash is None or found.size is None or not _SHA256.fullmatch(found.etag or ""):
        raise DownloadError(
            f"what answers at {url} is no model hub: it names no SHA-256 (is there a login page or a proxy between?)"
        )
    if abs(found.size - model.size) > _SIZE_TOLERANCE * model.size:
        raise DownloadError(
            f"{model.file} has {gigabytes(found.size)} on the hub now, not the {gigabytes(model.size)} that it had: "
            "nothing was downloaded; look for a newer Pincite"
        )
    # The commit's own address: what comes later is of the same file, even if the repository changes meanwhile.
    exact = hf_hub_url(model.repository, model.file, revision=found.commit_hash, endpoint=endpoint)
    return _Offer(exact, found.size, found.etag or "")


def _set_up_hub() -> None:
    """Let huggingface_hub ask for the file and nothing else, print nothing, and write small pieces."""
    from huggingface_hub import constants

    # Otherwise it sends a list of packages, and first asks for a list of agents, to say which one started this.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    constants.DOWNLOAD_CHUNK_SIZE = _PIECE
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # a warning of a retry would stand in the bar


def _fetch(offer: _Offer, part: Path, follow: Follow) -> None:
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if _size(part) > offer.size:
        part.unlink()
    start = _size(part)
    follow(start, offer.size)
    with part.open("ab") as file, disable_progress_bars():
        growing = cast(BinaryIO, _Growing(file, lambda done: follow(done, offer.size)))
        http_get(offer.url, growing, resume_size=start, headers=_HEADERS, expected_size=offer.size)
        file.flush()
        os.fsync(file.fileno())


class _Growing:
    """The file that `http_get` writes to, which tells how large it has become."""

    def __init__(self, file: BinaryIO, follow: Callable[[int], None]) -> None:
        self._file = file
        self._follow = follow
        self.seek = file.seek
        self.tell = file.tell
        self.truncate = file.truncate

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()
        self._follow(self._file.tell())


def _check(offer: _Offer, part: Path, model: CatalogueModel) -> None:
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 != offer.sha256:
        part.unlink()
        raise DownloadError(
            f"{model.file} came damaged: its SHA-256 is {sha256[:12]}…, the hub says {offer.sha256[:12]}…; "
            "it was deleted, download it again"
        )


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DownloadError(
            f"{gigabytes(needed)} are still to come and {gigabytes(free)} are free on the disk that holds {folder}: "
            "free some space, then download it again"
        )


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Let no other process write to the same part."""
    from filelock import FileLock, Timeout

    lock = part.with_suffix(".lock")
    try:
        with FileLock(lock, blocking=False):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
    except Timeout as error:
        raise DownloadError(f"another process is downloading {part.name}: wait until it is done") from error


@contextmanager
def _explained(model: CatalogueModel, folder: Path) -> Iterator[None]:
    """Turn what the network, the hub and the disk raise into one line."""
    import httpx2
    from huggingface_hub.errors import OfflineModeIsEnabled

    try:
        yield
    except DownloadError:
        raise
    except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled) as error:
        raise DownloadError(explain(error, model, kept_part(model, folder))) from error
    except OSError as error:
        if error.errno in _FULL:
            raise DownloadError(
                f"the disk that holds {folder} is full: free some space, then download it again"
            ) from error
        if error.errno is None:  # huggingface_hub's own, such as for a store that sent less than it said
            raise DownloadError(f"{model.file} came incomplete: download it again for the rest") from error
        raise DownloadError(f"{error.filename or folder} cannot be written ({error.strerror or error})") from error


def _parts(target: Path) -> Iterator[Path]:
    return target.parent.glob(f"{target.name}.*.part")


def _remove_parts(target: Path) -> None:
    for part in _parts(target):
        with suppress(OSError):
            part.unlink()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
