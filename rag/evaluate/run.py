"""An evaluation from its sets to its report: the package's table of contents."""

import time
from collections.abc import Callable, Sequence

from index.types import Progress
from rag.evaluate.asking import Search, ask, ask_foreign, searches
from rag.evaluate.figures import figures_of, groups_of, scored
from rag.evaluate.types import Asked, Corpus, EvaluationSet, Foreign, OnStep, Part, Question, Report, SetReport, Step
from rag.generators import Generator
from rag.rerankers import Reranker
from rag.spread import spread

FOREIGN_QUESTIONS = 100
"""Questions of other sets that a library is asked, at most."""


def evaluate(
    sets: Sequence[EvaluationSet],
    generator: Generator,
    embedder: str,
    on_step: OnStep = lambda step: None,
    reranker: Reranker | None = None,
) -> Report:
    """Ask every question of every set, and other sets' questions of its libraries, and return what came of it.

    `answer()` uses the reranker of the settings; named here too, what it makes of the rankings is measured besides.

    Raises: PinciteError where a library cannot be made or a question cannot be asked.
    """
    started, ways = time.perf_counter(), searches(reranker)
    reports = tuple(_of_set(own, [one for one in sets if one is not own], generator, ways, on_step) for own in sets)
    return Report(reports, generator.name, embedder, time.perf_counter() - started)


def _of_set(
    own: EvaluationSet,
    others: Sequence[EvaluationSet],
    generator: Generator,
    ways: dict[str, Search],
    on_step: OnStep,
) -> SetReport:
    asked: list[Asked] = []
    foreign: list[Foreign] = []
    total, adding, started = len(own.questions), 0.0, time.perf_counter()
    for part in own.parts:
        before = time.perf_counter()
        with part.open(_adding(own.name, on_step)) as corpus:
            corpus.library.warm()
            adding += time.perf_counter() - before
            for question in part.questions:
                asked.append(ask(corpus, question, generator, ways))
                on_step(Step(own.name, "asking", len(asked), total))
            foreign += _ask_foreign(corpus, part, others, generator)
    asking = time.perf_counter() - started - adding
    return SetReport(
        own.name,
        figures_of(asked, foreign),
        groups_of(asked, foreign),
        tuple(map(scored, asked)),
        tuple(round(one.confidence, 4) for one in foreign),
        adding,
        asking,
    )


def _ask_foreign(corpus: Corpus, part: Part, others: Sequence[EvaluationSet], generator: Generator) -> list[Foreign]:
    questions = foreign_questions(part, others)
    return [ask_foreign(corpus, question, part.language, generator) for question in questions]


def foreign_questions(part: Part, others: Sequence[EvaluationSet]) -> list[Question]:
    """Return other sets' questions in this part's language, evenly spread, follow-ups left out."""
    if not part.takes_others:
        return []
    fitting = [
        question
        for other in others
        for question in other.questions
        if question.language == part.language and not question.history
    ]
    return spread(fitting, FOREIGN_QUESTIONS)


def _adding(name: str, on_step: OnStep) -> Callable[[Progress], None]:
    return lambda progress: on_step(Step(name, "adding", progress.files_done, progress.files))
