"""What every command prints: the machine, and a plain table."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path


def machine() -> str:
    """Return the processor, its cores, and how busy it was when the run began."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return f"{_processor()}, {os.cpu_count()} processors, load {load:.1f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under headers: the first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in [headers, *rows]) for column in range(len(headers))]
    for row in [headers, *rows]:
        first, *others = row
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        print("  ".join(cells).rstrip())
