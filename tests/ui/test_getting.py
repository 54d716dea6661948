"""Downloads behind the page, from a hub on this machine: followed, cancelled, gone on with."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from hub import Hub, serving
from waiting import until

from rag.models.pull import kept_part
from rag.models.types import CatalogueModel
from ui.getting import Getting, Outcome, Transfer

PIECE = 2**20
CONTENT = bytes(range(256)) * (5 * PIECE // 256)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving(Hub("owner/Tiny-GGUF", "tiny.gguf", CONTENT)) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        yield running


@pytest.fixture
def model(hub: Hub) -> CatalogueModel:
    size = len(hub.content)
    return CatalogueModel("tiny", "Tiny", hub.repository, hub.file, size, size, 1_000, "Apache-2.0", "for tests")


def get(getting: Getting, model: CatalogueModel, folder: Path) -> Outcome:
    """Download to the end, whatever it is."""
    outcomes: list[Outcome] = []
    assert getting.start(model, folder, outcomes.append)
    until(lambda: getting.transfer is None)
    return outcomes[0]


def test_a_whole_file_arrives_and_nothing_is_under_way_any_more(model: CatalogueModel, tmp_path: Path) -> None:
    assert get(Getting(), model, tmp_path) == Outcome(tmp_path / "tiny.gguf")
    assert (tmp_path / "tiny.gguf").read_bytes() == CONTENT


def test_it_is_under_way_until_what_became_of_it_is_told(model: CatalogueModel, tmp_path: Path) -> None:
    getting = Getting()
    seen: list[Transfer | None] = []
    getting.start(model, tmp_path, lambda outcome: seen.append(getting.transfer))
    until(lambda: getting.transfer is None)
    [transfer] = seen
    assert transfer is not None
    assert transfer.done == transfer.total == 5 * PIECE


def test_how_far_it_is_can_be_seen_at_any_time_and_slows_down_while_nothing_comes(
    hub: Hub, model: CatalogueModel, tmp_path: Path
) -> None:
    hub.holds_after = 2 * PIECE
    getting, ended = Getting(), Event()
    assert getting.transfer is None
    getting.start(model, tmp_path, lambda outcome: ended.set())

    def transfer() -> Transfer:
        assert getting.transfer is not None
        return getting.transfer

    until(lambda: transfer().done == 2 * PIECE)
    seen = transfer()
    assert (seen.model, seen.total, seen.brought, seen.cancelled) == (model, 5 * PIECE, 2 * PIECE, False)
    time.sleep(0.2)
    assert transfer().seconds >= seen.seconds + 0.2
    assert (transfer().rate or 0) < (seen.rate or 0)
    assert not getting.start(model, tmp_path, lambda outcome: None), "one comes at a time"
    hub.holds_after = None
    hub.released.set()
    assert ended.wait(30)
    assert (tmp_path / "tiny.gguf").read_bytes() == CONTENT


def test_a_cancelled_download_keeps_what_came_and_goes_on_from_there(
    hub: Hub, model: CatalogueModel, tmp_path: Path
) -> None:
    hub.holds_after = 2 * PIECE
    getting, outcomes = Getting(), []
    getting.start(model, tmp_path, outcomes.append)
    until(lambda: getting.transfer and getting.transfer.done == 2 * PIECE)
    getting.cancel()
    assert getting.transfer
    assert getting.transfer.cancelled
    hub.holds_after = None
    hub.released.set()
    until(lambda: getting.transfer is None)
    assert outcomes == [Outcome()]
    kept = kept_part(model, tmp_path)
    assert 2 * PIECE <= kept < 5 * PIECE

    assert get(getting, model, tmp_path).path == tmp_path / "tiny.gguf"
    assert hub.ranges[-1] == f"bytes={kept}-"


def test_a_hub_that_is_given_up_after_cancelling_is_no_trouble(
    model: CatalogueModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    getting, outcomes = Getting(), []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        getting.start(model, tmp_path, outcomes.append)
        asking, _ = silent.accept()
        getting.cancel()
        asking.close()
    until(lambda: outcomes)
    assert outcomes == [Outcome()]


def test_what_stands_in_the_way_is_one_line(
    hub: Hub, model: CatalogueModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.sha256 = "0" * 64
    damaged = get(Getting(), model, tmp_path).trouble
    assert damaged.startswith("tiny.gguf came damaged")
    assert damaged.endswith("it was deleted, download it again")

    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "127.0.0.1 cannot be reached" in get(Getting(), model, tmp_path).trouble


def test_cancelling_nothing_does_nothing() -> None:
    getting = Getting()
    getting.cancel()
    assert getting.transfer is None
