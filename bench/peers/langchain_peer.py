"""Runs LangChain in a virtual environment of its own, which is made in the user's cache on first use."""

import json
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

import platformdirs

PACKAGES = ("langchain-huggingface", "langchain-community", "faiss-cpu", "sentence-transformers", "torch")
CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
SCRIPT = Path(__file__).with_name("langchain_ingest.py")


def environment() -> Path:
    """Return the environment's Python; installs LangChain with this project's versions of torch and the rest."""
    folder = Path(platformdirs.user_cache_dir("pincite", appauthor=False)) / "bench" / "langchain"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        print(f"installing LangChain in {folder}", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(CONSTRAINTS))
        subprocess.run([str(python), *install, *PACKAGES], check=True)
        (folder / "installed").touch()
    return python


def ingest_seconds(python: Path, texts: Path, model: Path, variables: Mapping[str, str]) -> float:
    """Return the seconds LangChain takes to embed and index the texts of a JSON file; loading is not counted.

    `variables` is the environment as it was before Pincite set anything in it.
    """
    offline = {**variables, "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run([python, SCRIPT, texts, model], env=offline, check=True, stdout=subprocess.PIPE, text=True)
    return float(json.loads(ran.stdout.splitlines()[-1])["seconds"])


def version(python: Path) -> str:
    """Return the versions that were measured."""
    code = "from importlib.metadata import version as v; print(*(f'{n} {v(n)}' for n in {!r}), sep=', ')"
    names = ("langchain-huggingface", "sentence-transformers", "torch")
    ran = subprocess.run(
        [python, "-c", code.replace("{!r}", repr(names))], check=True, stdout=subprocess.PIPE, text=True
    )
    return ran.stdout.strip()
