"""What a question asks for: a fact, which passages answer, or something that only whole documents can tell.

"Summarise this", "How many documents mention refugees?" and "What documents do you have?" are recognised by the forms
that such English questions have, from their first word to their last. Whatever fits no form is a question like any
other. `python -m bench.reading` tells how many questions of the evaluation sets are read so.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from rag.words import FUNCTION_WORDS, WORD


class Wish(StrEnum):
    """What a question asks for beyond a fact."""

    SUMMARY = "summary"
    """What documents say as a whole."""
    DOCUMENTS = "documents"
    """Which documents there are, or how many."""
    MENTIONS = "mentions"
    """Which documents speak of something, or how many."""
    LIST = "list"
    """All of something, which passages can answer but not for sure in full."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A wish, and what it is about: a title, the words to look for, or "" for all documents."""

    wish: Wish
    subject: str = ""


MOST_WORDS = 6
"""A longer subject is a description, which its words do not find."""

_DOCUMENTS = r"(?:documents?|docs?|files?|texts?|articles?|papers?|notes?|reports?)"
_WHICH = r"(?:(?:all|each|every|any)(?: of)? )?(?:(?:the|my|your|our|these|those) )?"
_ALL = rf"(?:everything|all|{_WHICH}(?:(?:whole|entire) )?(?:{_DOCUMENTS}|library|collection))"
_THIS = rf"(?:it|this|that|these|those|them|(?:this|that) (?:{_DOCUMENTS}|library|collection))"
_POLITE = r"(?:(?:please|can you|could you|would you|will you) )*"
_SHOW = rf"{_POLITE}(?:list|name|enumerate|(?:show|give|tell)(?: me)?(?: a list of)?) "
_MENTION = (
    r"(?:mentions?|names?|discuss(?:es)?|contains?|covers?|(?:talks?|speaks?) about|speaks? of|refers? to|deals? with"
    r"|says? (?:something|anything) about)(?: the (?:word|words|phrase|term|name))?"
)
_LIBRARY = r"(?:the|my|your|this) (?:library|collection)"
_THERE = rf"(?:are there|are available|are in {_LIBRARY}|(?:do|can) (?:you|i|we) (?:have|know|read|see))"
_LENGTH = r"in (?:short|brief|(?:a|one|two|three|four|five|a few) (?:words?|sentences?|lines?))"
_ENDING = rf"(?: (?:please|for me|briefly|{_LENGTH}))*"
_SUMMARY = r"(?:summary|overview|outline|synopsis)"

_FORMS: tuple[tuple[Wish, str], ...] = (
    (Wish.DOCUMENTS, rf"(?:what|which|how many) {_DOCUMENTS} {_THERE}(?: here)?"),
    (Wish.DOCUMENTS, rf"{_SHOW}{_WHICH}{_DOCUMENTS}(?: (?:that )?(?:there are|you have|i have|in the library))?"),
    (Wish.MENTIONS, rf"(?:how many|which|what) (?:of {_WHICH})?{_DOCUMENTS} {_MENTION} (?P<subject>.+)"),
    (
        Wish.MENTIONS,
        rf"in (?:how many|which|what) {_DOCUMENTS} (?:is|are|was|were|does|do) (?P<subject>.+?)"
        r" (?:mentioned|discussed|named|appear|occur)",
    ),
    (Wish.MENTIONS, rf"{_SHOW}{_WHICH}{_DOCUMENTS} (?:that|which) {_MENTION} (?P<subject>.+)"),
    (Wish.SUMMARY, rf"{_POLITE}(?:briefly )?(?:summari[sz]e|sum up|outline|recap) (?P<subject>.+?){_ENDING}"),
    (
        Wish.SUMMARY,
        rf"(?:{_POLITE}(?:give|write|show)(?: me)? )?(?:an? |the )?(?:\w+ )?{_SUMMARY}"
        rf"(?: of (?P<subject>.+?))?{_ENDING}",
    ),
    (Wish.SUMMARY, r"what(?:['’]?s| is| are) (?P<subject>.+?) (?:all )?about"),
    (Wish.SUMMARY, rf"what do(?:es)? (?P<subject>{_ALL}|{_THIS}) (?:say|contain|cover|tell (?:me|us)|talk about)"),
    (Wish.SUMMARY, r"tl;?dr"),
    (Wish.LIST, r"(?:list|name|enumerate|(?:show|give|tell) me) (?:a list of )?(?:all|every|each)\b.+"),
    (Wish.LIST, r"(?:what|who|which) are all (?:of )?the\b.+"),
)
_COMPILED = tuple((wish, re.compile(form, re.IGNORECASE)) for wish, form in _FORMS)
_WHOLE, _POINTING = re.compile(_ALL, re.IGNORECASE), re.compile(_THIS, re.IGNORECASE)


def read_question(question: str, is_follow_up: bool) -> Reading | None:
    """Return what a question asks for, None for a fact.

    A follow-up that points back ("Summarise that") means what was said before, not the documents.
    """
    asked = " ".join(question.split()).rstrip(" ?.!")
    for wish, form in _COMPILED:
        match = form.fullmatch(asked)
        if match:
            subject = (match.groupdict().get("subject") or "").strip(" \"'“”‘’«»")
            return _reading(wish, subject, is_follow_up)
    return None


def _reading(wish: Wish, subject: str, is_follow_up: bool) -> Reading | None:
    if wish is Wish.MENTIONS and not _can_be_looked_for(subject):
        return None
    if wish is not Wish.SUMMARY:
        return Reading(wish, subject)
    if is_follow_up and (not subject or _POINTING.fullmatch(subject)):
        return None
    is_everything = _WHOLE.fullmatch(subject) or _POINTING.fullmatch(subject)
    return Reading(wish, "" if is_everything else subject)


def _can_be_looked_for(subject: str) -> bool:
    """Tell a subject that its own words find from a description, and from one that only points at something."""
    words = WORD.findall(subject.lower())
    return len(words) <= MOST_WORDS and not FUNCTION_WORDS.issuperset(words)
