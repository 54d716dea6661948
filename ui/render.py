"""Turns an Answer into safe HTML. Pure: knows nothing of Gradio, and every word goes through `ui.markup`.

A turn shows the question, then one of: the evidence found so far, the claims with their chips, or the abstention
with the nearest passages. Class names are the ones that `ui.theme` styles.
"""

from collections.abc import Iterable, Sequence

from rag.types import Answer, Basis, Citation, Claim, EvidenceSentence, State, Withheld
from ui.markup import chip, counted, escape, isolated

SHOWN_EVIDENCE = 4
"""Evidence sentences in the compact list: what fits above the fold beside a question at 1280 x 800."""


def render_turn(answer: Answer) -> str:
    """Return a question and all that is known of its answer."""
    busy = "true" if answer.state in (State.EVIDENCE, State.WRITING) else "false"
    return (
        f'<article class="turn" aria-busy="{busy}"><h2 class="question" dir="auto">{escape(answer.question)}</h2>'
        f'<div class="answer">{"".join(_parts(answer))}</div></article>'
    )


def render_turns(answers: Sequence[Answer]) -> str:
    """Return earlier turns, oldest first."""
    return "".join(render_turn(answer) for answer in answers)


def render_waiting(question: str) -> str:
    """Return a turn of which nothing is known yet."""
    return (
        f'<article class="turn" aria-busy="true"><h2 class="question" dir="auto">{escape(question)}</h2>'
        '<div class="answer"><p class="working">Searching your documents…</p></div></article>'
    )


def render_welcome(has_documents: bool) -> str:
    """Return what stands where the conversation will be."""
    step = (
        "Ask below. Every sentence of an answer carries a number; click it to see the exact words in your document."
        if has_documents
        else "The library is empty. Use “Add documents” to put text or Markdown files in, then ask about them."
    )
    return f'<div class="welcome"><h2>What do your documents say?</h2><p>{step}</p></div>'


def render_samples(questions: Sequence[str]) -> str:
    """Return sample questions as buttons; a click asks the button's own words."""
    buttons = "".join(f'<button type="button" class="sample" dir="auto">{escape(text)}</button>' for text in questions)
    return f'<div class="samples" role="group" aria-label="Sample questions">{buttons}</div>' if questions else ""


def render_generator(name: str, remote: str) -> str:
    """Return who writes the answers, unfolding into what that means and how to change it."""
    if name == QUOTES_ONLY:
        meaning = _QUOTES_ONLY
    else:
        meaning = _MODEL.format(place=f"at {isolated(remote)}" if remote else "on this machine")
    summary = f'<summary><span class="dot"></span>{isolated(name)}</summary>'
    return f'<details class="generator">{summary}<p>{meaning}</p></details>'


def render_hint(sent_to: str) -> str:
    """Return what stands below the question's box: how to ask, and what leaves this machine."""
    leaves = f"Questions and passages are sent to {isolated(sent_to)}." if sent_to else "Nothing leaves this machine."
    return f'<p class="hint">Enter asks, Shift+Enter starts a new line. {leaves}</p>'


QUOTES_ONLY = "quotes only"
_QUOTES_ONLY = (
    "No language model is in use, so an answer is the sentences of your documents that fit best, word for word. "
    "For written answers, <code>pincite pull</code> downloads a model that suits this machine, once and with your "
    "consent; or start Pincite with a GGUF file that you have: <code>pincite serve --model FILE</code>."
)
_MODEL = (
    "This language model writes the answers, {place}. Each sentence is checked against the sentences it "
    "cites; what does not hold is withheld and counted."
)


def _parts(answer: Answer) -> list[str]:
    if answer.abstention:
        return [_abstention(answer, answer.abstention.reason), _withheld(answer.withheld), _footer(answer)]
    if answer.claims:
        told = [_coverage(answer), _working(answer), _sources(answer), _withheld(answer.withheld), _footer(answer)]
        return [_claims(answer), *told]
    return [_evidence("Best sentences found", answer.evidence), _working(answer), _withheld(answer.withheld)]


def _coverage(answer: Answer) -> str:
    return f'<p class="coverage" dir="auto">{escape(answer.coverage)}</p>' if answer.coverage else ""


def _working(answer: Answer) -> str:
    match answer.state:
        case State.EVIDENCE | State.WRITING:
            return '<p class="working">Writing the answer…</p>'
        case State.STOPPED:
            return '<p class="stopped">Stopped before the end.</p>'
        case State.DONE:
            return ""


def _claims(answer: Answer) -> str:
    return f'<div class="claims">{"".join(_claim(claim) for claim in answer.claims)}</div>'


def _claim(claim: Claim) -> str:
    tag = "blockquote" if claim.basis is Basis.QUOTATION else "p"
    chips = "".join(_citation_chip(citation) for citation in claim.citations)
    text = f'{_marked_text(claim)} <span class="chips">{chips}</span>'
    return f'<{tag} class="claim {claim.basis.value}" dir="auto">{text}</{tag}>'


def _marked_text(claim: Claim) -> str:
    """Return the claim's text with its verbatim stretches marked."""
    pieces, position = [], 0
    for quote in sorted(claim.quotes, key=lambda quote: quote.at):
        if claim.basis is Basis.QUOTATION or quote.at.start < position:
            continue
        pieces.append(isolated(claim.text[position : quote.at.start]))
        pieces.append(f'<q class="verbatim">{escape(quote.at.of(claim.text))}</q>')
        position = quote.at.end
    return "".join([*pieces, isolated(claim.text[position:])])


def _citation_chip(citation: Citation) -> str:
    description = f"Source {citation.number}: {_one_line(citation.quote)} ({', '.join(_place(citation))})"
    return chip(str(citation.number), citation.document.id, citation.start, citation.end, description)


def _place(cited: Citation | EvidenceSentence) -> list[str]:
    """Return where a sentence stands, the nearest first: heading, page, the document's title."""
    page = f"page {cited.page}" if cited.page else ""
    return [part for part in (cited.heading, page, cited.document.title) if part]


def _place_line(cited: Citation | EvidenceSentence) -> str:
    return f'<span class="place">{" · ".join(isolated(part) for part in _place(cited))}</span>'


def _sources(answer: Answer) -> str:
    """Return the cited sentences; a sentence that already stands above as a quotation is not repeated."""
    quoted = {
        citation.number
        for claim in answer.claims
        if claim.basis is Basis.QUOTATION
        for citation in claim.citations
        if citation.quote in claim.text
    }
    rows = "".join(_source(citation, citation.number not in quoted) for citation in answer.citations)
    return f'<section class="sources" aria-label="Sources"><h3>Sources</h3><ol>{rows}</ol></section>'


def _source(citation: Citation, with_quote: bool) -> str:
    quote = f'<span class="quote" dir="auto">{escape(_one_line(citation.quote))}</span>' if with_quote else ""
    return f'<li>{_citation_chip(citation)}<span class="source-text">{quote}{_place_line(citation)}</span></li>'


def _evidence(title: str, evidence: Sequence[EvidenceSentence]) -> str:
    if not evidence:
        return ""
    rows = "".join(_evidence_row(sentence) for sentence in evidence[:SHOWN_EVIDENCE])
    return f'<section class="evidence"><h3>{escape(title)}</h3><ul>{rows}</ul></section>'


def _evidence_row(sentence: EvidenceSentence) -> str:
    description = f"Open this sentence in {', '.join(_place(sentence))}"
    opener = chip("Open", sentence.document.id, sentence.start, sentence.end, description)
    text = f'<span class="quote" dir="auto">{escape(_one_line(sentence.text))}</span>'
    return f'<li><span class="source-text">{text}{_place_line(sentence)}</span>{opener}</li>'


def _abstention(answer: Answer, reason: str) -> str:
    return (
        '<section class="abstention"><p class="abstention-title">Not in your documents</p>'
        f'<p class="abstention-reason" dir="auto">{escape(reason)}</p>'
        f"{_evidence('Nearest passages, which do not answer it', answer.evidence)}</section>"
    )


def _withheld(withheld: Sequence[Withheld]) -> str:
    if not withheld:
        return ""
    reasons = ", ".join(_unique(item.reason for item in withheld))
    rows = "".join(f'<li dir="auto">{escape(item.text)} <em>{isolated(item.reason)}</em></li>' for item in withheld)
    title = f"{counted(len(withheld), 'drafted sentence')} withheld: {reasons}"
    return f'<details class="withheld"><summary dir="auto">{escape(title)}</summary><ul>{rows}</ul></details>'


def _footer(answer: Answer) -> str:
    if answer.state not in (State.DONE, State.STOPPED):
        return ""
    took = f" · {_duration(answer.seconds['total'])}" if "total" in answer.seconds else ""
    return f'<p class="answer-footer">{isolated(answer.generator)}{took}</p>{_legend(answer)}'


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _legend(answer: Answer) -> str:
    """Return what the looks of the claims mean, for those that occur."""
    bases = {claim.basis for claim in answer.claims}
    words = "".join(f'<span class="{basis.value}">{_LEGEND[basis]}</span>' for basis in Basis if basis in bases)
    return f'<p class="legend">{words}</p>' if words else ""


_LEGEND = {
    Basis.QUOTATION: "The document’s own words",
    Basis.PARAPHRASE: "A model’s words, checked against the numbered sentences",
}


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _one_line(text: str) -> str:
    return " ".join(text.split())
