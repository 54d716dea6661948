"""The words and numbers of a text, as they are compared: what was given, and what a claim says of it.

Compared are letters and digits without regard to case, width or script of digits. Knows no passages and no drafts.
"""

import unicodedata
from collections.abc import Iterable

import regex

from rag.boundaries import NO_SPACES

WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
CAPITALISED = regex.compile(r"[\p{Lu}\p{Lt}]")
NUMBER = r"\p{N}+(?:[.,٫٬]\p{N}+)*"
NUMBER_WORDS = frozenset(
    """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion half twice
    dozen double triple
    """.split()
)
_HAN_NUMBER = regex.compile(r"[〇零一二三四五六七八九十百千万萬亿億两兩]{2,}|[二三四五六七八九十百千万萬亿億两兩]")
_PERCENT = r"\s?(?:[%٪]|percent\b|per cent\b)"
_LETTERS = rf"(?:(?!{NO_SPACES})[\p{{L}}\p{{M}}])+"
_SIGNED = rf"(?<![\p{{L}}\p{{N}}])(?P<sign>[-−])?(?P<currency>\p{{Sc}})?(?P<number>{NUMBER})(?P<after>\p{{Sc}})?"
_NUMBER = regex.compile(NUMBER)
_CLAIMED = regex.compile(rf"{_SIGNED}(?P<unit>{_PERCENT}|{_LETTERS})?", regex.V1)
_STATED = regex.compile(rf"{_SIGNED}(?P<unit>{_PERCENT}|\s?{_LETTERS})?", regex.V1)


def parts(text: str) -> set[str]:
    """Return a text's words; "Gaza’s" is two."""
    return {plain(word) for word in WORD.findall(text)}


def plain(word: str) -> str:
    """Return the form in which words are compared."""
    return unicodedata.normalize("NFKC", word).casefold()


def names(text: str) -> list[str]:
    """Return the words with a capital letter; of "pro-Kabul" that is one part."""
    return [word for word in WORD.findall(unicodedata.normalize("NFKC", text)) if CAPITALISED.search(word)]


def unknown_number(claimed: str, stated: str) -> str | None:
    """Return a number of `claimed` that `stated` does not hold, None where it holds them all.

    A number is the same however it is written: digits of any script, with or without separators of thousands.
    A sign, a currency, a percentage and letters behind it ("5bn") belong to it; a claim may leave them out.
    """
    text, source = unicodedata.normalize("NFKC", claimed), unicodedata.normalize("NFKC", stated)
    missing = [
        *sorted(_numbers(text) - _numbers(source)),
        *sorted(_marked(_CLAIMED.finditer(text)) - _marked(_STATED.finditer(source))),
        *(number for number in _HAN_NUMBER.findall(text) if number not in source),
    ]
    return missing[0] if missing else None


def _numbers(text: str) -> set[str]:
    """Return digits as 0 to 9 without separators of thousands, and number words."""
    return {_plain_number(match) for match in _NUMBER.findall(text)} | (parts(text) & NUMBER_WORDS)


def _plain_number(number: str) -> str:
    digits = "".join(str(unicodedata.digit(character, character)) for character in number)
    return str(regex.sub(r"[,٬](?=\d{3}(?:\D|$))", "", digits))


def _marked(matches: Iterable[regex.Match[str]]) -> set[str]:
    """Return each number once with its sign, once with its currency, once with its unit, so far as it has them."""
    found = set()
    for match in matches:
        number = _plain_number(match["number"])
        currency = match["currency"] or match["after"]
        unit = "%" if regex.fullmatch(_PERCENT, match["unit"] or "") else plain((match["unit"] or "").strip())
        found |= {f"-{number}"} if match["sign"] else set()
        found |= {f"{currency}{number}"} if currency else set()
        found |= {f"{number}{unit}"} if unit else set()
    return found
