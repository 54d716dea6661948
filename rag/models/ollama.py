"""Finds the models of Ollama: manifests name them, and blobs, named by their SHA-256, hold them.

Layout: https://github.com/ollama/ollama/tree/main/manifest. A manifest lies at manifests/HOST/NAMESPACE/MODEL/TAG,
from version 0.40 on at manifests-v2/…, and may be a list of manifests, one for each runner.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.errors import ModelError
from rag.models.types import Candidate, LeftOut

PROGRAM = "Ollama"
_FOLDERS = ("manifests-v2", "manifests")
_MODEL_LAYER = "application/vnd.ollama.image.model"
_DIGEST = re.compile("sha256[:-][0-9a-fA-F]{64}")
_PUBLIC_HOSTS = ("ollama.com", "registry.ollama.ai")


def ollama_models(store: Path) -> Iterator[Candidate | LeftOut]:
    """Yield the blob of every manifest in `store`, and the manifests that cannot be read."""
    for folder in _FOLDERS:
        for manifest in sorted((store / folder).glob("*/*/*/*")):
            if not manifest.name.startswith("."):
                yield from _of_manifest(store, manifest)


def _of_manifest(store: Path, manifest: Path) -> Iterator[Candidate | LeftOut]:
    try:
        blobs = dict.fromkeys(_blobs(store, _read(manifest)))
    except ModelError as error:
        yield LeftOut(PROGRAM, manifest, str(error))
        return
    if not blobs:
        yield LeftOut(PROGRAM, manifest, f"{manifest} names no GGUF file: the model is of another format")
    for blob in blobs:
        yield Candidate(PROGRAM, blob, _name(manifest))


def _blobs(store: Path, manifest: dict[str, Any]) -> Iterator[Path]:
    """Yield the files that hold a manifest's weights; those of each of its children, if it is a list."""
    children = [
        child if child.get("layers") else _read(_blob(store, child.get("digest")))
        for child in manifest.get("manifests") or ()
    ]
    for single in (manifest, *children):
        for layer in single.get("layers") or ():
            if layer.get("mediaType") == _MODEL_LAYER:
                yield _blob(store, layer.get("digest"))


def _read(path: Path) -> dict[str, Any]:
    """Read a manifest. Raises: ModelError, unless it has the shape of one."""
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} is no manifest that can be read ({error}): pull the model again") from error
    if not isinstance(manifest, dict) or not all(_holds_objects(manifest, key) for key in ("layers", "manifests")):
        raise ModelError(f"{path} is not a manifest of Ollama: pull the model again")
    return manifest


def _holds_objects(manifest: dict[str, Any], key: str) -> bool:
    entries = manifest.get(key) or []
    return isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)


def _blob(store: Path, digest: object) -> Path:
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise ModelError(f"a manifest in {store} names a blob {digest!r}, which is no SHA-256: pull the model again")
    return store / "blobs" / digest.replace(":", "-")


def _name(manifest: Path) -> str:
    """The name as Ollama's own commands take it, such as "qwen3:4b"."""
    host, namespace, model, tag = manifest.parts[-4:]
    if host not in _PUBLIC_HOSTS:
        return f"{host}/{namespace}/{model}:{tag}"
    return f"{model}:{tag}" if namespace == "library" else f"{namespace}/{model}:{tag}"
