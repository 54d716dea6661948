"""How much memory may this process still take? What the system, its control groups and its own limits leave.

Control groups: https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.max) and
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (memory.limit_in_bytes).
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

GROUPS = Path("/sys/fs/cgroup")
_SPARE = 256 * 2**20
"""Addresses that threads and libraries take which are loaded later: with 64 MiB left to a tiny model beside its own
needs, no thread could be started, and numpy not be imported; with 96 MiB it answered."""


def available_bytes() -> int | None:
    """Return the memory this process can still take, None where the system does not tell."""
    known = [amount for amount in (_system_available(), *group_available(), *_limits_available()) if amount is not None]
    return min(known, default=None)


def group_available(membership: Path = Path("/proc/self/cgroup"), groups: Path = GROUPS) -> Iterator[int | None]:
    """Yield what each control group that this process is in leaves, from its own up to the root, of either version.

    `membership` lists them, one a line: number, controllers, path. Within a container that path may be the host's:
    what is mounted at the root is the container's own group then.
    """
    for line in _lines(membership):
        _, controllers, own = line.split(":", 2)
        for group in (own, *map(str, PurePosixPath(own).parents)):
            path = group.lstrip("/")
            if not controllers:
                yield _left(groups / path, "memory.max", "memory.current")
            elif "memory" in controllers.split(","):
                yield _left(groups / "memory" / path, "memory.limit_in_bytes", "memory.usage_in_bytes")


def _system_available() -> int | None:
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _limits_available() -> Iterator[int]:
    """Yield what `ulimit -v` and `ulimit -d` leave, where they are set and the system tells what is used."""
    if sys.platform == "win32":
        return
    import resource

    used = [
        int(pages) * os.sysconf("SC_PAGE_SIZE") for line in _lines(Path("/proc/self/statm")) for pages in line.split()
    ]
    if not used:
        return
    for limit, taken in ((resource.RLIMIT_AS, used[0]), (resource.RLIMIT_DATA, used[5])):
        most, _ = resource.getrlimit(limit)
        if most != resource.RLIM_INFINITY:
            yield max(most - taken - _SPARE, 0)


def _left(group: Path, limit: str, used: str) -> int | None:
    """Limit minus use, file cache not counted as use: the system gives it up when memory is asked for."""
    try:
        cached = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        reclaimable = int(cached.get("file", cached.get("cache", 0)))
        return int((group / limit).read_text()) - int((group / used).read_text()) + reclaimable
    except (OSError, ValueError):  # no such group, or "max": no limit
        return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
