"""A chat in OpenAI's format, as far as it has a meaning here. What is not named is ignored: clients send much.

https://platform.openai.com/docs/api-reference/chat
"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from ui.api.shapes import AnswerReply, Options

MODEL = "pincite"
MAX_MESSAGES = 1_000


class Part(BaseModel):
    """A part of a message."""

    type: str
    text: str = ""


class Message(BaseModel):
    """A message of the conversation."""

    role: str = Field(description="user or assistant; any other is passed over.")
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """All its text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream tells besides."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation; the last message of the user is the question."""

    model: str = Field(MODEL, description="Any name: who sits on the page writes.", examples=[MODEL])
    messages: list[Message] = Field(
        min_length=1,
        max_length=MAX_MESSAGES,
        examples=[[{"role": "user", "content": "What did Asif say about refugees?"}]],
    )
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = Field(1, description="There is one answer.")
    pincite: Options | None = Field(
        None,
        description="What of the library is looked at, and how the answer is wanted.",
        examples=[{"collections": ["seeds"]}],
    )


class MessageReply(BaseModel):
    """The answer in Markdown, with its sources below."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    """The only choice."""

    index: Literal[0] = 0
    message: MessageReply
    finish_reason: Literal["stop", "length"]
    logprobs: None = None


class Usage(BaseModel):
    """Tokens, as far as they are counted: quotations take none."""

    prompt_tokens: int = 0
    completion_tokens: int
    total_tokens: int


class ChatReply(BaseModel):
    """A finished answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: Usage
    pincite: AnswerReply = Field(description="The answer with its claims, citations and offsets.")


class ChunkChoice(BaseModel):
    """What came since the last chunk."""

    index: Literal[0] = 0
    delta: dict[str, str]
    finish_reason: Literal["stop", "length"] | None = None


class Chunk(BaseModel):
    """A piece of a streamed answer; the last one with a choice has `pincite`."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str = MODEL
    choices: list[ChunkChoice]
    usage: Usage | None = None
    pincite: AnswerReply | None = None

    def line(self) -> dict[str, Any]:
        """Return it as it is sent, without what it does not have."""
        return self.model_dump(mode="json", exclude_none=True)


class ModelReply(BaseModel):
    """The one model that there is."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = MODEL


class ModelsReply(BaseModel):
    """All models."""

    object: Literal["list"] = "list"
    data: list[ModelReply] = Field(default_factory=lambda: [ModelReply()])
