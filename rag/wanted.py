"""What a question wants to be told, by its question word: a number, a date, a name; and whether a sentence has one.

A sentence has what is wanted only if it says it itself: what the question names already is no answer to it.
"""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache

import regex

from index.analyse import words
from rag.function_words import small_words
from rag.vocabulary import NUMBER_WORDS, names, parts, plain

DATE_WORDS = frozenset(
    words(
        """
        january february march april may june july august september october november december monday tuesday wednesday
        thursday friday saturday sunday today yesterday tomorrow century decade spring summer autumn winter
        januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
        heute gestern morgen jahrhundert enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
        diciembre lunes martes miércoles jueves viernes sábado domingo hoy ayer mañana siglo janvier février mars avril
        juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi dimanche
        aujourd hui hier demain siècle يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر قرن
        الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد أمس اليوم جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر
        اکتوبر نومبر دسمبر صدی پیر منگل بدھ جمعرات جمعہ ہفتہ اتوار
        """
    )
)
_HAN_NUMBER = regex.compile(r"[〇零一二三四五六七八九十百千万萬亿億两兩]")
_NUMBER = regex.compile(r"\p{N}+")
_CASED = regex.compile(r"[\p{Lu}\p{Ll}]")


class Wanted(Enum):
    """What a question asks for."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    ANYTHING = "anything"


_ASKS: dict[Wanted, regex.Pattern[str]] = {
    Wanted.NUMBER: regex.compile(
        r"\bhow (?:many|much|old|long|far|tall|high|large|big|deep|often|fast|heavy)\b"
        r"|\b(?:what|which) (?:percent(?:age)?|proportion|number|amount)\b"
        r"|\bwie ?(?:viele?|alt|lange|hoch|gro(?:ß|ss)|weit|oft|teuer|schnell)\b|\bcuánt[oa]s?\b|\bcombien\b"
        r"|\bсколько\b|\bكم\b|\bکتن[ےیا]\b|多少|几[个個年岁歲人次]|幾[個年歲人次]|いくつ|いくら|何[人個年歳回]",
        regex.IGNORECASE,
    ),
    Wanted.DATE: regex.compile(
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade)\b"
        r"|\bwann\b|\bwelche[mns]? (?:jahr|tag|monat|jahrhundert)\b"
        r"|\bcuándo\b|\b(?:qué|cuál) (?:año|fecha|día|mes|siglo)\b"
        r"|\bquand\b|\bкогда\b|\bمتى\b|\bکب\b|何时|何時|什么时候|什麼時候|哪一?年|いつ",
        regex.IGNORECASE,
    ),
    Wanted.NAME: regex.compile(
        r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which) (?:city|country|state|place|town|region|person|company)\b"
        r"|\bwe[rmn]\b|\bwessen\b|\bwo(?:hin|her)?\b|\bqui[ée]n(?:es)?\b|\bdónde\b|\bqui\b|\boù\b|\bкто\b|\bгде\b",
        regex.IGNORECASE,
    ),
}


def wanted(question: str) -> Wanted:
    """Return what a question wants; a number before a date before a name, ANYTHING where no word says it."""
    return next((kind for kind, asks in _ASKS.items() if asks.search(question)), Wanted.ANYTHING)


def has_wanted(kind: Wanted, sentence: str, question: str) -> bool:
    """Tell whether a sentence says something of the wanted kind that the question does not say."""
    return _HAS[kind](sentence, question)


def _has_number(sentence: str, question: str) -> bool:
    asked = set(_NUMBER.findall(question))
    return (
        any(number not in asked for number in _NUMBER.findall(sentence))
        or not parts(sentence).isdisjoint(NUMBER_WORDS | {"one"})
        or _HAN_NUMBER.search(sentence) is not None
    )


def _has_date(sentence: str, question: str) -> bool:
    asked = set(_NUMBER.findall(question))
    return any(number not in asked for number in _NUMBER.findall(sentence)) or not DATE_WORDS.isdisjoint(
        set(words(sentence)) - set(words(question))
    )


def _has_name(sentence: str, question: str) -> bool:
    """Tell whether a word that is not small has a capital; a script without capitals tells nothing.

    The word that a sentence begins with counts as well: more often than not it is what the sentence is about.
    """
    if not _CASED.search(sentence):
        return True
    return not {plain(name) for name in names(sentence)} <= _no_names(question)


@lru_cache(maxsize=16)
def _no_names(question: str) -> frozenset[str]:
    """Return the words whose capital tells no new name: those of the question, and the small ones of its language."""
    return frozenset(parts(question)) | small_words(words(question))


_HAS: dict[Wanted, Callable[[str, str], bool]] = {
    Wanted.NUMBER: _has_number,
    Wanted.DATE: _has_date,
    Wanted.NAME: _has_name,
    Wanted.ANYTHING: lambda sentence, question: True,
}
