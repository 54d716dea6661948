"""Models on this machine, in the folders of each program; the catalogue; the choice. Real GGUF files."""

import hashlib
import json
import os
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest

from rag.errors import DownloadError, SettingsError
from rag.models import default_model, models_folder, remember_model
from rag.models.catalogue import OWN, find_in, load_catalogue
from rag.models.choose import Machine, choose, choose_download, misfit
from rag.models.found import find_models
from rag.models.types import FoundModel, gigabytes
from rag.settings import load_settings

GIGABYTE = 10**9
MODEL_LAYER = "application/vnd.ollama.image.model"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home in which no program was told another place for its models."""
    told = ("PINCITE_", "XDG_", "HF_", "HUGGINGFACE_", "OLLAMA_", "LLAMA_")
    for name in [name for name in os.environ if name.startswith(told)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    # The default also looks at a service's folder, which is not of this home.
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / ".ollama/models"))
    return tmp_path


def put(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(source, target))


def write(
    target: Path, *, architecture: str = "qwen3", tensor: int = 64, add: Callable[[gguf.GGUFWriter], None]
) -> Path:
    """Write a GGUF of one tensor, with what `add` puts into its header."""
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(target, architecture)
    add(writer)
    writer.add_tensor("token_embd.weight", np.zeros((32, tensor), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


# What is found where

BELOW_HOME = {
    "Pincite": ".local/share/pincite/models/a.gguf",
    "Hugging Face": ".cache/huggingface/hub/models--owner--A-GGUF/snapshots/0123abcd/Q4/a.gguf",
    "LM Studio": ".lmstudio/models/owner/A-GGUF/a.gguf",
    "GPT4All": ".local/share/nomic.ai/GPT4All/a.gguf",
    "llama.cpp": ".cache/llama.cpp/owner_A-GGUF_a.gguf",
}


@pytest.mark.parametrize(("program", "place"), BELOW_HOME.items(), ids=BELOW_HOME)
def test_a_model_is_found_in_the_folder_of(program: str, place: str, home: Path, tiny_gguf: Path) -> None:
    path = put(tiny_gguf, home / place)
    finds = find_models()

    assert [(model.program, model.path, model.name) for model in finds.models] == [(program, path, "Tiny Random")]
    assert finds.left_out == ()


OTHER_PLACES = [
    ("HF_HUB_CACHE", "Hugging Face", "models--owner--A/snapshots/0123abcd/a.gguf"),
    ("HUGGINGFACE_HUB_CACHE", "Hugging Face", "models--owner--A/snapshots/0123abcd/a.gguf"),
    ("HF_HOME", "Hugging Face", "hub/models--owner--A/snapshots/0123abcd/a.gguf"),
    ("XDG_CACHE_HOME", "Hugging Face", "huggingface/hub/models--owner--A/snapshots/0123abcd/a.gguf"),
    ("XDG_CACHE_HOME", "llama.cpp", "llama.cpp/a.gguf"),
    ("XDG_DATA_HOME", "GPT4All", "nomic.ai/GPT4All/a.gguf"),
    ("XDG_DATA_HOME", "Pincite", "pincite/models/a.gguf"),
    ("LLAMA_CACHE", "llama.cpp", "a.gguf"),
    ("LLAMA_CACHE", "llama.cpp", "models--owner--A/snapshots/0123abcd/a.gguf"),
]


@pytest.mark.parametrize(("variable", "program", "place"), OTHER_PLACES)
def test_the_environment_moves_a_folder(
    variable: str, program: str, place: str, home: Path, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(home / "elsewhere"))
    path = put(tiny_gguf, home / "elsewhere" / place)

    assert [(model.program, model.path) for model in find_models().models] == [(program, path)]


@pytest.mark.parametrize("place", [".cache/lm-studio/models/owner/A/a.gguf", "moved/models/owner/A/a.gguf"])
def test_lm_studio_is_found_where_it_was_before_and_where_its_pointer_points(
    place: str, home: Path, tiny_gguf: Path
) -> None:
    (home / ".lmstudio-home-pointer").write_text(f"{home / 'moved'}\n")
    path = put(tiny_gguf, home / place)

    assert [model.path for model in find_models().models] == [path]


def test_a_file_that_several_programs_share_is_listed_once(home: Path, tiny_gguf: Path) -> None:
    blob = put(tiny_gguf, home / ".cache/huggingface/hub/models--owner--A/blobs/abc")
    for link in (
        home / ".cache/huggingface/hub/models--owner--A/snapshots/new/a.gguf",
        home / ".cache/huggingface/hub/models--owner--A/snapshots/old/a.gguf",
        home / ".lmstudio/models/owner/A/a.gguf",
    ):
        link.parent.mkdir(parents=True)
        link.symlink_to(blob)

    assert [(model.program, model.path.parent.name) for model in find_models().models] == [("Hugging Face", "new")]


# Ollama


def ollama(store: Path, place: str, manifest: object) -> Path:
    path = store / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return path


def blob(store: Path, source: Path) -> str:
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    put(source, store / "blobs" / f"sha256-{digest}")
    return f"sha256:{digest}"


def layers(digest: str) -> dict[str, object]:
    template = {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:" + "0" * 64, "size": 1}
    return {"schemaVersion": 2, "layers": [template, {"mediaType": MODEL_LAYER, "digest": digest, "size": 1}]}


OLLAMA_NAMES = [
    ("manifests/registry.ollama.ai/library/qwen3/4b", "qwen3:4b"),
    ("manifests/registry.ollama.ai/ada/notes/latest", "ada/notes:latest"),
    ("manifests/hf.co/owner/A-GGUF/Q4_K_M", "hf.co/owner/A-GGUF:Q4_K_M"),
    ("manifests-v2/ollama.com/library/qwen3/4b", "qwen3:4b"),
]


@pytest.mark.parametrize(("place", "name"), OLLAMA_NAMES)
def test_ollama_s_models_are_found_by_their_manifests(place: str, name: str, home: Path, tiny_gguf: Path) -> None:
    store = home / ".ollama/models"
    digest = blob(store, tiny_gguf)
    ollama(store, place, layers(digest))
    [model] = find_models().models

    assert (model.program, model.name) == ("Ollama", name)
    assert model.path == store / "blobs" / digest.replace(":", "-")


def test_ollama_s_models_are_looked_for_in_the_home(
    home: Path, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLLAMA_MODELS")
    store = home / ".ollama/models"
    ollama(store, "manifests/registry.ollama.ai/library/qwen3/4b", layers(blob(store, tiny_gguf)))

    assert "qwen3:4b" in [model.name for model in find_models().models]


def test_a_model_with_manifests_of_two_generations_is_listed_once(
    home: Path, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = home / "elsewhere"
    monkeypatch.setenv("OLLAMA_MODELS", str(store))
    digest = blob(store, tiny_gguf)
    ollama(store, "manifests/registry.ollama.ai/library/qwen3/4b", layers(digest))
    ollama(store, "manifests-v2/ollama.com/library/qwen3/4b", layers(digest))

    assert [model.name for model in find_models().models] == ["qwen3:4b"]


def test_a_list_of_manifests_leads_to_the_gguf_of_its_children(home: Path, tiny_gguf: Path) -> None:
    store = home / ".ollama/models"
    child = home / "child.json"
    child.write_text(json.dumps(layers(blob(store, tiny_gguf))))
    other = {"runner": "mlx", "layers": [{"mediaType": "application/vnd.ollama.image.tensor", "digest": "x"}]}
    manifests = [other, {"runner": "ollama", "digest": blob(store, child)}]
    ollama(store, "manifests-v2/ollama.com/library/qwen3/4b", {"manifests": manifests})

    assert [model.name for model in find_models().models] == ["qwen3:4b"]


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("[[", "no manifest that can be read"),
        ("[]", "not a manifest of Ollama"),
        ('{"layers": ["x"]}', "not a manifest of Ollama"),
        ('{"layers": []}', "names no GGUF file"),
        ('{"layers": [{"mediaType": "' + MODEL_LAYER + '", "digest": "sha256:../../x"}]}', "no SHA-256"),
        ('{"layers": [{"mediaType": "' + MODEL_LAYER + '", "digest": "sha256:' + "a" * 64 + '"}]}', "does not exist"),
        ('{"manifests": [{"digest": "sha256:' + "a" * 64 + '"}]}', "no manifest that can be read"),
    ],
)
def test_a_manifest_that_leads_nowhere_is_left_out_with_its_reason(manifest: str, reason: str, home: Path) -> None:
    path = home / ".ollama/models/manifests/registry.ollama.ai/library/qwen3/4b"
    path.parent.mkdir(parents=True)
    path.write_text(manifest)
    finds = find_models()

    assert finds.models == ()
    assert [left_out.program for left_out in finds.left_out] == ["Ollama"]
    assert reason in finds.left_out[0].reason


# What the header says


def test_the_header_tells_weights_quantisation_context_licence_and_memory(home: Path) -> None:
    def add(writer: gguf.GGUFWriter) -> None:
        writer.add_name("Small\x1b[31m One")
        writer.add_license("apache-2.0")
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
        writer.add_context_length(262_144)
        writer.add_block_count(36)
        writer.add_embedding_length(2_560)
        writer.add_head_count(32)
        writer.add_head_count_kv(8)
        writer.add_key_length(128)
        writer.add_value_length(128)

    path = write(home / ".lmstudio/models/owner/small/small.gguf", add=add)
    [model] = find_models().models

    assert (model.name, model.quantisation, model.licence) == ("Small [31m One", "Q4_K_M", "apache-2.0")
    assert (model.context, model.parameters, model.size) == (262_144, 32 * 64, path.stat().st_size)
    assert model.memory == model.size + 4_096 * 36 * 8 * (128 + 128) * 2 + 256 * 32 * 4_096 * 4


def test_a_header_that_says_little_is_taken_as_it_is(home: Path) -> None:
    path = write(home / ".lmstudio/models/owner/bare/bare.gguf", add=lambda writer: None)
    [model] = find_models().models

    assert (model.name, model.quantisation, model.licence, model.context) == ("bare", "", "", 0)
    assert model.memory == path.stat().st_size


LEFT_OUT: list[tuple[str, Callable[[Path], object], str]] = [
    ("noise", lambda path: path.write_bytes(b"noise"), "is not a GGUF model"),
    ("empty", lambda path: path.write_bytes(b""), "is empty"),
    ("a Git LFS pointer", lambda path: path.write_bytes(b"version https://git-lfs.github.com/spec/v1\n"), "Git LFS"),
    ("a link to nothing", lambda path: path.symlink_to("nowhere"), "does not exist"),
    (
        "an embedder",
        lambda path: write(path, architecture="bert", add=lambda w: w.add_causal_attention(False)),
        "'bert'",
    ),
    ("eyes", lambda path: write(path, architecture="clip", add=lambda writer: None), "sees or hears"),
    ("an adapter", lambda path: write(path, add=lambda writer: writer.add_type("adapter")), "an adapter"),
    ("a part", lambda path: write(path, add=lambda writer: writer.add_uint16("split.count", 3)), "one of 3 parts"),
]


@pytest.mark.parametrize(("make", "reason"), [row[1:] for row in LEFT_OUT], ids=[row[0] for row in LEFT_OUT])
def test_a_file_that_cannot_answer_is_left_out_with_its_reason(
    make: Callable[[Path], object], reason: str, home: Path, tiny_gguf: Path
) -> None:
    good = put(tiny_gguf, home / ".lmstudio/models/owner/A/good.gguf")
    bad = good.with_name("bad.gguf")
    make(bad)
    finds = find_models()

    assert [model.path for model in finds.models] == [good]
    assert [left_out.path for left_out in finds.left_out] == [bad]
    assert reason in finds.left_out[0].reason


def test_what_does_not_suit_a_machine_is_said_with_its_reason() -> None:
    model = load_catalogue()[0]
    assert misfit(model, Machine(4_000_000_000, 8)) == (
        "it may not fit: it needs 3.4 GB of memory, and 4.0 GB are available"
    )
    assert misfit(model, Machine(64_000_000_000, 2)) == "it may be slow here, with 2 cores"
    assert misfit(model, Machine(None, 1)) == "it may be slow here, with 1 core"
    assert misfit(model, Machine(64_000_000_000, 8)) == misfit(model, Machine(None, 8)) == ""


def test_a_model_that_was_cut_short_is_left_out(home: Path, tiny_gguf: Path) -> None:
    path = home / ".lmstudio/models/owner/A/cut.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(tiny_gguf.read_bytes()[:-1_000])
    [left_out] = find_models().left_out

    assert "is cut short" in left_out.reason


# The model in force


def test_the_model_pulled_last_is_in_force_until_one_is_named(home: Path, tiny_gguf: Path) -> None:
    assert default_model() is None
    old, new = (put(tiny_gguf, models_folder() / name) for name in ("z-old.gguf", "a-new.gguf"))
    os.utime(old, (1_000, 1_000))
    os.utime(new, (2_000, 2_000))
    (models_folder() / "b.gguf.0123.part").write_bytes(b"GGUF")
    (models_folder() / "c.gguf").symlink_to("nowhere")

    assert load_settings({}).model == new
    assert load_settings({"PINCITE_MODEL": "/named.gguf"}).model == Path("/named.gguf")
    assert load_settings({"PINCITE_MODEL": "none"}).model is None


def test_what_was_chosen_last_is_in_force_until_one_is_pulled(home: Path, tiny_gguf: Path) -> None:
    pulled = put(tiny_gguf, models_folder() / "pulled.gguf")
    elsewhere = put(tiny_gguf, home / "with a ‘name’ \udcff.gguf")
    os.utime(pulled, (1_000, 1_000))

    remember_model(elsewhere)
    assert load_settings({}).model == elsewhere
    assert load_settings({"PINCITE_MODEL": "/named.gguf"}).model == Path("/named.gguf")
    remember_model(None)
    assert load_settings({}).model is None
    os.utime(pulled, (9_999_999_999, 9_999_999_999))
    assert load_settings({}).model == pulled, "it was pulled after the choice"


def test_a_chosen_file_that_is_gone_gives_way_to_the_one_pulled_last(home: Path, tiny_gguf: Path) -> None:
    pulled, elsewhere = put(tiny_gguf, models_folder() / "pulled.gguf"), put(tiny_gguf, home / "elsewhere.gguf")
    os.utime(pulled, (1_000, 1_000))
    remember_model(elsewhere)
    elsewhere.unlink()

    assert default_model() == pulled
    pulled.unlink()
    assert default_model() is None


def test_a_model_of_another_program_is_not_in_force_by_itself(home: Path, tiny_gguf: Path) -> None:
    put(tiny_gguf, home / ".lmstudio/models/owner/A/a.gguf")

    assert load_settings({}).model is None


# The catalogue and the choice


def test_the_catalogue_lists_small_models_with_sizes_that_add_up() -> None:
    catalogue = load_catalogue()
    names = [model.name for model in catalogue]

    assert names[0] == "qwen3-4b"
    assert len(set(names)) == len(names)
    for model in catalogue:
        assert model.size < model.memory < 4 * GIGABYTE
        assert 0.5 < model.size / model.parameters < 1.1  # four to eight bits a weight
        assert model.repository.count("/") == 1


def test_the_memory_in_the_catalogue_is_counted_as_for_a_model_on_the_disk() -> None:
    shapes = {
        "qwen3-4b": (36, 8, 128, 151_936),
        "qwen3-1.7b": (28, 8, 128, 151_936),
        "qwen2.5-0.5b": (24, 2, 64, 151_936),
    }
    for model in load_catalogue():
        layers, heads, width, tokens = shapes[model.name]
        assert model.memory == pytest.approx(
            model.size + 4_096 * layers * heads * 2 * width * 2 + 512 * tokens * 4, rel=1e-3
        )


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "[[model",
        lambda text: "",
        lambda text: "model = []",
        lambda text: text.replace('licence = "Apache-2.0"', ""),
        lambda text: text.replace("size = 2_497_281_120", 'size = "large"'),
        lambda text: text.replace('file = "', 'file = "../'),
    ],
)
def test_a_catalogue_that_is_none_is_said_to_be_so(damage: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(damage(OWN.read_text(encoding="utf-8")))
    with pytest.raises(SettingsError, match=r"own\.toml"):
        load_catalogue(path)


def test_a_name_that_is_not_in_the_catalogue_brings_those_that_are() -> None:
    assert find_in(load_catalogue(), "qwen3-1.7b").repository == "unsloth/Qwen3-1.7B-GGUF"
    with pytest.raises(DownloadError, match=r"'gpt-5'.*qwen3-4b, qwen3-1\.7b"):
        find_in(load_catalogue(), "gpt-5")


MACHINES = [
    (Machine(16 * GIGABYTE, 8), "qwen3-4b"),
    (Machine(None, 4), "qwen3-4b"),
    (Machine(16 * GIGABYTE, 2), "qwen3-1.7b"),
    (Machine(4 * GIGABYTE, 8), "qwen3-1.7b"),
    (Machine(2 * GIGABYTE, 8), "qwen2.5-0.5b"),
    (Machine(16 * GIGABYTE, 1), "qwen2.5-0.5b"),
    (Machine(1 * GIGABYTE, 8), None),
]


@pytest.mark.parametrize(("machine", "name"), MACHINES)
def test_the_largest_model_that_memory_and_cores_allow_is_chosen(machine: Machine, name: str | None) -> None:
    catalogue = load_catalogue()
    chosen = choose_download(catalogue, machine)
    choice = choose((), catalogue, machine)

    assert (chosen.name if chosen else None) == name
    assert choice.offered == chosen
    assert f"{machine.cores} core" in choice.reason
    assert "\n" not in choice.reason
    assert [model.name for model in catalogue if not misfit(model, machine)][:1] == ([name] if name else [])


FOUND = FoundModel(
    "Ollama", Path("/models/x"), "qwen3:4b", int(2.6e9), int(3.5e9), int(4e9), "Q4_K_M", 32_768, "apache-2.0"
)
HERE = [
    (FOUND, Machine(16 * GIGABYTE, 8), True),
    (replace(FOUND, parameters=int(1.9e9)), Machine(16 * GIGABYTE, 8), False),  # less than half of what could be had
    (FOUND, Machine(4 * GIGABYTE, 8), False),  # too large for the memory
    (FOUND, Machine(16 * GIGABYTE, 2), False),  # too slow on these cores
    (replace(FOUND, parameters=int(1e8), memory=int(2e8)), Machine(int(0.5e9), 1), True),  # nothing else fits
]


@pytest.mark.parametrize(("found", "machine", "taken"), HERE)
def test_a_model_that_is_here_is_preferred_if_it_is_worth_it(found: FoundModel, machine: Machine, taken: bool) -> None:
    choice = choose((found,), load_catalogue(), machine)

    assert choice.found == (found if taken else None)
    assert (choice.offered is None) == taken
    if taken:
        assert choice.reason.startswith("qwen3:4b is here already (Ollama)")


def test_the_catalogue_is_part_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["tool"]["setuptools"]["package-data"]["rag.models"] == ["*.toml"]


def test_sizes_are_written_as_the_hub_writes_them() -> None:
    assert [gigabytes(count) for count in (2_497_281_120, 491_400_032, 0)] == ["2.5 GB", "491 MB", "0 MB"]
