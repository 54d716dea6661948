"""Does a text hold an accepted answer, and are two sentences the same? Compared as SQuAD's evaluation does.

That is: without regard to case, punctuation and English articles (Rajpurkar et al., 2016); but punctuation separates
words, and so do the characters of scripts that write none apart (as in MLQA, Lewis et al., 2020).
"""

import unicodedata
from collections.abc import Iterable, Sequence

import regex

from rag.boundaries import NO_SPACES
from rag.evaluate.types import RecordSentence

WORD = regex.compile(rf"{NO_SPACES}|(?:(?!{NO_SPACES})[\p{{L}}\p{{M}}\p{{N}}])+", regex.V1)
ARTICLES = frozenset({"a", "an", "the"})
VERDICTS = frozenset({"yes", "no"})
"""An answer that no sentence needs to hold."""


def plain(text: str) -> str:
    """Return the words that are compared, with a space before and after each."""
    words = WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return f" {' '.join([word for word in words if word not in ARTICLES] or words)} "


def holds_answer(text: str, answers: Sequence[str]) -> bool:
    """Tell whether a text holds one of the accepted answers, from a word's beginning to a word's end."""
    own = plain(text)
    return any(answer.strip() and answer in own for answer in map(plain, answers))


def quotable(answers: Sequence[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the answers that one of the texts holds and that say more than yes or no.

    A set's long, written answers are no stretch of any document, so that no quotation can hold them.
    """
    owns = [plain(text) for text in texts]
    stretches = {answer: plain(answer) for answer in answers}
    return tuple(
        answer
        for answer, stretch in stretches.items()
        if stretch.strip() and stretch.strip() not in VERDICTS and any(stretch in own for own in owns)
    )


def is_same(one: RecordSentence, other: RecordSentence) -> bool:
    """Tell whether two sentences of a record are the same, or one holds the other: sentences are split in many ways."""
    if one.record and other.record and one.record != other.record:
        return False
    shorter, longer = sorted([plain(one.text), plain(other.text)], key=len)
    return bool(shorter.strip()) and shorter in longer


def sentence_scores(cited: Sequence[RecordSentence], gold: Sequence[RecordSentence]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the cited sentences; precision is NaN where none was cited."""
    right = sum(any(is_same(sentence, own) for own in gold) for sentence in cited)
    found = sum(any(is_same(sentence, own) for sentence in cited) for own in gold)
    precision = right / len(cited) if cited else float("nan")
    share = found / len(gold)
    return precision, share, 2 * precision * share / (precision + share) if right else 0.0
