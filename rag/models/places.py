"""Where the programs that run GGUF models keep them. Looks at names only, and opens no model.

Sources of the layouts, in the order of the search:
Hugging Face: https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
LM Studio: https://lmstudio.ai/docs/app/advanced/import-model; its folder before 2025 was ~/.cache/lm-studio
Ollama: https://github.com/ollama/ollama/blob/main/docs/faq.md, and `rag.models.ollama`
GPT4All: https://docs.gpt4all.io/gpt4all_desktop/settings.html; its Python package uses ~/.cache/gpt4all
llama.cpp: `fs_get_cache_directory` in common/common.cpp; since 2026 it shares Hugging Face's cache
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

from rag.models.folder import models_folder
from rag.models.ollama import ollama_models
from rag.models.types import Candidate, LeftOut

OURS = "Pincite"


def candidates(environment: Mapping[str, str]) -> Iterator[Candidate | LeftOut]:
    """Yield the files that may be models, and what stood in their place, program by program; ours come first."""
    yield from _in(OURS, models_folder(), "*.gguf")
    yield from _in("Hugging Face", _hugging_face(environment), "models--*/snapshots/**/*.gguf")
    for folder in _lm_studio():
        yield from _in("LM Studio", folder, "**/*.gguf")
    for folder in _ollama(environment):
        yield from ollama_models(folder)
    for folder in _gpt4all():
        yield from _in("GPT4All", folder, "**/*.gguf")
    yield from _in("llama.cpp", _llama_cpp(environment), "**/*.gguf")


def _in(program: str, folder: Path, pattern: str) -> Iterator[Candidate]:
    return (Candidate(program, path) for path in sorted(folder.glob(pattern)))


def _hugging_face(environment: Mapping[str, str]) -> Path:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if environment.get(name):
            return Path(environment[name]).expanduser()
    if environment.get("HF_HOME"):
        return Path(environment["HF_HOME"]).expanduser() / "hub"
    return _cache(environment) / "huggingface" / "hub"


def _cache(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser()


def _lm_studio() -> tuple[Path, ...]:
    home = Path.home()
    try:
        chosen = (home / ".lmstudio-home-pointer").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        chosen = ""
    folders = (Path(chosen) if chosen else home / ".lmstudio", home / ".lmstudio", home / ".cache" / "lm-studio")
    return tuple(dict.fromkeys(folder / "models" for folder in folders))


def _ollama(environment: Mapping[str, str]) -> tuple[Path, ...]:
    if environment.get("OLLAMA_MODELS"):
        return (Path(environment["OLLAMA_MODELS"]).expanduser(),)
    return Path.home() / ".ollama" / "models", Path("/usr/share/ollama/.ollama/models")


def _gpt4all() -> tuple[Path, ...]:
    return Path(platformdirs.user_data_dir()) / "nomic.ai" / "GPT4All", Path.home() / ".cache" / "gpt4all"


def _llama_cpp(environment: Mapping[str, str]) -> Path:
    if environment.get("LLAMA_CACHE"):
        return Path(environment["LLAMA_CACHE"]).expanduser()
    return Path(platformdirs.user_cache_dir("llama.cpp", appauthor=False, opinion=False))
