"""What a person says of an answer, as safe HTML: whether it was helpful, and which sources do not support it. Pure."""

from index.feedback import WHOLE, Verdict, Verdicts
from rag.types import Answer, Citation
from ui.markup import escape

WORDS = {Verdict.HELPFUL: "Helpful", Verdict.NOT_HELPFUL: "Not helpful"}


def render_judging(answer: Answer, verdicts: Verdicts) -> str:
    """Return buttons that say it, pressed where it was said; pressed again, they take it back."""
    whole = "".join(_button(WHOLE, verdict, words, "", verdicts) for verdict, words in WORDS.items())
    return whole + _wrong_sources(answer, verdicts)


def _wrong_sources(answer: Answer, verdicts: Verdicts) -> str:
    """Return what unfolds to a button for each source; unfolded where one was pressed."""
    if not answer.citations:
        return ""
    buttons = "".join(_source_button(citation, verdicts) for citation in answer.citations)
    is_open = " open" if set(verdicts) - {WHOLE} else ""
    return (
        f'<details class="wrong-sources"{is_open}><summary>Wrong source…</summary>'
        f'<div role="group" aria-label="Sources that do not support what cites them">'
        f"<span>Does not support it:</span>{buttons}</div></details>"
    )


def _source_button(citation: Citation, verdicts: Verdicts) -> str:
    description = f"Source {citation.number} does not support what cites it"
    return _button(citation.number, Verdict.UNSUPPORTED, str(citation.number), description, verdicts)


def _button(citation: int, verdict: Verdict, words: str, description: str, verdicts: Verdicts) -> str:
    is_pressed = "true" if verdicts.get(citation) is verdict else "false"
    label = f' aria-label="{escape(description)}"' if description else ""
    return (
        f'<button type="button" class="judge" data-citation="{citation:d}" data-verdict="{escape(verdict.value)}"'
        f' aria-pressed="{is_pressed}"{label}>{escape(words)}</button>'
    )
