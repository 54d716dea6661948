"""The process that reads files, one after the other: from standard input, and what is in them to standard output.

`index.parse.reader` starts it, with its limits: `python -m index.parse.worker SECONDS MEMORY_MIB CHARACTERS PARSER`.
A message is eight bytes that say its length, then JSON; a file's bytes follow it as a message of their own. Nothing
that comes from here is ever unpickled: a file that took this process over could answer with text, and no more.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from index.errors import LimitReached, ReadError
from index.parse.source import SourceFile
from index.types import ParsedDocument

LENGTH_BYTES = 8
SPARE_SECONDS = 5
"""The parent stops a file that takes too long; should it be gone, the kernel does so this much later."""

Parse = Callable[[SourceFile], ParsedDocument]


def main() -> None:
    """Read files until standard input ends."""
    seconds, memory_mib, max_characters = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    requests, replies = sys.stdin.buffer, _own_output()
    module, _, function = sys.argv[4].partition(":")
    parse: Parse = getattr(importlib.import_module(module), function)
    _limit_memory(memory_mib)
    while (request := read_message(requests)) is not None:
        source = SourceFile(**json.loads(request), data=read_message(requests) or b"")
        _limit_seconds(seconds)
        write_message(replies, _reply(parse, source, max_characters))


def read_message(stream: BinaryIO, max_bytes: int | None = None) -> bytes | None:
    """Return the next message, None where the stream has ended. Raises: LimitReached for one that is too long."""
    header = stream.read(LENGTH_BYTES)
    if len(header) < LENGTH_BYTES:
        return None
    length = int.from_bytes(header, "big")
    if max_bytes is not None and length > max_bytes:
        raise LimitReached(f"{length / 2**20:,.0f} MiB of text")
    message = stream.read(length)
    return message if len(message) == length else None


def write_message(stream: BinaryIO, message: bytes) -> None:
    """Write a message and see it off."""
    stream.write(len(message).to_bytes(LENGTH_BYTES, "big"))
    stream.write(message)
    stream.flush()


def _reply(parse: Parse, source: SourceFile, max_characters: int) -> bytes:
    """Return what is in a file, or why it cannot be read, as JSON in ASCII."""
    try:
        document = parse(source)
        if len(document.text) > max_characters:
            raise LimitReached(
                f"{source.name} holds {len(document.text):,} characters, more than the {max_characters:,} that a"
                " document may have: divide it"
            )
        return _encoded(document)
    except MemoryError:
        return _failure(LimitReached(f"{source.name} needs more memory than a file may: divide it, or raise the limit"))
    except ReadError as error:
        return _failure(error)
    except Exception as error:  # whatever a library raises at a damaged file is that file's, and no other's
        return _failure(ReadError(f"{source.name} cannot be read, it may be damaged ({type(error).__name__}: {error})"))


def _encoded(document: ParsedDocument) -> bytes:
    reply = {
        "title": document.title,
        "text": document.text,
        "blocks": [[block.span.start, block.span.end, block.kind, block.level] for block in document.blocks],
        "format": document.format,
        "pages": document.pages,
    }
    return json.dumps(reply).encode("ascii")


def _failure(error: ReadError) -> bytes:
    return json.dumps({"error": type(error).__name__, "reason": " ".join(str(error).split())}).encode("ascii")


def _own_output() -> BinaryIO:
    """Return standard output for the replies alone; what a library prints goes nowhere."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return replies


def _limit_memory(memory_mib: int) -> None:
    """Have the kernel refuse more memory, whatever is written to a file, and a dump of the memory."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_mib * 2**20, memory_mib * 2**20))


def _limit_seconds(seconds: float) -> None:
    """Have the kernel end this process if it computes for too long from now on."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        end = int(used.ru_utime + used.ru_stime + seconds + SPARE_SECONDS) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
