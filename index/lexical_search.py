"""Lexical retrieval that stays quick however large the library is: rare words find, frequent words only help to rank.

Where the words of a query stand in few passages, FTS5 is asked for all of them; see `index.bm25` for where they do not.
`python -m bench.scale` shows what that saves, and how far the ranking is the same.
"""

from collections.abc import Collection, Sequence

from index import bm25
from index.database import Database
from index.lexical import match_all, match_any, match_phrase
from index.types import ScoredPassage


def search_words(
    database: Database, words: Sequence[str], languages: Collection[str], limit: int
) -> list[ScoredPassage]:
    """Return the passages that hold any of the words, best first, scored by BM25."""
    matches = [match_phrase([word], languages) for word in words]
    counts = database.passages_with(matches)
    rare, frequent = bm25.divided(counts)
    if not frequent:
        return database.search(match_any([matches[place] for place in rare]), limit) if rare else []
    if counts[rare[0]] > bm25.MATCHES_SCORED:
        finding = match_all([matches[place] for place in (rare[0], frequent.pop(0))])
    else:
        finding = match_any([matches[place] for place in rare])
    ranking = [matches[place] for place in bm25.worth_reading(frequent, counts)]
    return _found_and_ranked(database, f"({finding})", ranking, limit)


def _found_and_ranked(database: Database, finding: str, ranking: Sequence[str], limit: int) -> list[ScoredPassage]:
    """Return the best passages that satisfy `finding`, scored by it and by what else of `ranking` they hold.

    They are the best of those that hold nothing of it and of those that do: what is asked of FTS5 twice scores more
    the second time, in which all is counted.
    """
    found = {hit.passage_id: hit for hit in database.search(finding, limit)}
    if ranking:
        both = match_all([finding, f"({match_any(ranking)})"])
        found |= {hit.passage_id: hit for hit in database.search(both, limit)}
    return sorted(found.values(), key=lambda hit: -hit.score)[:limit]


def search_phrases(
    database: Database, phrases: Sequence[Sequence[str]], languages: Collection[str], limit: int
) -> list[ScoredPassage]:
    """Return the passages that hold the words of any phrase in a row, best first, scored by BM25.

    In a large library phrases of frequent words alone are left out.
    """
    words = sorted({word for phrase in phrases for word in phrase})
    counts = dict(zip(words, database.passages_with([match_phrase([word], languages) for word in words]), strict=True))
    rare, _ = bm25.divided([min(counts[word] for word in phrase) for phrase in phrases])
    chosen = [phrases[place] for place in rare if min(counts[word] for word in phrases[place]) <= bm25.MATCHES_SCORED]
    matches = [match_phrase(phrase, languages) for phrase in chosen]
    return database.search(match_any(matches), limit) if matches else []
