"""What the tests of rendered HTML share: hostile text, and a reader that sees what a browser would."""

from html.parser import HTMLParser

from hypothesis import strategies as st

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "&lt;b&gt; &amp;amp; &#60;",
    "</bdi></p><style>*{display:none}</style>",
    "<!-- --> <![CDATA[ ]]> <?php ?>",
    "\u202eright-to-left override\u202c \u2066isolate",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")) | st.sampled_from(HOSTILE)


class Reader(HTMLParser):
    """What a browser would see: the text, the tags in order, and every attribute's value by name."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.attributes = "", [], {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment
