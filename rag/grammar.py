"""The draft format as a grammar: what a model decoded under it writes, `rag.draft` parses and `rag.ground` takes.

Lark as llguidance reads it (https://github.com/guidance-ai/llguidance/blob/main/docs/syntax.md). Its lexer is greedy
and never backs up, so each lexeme ends in the mark that ends it: prose in "[" or in the opening of a quotation. Prose
is not counted (a counted repeat defeats the lexer's cache): its length is capped by whoever decodes.

What only `rag.ground` sees is whether a number stands in the sentences that are cited.
"""

import json
from collections.abc import Sequence
from enum import StrEnum

import regex

from rag.draft import ABSTENTION, BETWEEN, OPENINGS
from rag.ground import joining_words, known_words, texts_of
from rag.manner import AUTO
from rag.quotable import BEGINS, OPENS, longest_quotation, quotable_pieces
from rag.types import Given, GivenPassage
from rag.vocabulary import WORD, parts

SENTENCES = 8
"""The longest answer; the prompt asks for one to four."""
CITATIONS = 5
"""The most citations and quotations in one sentence."""


SHORTEST_QUOTATION = 20
"""Characters of a quotation that has to say something by itself, as in the strict mode."""


class Mode(StrEnum):
    """How freely a model may write."""

    STRICT = "strict"
    """Quotations, and a few fixed words between them."""
    GROUNDED = "grounded"
    """Any lower-case words; names and numbers must stand in what was given."""


MODEL_WRITES_FREELY = 1_300_000_000
"""Parameters from which a model is let write its own words: "1 B" models have up to 1.24 billion."""

LOWER_CASE = r"[\p{Ll}\p{Lo}--[ŀŉẚ\ufb50-\ufdff\ufe70-\ufeff\p{Default_Ignorable_Code_Point}]]"
"""Letters that are no capitals, but for those that stand for several characters and those that nobody sees."""
ACCENT = r"[\p{Mn}\p{Mc}--\p{Default_Ignorable_Code_Point}]"
_WORD_OF_ITS_OWN = f"(?:{LOWER_CASE}(?:{LOWER_CASE}|{ACCENT})*)"
SLICES = (rf"{LOWER_CASE}+(?: {LOWER_CASE}+)*", rf"(?: {LOWER_CASE}+)+")
"""Classes of tokens that prose takes or refuses as a whole: told to llguidance, masks are found faster."""

_JOINER = r"(?:['’‑\u200c-])"
_BETWEEN_WORDS = r"(?:[,;:،؛]? | [–—] |[，、；：])"

_QUOTATION_BEGINS = f"{OPENS}?(?:{BEGINS})"

_NUMBER = regex.compile(
    r"(?<![\p{L}\p{N}])(?:[-−]?\p{Sc}?(?P<bare>\p{N}+(?:[.,:/٫٬]\p{N}+)*)\p{Sc}?)(?:[%٪‰°]|[\p{L}\p{M}]+)?"
)


def draft_grammar(question: str, given: Given, mode: Mode) -> str:
    """Return the grammar of all drafts that answer `question` from `given`: sentences that cite, or the abstention."""
    quotable = [(passage.number, pieces) for passage in given.passages if (pieces := quotable_pieces(passage, given))]
    rules = ["%llguidance {}", f"ABSTENTION: {_string(ABSTENTION)}"]
    shortest = SHORTEST_QUOTATION if mode is Mode.STRICT else 0
    for number, pieces in quotable:
        rules += _quotation_rules(number, pieces, given.marks, min(shortest, longest_quotation(pieces)))
    if quotable:
        rules.append("quotation: " + " | ".join(f"QUOTED_{number}" for number, _ in quotable))
    sentence = _strict(given, bool(quotable)) if mode is Mode.STRICT else _grounded(question, given, bool(quotable))
    if not sentence:
        return "\n".join(["%llguidance {}", f"start: {_string(ABSTENTION)}", ""])
    return "\n".join([*rules, *sentence, f'start: ABSTENTION | sentence (" " sentence){{0,{SENTENCES - 1}}}', ""])


# Quotations


def _quotation_rules(number: int, pieces: Sequence[str], marks: tuple[str, str], shortest: int) -> list[str]:
    """A stretch of the passage of at least `shortest` characters, the closing mark and by force its number."""
    closing = marks[1]
    banned = "".join(rf"\x{{{ord(mark):x}}}" for mark in marks)
    rest = rf"(?:[^\r\n{banned}]*[^\s{banned}])?"
    if shortest > 4:  # what it begins with takes up to three
        rest = rf"[^\r\n{banned}]{{{shortest - 4},}}[^\s{banned}]"
    shape = _QUOTATION_BEGINS + rest
    return [
        f"STRETCH_{number}: %regex {json.dumps({'substring_chunks': list(pieces)})} & /{shape}/",
        f"QUOTED_{number}: STRETCH_{number} {_string(f'{closing} [{number}]')}",
    ]


# Sentences


def fixed_words(given: Given) -> tuple[Sequence[str], Sequence[str]]:
    """Return what may stand before quotations and between them: no English words where another language is wanted."""
    is_english = given.manner.code in (AUTO, "en")
    return (OPENINGS, BETWEEN) if is_english else ((), ("; ",))


def _strict(given: Given, has_quotations: bool) -> list[str]:
    if not has_quotations:
        return []
    opening, _ = given.marks
    openings, between = fixed_words(given)
    return [
        f"FIRST: /(?:{_any_of(openings)})?/ {_string(opening)}",
        f"FURTHER: /{_any_of(between)}/ {_string(opening)}",
        'sentence: FIRST quotation (FURTHER quotation){0,2} "."',
    ]


def _grounded(question: str, given: Given, has_quotations: bool) -> list[str]:
    ids = [f"{passage.number}\\.(?:{_numbers_of(passage)})" for passage in given.passages if passage.sentences]
    if not ids:
        return []
    word, beginning = _words(question, given)
    following = f"(?:{_BETWEEN_WORDS}{word})*"
    rules = [
        f"ID: /(?:{'|'.join(ids)})\\]/",
        f"FIRST_CITED: /(?:{beginning}|{word}){following} \\[/",
        f"FURTHER_CITED: /[,;]? (?:{word}{following} )?\\[/",
    ]
    if not has_quotations:
        return [*rules, f'sentence: FIRST_CITED ID (FURTHER_CITED ID){{0,{CITATIONS - 1}}} "."']
    opening = _string(given.marks[0])
    return [
        *rules,
        f"FIRST_QUOTED: /(?:(?:{beginning}|{word}){following}[,:]? )?/ {opening}",
        f"FURTHER_QUOTED: /[,;]? (?:{word}{following}[,:]? )?/ {opening}",
        "first: FIRST_CITED ID | FIRST_QUOTED quotation",
        "further: FURTHER_CITED ID | FURTHER_QUOTED quotation",
        f'sentence: first further{{0,{CITATIONS - 1}}} "."',
    ]


def _numbers_of(passage: GivenPassage) -> str:
    return "|".join(str(sentence.number) for sentence in passage.sentences)


def _words(question: str, given: Given) -> tuple[str, str]:
    """Return the patterns of a word, and of a capitalised word at the beginning of a sentence."""
    forms = as_given(question, given)
    one = f"(?:{_WORD_OF_ITS_OWN}|{_any_of(sorted(forms))})" if forms else _WORD_OF_ITS_OWN
    beginning = _any_of(sorted(capitalised(question, given)))
    return f"(?:{one}(?:{_JOINER}{one})*)", f"(?:{beginning}(?:{_JOINER}{one})*)"


def as_given(question: str, given: Given) -> frozenset[str]:
    """Return the words with a capital letter and the numbers that prose may take, spelled as they were given."""
    texts = texts_of(question, given)
    words = {word for text in texts for word in WORD.findall(text) if regex.search(r"[\p{Lu}\p{Lt}\p{N}]", word)}
    numbers = {form for text in texts for match in _NUMBER.finditer(text) for form in (match[0], match["bare"])}
    return frozenset(words | numbers)


def capitalised(question: str, given: Given) -> frozenset[str]:
    """Return the capitalised words that a sentence may begin with although they were given in lower case only."""
    known = known_words(question, given)
    words = {word for text in texts_of(question, given) for word in WORD.findall(text)} | joining_words(given)
    beginnings = {word[0].upper() + word[1:] for word in words if len(word[0].upper()) == 1} - words
    return frozenset(word for word in beginnings if parts(word) <= known)


# Lark


def _any_of(texts: Sequence[str]) -> str:
    return "(?:" + "|".join(regex.escape(text, special_only=True).replace("/", r"\/") for text in texts) + ")"


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
