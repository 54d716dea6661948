"""Turns who writes the answers, and who else could, into safe HTML. Pure: every word goes through `ui.markup`.

Text of a model's header, of the catalogue and of errors is shown as it is. Class names are the ones of `page.css`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.models.types import CatalogueModel, gigabytes
from ui.getting import Transfer
from ui.markup import error_line, escape, isolated, sentence_class

QUOTES_ONLY = "quotes only"
"""The name of the generator that has no model."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Something on this machine, or behind the named server, that can write the answers."""

    key: str
    """Names it to the server; no path."""
    name: str
    facts: tuple[str, ...]
    warning: str = ""
    """Why it may not suit this machine."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be downloaded."""

    model: CatalogueModel
    kept: int
    """Bytes of it that an earlier try brought."""
    is_advised: bool
    warning: str = ""
    """Why it may not suit this machine."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at this machine and the catalogue brought."""

    writers: tuple[Writer, ...]
    offers: tuple[Offer, ...]
    hub: str
    """The host that a download comes from."""
    advice: str
    """Which model suits this machine, in one line."""


@dataclass(frozen=True, slots=True)
class Menu:
    """Who writes the answers, and all that a person can change about it, at one moment."""

    name: str
    remote: str
    """The address of another machine that answers come from; "" where nothing leaves this one."""
    key: str
    """The key of the writer in use."""
    found: Found | None = None
    """None until somebody has looked."""
    loading: str = ""
    """The name of the model being loaded."""
    transfer: Transfer | None = None
    trouble: str = ""
    """What went wrong last, in one line."""
    note: str = ""
    """What else became of the last choice."""
    reranked_at: str = ""
    """The address of another machine that puts passages in order; "" where none does."""

    @property
    def sent_to(self) -> str:
        """The other machines that questions and passages are sent to; "" where nothing leaves this one."""
        return " and ".join(dict.fromkeys(place for place in (self.remote, self.reranked_at) if place))

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that a page should follow."""
        return bool(self.loading or self.transfer)


def render_menu(menu: Menu) -> str:
    """Return who writes the answers, unfolding into what that means and into who else could."""
    busy = ' class="dot busy"' if menu.is_busy else ' class="dot"'
    label = escape(f"Who writes the answers: {menu.name}")
    summary = f'<summary aria-label="{label}"><span{busy}></span>{isolated(menu.name)}</summary>'
    return (
        f'<details class="generator">{summary}<div class="menu" role="group" aria-label="Who writes the answers">'
        f'{_in_use(menu)}<div class="menu-status" tabindex="-1">{_status(menu)}</div>{_lists(menu)}</div></details>'
    )


def render_banner(menu: Menu) -> str:
    """Return what the page says above the question's box: quotes only, a download, what went wrong; else ""."""
    if menu.transfer:
        line = f"{_transfer_title(menu.transfer)} {_percent(menu.transfer)}"
        return _banner("", escape(line), _button("Show", "open-menu"))
    if menu.loading:
        return ""
    if menu.trouble:
        line = f'<span class="{sentence_class(menu.trouble)}">{isolated(menu.trouble)}</span>'
        return _banner(f"trouble {menu.trouble}", line, _button("Choose again…", "open-menu"))
    if menu.name != QUOTES_ONLY:
        return ""
    what = "Answers are quotations only, word for word: no language model is in use."
    return _banner("quotes only", what, _button("Get a model…", "open-menu"))


def render_hint(remote: str) -> str:
    """Return what stands below the question's box: how to ask, and what leaves this machine."""
    leaves = f"Questions and passages are sent to {isolated(remote)}." if remote else "Nothing leaves this machine."
    return f'<p class="hint">Enter asks, Shift+Enter starts a new line. {leaves}</p>'


def _banner(key: str, html: str, button: str) -> str:
    """Return a line with a button; one with a `key` can be dismissed, and the page remembers which ones were."""
    dismiss = '<button type="button" class="dismiss" aria-label="Dismiss">×</button>' if key else ""
    return f'<div class="banner" data-banner="{escape(key)}"><p>{html}</p>{button}{dismiss}</div>'


def _button(label: str, kind: str) -> str:
    return f'<button type="button" class="{kind}">{escape(label)}</button>'


def _in_use(menu: Menu) -> str:
    title = f"<h2>{isolated(menu.name)}</h2>"
    if menu.name == QUOTES_ONLY:
        return f'<section class="in-use">{title}<p>{_QUOTES_ONLY}</p></section>'
    writers = menu.found.writers if menu.found else ()
    facts = next((writer.facts for writer in writers if writer.key == menu.key), ())
    meaning = _MODEL.format(place=f"at {isolated(menu.remote)}" if menu.remote else "on this machine")
    return f'<section class="in-use">{title}{_facts(facts)}<p>{meaning}</p></section>'


_QUOTES_ONLY = (
    "No language model is in use, so an answer is the sentences of your documents that fit best, word for word. "
    "A model writes answers in sentences of its own, each checked against the sentences it cites."
)
_MODEL = (
    "This language model writes the answers, {place}. Each sentence is checked against the sentences it "
    "cites; what does not hold is withheld and counted."
)


def _status(menu: Menu) -> str:
    parts = []
    if menu.loading:
        parts.append(f'<p class="working" role="status">Loading {isolated(menu.loading)}…</p>')
    if menu.transfer:
        parts.append(_transfer(menu.transfer))
    if menu.trouble:
        parts.append(error_line(menu.trouble))
    if menu.note:
        parts.append(f'<p class="note" role="status">{isolated(menu.note)}</p>')
    return "".join(parts)


def _transfer(transfer: Transfer) -> str:
    value = f' max="{transfer.total:d}" value="{transfer.done:d}"' if transfer.total else ""
    title = escape(_transfer_title(transfer))
    bar = f'<progress aria-label="{title}"{value}></progress>'
    is_coming = not transfer.cancelled and (not transfer.total or transfer.done < transfer.total)
    cancel = _button("Cancel", "cancel") if is_coming else ""
    facts = f'<p class="facts">{escape(_transfer_facts(transfer))}</p>'
    return f'<div class="transfer"><p role="status">{title}</p>{bar}<div>{facts}{cancel}</div></div>'


def _transfer_title(transfer: Transfer) -> str:
    if transfer.cancelled:
        return f"Cancelling {transfer.model.title}…"
    if transfer.total and transfer.done >= transfer.total:
        return f"Checking {transfer.model.title}…"
    return f"Downloading {transfer.model.title}…"


def _transfer_facts(transfer: Transfer) -> str:
    if not transfer.total:
        return "asking for the file"
    parts = [
        _percent(transfer),
        f"{gigabytes(transfer.done)} of {gigabytes(transfer.total)}",
    ]
    if transfer.rate is not None and transfer.seconds_left:
        parts += [f"{transfer.rate / 1e6:.1f} MB/s", f"{_remaining(transfer.seconds_left)} left"]
    return " · ".join(parts)


def _percent(transfer: Transfer) -> str:
    return f"{100 * transfer.done / transfer.total:.0f} %" if transfer.total else ""


def _remaining(seconds: float) -> str:
    """Return a time to wait as a person reads it; rounded, as it is a guess."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _lists(menu: Menu) -> str:
    if menu.found is None:
        return '<p class="working">Looking for models on this machine…</p>'
    found = menu.found
    is_to_get = any(offer.is_advised for offer in found.offers)
    rows = "".join(_writer(writer, menu) for writer in found.writers)
    advice = "" if is_to_get else _advice(found)
    here = f'<section><h2>Choose who writes</h2>{advice}<ul class="writers">{rows}</ul></section>'
    if not found.offers:
        return here
    rows = "".join(_offer(offer, found.hub, is_free=not menu.transfer) for offer in found.offers)
    advice = _advice(found) if is_to_get else ""
    return f'{here}<section><h2>Get a model</h2>{advice}<ul class="offers">{rows}</ul></section>'


def _advice(found: Found) -> str:
    return f'<p class="advice">{isolated(found.advice)}</p>' if found.advice else ""


def _writer(writer: Writer, menu: Menu) -> str:
    pressed = "true" if writer.key == menu.key else "false"
    disabled = ' aria-disabled="true"' if menu.loading else ""
    state = f'data-writer="{escape(writer.key)}" aria-pressed="{pressed}"{disabled}'
    return (
        f'<li><button type="button" class="writer" {state}><span class="name">{isolated(writer.name)}</span>'
        f"{_facts(writer.facts, 'span')}{_warning(writer.warning)}</button></li>"
    )


def _offer(offer: Offer, hub: str, is_free: bool) -> str:
    model = offer.model
    badge = ' <span class="advised">suits this machine</span>' if offer.is_advised else ""
    facts = (f"licence {model.licence}", f"needs {gigabytes(model.memory)} of memory")
    origin = f'<p class="facts">from {isolated(f"{hub}/{model.repository}")}</p>'
    return (
        f'<li><p class="name">{isolated(model.title)}{badge}</p>{_facts((gigabytes(model.size), *facts))}'
        f'<p class="facts">{isolated(model.purpose)}</p>{origin}{_warning(offer.warning)}'
        f"{_download(offer, hub) if is_free else ''}</li>"
    )


def _download(offer: Offer, hub: str) -> str:
    """Return the button that says what it does, and how much of it: the click on it is the consent."""
    size = gigabytes(offer.model.size - offer.kept)
    label = f"Download {f'the other {size}' if offer.kept else size} from {hub}"
    named = escape(f"{label}: {offer.model.title}")
    return (
        f'<button type="button" class="download" data-download="{escape(offer.model.name)}" aria-label="{named}">'
        f"{escape(label)}</button>"
    )


def _facts(facts: Sequence[str], tag: str = "p") -> str:
    return f'<{tag} class="facts">{" · ".join(isolated(fact) for fact in facts)}</{tag}>' if facts else ""


def _warning(warning: str) -> str:
    return f'<span class="warning">{isolated(warning)}</span>' if warning else ""
