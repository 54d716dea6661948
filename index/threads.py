"""How many threads the number crunching gets, and how its idle threads wait. Knows no library that uses them."""

import os
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")


def calm_openmp() -> None:
    """Let idle OpenMP threads sleep soon. Call it before torch, faiss or llama.cpp is imported.

    They spin by default; with as many threads as cores and any other load on the machine, a spinning
    thread holds the core that the others wait for: decoding was measured to fall from 27 to 0.3 tokens
    a second, and to keep 11.7 with this. A value that the person has set is left alone.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def physical_cores() -> int:
    """Return the number of cores this process may use, each counted once however many threads it runs."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    return len({_core_of(processor) for processor in os.sched_getaffinity(0)})


def _core_of(processor: int) -> str:
    try:
        return (_TOPOLOGY / f"cpu{processor}" / "topology" / "thread_siblings_list").read_text()
    except OSError:
        return str(processor)
