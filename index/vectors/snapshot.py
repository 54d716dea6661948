"""Many vectors in one file that is mapped into memory: found by small codes, then compared as they are.

The codes are RaBitQ's (Gao and Long, 2024), one bit a dimension, in lists by the nearest centroid (Jégou, Douze and
Schmid, 2011). A search reads the codes of the nearest lists, and of the best of them the vectors themselves, which the
file holds in half precision. `python -m bench.vectors` compares this with other ways and finds the constants.

The file is a header (magic, a line of JSON), the ids, the vectors, and the codes as FAISS serialises them. It is
written aside, synced and moved into place. The checksum covers ids and codes; the vectors, which are only read where
they are needed, `pincite verify` compares with the database.
"""

from __future__ import annotations

import json
import math
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.arrays import Floats, Ids
from index.halves import to_single
from index.threads import calm_openmp
from index.vectors.faiss_store import Stamp, parse_header

MAGIC = b"PINCITE VECTORS 2\n"
HEADER_BYTES = 4_096
READ_AT_ONCE = 8_192
TRAINED_ON = 48
"""Vectors for each list from which the centroids are made."""
TRAINING_ROUNDS = 6
PROBES = 16
"""A search reads this many lists for each unit of the root of their number: half of 1,024, a quarter of 4,096. With 10
recall@10 was 0.987 with a million vectors."""
REFINED = 2
"""For each vector that is wanted, so many are compared as they are; and `REFINED_AT_LEAST` in all. With 4 the passages
that are found for questions are the same (bench/LOG.md), and the 300 that `rag.retrieve` wants took a third longer."""
REFINED_AT_LEAST = 600
EXACT_AMONG = 50_000
"""Among no more vectors than these, each is compared as it is."""

ABANDONED_SECONDS = 3_600.0
"""A file that is being written changes more often than this."""

Positions = NDArray[np.int64]
"""Where vectors stand in the file, counted from 0 in the order of their ids."""

ReadVectors = Callable[[Ids], Floats]
"""The vectors of ids, shape (ids, dimensions); of one that is gone by now a row of zeros."""


class Stopped(Exception):
    """The snapshot was not written, because nobody waits for it any more."""


class Snapshot:
    """Vectors as they were when the file was written; read-only. Not thread-safe."""

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        """Map a file that `load` has checked."""
        count, dimensions = header["count"], header["dimensions"]
        self.ids: Ids = np.memmap(path, np.int64, "r", HEADER_BYTES, (count,))
        self._halves = np.memmap(path, np.float16, "r", HEADER_BYTES + 8 * count, (count, dimensions))
        self._index = _faiss().deserialize_index(np.fromfile(path, np.uint8, offset=_codes_start(count, dimensions)))

    def vectors(self, positions: Positions) -> Floats:
        """Return the vectors at these positions as they are kept, shape (positions, dimensions)."""
        return to_single(self._halves[positions])

    def positions(self, ids: Ids) -> Positions:
        """Return where those of the ids stand that it holds, in the order of `ids`."""
        places = np.minimum(np.searchsorted(self.ids, ids), max(len(self.ids) - 1, 0))
        found: Positions = places[self.ids[places] == ids] if len(self.ids) else places[:0]
        return found

    def search(self, query: Floats, limit: int, allowed: NDArray[np.bool_] | None) -> tuple[Positions, Floats]:
        """Return the positions and cosines of the `limit` nearest, best first, of all or of those `allowed`."""
        if allowed is not None and np.count_nonzero(allowed) <= EXACT_AMONG:
            return self._nearest(query, np.flatnonzero(allowed), limit)
        faiss = _faiss()
        selector = None if allowed is None else faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        probes = min(self._index.nlist, math.ceil(PROBES * math.sqrt(self._index.nlist)))
        parameters = faiss.SearchParametersIVF(nprobe=probes, sel=selector)
        wanted = min(max(limit * REFINED, REFINED_AT_LEAST), len(self.ids))
        _, [found] = self._index.search(query[np.newaxis], wanted, params=parameters)
        return self._nearest(query, np.sort(found[found >= 0]), limit)

    def _nearest(self, query: Floats, positions: Positions, limit: int) -> tuple[Positions, Floats]:
        """Compare the vectors at some positions as they are."""
        parts = [positions[first : first + READ_AT_ONCE] for first in range(0, len(positions), READ_AT_ONCE)]
        scores = np.concatenate([self.vectors(part) @ query for part in parts] or [np.empty(0, np.float32)])
        best = np.argsort(-scores, kind="stable")[:limit]
        return positions[best], scores[best]


def load(path: Path, embedder: str, dimensions: int) -> tuple[Snapshot, Stamp] | None:
    """Return a snapshot and what it was made from; None where it is missing, foreign or damaged."""
    try:
        with path.open("rb") as file:
            header = _read_header(file)
            size = os.fstat(file.fileno()).st_size
            expected = {"embedder": embedder, "dimensions": dimensions, "bytes": size}
            if any(header.get(key) != value for key, value in expected.items()):
                return None
            if _checksum(file, int(header["count"]), dimensions) != header["crc32"]:
                return None
        stamp = Stamp(embedder, dimensions, int(header["generation"]), int(header["file_number"]))
        return Snapshot(path, header), stamp
    except (OSError, KeyError, TypeError, ValueError):
        return None


def write(path: Path, stamp: Stamp, ids: Ids, read: ReadVectors, is_stopped: Callable[[], bool] = bool) -> None:
    """Write a snapshot of the vectors with these ids, ascending; all or nothing, and with one thread.

    It takes little memory however many there are: vectors are read as they are needed, some of them twice.
    Raises: OSError; Stopped where `is_stopped` says so.
    """
    _sweep(path)
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("w+b") as file:
            _write_parts(file, stamp, ids, _watched(read, is_stopped))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what a process that was killed has left beside."""
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _watched(read: ReadVectors, is_stopped: Callable[[], bool]) -> ReadVectors:
    def watched(ids: Ids) -> Floats:
        if is_stopped():
            raise Stopped
        return read(ids)

    return watched


def _write_parts(file: BinaryIO, stamp: Stamp, ids: Ids, read: ReadVectors) -> None:
    _faiss().omp_set_num_threads(1)
    file.write(bytes(HEADER_BYTES))
    file.write(ids.astype(np.int64).tobytes())
    index = _trained(stamp.dimensions, ids, read)
    for some in _batches(ids):
        vectors = read(some)
        file.write(vectors.astype(np.float16).tobytes())
        index.add(vectors)
    file.write(memoryview(_faiss().serialize_index(index)))
    described = {**asdict(stamp), "count": len(ids), "bytes": file.tell()}
    header = json.dumps({**described, "crc32": _checksum(file, len(ids), stamp.dimensions)}).encode()
    file.seek(0)
    file.write(MAGIC + header + b"\n")


def _trained(dimensions: int, ids: Ids, read: ReadVectors) -> Any:
    """Return an empty index with centroids made from a sample of the vectors."""
    faiss, lists = _faiss(), lists_for(len(ids))
    chosen = np.random.default_rng(0).permutation(len(ids))[: lists * TRAINED_ON]
    sample = np.concatenate([read(some) for some in _batches(ids[np.sort(chosen)])])
    clusters = faiss.Kmeans(dimensions, lists, niter=TRAINING_ROUNDS, spherical=True, min_points_per_centroid=1)
    clusters.train(sample)
    coarse = faiss.IndexFlatIP(dimensions)
    coarse.add(clusters.centroids)
    index = faiss.IndexIVFRaBitQ(coarse, dimensions, lists, faiss.METRIC_INNER_PRODUCT)
    coarse.this.disown()
    index.own_fields = True
    index.train(sample)
    return index


def lists_for(count: int) -> int:
    """Return into how many lists so many vectors are divided: the power of two next to four times their root."""
    return min(1 << max(0, round(math.log2(4 * math.sqrt(max(count, 1))))), max(count, 1))


def _batches(ids: Ids) -> Iterator[Ids]:
    for first in range(0, len(ids), READ_AT_ONCE):
        yield ids[first : first + READ_AT_ONCE]


def _codes_start(count: int, dimensions: int) -> int:
    return HEADER_BYTES + count * (8 + 2 * dimensions)


def _read_header(file: BinaryIO) -> dict[str, Any]:
    magic, _, rest = file.read(HEADER_BYTES).partition(b"\n")
    return parse_header(rest.partition(b"\n")[0]) if magic + b"\n" == MAGIC else {}


def _checksum(file: BinaryIO, count: int, dimensions: int) -> int:
    """Return the CRC-32 of the ids and the codes."""
    file.seek(HEADER_BYTES)
    crc = zlib.crc32(file.read(8 * count))
    file.seek(_codes_start(count, dimensions))
    while block := file.read(1 << 20):
        crc = zlib.crc32(block, crc)
    return crc


def _faiss() -> Any:
    calm_openmp()
    import faiss

    return faiss
