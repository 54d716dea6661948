"""Whose conversations a request is about: who is logged in, where a login is needed."""

from starlette.requests import Request

from ui.markup import isolated

USER = "pincite.user"
"""Where the scope of a request names who is logged in; whoever checks the login puts it there."""


def owner_of(request: Request | None) -> str:
    """Return who is logged in, "" where nobody needs to be."""
    return str(request.scope.get(USER, "")) if request else ""


def render_account(owner: str) -> str:
    """Return who is logged in, and the way out; nothing where nobody needs to be."""
    if not owner:
        return ""
    return (
        f'<form class="account" method="post" action="logout"><span>Logged in as {isolated(owner)}</span>'
        "<button>Log out</button></form>"
    )
