"""Who writes the answers: what there is to choose from, choosing, and getting another model. Knows no Gradio.

One `Chooser` serves all sessions, as there is one generator for all of them. What takes long goes on in a thread of
its own, and each page asks for the `menu` again and again meanwhile. Thread-safe.
"""

import hashlib
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import PinciteError
from rag.errors import ModelError
from rag.generators import Generator, new_generator
from rag.models import models_folder, remember_model
from rag.models.catalogue import find_in, load_catalogue
from rag.models.choose import Machine, choose, misfit, this_machine
from rag.models.found import describe, find_models
from rag.models.pull import hub_address, kept_part
from rag.models.types import FoundModel, gigabytes
from rag.rerankers import remote_of
from rag.settings import Settings, load_settings
from ui.getting import Getting, Outcome
from ui.menu import QUOTES_ONLY, Found, Menu, Offer, Writer
from ui.models import weights
from ui.seat import Seat

_QUOTES, _SERVER = "quotes", "server"
"""Keys of writers that are no files."""
_NAMED = "the one you named"
"""In the place of a program's name, for a file that lies in no folder where models are looked for."""


@dataclass(frozen=True, slots=True)
class _State:
    """What changes while the server runs."""

    key: str
    found: Found | None = None
    loading: str = ""
    trouble: str = ""
    note: str = ""


class Chooser:
    """What a person can do about who writes the answers."""

    def __init__(self, seat: Seat, settings: Settings, trouble: str = "") -> None:
        """`settings` are those that the generator in `seat` was opened by; `trouble` is what a person is told first."""
        self._seat = seat
        self._started = settings
        self._reranked_at = remote_of(settings.reranker)
        self._settings = {_QUOTES: replace(settings, model=None, server=None)}
        """What opens each writer that was ever listed, by its key."""
        self._written_by = self._settings[_QUOTES] if trouble else settings
        self._state = _State(_key(settings), trouble=trouble)
        self._getting = Getting()
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        """Held while a model is loaded: one at a time."""

    @property
    def menu(self) -> Menu:
        """What can be chosen now, and what is under way. Fast: looks at nothing."""
        state, writing = self._state, self._seat.sitting
        return Menu(
            name=writing.name,
            remote=writing.remote,
            key=state.key,
            found=state.found,
            loading=state.loading,
            transfer=self._getting.transfer,
            trouble=state.trouble,
            note=state.note,
            reranked_at=self._reranked_at,
        )

    @property
    def written_by(self) -> Settings:
        """The settings that who writes now was opened by."""
        return self._written_by

    def look(self) -> None:
        """Look for models on this machine and in the catalogue. Reads every model's header."""
        try:
            catalogue = load_catalogue(self._started.catalogue)
        except PinciteError as error:
            catalogue = ()
            self._set(trouble=str(error))
        models, machine = self._models(), this_machine()
        choice = choose(models, catalogue, machine)
        offers = [
            Offer(model, kept_part(model, models_folder()), model == choice.offered, misfit(model, machine))
            for model in sorted(catalogue, key=lambda model: model != choice.offered)
            if not (models_folder() / model.file).is_file()
        ]
        writers = (*self._without_a_file(), *(self._writer(model, machine) for model in models))
        self._set(found=Found(writers, tuple(offers), _host(hub_address()), choice.reason))

    def choose(self, key: str) -> None:
        """Begin to let the writer of this key write all answers; the one before stays until it is ready to."""
        writers = self._state.found.writers if self._state.found else ()
        writer = next((writer for writer in writers if writer.key == key), None)
        if writer is None or key == self._state.key or not self._loading.acquire(blocking=False):
            return
        self._set(loading=writer.name, trouble="", note="")
        threading.Thread(target=self._load, args=(writer.key, writer.name), name="pincite load", daemon=True).start()

    def download(self, name: str) -> None:
        """Begin to download a model of the catalogue, and to use it when it is here. The caller has the consent."""
        key = self._state.key

        def ended(outcome: Outcome) -> None:
            if outcome.path:
                self._arrived(outcome.path, key)
            else:
                self.look()
                self._set(trouble=outcome.trouble, note="" if outcome.trouble else _CANCELLED)

        try:
            model = find_in(load_catalogue(self._started.catalogue), name)
        except PinciteError as error:
            self._set(trouble=str(error), note="")
            return
        self._set(trouble="", note="")
        self._getting.start(model, models_folder(), ended)

    def cancel(self) -> None:
        """Cancel the download; nothing happens where there is none."""
        self._getting.cancel()

    def _models(self) -> list[FoundModel]:
        """Return the models on this machine, the one that was named among them wherever it lies."""
        models = list(find_models().models)
        named = self._started.model
        if named and not any(model.path == named for model in models):
            with suppress(ModelError):  # its own error was shown when it could not be opened
                models.insert(0, describe(_NAMED, named))
        return models

    def _without_a_file(self) -> list[Writer]:
        writers = [Writer(_QUOTES, QUOTES_ONLY, ("no language model, so answers come at once",))]
        if self._started.server:
            self._settings[_SERVER] = self._started
            name = self._started.server_model or "the server you named"
            writers.append(Writer(_SERVER, name, (self._started.server,)))
        return writers

    def _writer(self, model: FoundModel, machine: Machine) -> Writer:
        settings = replace(self._started, model=model.path, server=None)
        key = _key(settings)
        self._settings[key] = settings
        warning = "" if key == self._state.key else misfit(model, machine)
        return Writer(key, model.name, _facts(model), warning)

    def _load(self, key: str, name: str) -> None:
        """Open and load a writer, then let it write; on failure all stays as it was. Releases `_loading`."""
        settings, trouble, note = self._settings[key], "", ""
        try:
            self._seat.sit(_ready(settings))
            self._written_by = settings
            self._set(key=key)
            note = _remember(settings, name)
        except PinciteError as error:
            trouble = str(error)
        finally:
            self._set(loading="", trouble=trouble, note=note)
            self._loading.release()

    def _arrived(self, path: Path, key_before: str) -> None:
        """Use a model that was downloaded, unless another was chosen meanwhile."""
        self.look()
        key = _key(replace(self._started, model=path, server=None))
        if self._state.key == key_before and not self._state.loading:
            self.choose(key)
        else:
            self._set(note=f"{path.name} is here now.")

    def _set(self, **changes: object) -> None:
        with self._lock:
            self._state = replace(self._state, **changes)  # type: ignore[arg-type]  # the fields of _State


_CANCELLED = "The download was cancelled. What has come is kept for the next time."


def _ready(settings: Settings) -> Generator:
    """Return the generator that the settings name, loaded. Raises: GeneratorError."""
    generator = new_generator(settings)
    try:
        generator.warm()
    except PinciteError:
        generator.close()
        raise
    return generator


def _remember(settings: Settings, name: str) -> str:
    """Let the next start begin with this writer; return what a person should know of that, or ""."""
    if settings.server:
        return ""
    try:
        remember_model(settings.model)
    except OSError as error:
        return f"{name} writes now. The next start will not remember it: {error.filename} ({error.strerror})."
    at_start = load_settings()
    if at_start.server or at_start.model != settings.model:
        return f"{name} writes now. The next start uses what PINCITE_MODEL, PINCITE_SERVER or config.toml names."
    return f"{name} writes now, and from the next start on."


def _key(settings: Settings) -> str:
    """Return a writer's key: for a file some letters that tell nothing of its path."""
    if settings.server:
        return _SERVER
    return hashlib.sha256(os.fsencode(settings.model)).hexdigest()[:16] if settings.model else _QUOTES


def _facts(model: FoundModel) -> tuple[str, ...]:
    facts = (f"{weights(model.parameters)} weights", model.quantisation, gigabytes(model.size))
    return (*(fact for fact in facts if fact), f"needs {gigabytes(model.memory)} of memory", model.program)


def _host(address: str) -> str:
    return urlsplit(address).netloc or address
