"""Finds the models that a person already has and reads what their headers say. Loads no model."""

import os
from collections.abc import Mapping
from pathlib import Path

from rag.errors import ModelError
from rag.generators.gguf_check import check_answers
from rag.generators.gguf_header import Header, read_header
from rag.generators.memory import needed_bytes
from rag.keys import DEFAULT_CONTEXT
from rag.models.places import candidates
from rag.models.types import Finds, FoundModel, LeftOut


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
    check_answers(path, header)
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


def _quantisation(header: Header) -> str:
    from gguf.constants import LlamaFileType

    kind = header.metadata.get("general.file_type")
    names = {int(known): known.name for known in LlamaFileType}
    return names.get(kind if isinstance(kind, int) else -1, "").removeprefix("MOSTLY_").removeprefix("ALL_")
