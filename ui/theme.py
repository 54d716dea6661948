"""The page's look: a Gradio theme and the style sheet. System fonts only; light or dark as the system prefers.

The style sheet is `page.css`. Gradio puts the class `dark` on the body when the system prefers dark; all colours are
the variables at the top, in light and dark.
"""

from importlib.resources import files

import gradio

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")

THEME = gradio.themes.Base(
    primary_hue=gradio.themes.colors.teal,
    secondary_hue=gradio.themes.colors.teal,
    neutral_hue=gradio.themes.colors.stone,
    font=SANS,
    font_mono=MONO,
)

HEAD = f"<style>{files('ui').joinpath('page.css').read_text('utf-8')}</style>"
"""The style sheet, in the head and not in Gradio's `css`, which rewrites selectors."""
