"""Checks a finished draft by itself: a second opinion that shares no code with grammar, parser and grounding."""

import unicodedata

import regex

from rag.types import Given

ABSTENTION = "I cannot answer this from the given passages."
CONNECTING = set("the it they on i a an and but while also this that these those he she in at as so to".split())
"""Words that may begin a sentence with a capital although no passage holds them; so may the rest of this module's
caller's list."""
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"


def problems(draft: str, question: str, given: Given, may_begin: frozenset[str] = frozenset()) -> list[str]:
    """Return what is wrong with a finished draft, [] where all of G1 to G4 holds."""
    if draft == ABSTENTION:
        return []
    found: list[str] = []
    flat = _without_quotations(draft, given, found)
    flat = _without_citations(flat, given, found)
    if stray := regex.search(r"[\[\]“”„‟«»‹›‘‚‛「」『』\"❝❞⟦⟧\n\r!?…。！？؟۔]|(?<!\p{L}\p{M}*)['’]", flat):
        found.append(f"a stray {stray.group()!r}")
    for sentence in regex.split(r"(?<=[\ue010\ue011]\.) ", flat):
        if not regex.fullmatch(r"[^\ue010\ue011]*(?:[\ue010\ue011][^\ue010\ue011]*)*[\ue010\ue011]\.", sentence):
            found.append(f"not a cited sentence: {sentence[:80]!r}")
        if regex.search(r"\.(?!\d|\Z)", sentence):
            found.append(f"a sentence within a sentence: {sentence[:80]!r}")
    texts = [
        question,
        *(" ".join([p.passage.text, *p.passage.headings, p.passage.document.title]) for p in given.passages),
    ]
    words = {word for text in texts for word in _words(text)} | CONNECTING | may_begin
    digits = {number for text in texts for number in regex.findall(r"\p{N}+", text)}
    found += [
        f"unknown name {w!r}"
        for w in regex.findall(r"[\p{L}\p{M}\p{N}]+", flat)
        if _names(w) and not _words(w) <= words
    ]
    found += [f"unknown number {n!r}" for n in regex.findall(r"\p{N}+", flat) if n not in digits]
    return found


def _without_quotations(draft: str, given: Given, found: list[str]) -> str:
    """Check each quotation against its passage; return the draft with U+E010 for each."""
    opening, closing = given.marks
    flat, position = "", 0
    while (start := draft.find(opening, position)) >= 0:
        end = draft.find(closing, start + 1)
        cited = regex.compile(r" \[(\d+)\]").match(draft, end + 1) if end >= 0 else None
        if cited is None:
            found.append(f"a quotation without its passage: {draft[start : start + 60]!r}")
            return flat
        quotation, number = draft[start + 1 : end], int(cited[1])
        passages = {passage.number: passage for passage in given.passages}
        if number not in passages:
            found.append(f"quotes passage {number}")
        elif not _stands_in(quotation, " ".join(passages[number].passage.text.split())):
            found.append(f"not verbatim in [{number}]: {quotation!r}")
        elif not any(_stands_in(quotation, run) for run in _runs(given, number)):
            found.append(f"quotes what was not given of [{number}]: {quotation!r}")
        flat += draft[position:start] + "\ue010"
        position = cited.end()
    return flat + draft[position:]


def _runs(given: Given, number: int) -> list[str]:
    """The given parts of a passage, with the words beside them kept apart."""
    passage = next(passage for passage in given.passages if passage.number == number)
    text, start = passage.passage.text, passage.passage.start
    kept = [False] * len(text)
    spans = [sentence.span for sentence in passage.sentences]
    for span in spans:
        kept[span.start - start : span.end - start] = [True] * (span.end - span.start)
    between = [i for i, c in enumerate(text) if c.isspace() and not kept[i]]
    for i in between:
        kept[i] = True
    return [
        " ".join(run.split())
        for run in "".join(c if k else "\ue012" for c, k in zip(text, kept, strict=True)).split("\ue012")
    ]


def _without_citations(text: str, given: Given, found: list[str]) -> str:
    """Check each citation; return the text with U+E011 for each."""
    ids = {f"[{p.number}.{s.number}]" for p in given.passages for s in p.sentences}

    def check(match: regex.Match[str]) -> str:
        if match.group() not in ids:
            found.append(f"cites {match.group()}")
        return "\ue011"

    return str(regex.sub(r"\[[^\]\[]*\]", check, text))


def _stands_in(quotation: str, text: str) -> bool:
    """Say whether a quotation stands in a text from a word's boundary to a word's boundary."""
    starts = [match.start() for match in regex.finditer(regex.escape(quotation), text, overlapped=True)]
    return bool(regex.search(r"[\p{L}\p{N}]", quotation)) and any(
        _is_boundary(text, start) and _is_boundary(text, start + len(quotation)) for start in starts
    )


def _is_boundary(text: str, place: int) -> bool:
    if place in (0, len(text)):
        return True
    window = text[max(0, place - 60) : place + 60]
    at = place - max(0, place - 60)
    if at not in {match.end() for match in regex.finditer(r"\X", window)}:
        return False
    before, after = text[place - 1], text[place]
    if regex.search(r"\p{N}[.,:/]\Z", text[:place]) and regex.match(r"\p{N}", after):
        return False
    both = [bool(regex.match(r"[\p{L}\p{N}\p{M}_]", character)) for character in (before, after)]
    return not all(both) or any(regex.match(UNSPACED, character) for character in (before, after))


def _words(text: str) -> set[str]:
    return {unicodedata.normalize("NFKC", word).casefold() for word in regex.findall(r"[\p{L}\p{M}\p{N}]+", text)}


def _names(word: str) -> bool:
    return bool(regex.search(r"\p{Lu}", unicodedata.normalize("NFKC", word)))
