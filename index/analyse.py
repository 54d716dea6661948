"""What a word is: text to the terms it is found by. The library and whoever asks it use these functions and no others.

A word is letters, marks and digits without regard to case, width or script of digits. Scripts that are written
without spaces are cut into overlapping pairs of characters. Marks that writers may leave out (harakat, niqqud,
tatweel) are left out, letters that stand for each other in Arabic, Persian and Urdu spelling are one letter.
A term is a word's stem in its document's language (Snowball; Porter, 2001), without accents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Any

import regex

ANALYSER_VERSION = 1
"""Raised whenever the same text would come out as other terms: libraries are then analysed again when opened."""

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Characters of scripts that are written without spaces, as a part of a regular expression's set."""

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "nb": "norwegian", "nn": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip
"""Snowball's algorithms by ISO 639-1 code; English for every other language, and where the language is not known."""

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_PIECE = regex.compile(rf"[{UNSPACED}][{UNSPACED}\p{{M}}]*|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+", regex.V1)
_UNSPACED = regex.compile(rf"[{UNSPACED}]")
_CHARACTER = regex.compile(r"\X")
_LEFT_OUT = regex.compile(r"[ـ\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
_ACCENT = regex.compile(r"(?<=[\p{Latin}\p{Greek}]\p{M}*)\p{M}|(?<=\u0435)\u0308")
_SAME_LETTERS = {"ا": "آأإٱ", "ي": "ىیېےئ", "ك": "ک", "ه": "ةہۀۂھۃ", "و": "ؤ"}
_AS_ONE = str.maketrans({letter: one for one, letters in _SAME_LETTERS.items() for letter in letters})


def words(text: str) -> list[str]:
    """Return a text's words in order, as they are compared; of unspaced scripts, the pairs of characters."""
    pieces = _pieces(text)
    return [word for piece in pieces for word in _pairs(piece)] if _UNSPACED.search(text) else pieces


def terms(text: str, language: str) -> list[str]:
    """Return the terms by which a text in a language is found, in order.

    A stretch of an unspaced script gives its pairs and then its single characters, so that one can be asked for.
    """
    algorithm, pieces = STEMMERS.get(language, "english"), _pieces(text)
    if not _UNSPACED.search(text):
        return [_term(piece, algorithm) for piece in pieces]
    return [
        term
        for piece in pieces
        for term in (_pairs_and_singles(piece) if _UNSPACED.match(piece) else [_term(piece, algorithm)])
    ]


def term_of(word: str, language: str) -> str:
    """Return the term as which one of `words` is stored in documents of a language."""
    return _term(word, STEMMERS.get(language, "english"))


def _pieces(text: str) -> list[str]:
    """Return words, and stretches of unspaced scripts, without regard to case, width and marks left out."""
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    return list(_PIECE.findall(_LEFT_OUT.sub("", unicodedata.normalize("NFKC", text).casefold())))


def _pairs(piece: str) -> list[str]:
    if not _UNSPACED.match(piece):
        return [piece]
    characters = _CHARACTER.findall(piece)
    return [left + right for left, right in pairwise(characters)] or characters


def _pairs_and_singles(piece: str) -> list[str]:
    characters = _CHARACTER.findall(piece)
    return [left + right for left, right in pairwise(characters)] + characters


@lru_cache(maxsize=131_072)
def _term(word: str, algorithm: str) -> str:
    """Return a word's stem without what spellings differ in; the word itself, where nothing would be left of it."""
    stemmed = str(_stemmer(algorithm).stemWord(word)) or word
    if stemmed.isascii():
        return stemmed
    spelled = "".join(str(unicodedata.digit(character, character)) for character in stemmed.translate(_AS_ONE))
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", spelled))) or word


@lru_cache(maxsize=64)
def _stemmer(algorithm: str) -> Any:
    """Return a Snowball stemmer in C: ten times as fast as snowballstemmer's Python, with the same stems."""
    import Stemmer

    return Stemmer.Stemmer(algorithm)
