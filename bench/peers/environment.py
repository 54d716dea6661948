"""A virtual environment for each peer, in the user's cache, made on first use; torch and the model's code are ours."""

import json
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

PACKAGES = {
    "langchain": ("langchain-huggingface", "langchain-community"),
    "llamaindex": ("llama-index-core", "llama-index-embeddings-huggingface"),
    "txtai": ("txtai",),
    "haystack": ("haystack-ai", "sentence-transformers-haystack"),
}
"""By the name of a peer, whose script is called as it is."""
SHARED = (
    "faiss-cpu",
    "numpy",
    "safetensors",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)
"""What a peer takes from this project's own environment: the same versions of all that computes."""
CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall-clock seconds of one run, without loading."""

    passages: int
    ingest: float
    queries: list[float]
    """Of each question, its embedding included."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a peer is given: JSON files of texts and of questions, the model's folder, and maybe the texts' vectors."""

    texts: Path
    questions: Path
    model: Path
    vectors: Path | None = None
    """An .npy file, shape (texts, dimensions): they are then indexed, and the texts not embedded."""


def environment(peer: str) -> Path:
    """Return the Python of a peer's environment."""
    folder = Path(platformdirs.user_cache_dir("pincite", appauthor=False)) / "bench" / f"{peer}-shared"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        print(f"installing {peer} in {folder}", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        [site_packages] = folder.glob("lib/python*/site-packages")
        (site_packages / "shared.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        _install(python, PACKAGES[peer])
        (folder / "installed").touch()
    return python


def measure(peer: str, inputs: Inputs, variables: Mapping[str, str]) -> Measured:
    """Have a peer take texts in and search for questions.

    `variables` is the environment as it was before Pincite set anything in it.
    """
    script = Path(__file__).with_name(f"{peer}_peer.py")
    paths = [script, inputs.texts, inputs.questions, inputs.model, *([inputs.vectors] if inputs.vectors else [])]
    offline = {**variables, "HF_HUB_OFFLINE": "1"}
    command = [str(environment(peer)), *map(str, paths)]
    ran = subprocess.run(command, env=offline, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(ran.stdout.splitlines()[-1]))


def versions(peer: str) -> str:
    """Return the versions of a peer's packages."""
    names = "', '.join(f'{name} {version(name)}' for name in sys.argv[1:])"
    code = f"import sys; from importlib.metadata import version; print({names})"
    command = [str(environment(peer)), "-c", code, *PACKAGES[peer]]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _install(python: Path, packages: tuple[str, ...]) -> None:
    pinned = [line for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if line.split("==")[0] in SHARED]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pinned))
        file.flush()
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", file.name)
        subprocess.run([str(python), *install, *packages], check=True)
