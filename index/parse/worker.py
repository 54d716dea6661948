"""The process that reads files, one after the other: from standard input, and what is in them to standard output.

`index.parse.reader` starts it: `python -m index.parse.worker SECONDS MEMORY_MIB CHARACTERS PARSER PLACE…`, with its
limits and where else to look for PARSER.
A request is two messages of `index.parse.wire`: what is wanted of which file, as JSON, and its bytes.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from index.errors import LimitReached, ReadError
from index.parse.pdf_page import WantedPage, draw_page
from index.parse.source import SourceFile
from index.parse.wire import (
    decoded_request,
    encoded_document,
    encoded_failure,
    encoded_page,
    read_message,
    write_message,
)
from index.types import ParsedDocument

SPARE_SECONDS = 5
"""The parent stops a file that takes too long; should it be gone, the kernel does so this much later."""

Parse = Callable[[SourceFile], ParsedDocument]


def main() -> None:
    """Read files until standard input ends."""
    seconds, memory_mib, max_characters = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    requests, replies = sys.stdin.buffer, _own_output()
    module, _, function = sys.argv[4].partition(":")
    sys.path.extend(sys.argv[5:])
    parse: Parse = getattr(importlib.import_module(module), function)
    _limit_memory(memory_mib)
    while (request := read_message(requests)) is not None:
        source, page = decoded_request(request, read_message(requests) or b"")
        _limit_seconds(seconds)
        write_message(replies, _reply(parse, source, page, max_characters))


def _read(parse: Parse, source: SourceFile, max_characters: int) -> bytes:
    """Return what is in a file. Raises: whatever its parser raises, LimitReached."""
    document = parse(source)
    if len(document.text) > max_characters:
        raise LimitReached(
            f"{source.name} holds {len(document.text):,} characters, more than the {max_characters:,} that a"
            " document may have: divide it"
        )
    return encoded_document(document)


def _reply(parse: Parse, source: SourceFile, page: WantedPage | None, max_characters: int) -> bytes:
    """Return what is in a file, or the picture of its page, or why there is none, as JSON in ASCII."""
    try:
        return encoded_page(draw_page(source, page)) if page else _read(parse, source, max_characters)
    except MemoryError:
        return encoded_failure(
            LimitReached(f"{source.name} needs more memory than a file may: divide it, or raise the limit")
        )
    except ReadError as error:
        return encoded_failure(error)
    except Exception as error:  # whatever a library raises at a damaged file is that file's, and no other's
        return encoded_failure(
            ReadError(f"{source.name} cannot be read, it may be damaged ({type(error).__name__}: {error})")
        )


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
