"""What is known of a model: found on this machine, left out, or offered for download. Knows no program and no hub."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may be a model, in a folder where a program keeps its models."""

    program: str
    path: Path
    name: str = ""
    """What the program calls it; "" where that is what the file calls itself."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model on this machine, as its header describes it."""

    program: str
    path: Path
    name: str
    size: int
    """Bytes of the file."""
    memory: int
    """Bytes of memory it takes with a context of the default length."""
    parameters: int
    quantisation: str
    """Such as "Q4_K_M"; "" where the file does not say."""
    context: int
    """Tokens it was trained for; 0 where the file does not say."""
    licence: str
    """"" where the file does not say."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that cannot answer, and why; the reason names the file."""

    program: str
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Finds:
    """What a search of this machine brought."""

    models: tuple[FoundModel, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model that can be downloaded."""

    name: str
    """What a person types after `pincite pull`."""
    title: str
    repository: str
    file: str
    size: int
    """Bytes of the file."""
    memory: int
    """Bytes of memory it takes with a context of the default length."""
    parameters: int
    licence: str
    purpose: str
    """What it is good for, in one line."""


def gigabytes(count: int) -> str:
    """Return a number of bytes as a person reads it: 1 GB is 10⁹ bytes, as on the hub."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
