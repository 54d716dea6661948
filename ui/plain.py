"""Small pages of our own, without Gradio and without scripts. Knows nothing of what stands on them."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from starlette.responses import HTMLResponse

from ui.markup import escape


def plain_page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """Return a page; `body` is HTML. It may load nothing and run nothing, and sends forms to this server only."""
    head = f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{_style()}</style>'
    page = f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return HTMLResponse(page, status, {"Content-Security-Policy": _policy(), "Cache-Control": "no-store"})


@cache
def _style() -> str:
    return files("ui").joinpath("plain.css").read_text("utf-8")


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
