"""Which model suits this machine, in one line. Looks at memory and cores; runs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.threads import physical_cores
from rag.generators.available import available_bytes
from rag.models.types import CatalogueModel, FoundModel, gigabytes

_SHARE_OF_MEMORY = 0.75
"""The rest is for the embedder, the browser and what else is open."""
_PARAMETERS_PER_CORE = 1_100_000_000
"""A rule of thumb, not a measurement: with more, an answer comes more slowly than a person reads."""
_WORTH_KEEPING = 0.5
"""A model that is here already is taken if it has this share of the parameters that could be downloaded."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a model has to do with."""

    memory: int | None
    """Bytes that are available now; None where the system does not tell."""
    cores: int
    """Physical ones."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that suits a machine: one that is here, or one to download, or neither."""

    found: FoundModel | None
    offered: CatalogueModel | None
    reason: str
    """One line for a person."""


def this_machine() -> Machine:
    """Return what this process may use."""
    return Machine(available_bytes(), physical_cores())


def choose(found: Sequence[FoundModel], catalogue: Sequence[CatalogueModel], machine: Machine) -> Choice:
    """Choose the largest model that fits, one that is here already if it comes near what could be downloaded."""
    offered = choose_download(catalogue, machine)
    here = max((model for model in found if _fits(model, machine)), key=lambda model: model.parameters, default=None)
    worth = _WORTH_KEEPING * (offered.parameters if offered else 0)
    if here and here.parameters >= worth:
        return Choice(here, None, f"{here.name} is here already ({here.program}) and {_why(here, machine)}")
    if offered:
        return Choice(None, offered, f"{offered.title} ({gigabytes(offered.size)}) {_why(offered, machine)}")
    return Choice(None, None, f"no model fits {_machine(machine)}: answers are made of quotations")


def choose_download(catalogue: Sequence[CatalogueModel], machine: Machine) -> CatalogueModel | None:
    """Return the largest model to download that fits, None where none does."""
    fitting = (model for model in catalogue if _fits(model, machine))
    return max(fitting, key=lambda model: model.parameters, default=None)


def misfit(model: FoundModel | CatalogueModel, machine: Machine) -> str:
    """Say in one line why a model does not suit a machine; "" where it does."""
    if machine.memory is not None and not _fits_memory(model, machine):
        needed, available = gigabytes(model.memory), gigabytes(machine.memory)
        return f"it may not fit: it needs {needed} of memory, and {available} are available"
    return "" if _fits_cores(model, machine) else f"it may be slow here, with {_cores(machine)}"


def _fits(model: FoundModel | CatalogueModel, machine: Machine) -> bool:
    return _fits_memory(model, machine) and _fits_cores(model, machine)


def _fits_memory(model: FoundModel | CatalogueModel, machine: Machine) -> bool:
    return machine.memory is None or model.memory <= machine.memory * _SHARE_OF_MEMORY


def _fits_cores(model: FoundModel | CatalogueModel, machine: Machine) -> bool:
    return model.parameters <= machine.cores * _PARAMETERS_PER_CORE


def _why(model: FoundModel | CatalogueModel, machine: Machine) -> str:
    return f"suits {_machine(machine)}: it needs {gigabytes(model.memory)} of memory"


def _machine(machine: Machine) -> str:
    available = f", {gigabytes(machine.memory)} available" if machine.memory else ""
    return f"this machine ({_cores(machine)}{available})"


def _cores(machine: Machine) -> str:
    return f"{machine.cores} core{'s' if machine.cores != 1 else ''}"
