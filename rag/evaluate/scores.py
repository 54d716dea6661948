"""One asked question to its own scores. A score that cannot be said of it is left out."""

import math

from rag.evaluate.matching import holds_answer, sentence_scores
from rag.evaluate.ranking import ndcg, recall
from rag.evaluate.types import Asked

DEPTH = 10
FIRST = 5
SENTENCES = (1, 2, 3)


def scores_of(asked: Asked) -> dict[str, float]:
    """Return the scores of a question by name; shares and verdicts are in [0, 1], higher is better."""
    found = {
        **_retrieval(asked),
        **_evidence(asked),
        **_quoted(asked),
        **_sentences(asked),
        **_citations(asked),
    }
    return {name: float(value) for name, value in found.items() if not math.isnan(value)}


def _retrieval(asked: Asked) -> dict[str, float]:
    relevant = asked.question.relevant
    return {
        name: score
        for way, ranked in asked.ranked.items()
        for name, score in {
            f"{way} nDCG@10": ndcg(ranked, relevant, DEPTH),
            f"{way} recall@5": recall(ranked, relevant, FIRST),
            f"{way} all@5": recall(ranked, relevant, FIRST) == 1,
            f"{way} hit@1": ranked[:1] != () and ranked[0] in relevant,
        }.items()
    }


def _evidence(asked: Asked) -> dict[str, float]:
    """Does one of the best sentences hold an accepted answer, whether or not it was sure enough to quote them?"""
    answers = asked.question.answers
    if not answers or not asked.question.answerable:
        return {}
    holds = [holds_answer(sentence, answers) for sentence in asked.evidence]
    return {f"evidence hit@{count}": any(holds[:count]) for count in SENTENCES}


def _quoted(asked: Asked) -> dict[str, float]:
    """Does what was answered cite a sentence with an accepted answer, and how much is there to read?"""
    question = asked.question
    scores: dict[str, float] = {}
    if question.answers and question.answerable:
        scores["cited hit"] = any(holds_answer(sentence.text, question.answers) for sentence in asked.cited)
    if asked.cited:
        scores["cited sentences"] = len(asked.cited)
        scores["cited characters"] = sum(len(sentence.text) for sentence in asked.cited)
    return scores


def _sentences(asked: Asked) -> dict[str, float]:
    if not asked.question.gold:
        return {}
    precision, found, f1 = sentence_scores(asked.cited, asked.question.gold)
    return {"sentence precision": precision, "sentence recall": found, "sentence F1": f1}


def _citations(asked: Asked) -> dict[str, float]:
    """Do the citations lead to the gold records, and to all of them? What nobody judged does not count."""
    question = asked.question
    if not question.relevant:
        return {}
    records = [sentence.record for sentence in asked.cited if sentence.record not in question.unjudged]
    scores = {"citation recall": len(question.relevant.intersection(records)) / len(question.relevant)}
    if records:
        scores["citation precision"] = sum(record in question.relevant for record in records) / len(records)
    return scores
