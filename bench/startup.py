"""How long starting takes: `python -m bench.startup`. Wall time of new processes, in turn, beside an empty one."""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench.report import machine, print_table

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import rag'": [sys.executable, "-c", "import rag"],
    "pincite --help": [str(Path(sys.executable).with_name("pincite")), "--help"],
}


def seconds(command: list[str]) -> float:
    """Return the wall-clock seconds of one process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    print(machine())
    for command in COMMANDS.values():
        seconds(command)
    runs = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(rounds)]
    empty = next(iter(COMMANDS))
    rows = [
        [
            name,
            f"{median(run[name] for run in runs):.3f}",
            f"{median(run[name] - run[empty] for run in runs):.3f}",
            f"{median(run[name] / run[empty] for run in runs):.1f}",
        ]
        for name in COMMANDS
    ]
    print_table(["median", "seconds", "beyond python", "× python"], rows)


if __name__ == "__main__":
    main()
