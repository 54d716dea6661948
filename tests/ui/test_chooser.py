"""Choosing who writes, with real models: what is listed, the change, what goes wrong, and what is remembered."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub import Hub, serving
from waiting import until

from rag.generators import ExtractiveGenerator, new_generator
from rag.generators.llama import LlamaGenerator
from rag.generators.random_gguf import Vocabulary, write_random_gguf
from rag.models import models_folder
from rag.settings import Settings, load_settings
from ui.chooser import Chooser
from ui.menu import Menu, Offer, Writer
from ui.seat import Seat


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home in which no program was told another place for its models, and a hub that nobody reaches."""
    told = ("PINCITE_", "XDG_", "HF_", "HUGGINGFACE_", "OLLAMA_", "LLAMA_")
    for name in [name for name in os.environ if name.startswith(told)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / ".ollama/models"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return tmp_path


@pytest.fixture
def tiny(home: Path, tiny_gguf: Path) -> Path:
    """A model in the folder of another program."""
    return put(tiny_gguf, home / ".lmstudio/models/owner/A/tiny.gguf")


def put(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(source, target))


def started(settings: Settings | None = None) -> tuple[Seat, Chooser]:
    """A chooser as the page has it, after its first look."""
    settings = settings or load_settings()
    seat = Seat(new_generator(settings))
    chooser = Chooser(seat, settings)
    chooser.look()
    return seat, chooser


def writer(chooser: Chooser, name: str) -> Writer:
    assert chooser.menu.found
    [found] = [writer for writer in chooser.menu.found.writers if writer.name == name]
    return found


def choose(chooser: Chooser, name: str) -> Menu:
    """Choose by name and wait until all is done."""
    chooser.choose(writer(chooser, name).key)
    until(lambda: not chooser.menu.is_busy)
    return chooser.menu


# What is listed


def test_quotes_the_models_that_are_here_and_those_to_download_are_listed(tiny: Path) -> None:
    _, chooser = started()
    found = chooser.menu.found
    assert found
    assert [one.name for one in found.writers] == ["quotes only", "Tiny Random"]
    assert found.writers[1].facts == ("0.2 M weights", "1 MB", "needs 19 MB of memory", "LM Studio")
    assert sorted(offer.model.name for offer in found.offers) == ["qwen2.5-0.5b", "qwen3-1.7b", "qwen3-4b"]
    assert not any(offer.is_advised for offer in found.offers[1:]), "the one that suits this machine comes first"
    assert found.hub == "127.0.0.1:9"
    assert "this machine" in found.advice
    assert str(tiny) not in "".join(one.key for one in found.writers)


def test_a_named_file_is_listed_wherever_it_lies(home: Path, tiny_gguf: Path) -> None:
    named = put(tiny_gguf, home / "somewhere/named.gguf")
    seat, chooser = started(load_settings({"PINCITE_MODEL": str(named)}))
    assert writer(chooser, "Tiny Random").facts[-1] == "the one you named"
    assert chooser.menu.key == writer(chooser, "Tiny Random").key
    assert seat.sitting.name == chooser.menu.name == "Tiny Random"


def test_a_server_that_was_named_can_be_left_and_taken_again(tiny: Path, llama_server: str) -> None:
    seat, chooser = started(load_settings({"PINCITE_SERVER": llama_server}))
    assert writer(chooser, "the server you named").facts == (llama_server,)
    assert chooser.menu.key == "server"
    assert choose(chooser, "quotes only").name == "quotes only"
    assert choose(chooser, "the server you named").key == "server"
    assert seat.sitting.name == "Tiny Random"


def test_a_part_that_an_earlier_download_left_is_counted(home: Path) -> None:
    models_folder().mkdir(parents=True)
    (models_folder() / "Qwen3-1.7B-Q4_K_M.gguf.0123456789abcdef.part").write_bytes(b"x" * 1_000)
    _, chooser = started()
    assert chooser.menu.found
    kept = {offer.model.name: offer.kept for offer in chooser.menu.found.offers}
    assert kept == {"qwen3-4b": 0, "qwen3-1.7b": 1_000, "qwen2.5-0.5b": 0}


def test_a_catalogue_that_cannot_be_read_is_said_to_be_so_and_the_rest_works(home: Path, tiny: Path) -> None:
    _, chooser = started(load_settings({"PINCITE_CATALOGUE": str(home / "none.toml")}))
    assert "none.toml cannot be read" in chooser.menu.trouble
    chooser.download("qwen3-4b")
    assert "none.toml cannot be read" in chooser.menu.trouble
    assert choose(chooser, "Tiny Random").name == "Tiny Random"


# The change


def test_a_chosen_model_writes_and_is_remembered_and_so_is_quotes_only(tiny: Path) -> None:
    seat, chooser = started()
    menu = choose(chooser, "Tiny Random")
    assert isinstance(seat.sitting, LlamaGenerator)
    assert (menu.name, menu.key) == ("Tiny Random", writer(chooser, "Tiny Random").key)
    assert menu.note == "Tiny Random writes now, and from the next start on."
    assert load_settings().model == tiny

    menu = choose(chooser, "quotes only")
    assert isinstance(seat.sitting, ExtractiveGenerator)
    assert (menu.name, menu.note) == ("quotes only", "quotes only writes now, and from the next start on.")
    assert load_settings().model is None


def test_a_choice_that_the_settings_overrule_at_the_next_start_is_said_to_be_so(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINCITE_MODEL", "none")
    _, chooser = started()
    note = choose(chooser, "Tiny Random").note
    assert note.startswith("Tiny Random writes now. The next start uses what PINCITE_MODEL")


def test_an_answer_in_the_row_is_written_by_the_model_it_was_asked_of_which_is_closed_after_it(
    tiny: Path, tiny_vocabulary: Vocabulary
) -> None:
    write_random_gguf(tiny.with_name("other.gguf"), tiny_vocabulary, seed=1, name="Other Random")
    seat, chooser = started()
    choose(chooser, "Tiny Random")
    old = seat.sitting
    assert isinstance(old, LlamaGenerator)
    with seat.writer() as writes:
        with old._turns.turn():
            stream = old.write([{"role": "user", "content": "What did Asif say?"}])
            assert next(stream).ahead == 1
            assert choose(chooser, "Other Random").name == "Other Random"
        assert writes is old
        assert sum(written.tokens for written in stream) == 512
        assert not old._closed.is_set()
    assert old._closed.is_set()
    assert seat.sitting.name == "Other Random"
    choose(chooser, "quotes only")


def test_the_same_choice_again_loads_nothing(tiny: Path) -> None:
    seat, chooser = started()
    choose(chooser, "Tiny Random")
    sitting = seat.sitting
    assert choose(chooser, "Tiny Random").name == "Tiny Random"
    assert seat.sitting is sitting
    choose(chooser, "quotes only")


@pytest.mark.parametrize("key", ["", "0123456789abcdef", "/etc/passwd", "../x"])
def test_only_what_is_listed_can_be_chosen(tiny: Path, key: str) -> None:
    _, chooser = started()
    before = chooser.menu
    chooser.choose(key)
    assert chooser.menu == before


def test_while_one_is_loaded_another_choice_is_not_taken(tiny: Path) -> None:
    _, chooser = started()
    with chooser._loading:
        chooser.choose(writer(chooser, "Tiny Random").key)
        assert not chooser.menu.is_busy
    assert choose(chooser, "Tiny Random").name == "Tiny Random"
    choose(chooser, "quotes only")


# What goes wrong leaves the one before


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1_000]), "is cut short"),
        (lambda path: path.write_bytes(b"<html>not found</html>"), "is a web page, not a model"),
        (lambda path: path.unlink(), "does not exist"),
        (lambda path: write_random_gguf(path, name="Tiny Random", architecture="strange"), "cannot be loaded"),
        (lambda path: write_random_gguf(path, name="Tiny Random", context=2**31), "of memory"),
    ],
    ids=["cut short", "a web page", "gone", "a strange family", "out of memory"],
)
def test_a_model_that_cannot_be_loaded_is_one_line_and_the_one_before_stays(
    tiny: Path, home: Path, damage: Callable[[Path], object], said: str
) -> None:
    settings = load_settings({"PINCITE_CONTEXT": str(2**31)}) if said == "of memory" else load_settings()
    seat, chooser = started(settings)
    sitting = seat.sitting
    damage(tiny)
    menu = choose(chooser, "Tiny Random")
    assert said in menu.trouble
    assert str(tiny) in menu.trouble
    assert "\n" not in menu.trouble
    assert seat.sitting is sitting
    assert (menu.name, menu.note) == ("quotes only", "")
    assert load_settings().model is None


def test_a_choice_that_cannot_be_remembered_works_until_the_end(tiny: Path, home: Path) -> None:
    models_folder().parent.mkdir(parents=True)
    models_folder().write_text("a file in the folder's place")
    _, chooser = started()
    menu = choose(chooser, "Tiny Random")
    assert menu.name == "Tiny Random"
    assert "The next start will not remember it" in menu.note
    choose(chooser, "quotes only")


# Getting another


@pytest.fixture
def hub(home: Path, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one model, and a catalogue of it."""
    content = tiny_gguf.read_bytes().ljust(5 * 2**20, b"\xa5")
    with serving(Hub("owner/Tiny-GGUF", "got.gguf", content)) as running:
        catalogue = home / "catalogue.toml"
        catalogue.write_text(
            f"""[[model]]
            name = "got"
            title = "Tiny, F32"
            repository = "{running.repository}"
            file = "{running.file}"
            size = {len(content)}
            memory = {len(content)}
            parameters = 100_000
            licence = "Apache-2.0"
            purpose = "for tests" """,
            encoding="utf-8",
        )
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("PINCITE_CATALOGUE", str(catalogue))
        yield running


def offers(chooser: Chooser) -> tuple[Offer, ...]:
    assert chooser.menu.found
    return chooser.menu.found.offers


def test_nothing_is_asked_of_the_hub_before_a_download_and_then_the_model_writes(hub: Hub) -> None:
    seat, chooser = started()
    assert [offer.model.name for offer in offers(chooser)] == ["got"]
    assert hub.asked == []

    chooser.download("got")
    until(lambda: not chooser.menu.is_busy)
    assert seat.sitting.name == "Tiny Random"
    menu = chooser.menu
    assert menu.note == "Tiny Random writes now, and from the next start on."
    assert offers(chooser) == (), "it is here"
    assert load_settings().model == models_folder() / "got.gguf"
    choose(chooser, "quotes only")


def test_a_cancelled_download_is_no_trouble_and_its_part_is_offered_again(hub: Hub) -> None:
    hub.holds_after = 2 * 2**20
    seat, chooser = started()
    chooser.download("got")
    until(lambda: chooser.menu.transfer and chooser.menu.transfer.done == 2 * 2**20)
    chooser.cancel()
    hub.holds_after = None
    hub.released.set()
    until(lambda: not chooser.menu.is_busy)
    assert chooser.menu.note == "The download was cancelled. What has come is kept for the next time."
    assert chooser.menu.trouble == ""
    assert offers(chooser)[0].kept >= 2 * 2**20
    assert seat.sitting.name == "quotes only"


def test_a_download_that_fails_is_one_line_and_can_be_begun_again(hub: Hub) -> None:
    hub.status = 503
    seat, chooser = started()
    chooser.download("got")
    until(lambda: not chooser.menu.is_busy)
    assert "answers with an error (503): try again later" in chooser.menu.trouble
    hub.status = 200
    chooser.download("got")
    until(lambda: not chooser.menu.is_busy)
    assert seat.sitting.name == "Tiny Random"
    assert chooser.menu.trouble == ""
    choose(chooser, "quotes only")


def test_who_chose_another_while_a_model_came_keeps_it(hub: Hub, tiny: Path) -> None:
    hub.holds_after = 2 * 2**20
    seat, chooser = started()
    chooser.download("got")
    until(lambda: chooser.menu.transfer and chooser.menu.transfer.done == 2 * 2**20)
    chooser.choose(writer(chooser, "Tiny Random").key)
    until(lambda: not chooser.menu.loading)
    chosen = seat.sitting
    hub.holds_after = None
    hub.released.set()
    until(lambda: not chooser.menu.is_busy)
    assert chooser.menu.note == "got.gguf is here now."
    assert seat.sitting is chosen
    choose(chooser, "quotes only")


def test_a_name_that_the_catalogue_does_not_have_is_refused(hub: Hub) -> None:
    _, chooser = started()
    chooser.download("other")
    assert "no model is called 'other': choose one of got" in chooser.menu.trouble
    assert hub.asked == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pincite download")]
