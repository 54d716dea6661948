"""Which field of a request holds a grammar: every server has its own. Knows no grammar and no connection.

The grammar is GBNF for all of them. llama-server and vLLM may also take llguidance's Lark, but it must not be tried:
a llama-server built without llguidance aborts on it, and a vLLM that began with another backend loses its engine
(https://github.com/vllm-project/vllm/issues/43920).
"""

from collections.abc import Mapping

_FIELDS = {
    "llamacpp": "grammar",  # https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
    "me": "grammar",  # llama-cpp-python: its server's type CreateChatCompletionRequest
    "sglang": "ebnf",  # https://docs.sglang.io/advanced_features/structured_outputs.html
    "vllm": "structured_outputs",  # from 0.11: https://docs.vllm.ai/en/latest/features/structured_outputs/
}
"""By what these servers call themselves in `owned_by`; others may refuse a request with a field they do not know."""


def takes_grammar(software: str) -> bool:
    """Tell whether a server of this kind takes a grammar."""
    return software in _FIELDS


def grammar_fields(software: str, grammar: str) -> Mapping[str, object]:
    """Return the fields of a request that hold the writing to a grammar, {} where there are none."""
    if not takes_grammar(software):
        return {}
    return {_FIELDS[software]: {"grammar": grammar} if software == "vllm" else grammar}
