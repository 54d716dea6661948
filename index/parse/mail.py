"""E-mails and saved web pages (EML, MHTML): who wrote to whom, when, and the text. Attachments are named, not read."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

from index.parse.decode import decode, decode_markup
from index.parse.extract import Extract, ExtractBuilder
from index.parse.html import add_html
from index.parse.source import SourceFile
from index.types import Kind

HEADERS = ("From", "To", "Cc", "Date")


def parse_mail(source: SourceFile) -> Extract:
    """Read an e-mail; its subject is its title. Of a text in two forms, the plain one is read."""
    message = email.message_from_bytes(source.data, policy=default)
    builder = ExtractBuilder()
    subject = _header(message, "Subject")
    builder.heading(subject, level=1)
    builder.lines((f"{name}: {value}" for name in HEADERS if (value := _header(message, name))), Kind.TABLE)
    body = message.get_body(("plain", "html") if message.get("From") else ("html", "plain"))
    if isinstance(body, EmailMessage):
        _add_body(builder, source.name, body)
    names = [name for part in message.walk() if (name := part.get_filename())]
    builder.paragraph(f"Attachments: {', '.join(names)}" if names else "")
    return builder.build(subject)


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _add_body(builder: ExtractBuilder, name: str, body: EmailMessage) -> None:
    data = body.get_payload(decode=True)
    content = data if isinstance(data, bytes) else b""
    if body.get_content_type() == "text/html":
        add_html(builder, _decoded(body, content) or decode_markup(name, content))
    else:
        builder.plain(_decoded(body, content) or decode(name, content))


def _decoded(body: EmailMessage, content: bytes) -> str:
    """Return the content in the encoding that the message declares, "" where it is not in that."""
    try:
        return content.decode(body.get_content_charset() or "ascii")
    except (LookupError, UnicodeError):
        return ""
