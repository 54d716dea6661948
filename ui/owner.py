"""Whose conversations a request is about: who is logged in, where a login is needed."""

from typing import Any

USER = "pincite.user"
"""Where the scope of a request names who is logged in; whoever checks the login puts it there."""


def owner_of(request: Any) -> str:
    """Return who is logged in, of a request of Gradio's or of Starlette's; "" where nobody needs to be."""
    return str(request.scope.get(USER, ""))
