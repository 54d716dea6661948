"""Messages → the pieces of a prompt, each marked as the template's or as somebody's words. Knows no tokens.

A passage is untrusted: `<|im_end|>` in it must stay eleven characters and never become the control token.
So the template is rendered around sentinels, and the contents are put back as pieces of their own.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Message = dict[str, str]
Render = Callable[[Sequence[Message]], str]
"""Messages → the prompt in which every message's content occurs."""

_SENTINEL = re.compile("\ue000([0-9]+)\ue001")
"""Private-use characters: no template writes them, and contents are replaced before they could collide."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the prompt. Only a template's own text may hold control tokens."""

    text: str
    from_template: bool


class TemplateError(Exception):
    """A chat template cannot take a question."""


def pieces(messages: Sequence[Message], render: Render) -> list[Piece]:
    """Lay `messages` out as `render` does, in order.

    Some templates refuse or drop a system role, or insist on user and assistant in turn: they get the
    system's text at the head of the user's first message, and neighbours of the same role as one message.

    Raises: TemplateError, where neither layout takes every message.
    """
    try:
        return _render_pieces(messages, render)
    except TemplateError:
        return _render_pieces(_in_turn(messages), render)


def plain_layout(messages: Sequence[Message]) -> str:
    """Render messages for a model without a chat template: a name before each, the answer to come last."""
    return "".join(f"{message['role'].capitalize()}: {message['content']}\n\n" for message in messages) + "Assistant:"


def template_layout(template: str, beginning: str, end: str) -> Render:
    """Return how a GGUF's own chat template renders messages, in a sandbox: the file is not trusted.

    `beginning` and `end` are the texts of the model's tokens for the two ends of a sequence. Models that
    think aloud are asked not to, where their template has a switch for it; one that opens a thought closes it.

    Raises: TemplateError, where the template is broken.
    """
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    try:
        formatter = Jinja2ChatFormatter(template, eos_token=end, bos_token=beginning)
    except Exception as error:
        raise TemplateError(f"its chat template is broken ({_one_line(error)})") from error

    def render(messages: Sequence[Message]) -> str:
        prompt = str(formatter(messages=list(messages), enable_thinking=False).prompt)  # type: ignore[arg-type]  # its own message types
        return f"{prompt}</think>\n\n" if prompt.rstrip().endswith("<think>") else prompt

    return render


def _render_pieces(messages: Sequence[Message], render: Render) -> list[Piece]:
    placeholders = [{**message, "content": f"\ue000{number}\ue001"} for number, message in enumerate(messages)]
    try:
        prompt = render(placeholders)
    except Exception as error:  # a template is a program of strangers: it may raise anything
        raise TemplateError(f"its chat template refuses the question ({_one_line(error)})") from error
    parts = _SENTINEL.split(prompt)
    if {int(number) for number in parts[1::2]} != set(range(len(messages))):
        raise TemplateError("its chat template leaves messages out")
    return [
        Piece(messages[int(part)]["content"], False) if position % 2 else Piece(part, True)
        for position, part in enumerate(parts)
        if part
    ]


def _in_turn(messages: Sequence[Message]) -> list[Message]:
    """Return the messages without a system role, neighbours of the same role joined."""
    joined: list[Message] = []
    for message in messages:
        role = "user" if message["role"] == "system" else message["role"]
        if joined and joined[-1]["role"] == role:
            joined[-1] = {"role": role, "content": f"{joined[-1]['content']}\n\n{message['content']}"}
        else:
            joined.append({"role": role, "content": message["content"]})
    return joined


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
