"""Finds the models that a person already has and reads what their headers say. Loads no model."""

import os
from collections.abc import Mapping
from pathlib import Path

from rag.errors import ModelError
from rag.generators.gguf_header import Header, read_header
from rag.generators.memory import needed_bytes
from rag.models.places import candidates
from rag.models.types import Finds, FoundModel, LeftOut
from rag.settings import DEFAULT_CONTEXT

_NOT_ALONE = {
    "adapter": "an adapter, which needs the model that it was made for",
    "mmproj": "the part of a model that sees or hears",
    "imatrix": "a measurement made for quantising a model",
    "vocab": "a vocabulary without a model",
}
"""Kinds of GGUF file that hold no model, by `general.type`: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"""


def find_models(environment: Mapping[str, str] = os.environ) -> Finds:
    """Search the folders of `rag.models.places`. A file that several programs share is listed once."""
    models: list[FoundModel] = []
    left_out: list[LeftOut] = []
    seen: set[str] = set()
    for candidate in candidates(environment):
        real = os.path.realpath(candidate.path)
        if real in seen:
            continue
        seen.add(real)
        if isinstance(candidate, LeftOut):
            left_out.append(candidate)
            continue
        try:
            models.append(describe(candidate.program, candidate.path, candidate.name))
        except ModelError as error:
            left_out.append(LeftOut(candidate.program, candidate.path, str(error)))
    return Finds(tuple(models), tuple(left_out))


def describe(program: str, path: Path, name: str = "") -> FoundModel:
    """Describe a model by its header; `name` is what `program` calls it, if anything.

    Raises: ModelError, for a file that cannot answer.
    """
    header = read_header(path)
    _check_answers(path, header)
    context = header.of_model("context_length")
    trained = context if isinstance(context, int) else 0
    return FoundModel(
        program=program,
        path=path,
        name=name or header.name or path.stem,
        size=path.stat().st_size,
        memory=needed_bytes(path, header, min(trained or DEFAULT_CONTEXT, DEFAULT_CONTEXT)),
        parameters=header.parameters,
        quantisation=_quantisation(header),
        context=trained,
        licence=str(header.metadata.get("general.license", "")),
    )


def _check_answers(path: Path, header: Header) -> None:
    kind = str(header.metadata.get("general.type", ""))
    parts = header.metadata.get("split.count", 1)
    if kind in _NOT_ALONE or header.architecture == "clip":
        raise ModelError(f"{path} is {_NOT_ALONE.get(kind, _NOT_ALONE['mmproj'])}, not a language model")
    if isinstance(parts, int) and parts > 1:
        raise ModelError(f"{path} is one of {parts} parts of a model: join them with llama-gguf-split --merge")
    if not header.writes_text:
        raise ModelError(f"{path} does not write text (a model of the family {header.architecture!r})")


def _quantisation(header: Header) -> str:
    from gguf.constants import LlamaFileType

    kind = header.metadata.get("general.file_type")
    names = {int(known): known.name for known in LlamaFileType}
    return names.get(kind if isinstance(kind, int) else -1, "").removeprefix("MOSTLY_").removeprefix("ALL_")
