"""Whose conversations a request is about: who is logged in, where a login is needed."""

from starlette.requests import Request

USER = "pincite.user"
"""Where the scope of a request names who is logged in; whoever checks the login puts it there."""


def owner_of(request: Request | None) -> str:
    """Return who is logged in, "" where nobody needs to be."""
    return str(request.scope.get(USER, "")) if request else ""
