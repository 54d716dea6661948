"""Many short real passages, for what needs more of them than evaluation sets have paragraphs.

A passage is a sentence, or a part of one where it has more than so many tokens, as `index.split` cuts them. Those of
our library stand in web pages, one paragraph each: in plain text, short lines are read as one wrapped paragraph, or as
headings.
"""

import html
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from index.library import Library
from index.split import CountTokens, split, split_sentences
from index.types import Block, ParsedDocument, Span
from rag.spread import spread

ON_A_PAGE = 500


def short_passages(
    entries: Iterable[dict[str, Any]], wanted: int, most_tokens: int, count_tokens: CountTokens
) -> list[str]:
    """Return `wanted` different passages of at most so many tokens, evenly spread over the sets' entries.

    Raises: SystemExit where there are too few.
    """
    every = list(dict.fromkeys(text for entry in entries for text in _pieces(entry, most_tokens, count_tokens)))
    if len(every) < wanted:
        raise SystemExit(
            f"the sets have {len(every):,} different passages of at most {most_tokens} tokens, and {wanted:,} are"
            " wanted: name more sets or languages, or lower --most-tokens"
        )
    return spread(every, wanted)


def _pieces(entry: dict[str, Any], most_tokens: int, count_tokens: CountTokens) -> Iterator[str]:
    text, language = " ".join(entry["text"].split()), language_of(entry)
    sentences = split_sentences(text, Span(0, len(text)), language)
    document = ParsedDocument("", text, tuple(map(Block, sentences)), language)
    return (passage.span.of(text) for passage in split(document, most_tokens, count_tokens))


def language_of(entry: dict[str, Any]) -> str:
    """Return the language of an entry; sets of a single one do not name it, and are in English."""
    return str(entry.get("lang") or "en")


def write_pages(folder: Path, texts: Sequence[str]) -> list[Path]:
    """Write `ON_A_PAGE` passages a file."""
    files = []
    for first in range(0, len(texts), ON_A_PAGE):
        paragraphs = "\n".join(f"<p>{html.escape(text)}</p>" for text in texts[first : first + ON_A_PAGE])
        files.append(folder / f"{first:07}.html")
        files[-1].write_text(f"<title>{first}</title>\n<main>\n{paragraphs}\n</main>\n", encoding="utf-8")
    return files


def check_passages(library: Library, texts: Sequence[str]) -> None:
    """Raise SystemExit unless the library's passages are just these texts, in order."""
    documents = sorted(library.documents(), key=lambda document: document.source)
    passages = [passage.text for document in documents for passage in library.document_passages(document.id)]
    if passages != list(texts):
        raise SystemExit(
            f"of {len(texts):,} texts the library made {len(passages):,} passages, or others than they are"
        )
