"""Turns an Answer into safe HTML. Pure: knows nothing of Gradio, and every word goes through `ui.markup`.

A turn shows the question, then one of: the evidence found so far, the claims with their chips, or the abstention
with the nearest passages. Class names are the ones that `ui.theme` styles.
"""

from collections.abc import Iterable, Sequence

from rag.types import Answer, Basis, Citation, Claim, EvidenceSentence, State, Withheld
from ui.judging import render_judging
from ui.markup import chip, counted, direction, escape, isolated
from ui.progress import left_out_line, speed, working_line
from ui.sharing import answer_markdown, asked_of
from ui.sources import shortened
from ui.talks import Said, Talk

SHOWN_EVIDENCE = 4
"""Evidence sentences in the compact list: what fits above the fold beside a question at 1280 x 800."""


def render_turn(answer: Answer, notices: str = "", tools: str = "", turn: int = 0) -> str:
    """Return a question and all that is known of its answer; `notices` and `tools` are HTML that stands below it."""
    busy = "true" if answer.state in (State.EVIDENCE, State.WRITING) else "false"
    return (
        f'<article class="turn" data-turn="{turn:d}" aria-busy="{busy}">'
        f'<h2 class="question" dir="auto">{escape(answer.question)}</h2>{_edit(answer) if tools else ""}'
        f'{_scope(answer)}<div class="answer">{"".join(_parts(answer))}{notices}</div>{tools}</article>'
    )


def render_said(said: Said, talk: str) -> str:
    """Return a kept turn: the question, its answer, what became of its documents, and what can be done with it."""
    notices = "".join(f'<p class="notice" role="note">{isolated(str(notice))}</p>' for notice in said.notices)
    return render_turn(said.answer, notices, _tools(said, talk), said.turn)


def render_talk(talk: Talk) -> str:
    """Return the turns of a conversation, oldest first."""
    return "".join(render_said(said, talk.id) for said in talk.said)


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
        else "The library is empty. Use “Add documents” to put some in, then ask about them."
    )
    return f'<div class="welcome"><h2>What do your documents say?</h2><p>{step}</p></div>'


def render_samples(questions: Sequence[str], strange: str = "") -> str:
    """Return sample questions as buttons; a click asks the button's own words. Nothing answers the `strange` one."""
    buttons = "".join(map(_sample, questions))
    if strange:
        note = '<span class="sample-note" id="strange-note">Not in your documents: see what happens.</span>'
        buttons += f'<div class="strange">{_sample(strange)}{note}</div>'
    return f'<div class="samples" role="group" aria-label="Sample questions">{buttons}</div>' if buttons else ""


def _sample(question: str) -> str:
    return f'<button type="button" class="sample" dir="auto">{escape(question)}</button>'


def _edit(answer: Answer) -> str:
    """Return the form in which a question is changed; it is hidden until it is asked for."""
    return (
        f'<form class="edit" hidden><textarea aria-label="The question, to change" dir="auto" rows="2">'
        f'{escape(answer.question)}</textarea><p><button type="submit">Ask again</button>'
        '<button type="button" class="keep">Cancel</button></p></form>'
    )


def _tools(said: Said, talk: str) -> str:
    """Return what can be done with an answer: copy and save it, ask its question again, or another in its place."""
    copy = f'<button type="button" class="copy" data-copy="{escape(answer_markdown(said.answer))}">Copy</button>'
    save = f'<a class="save" href="conversations/{escape(talk)}/html?turn={said.turn:d}" download>Save as page</a>'
    return (
        f'<div class="tools" role="group" aria-label="This answer">{copy}{save}'
        '<button type="button" class="retry">Ask again</button><button type="button" class="change">Edit</button>'
        f"{render_judging(said.answer, said.verdicts)}</div>"
    )


def _scope(answer: Answer) -> str:
    """Return what of the library was looked at, where that is not everything."""
    parts = asked_of(answer, shortened)
    return f'<p class="asked-of">Asked of: {" · ".join(map(isolated, parts))}</p>' if parts else ""


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
            return f'<p class="working">{isolated(working_line(answer))}</p>'
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
    return f'<{tag} class="claim {claim.basis.value}" dir="{direction(claim.text)}">{text}</{tag}>'


def _marked_text(claim: Claim) -> str:
    """Return the claim's text with its verbatim stretches marked."""
    pieces, position, way = [], 0, direction(claim.text)
    for quote in sorted(claim.quotes, key=lambda quote: quote.at):
        if claim.basis is Basis.QUOTATION or quote.at.start < position:
            continue
        pieces.append(isolated(claim.text[position : quote.at.start], way))
        pieces.append(f'<q class="verbatim">{escape(quote.at.of(claim.text))}</q>')
        position = quote.at.end
    return "".join([*pieces, isolated(claim.text[position:], way)])


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
        f'<p class="abstention-reason" dir="auto">{escape(reason)}</p>{_missing(answer)}'
        f"{_evidence('Nearest passages, which do not answer it', answer.evidence)}</section>"
    )


def _missing(answer: Answer) -> str:
    """Return which words of the question stand nowhere."""
    words = answer.abstention.missing if answer.abstention else ()
    named = ", ".join(f"“{isolated(word)}”" for word in words)
    return f'<p class="missing">In none of the passages: {named}.</p>' if words else ""


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
    facts = " · ".join([isolated(answer.generator), *speed(answer)])
    left_out = left_out_line(answer)
    more = f'<p class="left-out">{escape(left_out)}</p>' if left_out else ""
    return f'<p class="answer-footer">{facts}</p>{more}{_legend(answer)}'


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
