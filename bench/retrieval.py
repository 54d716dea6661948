"""How candidates are best fused: `python -m bench.retrieval SET_FOLDER…`.

nDCG@10 and hit@1 over a set's questions that have relevant passages, for words alone, meaning alone, reciprocal rank
fusion (Cormack, Clarke and Büttcher, 2009; k = 60), and what rag/retrieve.py does. Questions within a conversation
are asked in the stand-alone form that the set gives.
"""

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean

from bench.report import print_table
from bench.sets import EvaluationSet, open_set
from index.library import Library
from rag.retrieve import FUSION, retrieve
from rag.words import content_words

DEPTH = 10
RECIPROCAL_RANK_K = 60
Search = Callable[[Library, str], list[int]]
"""A library and a question to passage ids, best first."""


def lexical(library: Library, question: str) -> list[int]:
    """Rank by BM25."""
    return [found.passage_id for found in library.search_lexical(content_words(question), FUSION.candidates)]


def dense(library: Library, question: str) -> list[int]:
    """Rank by cosine."""
    return [found.passage_id for found in library.search_dense(library.embed_query(question), FUSION.candidates)]


def reciprocal_ranks(library: Library, question: str) -> list[int]:
    """Rank by the sum of 1 / (k + rank)."""
    scores: dict[int, float] = {}
    for ranking in (lexical(library, question), dense(library, question)):
        for position, passage_id in enumerate(ranking, 1):
            scores[passage_id] = scores.get(passage_id, 0.0) + 1 / (RECIPROCAL_RANK_K + position)
    return sorted(scores, key=lambda passage_id: -scores[passage_id])


def ours(library: Library, question: str) -> list[int]:
    """Rank as rag/retrieve.py does."""
    return [candidate.passage.id for candidate in retrieve(library, question, 2 * DEPTH).candidates]


SEARCHES: dict[str, Search] = {
    "words alone": lexical,
    "meaning alone": dense,
    "reciprocal ranks": reciprocal_ranks,
    "ours": ours,
}


def ranked_ids(opened: EvaluationSet, passage_ids: Sequence[int]) -> list[str]:
    """Return the set's own ids of the first passages, each once: a long one may be several of ours."""
    passages = opened.library.passages(passage_ids[: 2 * DEPTH])
    return list(dict.fromkeys(opened.passage_ids[passage.document.id] for passage in passages))[:DEPTH]


def gain(ranked: Sequence[str], relevant: frozenset[str]) -> float:
    """Return nDCG@10 with relevance 0 or 1 (Järvelin and Kekäläinen, 2002)."""
    found = sum(1 / math.log2(position + 2) for position, own in enumerate(ranked) if own in relevant)
    return found / sum(1 / math.log2(position + 2) for position in range(min(len(relevant), DEPTH)))


def scores(opened: EvaluationSet, search: Search) -> tuple[float, float, int]:
    """Return mean nDCG@10, mean hit@1, and the number of questions."""
    asked = [query for query in opened.queries if query["relevant"]]
    gains, hits = [], []
    for query in asked:
        ranked = ranked_ids(opened, search(opened.library, query.get("rewrite") or query["question"]))
        gains.append(gain(ranked, frozenset(query["relevant"])))
        hits.append(ranked[:1] != [] and ranked[0] in query["relevant"])
    return mean(gains), mean(hits), len(asked)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="folder", help="evaluation sets")
    parser.add_argument("--questions", type=int, help="about so many of each set, evenly spread")
    arguments = parser.parse_args()
    rows = []
    for folder in arguments.folders:
        opened = open_set(folder, arguments.questions)
        for name, search in SEARCHES.items():
            ndcg, hit, asked = scores(opened, search)
            rows.append([f"{opened.name} ({asked} questions), {name}", f"{ndcg:.3f}", f"{hit:.3f}"])
    print_table(["", "nDCG@10", "hit@1"], rows)


if __name__ == "__main__":
    main()
