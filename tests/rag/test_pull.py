"""Downloading a model, from a hub on this machine that speaks the public one's protocol."""

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hub import COMMIT, Hub, serving

from rag.errors import DownloadError
from rag.generators import open_generator
from rag.models.pull import Follow, kept_part, pull
from rag.models.types import CatalogueModel

MEBIBYTE = 2**20
PIECE = MEBIBYTE
"""What comes is written to the disk in pieces of this size."""


@pytest.fixture(scope="session")
def content(tiny_gguf: Path) -> bytes:
    """A model that works, with as many bytes after its tensors as make it 25 pieces long."""
    return tiny_gguf.read_bytes().ljust(25 * MEBIBYTE, b"\xa5")


@pytest.fixture
def hub(content: bytes) -> Iterator[Hub]:
    with serving(Hub("owner/Tiny-GGUF", "tiny.gguf", content)) as running:
        yield running


@pytest.fixture
def model(hub: Hub) -> CatalogueModel:
    size = len(hub.content)
    return CatalogueModel("tiny", "Tiny", hub.repository, hub.file, size, size, 1_000, "Apache-2.0", "for tests")


def test_a_model_comes_whole_and_writes(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    path = pull(model, tmp_path / "models", lambda done, total: progress.append((done, total)), hub.endpoint)

    assert path == tmp_path / "models" / "tiny.gguf"
    assert path.read_bytes() == hub.content
    assert [*path.parent.iterdir()] == [path]
    assert progress[0] == (0, model.size)
    assert progress[-1] == (model.size, model.size)
    assert progress == sorted(progress)
    assert open_generator(path).name == "Tiny Random"


def test_it_asks_for_the_file_and_tells_nothing_of_this_machine(
    hub: Hub, model: CatalogueModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pull(model, tmp_path, endpoint=hub.endpoint)

    assert hub.asked == [
        "HEAD /owner/Tiny-GGUF/resolve/main/tiny.gguf -",
        f"GET /owner/Tiny-GGUF/resolve/{COMMIT}/tiny.gguf -",
        "GET /blob?signature=x -",
    ]
    assert {headers["user-agent"] for headers in hub.headers} == {"pincite"}
    assert not any("secret" in value for headers in hub.headers for value in headers.values())


def test_a_model_that_is_there_is_not_asked_for(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    path = pull(model, tmp_path, endpoint=hub.endpoint)
    os.utime(path, (1_000, 1_000))
    hub.asked.clear()

    assert pull(model, tmp_path, endpoint=hub.endpoint) == path
    assert hub.asked == []
    assert path.stat().st_mtime > 1_000  # it counts as pulled last


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    hub.breaks_after = [PIECE + 1_000]
    path = pull(model, tmp_path, endpoint=hub.endpoint)

    assert path.read_bytes() == hub.content
    assert hub.ranges == ["-", f"bytes={PIECE}-"]


def test_a_later_try_goes_on_where_the_last_one_gave_up(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    with pytest.raises(_GivesUp):
        pull(model, tmp_path, _gives_up_at(2 * PIECE), hub.endpoint)
    assert kept_part(model, tmp_path) == 2 * PIECE
    assert not (tmp_path / "tiny.gguf").exists()

    progress: list[int] = []
    path = pull(model, tmp_path, lambda done, total: progress.append(done), hub.endpoint)

    assert path.read_bytes() == hub.content
    assert hub.ranges == ["-", f"bytes={2 * PIECE}-"]
    assert progress[0] == 2 * PIECE
    assert [*tmp_path.iterdir()] == [path]


class _GivesUp(Exception):
    pass


def _gives_up_at(size: int) -> Follow:
    def follow(done: int, total: int) -> None:
        if done >= size:
            raise _GivesUp

    return follow


def test_a_download_that_stopped_before_it_was_checked_is_only_checked(
    hub: Hub, model: CatalogueModel, tmp_path: Path
) -> None:
    with pytest.raises(_GivesUp):
        pull(model, tmp_path, _gives_up_at(model.size), hub.endpoint)

    assert pull(model, tmp_path, endpoint=hub.endpoint).read_bytes() == hub.content
    assert hub.ranges == ["-"]


def test_a_store_that_ignores_ranges_is_read_from_the_start(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    hub.takes_ranges = False
    with pytest.raises(_GivesUp):
        pull(model, tmp_path, _gives_up_at(PIECE), hub.endpoint)

    assert pull(model, tmp_path, endpoint=hub.endpoint).read_bytes() == hub.content


def test_what_is_left_of_another_version_is_not_mixed_in(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    with pytest.raises(_GivesUp):
        pull(model, tmp_path, _gives_up_at(PIECE), hub.endpoint)
    hub.content = bytes(reversed(hub.content))
    path = pull(model, tmp_path, endpoint=hub.endpoint)

    assert path.read_bytes() == hub.content
    assert hub.ranges == ["-", "-"]
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_whose_checksum_is_wrong_is_not_kept(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    hub.sha256 = "ab" * 32
    with pytest.raises(DownloadError, match=r"tiny\.gguf came damaged: .* the hub says abababababab…"):
        pull(model, tmp_path, endpoint=hub.endpoint)

    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("status", "line"),
    [(404, "no such file any more"), (401, "asks for a login"), (403, "refuses"), (429, "too often"), (503, "later")],
)
def test_what_the_hub_refuses_is_one_line_with_the_next_step(
    hub: Hub, model: CatalogueModel, tmp_path: Path, status: int, line: str
) -> None:
    hub.status = status
    with pytest.raises(DownloadError, match=line) as caught:
        pull(model, tmp_path, endpoint=hub.endpoint)

    assert "\n" not in str(caught.value)
    assert "owner/Tiny-GGUF/tiny.gguf" in str(caught.value)
    assert len(hub.asked) == 1


def test_a_file_without_a_sha256_is_not_taken(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    hub.sha256 = "none"
    with pytest.raises(DownloadError, match="names no SHA-256"):
        pull(model, tmp_path, endpoint=hub.endpoint)
    assert hub.ranges == []


def test_a_store_that_sends_less_than_the_hub_said_is_found_out(
    hub: Hub, model: CatalogueModel, tmp_path: Path
) -> None:
    hub.sends_less = True
    with pytest.raises(DownloadError, match=r"tiny\.gguf came incomplete"):
        pull(model, tmp_path, endpoint=hub.endpoint)
    assert not (tmp_path / "tiny.gguf").exists()


def test_a_folder_that_cannot_be_made_is_named(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match=r"file.* cannot be written \(.*Not a directory"):
        pull(model, tmp_path / "file" / "models", endpoint=hub.endpoint)
    assert hub.asked == []


def test_a_file_of_another_size_than_agreed_to_is_not_taken(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="26 MB on the hub now, not the 1 MB"):
        pull(replace(model, size=MEBIBYTE), tmp_path, endpoint=hub.endpoint)
    assert hub.ranges == []


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_offline_says_so_at_once(model: CatalogueModel, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 cannot be reached \(.*\): check the connection"):
        pull(model, tmp_path, endpoint=f"http://127.0.0.1:{closed_port()}")


def test_a_proxy_that_cannot_be_reached_is_named_without_its_password(
    model: CatalogueModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = closed_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:secret@127.0.0.1:{port}")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(
        DownloadError, match=f"hub.invalid cannot be reached through the proxy http://127.0.0.1:{port} "
    ):
        pull(model, tmp_path, endpoint="https://hub.invalid")


def test_an_address_that_is_none_is_said_to_be_wrong(model: CatalogueModel, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="check HF_ENDPOINT"):
        pull(model, tmp_path, endpoint="hub.invalid")


def test_more_than_the_disk_holds_is_not_begun(hub: Hub, model: CatalogueModel, tmp_path: Path) -> None:
    hub.claimed_size = 2**60
    with pytest.raises(DownloadError, match=r"are still to come and .* are free on the disk"):
        pull(replace(model, size=2**60), tmp_path, endpoint=hub.endpoint)
    assert hub.ranges == []


def test_two_downloads_of_the_same_file_do_not_write_into_each_other(
    hub: Hub, model: CatalogueModel, tmp_path: Path
) -> None:
    refused: list[str] = []

    def second(done: int, total: int) -> None:
        if not refused:
            with pytest.raises(DownloadError, match="another process is downloading") as caught:
                pull(model, tmp_path, endpoint=hub.endpoint)
            refused.append(str(caught.value))

    assert pull(model, tmp_path, second, hub.endpoint).read_bytes() == hub.content
    assert len(refused) == 1
