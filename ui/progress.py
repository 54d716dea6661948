"""What an answer is waiting for, and how fast it was written, in words. Pure; for the page and the terminal."""

from rag.types import Answer, State
from ui.markup import counted


def working_line(answer: Answer) -> str:
    """Return what is being done for an answer that is not finished."""
    if answer.ahead:
        return f"Waiting: {counted(answer.ahead, 'question')} {'goes' if answer.ahead == 1 else 'go'} first"
    if answer.loading:
        return f"Loading {answer.generator}…"
    if answer.state is State.WRITING or answer.tokens:
        return "Writing…"
    return _reading(answer)


def _reading(answer: Answer) -> str:
    sentences = sum(len(passage.sentences) for passage in answer.read)
    if not sentences:
        return "Reading…"
    return f"Reading {counted(sentences, 'sentence')} of {counted(len(answer.read), 'passage')}…"


def speed(answer: Answer) -> list[str]:
    """Return what is known of how fast a finished answer was written, such as "first token 1.2 s"."""
    parts = []
    if "first_token" in answer.seconds:
        parts.append(f"first token {duration(answer.seconds['first_token'])}")
    if answer.tokens_per_second is not None:
        parts.append(f"{_rate(answer.tokens_per_second)} tokens/s")
    if "total" in answer.seconds:
        parts.append(duration(answer.seconds["total"]))
    return parts


def left_out_line(answer: Answer) -> str:
    """Return how much a model was not given to read; "" where that is nothing, or no model wrote."""
    if not (answer.left_out and answer.tokens):
        return ""
    return f"{counted(answer.left_out, 'more sentence')} of these passages did not fit the model’s budget"


def duration(seconds: float) -> str:
    """Return seconds as a person reads them: "1.2 s", "340 ms"."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"
