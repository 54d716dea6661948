"""Lexical retrieval that stays quick however large the library is: rare words find, frequent words only help to rank.

Where the words of a query stand in few passages, FTS5 is asked for all of them; see `index.bm25` for where they do not.
`python -m bench.scale` shows what that saves, and how far the ranking is the same.
"""

from collections.abc import Collection, Sequence

from index import bm25
from index.database import Database
from index.lexical import forms_of, match_all, match_any, match_phrase
from index.types import ScoredPassage

RESCORED = 3
"""For each passage that is wanted, so many are taken by their rare words and ranked by all."""


def search_words(
    database: Database, words: Sequence[str], languages: Collection[str], limit: int
) -> list[ScoredPassage]:
    """Return the passages that hold any of the words, best first, scored by BM25."""
    matches = [match_phrase([word], languages) for word in words]
    counts = database.passages_with(matches)
    rare = bm25.rarest(counts)
    frequent = [place for place, count in enumerate(counts) if count and place not in rare]
    if not frequent:
        return database.search(match_any(matches), limit) if matches else []
    if len(rare) == 1 and counts[rare[0]] > bm25.MATCHES_SCORED:
        second = min(frequent, key=lambda place: counts[place])
        frequent.remove(second)
        found = database.search(match_all([matches[rare[0]], matches[second]]), RESCORED * limit)
    else:
        found = database.search(match_any([matches[place] for place in rare]), RESCORED * limit)
    added = {forms_of(words[place], languages): counts[place] for place in frequent}
    return _with_frequent(database, found, added)[:limit]


def search_phrases(
    database: Database, phrases: Sequence[Sequence[str]], languages: Collection[str], limit: int
) -> list[ScoredPassage]:
    """Return the passages that hold the words of any phrase in a row, best first, scored by BM25.

    In a large library phrases of frequent words alone are left out.
    """
    words = sorted({word for phrase in phrases for word in phrase})
    counts = dict(zip(words, database.passages_with([match_phrase([word], languages) for word in words]), strict=True))
    rare = bm25.rarest([min(counts[word] for word in phrase) for phrase in phrases])
    chosen = [phrases[place] for place in rare if min(counts[word] for word in phrases[place]) <= bm25.MATCHES_SCORED]
    matches = [match_phrase(phrase, languages) for phrase in chosen]
    return database.search(match_any(matches), limit) if matches else []


def _with_frequent(
    database: Database, found: Sequence[ScoredPassage], frequent: dict[frozenset[str], int]
) -> list[ScoredPassage]:
    """Add to each passage's score what frequent words bring; they are given by their forms, with their counts."""
    passages, mean_length = database.count(), database.mean_length()
    columns = database.term_columns([hit.passage_id for hit in found])
    rarities = {tuple(f" {form} " for form in forms): bm25.idf(passages, count) for forms, count in frequent.items()}
    scored = [
        ScoredPassage(hit.passage_id, hit.score + _added(*columns[hit.passage_id], rarities, mean_length))
        for hit in found
        if hit.passage_id in columns
    ]
    return sorted(scored, key=lambda hit: -hit.score)


def _added(title: str, rest: str, rarities: dict[tuple[str, ...], float], mean_length: float) -> float:
    """Return what words bring to one passage; a word that follows upon itself counts once."""
    length = title.count(" ") + rest.count(" ") - 2
    added = 0.0
    for forms, rarity in rarities.items():
        frequency = sum(bm25.TITLE_WEIGHT * title.count(form) + rest.count(form) for form in forms)
        added += bm25.score(rarity, frequency, length, mean_length)
    return added
