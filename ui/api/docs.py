"""An OpenAPI description as a page to read. FastAPI's own loads its scripts from another host; this needs none."""

import json
from collections.abc import Mapping
from typing import Any

from ui.markup import escape

Json = Mapping[str, Any]

EVENT_STREAM = "text/event-stream"


def render_docs(description: Json, address: str) -> str:
    """Return the HTML of an OpenAPI description; `address` is where its examples go to."""
    operations = [
        _operation(method, path, operation, description, address)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    shapes = [_shape(name, shape) for name, shape in description["components"]["schemas"].items()]
    info = description["info"]
    return (
        f"<h1>{escape(info['title'])}</h1>{_paragraphs(info['description'])}"
        f'<p>For programs that read it: <a href="/openapi.json">openapi.json</a>.</p>'
        f"{''.join(operations)}<h2>Shapes</h2>{''.join(shapes)}"
    )


def _operation(method: str, path: str, operation: Json, description: Json, address: str) -> str:
    return (
        f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2><p><strong>{escape(operation['summary'])}"
        f"</strong></p>{_paragraphs(operation.get('description', ''))}"
        f"{_example(method, path, operation, description, address)}{_replies(operation)}"
    )


def _example(method: str, path: str, operation: Json, description: Json, address: str) -> str:
    parts = [f"curl {address}{path.replace('{id}', '1')}"]
    sent = operation.get("requestBody")
    if sent:
        name = _name_of(sent["content"]["application/json"]["schema"])
        body = json.dumps(_examples(description["components"]["schemas"][name], description), ensure_ascii=False)
        parts += ['-H "Content-Type: application/json"', f"-d '{body}'"]
    takes = f'<p class="soft">Takes {_type(sent["content"]["application/json"]["schema"])}.</p>' if sent else ""
    return f"<pre><code>{escape(' '.join(parts))}</code></pre>{takes}"


def _examples(shape: Json, description: Json) -> dict[str, Any]:
    """Return the values that a shape gives as examples."""
    return {name: field["examples"][0] for name, field in shape["properties"].items() if "examples" in field}


def _replies(operation: Json) -> str:
    rows = [
        f"<tr><td>{escape(code)}</td><td>{_content(reply)}</td><td>{escape(reply['description'])}</td></tr>"
        for code, reply in operation["responses"].items()
    ]
    return f'<div class="wide"><table><tr><th>Status</th><th>Reply</th><th></th></tr>{"".join(rows)}</table></div>'


def _content(reply: Json) -> str:
    kinds = reply.get("content", {})
    named = [_type(kind["schema"]) for name, kind in kinds.items() if name != EVENT_STREAM]
    return " or ".join([*named, *(["server-sent events"] if EVENT_STREAM in kinds else [])])


def _shape(name: str, shape: Json) -> str:
    needed = shape.get("required", [])
    rows = [
        f"<tr><td><code>{escape(field)}</code>{'' if field in needed else ' <span class=soft>optional</span>'}</td>"
        f"<td>{_type(value)}</td><td>{escape(value.get('description', ''))}</td></tr>"
        for field, value in shape.get("properties", {}).items()
    ]
    values = f"<p>One of {escape(', '.join(shape['enum']))}.</p>" if "enum" in shape else ""
    table = f'<div class="wide"><table>{"".join(rows)}</table></div>' if rows else values
    return f'<h3 id="{escape(name)}">{escape(name)}</h3>{_paragraphs(shape.get("description", ""))}{table}'


def _type(value: Json) -> str:
    """Return a value's type as HTML, such as "list of CitationReply" with a link."""
    if "$ref" in value:
        return f'<a href="#{escape(_name_of(value))}">{escape(_name_of(value))}</a>'
    if "anyOf" in value:
        return " or ".join(_type(kind) for kind in value["anyOf"])
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}"
    if "const" in value or "enum" in value:
        return escape(" or ".join(json.dumps(one) for one in value.get("enum", [value.get("const")])))
    return escape(str(value.get("type", "anything")))


def _name_of(reference: Json) -> str:
    return str(reference.get("$ref", "")).rpartition("/")[2]


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip())
