"""Parsers that do what a hostile file may make a real one do, and others whose working can be seen from outside."""

import ctypes
import os
import sys
import time
from pathlib import Path

from index.parse.source import SourceFile
from index.types import Block, ParsedDocument, Span


def parse(source: SourceFile) -> ParsedDocument:
    """Do what the file's text says."""
    match source.data.decode():
        case "loop":
            while True:
                pass
        case "sleep":
            time.sleep(600)
        case "crash":
            ctypes.string_at(0)
        case "exit":
            os._exit(3)
        case "memory":
            return document("x" * len(bytearray(2**32)))
        case "flood":
            return document("word " * 2_000_000)
        case "noise":
            print("noise on standard output", flush=True)
            os.write(1, b"more noise")
            return document("quiet")
        case "disorder":
            return ParsedDocument("a", "a", (Block(Span(5, 3)),), "")
        case "write":
            Path(source.name).write_bytes(bytes(2**28))
        case "environment":
            return document(" ".join(sorted(os.environ)))
        case "path":
            return document("\n".join(sys.path))
        case "process":
            return document(str(os.getpid()))
        case "raise":
            raise KeyError("something\nodd")
    return document(source.data.decode())


def document(text: str) -> ParsedDocument:
    """Return a document of one paragraph."""
    return ParsedDocument("a", text, (Block(Span(0, len(text))),), "")
