"""What a page may load and run: Content-Security-Policy. Knows no server.

Gradio compiles its templates and event handlers in the browser, so its page needs eval; Svelte writes style attributes.
Its own inline scripts are named by their hashes: any other script in the markup, and every `onclick=`, is not run.
https://www.w3.org/TR/CSP3/
"""

import base64
import hashlib
import re

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""For whatever is no page: opened by itself, it runs and loads nothing."""


def page_policy(html: bytes) -> str:
    """Return the policy of Gradio's page, which lets the scripts run that stand in `html`."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(html))
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'unsafe-eval' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


def _digest(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script).digest()).decode()
