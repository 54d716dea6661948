"""Questions and changes at once for a long time: `python -m bench.soak [--minutes 30] [--askers 4] [--at-rest]`, Linux.

A real server (quotes only) is asked over HTTP by some askers, while documents are uploaded to it, files are synced into
its library by other processes, changed and removed. Whatever was reported as added has to be found at once, with what
it says now, and at the end; whatever was removed may not. Each half minute the server's resident memory and its open
files are noted. Memory counts as flat if the last third of the time takes at most 5 % more than the second third.
With `--at-rest` as many documents are removed as come, so that growing memory is not that of more documents.

Questions that are asked while others change things are about documents that stay as they are.
"""

import argparse
import os
import random
import subprocess
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import linear_regression, mean

import httpx2

from bench.askers import FIRST, LAST
from bench.report import machine, print_table
from bench.serving import PINCITE, Server, serving

MIDDLE = [vowel + consonant for vowel in "aeiou" for consonant in "nrlst"]
STAYING = 40
"""Files that never change."""
COMING_AND_GOING = 15
"""Files, and as many uploads, of which the oldest are removed when new ones come."""
WRITTEN_AT_ONCE = 2
"""Files that are new at a sync."""
SECONDS_BETWEEN_QUESTIONS = 0.5
SECONDS_BETWEEN_CHANGES = 2.0
SECONDS_BETWEEN_SAMPLES = 30.0
PATIENCE_SECONDS = 300
FLAT = 1.05
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Town:
    """What a document is about: its only fact is a year."""

    name: str
    year: int

    @property
    def text(self) -> str:
        """The document."""
        return (
            f"The lighthouse of {self.name} was built in {self.year}. It stands above the harbour.\n\n"
            f"The people of {self.name} live on fishing and on the ferry.\n"
        )

    @property
    def question(self) -> str:
        """What alone this document answers."""
        return f"When was the lighthouse of {self.name} built?"


@dataclass(frozen=True, slots=True)
class Sample:
    """The server at one moment."""

    minutes: float
    mebibytes: float
    files: int
    documents: int


@dataclass(slots=True)
class Soak:
    """One run: what the library has to hold, what was seen. Only the thread that changes things changes `there`."""

    server: Server
    folder: Path
    client: httpx2.Client
    chance: random.Random
    names: Iterator[str]
    at_rest: bool = False
    """As many documents are there all the time: each upload is followed by the removal of the oldest."""
    there: dict[str, Town] = field(default_factory=dict)
    """By source: a path, or the name of an upload; oldest first."""
    staying: list[Town] = field(default_factory=list)
    gone: list[Town] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    problems: deque[str] = field(default_factory=deque)
    stopped: threading.Event = field(default_factory=threading.Event)

    # Asking

    def ask_on(self) -> None:
        """Ask about the documents that stay, until stopped."""
        while not self.stopped.wait(SECONDS_BETWEEN_QUESTIONS):
            self.check(random.choice(self.staying))

    def check(self, town: Town) -> None:
        """Ask a question; the answer has to quote the year that the document names now."""
        try:
            reply = self.client.post("/v1/answer", json={"question": town.question}).raise_for_status().json()
        except httpx2.HTTPError as error:
            self.problems.append(f"{town.question}: {error!r}")
            return
        self.counts["answers"] += 1
        if not any(str(town.year) in citation["quote"] for citation in reply["citations"]):
            self.problems.append(f"{town.question}: {reply['citations'] or reply['abstention']} without {town.year}")

    def found(self, town: Town) -> bool:
        """Tell whether a search finds the document."""
        reply = self.client.post("/v1/search", json={"query": town.question, "limit": 5}).raise_for_status().json()
        return any(town.name in passage["text"] and str(town.year) in passage["text"] for passage in reply["passages"])

    # Changing

    def change_on(self) -> None:
        """Add, change and remove documents, until stopped."""
        changes = {self.upload: 4, self.upload_again: 3, self.sync: 1}
        changes |= {} if self.at_rest else {self.remove_upload: 2}
        while not self.stopped.wait(SECONDS_BETWEEN_CHANGES):
            [change] = self.chance.choices(list(changes), list(changes.values()))
            try:
                change()
            except (httpx2.HTTPError, subprocess.SubprocessError) as error:
                self.problems.append(repr(error))

    def upload(self) -> None:
        """Upload a new document."""
        town = self.new_town()
        self.send(f"{town.name}.txt", town)
        if self.at_rest:
            self.remove_upload()

    def upload_again(self) -> None:
        """Upload another text under the name of one that is there."""
        if uploads := self.uploads():
            source = self.chance.choice(uploads)
            self.send(source, self.older(self.there[source]))

    def send(self, source: str, town: Town) -> None:
        reply = self.client.post("/uploads", params={"name": source}, content=town.text.encode())
        outcome = reply.raise_for_status().json()["outcome"]
        self.counts[outcome] += 1
        self.hold(source, town)
        if outcome not in ("added", "updated"):
            self.problems.append(f"{source} was {outcome}")
        self.check(town)

    def sync(self) -> None:
        """Write two files, change one, delete the oldest beyond those that are kept, and sync the folder."""
        files = [source for source in self.there if source.startswith(str(self.folder / "changing"))]
        towns = [self.new_town() for _ in range(WRITTEN_AT_ONCE)]
        written = {str(self.folder / "changing" / f"{town.name}.txt"): town for town in towns}
        if files:
            written[files[-1]] = self.older(self.there[files[-1]])
        for source, town in written.items():
            Path(source).write_text(town.text, encoding="utf-8")
        deleted = files[: max(0, len(files) - COMING_AND_GOING)]
        for source in deleted:
            Path(source).unlink()
        self.pincite("sync", str(self.folder))
        self.let_go(deleted)
        for source, town in written.items():
            self.counts["synced"] += 1
            self.hold(source, town)
            self.check(town)

    def remove_upload(self) -> None:
        """Remove the oldest upload, where there are more than are kept."""
        uploads = self.uploads()
        if len(uploads) > COMING_AND_GOING:
            self.pincite("remove", uploads[0])
            self.let_go(uploads[:1])

    def hold(self, source: str, town: Town) -> None:
        """Note what was reported as added, in place of what was there."""
        if source in self.there:
            self.gone.append(self.there[source])
        self.there[source] = town

    def let_go(self, sources: Sequence[str]) -> None:
        """Note what was reported as removed."""
        self.gone += [self.there.pop(source) for source in sources]
        self.counts["removed"] += len(sources)

    def pincite(self, *arguments: str) -> None:
        """Run a command of the library's owner. Raises: CalledProcessError."""
        subprocess.run([*PINCITE, *arguments], env=self.server.variables, check=True, capture_output=True)

    def uploads(self) -> list[str]:
        return [source for source in self.there if not Path(source).is_absolute()]

    def new_town(self) -> Town:
        return Town(next(self.names), self.chance.randint(1000, 1899))

    def older(self, town: Town) -> Town:
        """Return the town with another year, which none has had."""
        return Town(town.name, town.year + 100)

    # At the end

    def check_all(self) -> int:
        """Compare what the library holds with what it has to hold; return how many documents are lost."""
        documents = self.client.get("/v1/documents").raise_for_status().json()["documents"]
        held = sorted(document["source"] for document in documents)
        if held != sorted(self.there):
            self.problems.append(f"other documents than were reported: {sorted(set(held) ^ set(self.there))}")
        lost = {source for source, town in self.there.items() if source not in held or not self.found(town)}
        self.problems.extend(f"{self.there[source].name} is not found" for source in sorted(lost))
        self.problems.extend(f"{town.name} is still found" for town in self.gone if self.found(town))
        return len(lost)


def sample(pid: int, began: float, documents: int) -> Sample:
    """Look at a process whose library holds so many documents."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Sample((time.monotonic() - began) / 60, pages * PAGE_MIB, files, documents)


@contextmanager
def soaking(scratch: Path, seed: int, at_rest: bool) -> Iterator[Soak]:
    """Yield a run on a server with the documents that stay, and with those that come and go if they are at rest."""
    chance = random.Random(seed)
    names = ["".join(parts) for parts in product(FIRST, MIDDLE, LAST)]
    chance.shuffle(names)
    (scratch / "home").mkdir()
    (scratch / "folder" / "changing").mkdir(parents=True)
    with (
        serving(scratch / "home") as server,
        httpx2.Client(base_url=server.address, timeout=PATIENCE_SECONDS) as client,
    ):
        soak = Soak(server, scratch / "folder", client, chance, iter(names), at_rest)
        soak.staying += write_towns(soak, scratch / "folder", STAYING)
        if at_rest:
            write_towns(soak, scratch / "folder" / "changing", COMING_AND_GOING + WRITTEN_AT_ONCE)
        soak.pincite("sync", str(scratch / "folder"))
        for _ in range(COMING_AND_GOING if at_rest else 0):
            town = soak.new_town()
            soak.send(f"{town.name}.txt", town)
        yield soak


def write_towns(soak: Soak, folder: Path, count: int) -> list[Town]:
    """Write so many documents, which the next sync adds."""
    towns = [soak.new_town() for _ in range(count)]
    for town in towns:
        path = folder / f"{town.name}.txt"
        path.write_text(town.text, encoding="utf-8")
        soak.there[str(path)] = town
    return towns


def run(soak: Soak, minutes: float, askers: int, seconds: float = SECONDS_BETWEEN_SAMPLES) -> list[Sample]:
    """Ask and change for so many minutes; return what was seen of the server, also printed as it is seen."""
    threads = [threading.Thread(target=soak.ask_on) for _ in range(askers)]
    threads.append(threading.Thread(target=soak.change_on))
    for thread in threads:
        thread.start()
    began, samples = time.monotonic(), []
    while time.monotonic() - began < 60 * minutes:
        time.sleep(seconds)
        samples.append(sample(soak.server.pid, began, len(soak.there)))
        own, seen = samples[-1], ", ".join(f"{count:,} {name}" for name, count in sorted(soak.counts.items()))
        line = f"{own.minutes:5.1f} min  {own.mebibytes:6.1f} MiB  {own.files:3} files  {seen}"
        print(f"{line}; {len(soak.problems)} problems", flush=True)
    soak.stopped.set()
    for thread in threads:
        thread.join()
    return samples


def main() -> None:
    """Run, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--askers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-rest", action="store_true", help="keep the number of documents as it is")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as scratch, soaking(Path(scratch), arguments.seed, arguments.at_rest) as soak:
        samples = run(soak, arguments.minutes, arguments.askers)
        lost = soak.check_all()
        print_summary(soak, samples)
        print(verdict(soak, samples, lost))
    raise SystemExit(bool(soak.problems))


def print_summary(soak: Soak, samples: list[Sample]) -> None:
    """Print memory by thirds and its slope over the last two, counts and problems."""
    third = len(samples) // 3
    thirds = [samples[:third], samples[third : 2 * third], samples[2 * third :]]
    print_table(
        ["", "first third", "second", "last"],
        [
            ["mean MiB", *(f"{mean(own.mebibytes for own in part):.1f}" for part in thirds)],
            ["most open files", *(f"{max(own.files for own in part)}" for part in thirds)],
        ],
    )
    second, last = (mean(own.mebibytes for own in part) for part in thirds[1:])
    print(f"memory is {'flat' if last <= FLAT * second else 'not flat'}: last to second third {last / second:.3f}")
    for problem in soak.problems:
        print(problem)


def verdict(soak: Soak, samples: list[Sample], lost: int) -> str:
    """Return in one line what the run came to; memory's slope is that over the last two thirds of the time."""
    later = samples[len(samples) // 3 :]
    slope, _ = linear_regression([own.minutes for own in later], [own.mebibytes for own in later])
    files, documents = max(own.files for own in samples), sorted({own.documents for own in samples})
    return (
        f"{soak.counts['answers']:,} answers, {len(soak.problems)} errors, {lost} documents lost of {len(soak.there)}"
        f" (from {documents[0]} to {documents[-1]} on the way), memory {60 * slope:+.1f} MiB an hour,"
        f" at most {files} open files"
    )


if __name__ == "__main__":
    main()
