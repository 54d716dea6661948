"""The draft format as GBNF: what a model behind a server is held to, where the server takes a grammar.

GBNF is what llama.cpp, vLLM, SGLang and llguidance all read
(https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md). It has no "any stretch of this text", so the
words that may follow one another in a quotation are written out as rules: one a word where the text does not repeat
itself, after the factor automaton of Blumer et al. (1985), https://doi.org/10.1016/0304-3975(85)90157-4. Alternatives
share their beginnings: few of them are open at a time, and a mask takes no longer than for a small grammar.

It takes what `rag.grammar` takes in the grounded mode, but for the letters of scripts that neither the question nor
the passages nor the wanted language are written in; and what it takes in the strict mode where that is wanted, but
for how short a quotation may be. `rag.ground` has the last word here as there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby, takewhile

import regex

from rag.draft import ABSTENTION
from rag.grammar import ACCENT, CITATIONS, LOWER_CASE, SENTENCES, as_given, capitalised, fixed_words
from rag.ground import texts_of
from rag.manner import Strictness
from rag.quotable import BEGINS, BREAK, OPENS, quotable_pieces
from rag.types import Given

MOST_WORDS = 40
"""Between two citations. A model that cannot end without citing would else go on until its limit."""

_RULES = """\
root ::= {abstention} | sentence (" " sentence){{0,{more_sentences}}}
sentence ::= first further{{0,{more_citations}}} "."
first ::= ({beginnings}) more end{or_quotation}
further ::= [,;]? " " ("[" id | one more end{or_quotation})
more ::= (between one){{0,{more_words}}}
end ::= " [" id{or_then_quotation}
between ::= " " | [,;:،؛] " " | " – " | " — " | [，、；：] | ['’‑\\u200C-]
id ::= {ids}
one ::= {given}
lower ::= [{letters}] [{letters}{accents}]*
"""
_STRICT_RULES = """\
root ::= {abstention} | sentence (" " sentence){{0,{more_sentences}}}
sentence ::= {opening} quotation (({between}) quotation){{0,2}} "."
"""

_LATIN = r"[\u0000-\u00ff&&\p{Latin}]"
_FURTHER_LETTERS = (
    r"[\u0100-\u017f&&\p{Latin}]",
    r"[\u0180-\uffff&&\p{Latin}]",
    *(
        rf"\p{{{script}}}"
        for script in """
        Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew
        Hiragana Kannada Katakana Khmer Lao Malayalam Myanmar Sinhala Tamil Telugu Thai Tibetan
        """.split()
    ),
)
"""Prose may hold their letters where the question or a passage does: each of them makes a mask a little slower."""
_ACCENTS = r"[\u0300-\u036f]"


def draft_gbnf(question: str, given: Given) -> str:
    """Return the grammar of all drafts that answer `question` from `given`: sentences that cite, or the abstention."""
    ids = [f"{passage.number}.{sentence.number}]" for passage in given.passages for sentence in passage.sentences]
    if not ids:
        return f"root ::= {_literal(ABSTENTION)}\n"
    quotations = list(_quotation_rules(given))
    if given.manner.strictness is Strictness.STRICT:
        return _strict(given, quotations)
    forms = as_given(question, given)
    letters, accents = _alphabet("".join([*texts_of(question, given), _written_in(given)]))
    rules = _RULES.format(
        abstention=_literal(ABSTENTION),
        more_sentences=SENTENCES - 1,
        more_citations=CITATIONS - 1,
        ids=_choice(dict.fromkeys(ids, "")),
        given=_or_lower(forms),
        beginnings=_or_lower(forms | capitalised(question, given)),
        letters=letters,
        accents=accents,
        or_quotation=" | quotation" if quotations else "",
        or_then_quotation=' | [,:]? " " quotation' if quotations else "",
        more_words=MOST_WORDS - 1,
    )
    return "\n".join([rules.rstrip(), *quotations, ""])


def _strict(given: Given, quotations: Sequence[str]) -> str:
    """Return the grammar of drafts that only quote; the abstention alone where nothing can be quoted."""
    if not quotations:
        return f"root ::= {_literal(ABSTENTION)}\n"
    openings, between = (dict.fromkeys(texts, "") for texts in fixed_words(given))
    rules = _STRICT_RULES.format(
        abstention=_literal(ABSTENTION),
        more_sentences=SENTENCES - 1,
        opening=f"({_choice(openings)})?" if openings else "",
        between=_choice(between),
    )
    return "\n".join([rules.rstrip(), *quotations, ""])


def _written_in(given: Given) -> str:
    """Return some letters of the language that is wanted."""
    language = given.manner.language
    return language.own_name + language.letters if language else ""


# Quotations

Pieces = Sequence[str]
Place = tuple[int, int]
"""A passage's index, and the index of the piece of it that may come next."""

_BEGINNING = regex.compile(f"{OPENS}?(?:{BEGINS})")


def _quotation_rules(given: Given) -> Iterator[str]:
    """Yield the rules of all stretches of the given passages, each with its passage's number behind it; none if none.

    A rule stands for a set of places: all those at which what was written of a quotation so far may go on.
    """
    texts = [quotable_pieces(passage, given) for passage in given.passages]
    opening, closing = given.marks
    ends = [f"{closing} [{passage.number}]" for passage in given.passages]
    names: dict[frozenset[Place], str] = {}
    waiting: list[frozenset[Place]] = []

    def name(places: frozenset[Place]) -> str:
        if places not in names:
            names[places] = f"q{len(names)}"
            waiting.append(places)
        return names[places]

    def options(steps: Iterable[tuple[str, Place]]) -> dict[str, str]:
        return {text: name(places) for text, places in _gathered(steps).items()}

    beginnings = options(_beginnings(texts))
    if not beginnings:
        return
    yield f"quotation ::= {_literal(opening)} ({_choice(beginnings)})"
    while waiting:
        places = waiting.pop()
        ended = dict.fromkeys((ends[index] for index, _ in places), "")
        yield f"{names[places]} ::= {_choice(ended | options(_further(texts, places)))}"


def _beginnings(texts: Sequence[Pieces]) -> Iterator[tuple[str, Place]]:
    """Yield what a quotation may begin with, and where it goes on."""
    for index, pieces in enumerate(texts):
        for start in range(len(pieces)):
            for end in (start + 1, start + 2):
                text = "".join(pieces[start:end])
                if _BEGINNING.match(text) and BREAK not in text:
                    yield text, (index, end)
                    break


def _further(texts: Sequence[Pieces], places: Iterable[Place]) -> Iterator[tuple[str, Place]]:
    """Yield the next piece at each place, with the space before it, and where it goes on."""
    for index, start in places:
        end = start + 1
        if texts[index][start : start + 1] == [" "]:
            end += 1
        text = "".join(texts[index][start:end])
        if text.strip() and BREAK not in text:
            yield text, (index, end)


def _gathered(steps: Iterable[tuple[str, Place]]) -> dict[str, frozenset[Place]]:
    """Return where each text goes on."""
    gathered: dict[str, set[Place]] = {}
    for text, place in steps:
        gathered.setdefault(text, set()).add(place)
    return {text: frozenset(places) for text, places in gathered.items()}


# Prose


def _or_lower(forms: Iterable[str]) -> str:
    return " | ".join(filter(None, ["lower", _choice(dict.fromkeys(forms, ""))]))


def _alphabet(text: str) -> tuple[str, str]:
    """Return the letters of prose, and the accents and vowel signs that may follow them, as ranges for a class."""
    alphabets = [_LATIN, *(alphabet for alphabet in _FURTHER_LETTERS if regex.search(alphabet, text, regex.V1))]
    letters = "".join(_ranges(f"[{alphabet}&&{LOWER_CASE}]") for alphabet in alphabets)
    if not regex.search(ACCENT, text, regex.V1):
        return letters, ""
    return letters, "".join(_ranges(f"[{alphabet}&&{ACCENT}]") for alphabet in [_ACCENTS, *alphabets])


@cache
def _ranges(members: str) -> str:
    """Return the characters that a pattern matches as they stand in a class: "a-zß-ö"."""
    codes = [ord(character) for character in regex.findall(members, _basic_plane(), regex.V1)]
    runs = [list(run) for _, run in groupby(enumerate(codes), key=lambda item: item[1] - item[0])]
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" if len(run) > 1 else chr(run[0][1]) for run in runs)


@cache
def _basic_plane() -> str:
    return "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x10000)]))


# GBNF


def _choice(options: Mapping[str, str]) -> str:
    """Return alternatives: each text, and the rule that follows it ("" for none). What texts begin with is shared."""
    alternatives = []
    for _, group in groupby(sorted(options), key=lambda text: text[:1]):
        texts = list(group)
        shared = takewhile(lambda pair: pair[0] == pair[1], zip(texts[0], texts[-1], strict=False))  # they are sorted
        start = "".join(character for character, _ in shared)
        rest = {text[len(start) :]: options[text] for text in texts}
        following = rest[""] if len(rest) == 1 else f"({_choice(rest)})"
        alternatives.append(f"{_literal(start)} {following}".rstrip())
    return " | ".join(alternatives)


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
