"""Settings: what is said nearer comes first; what cannot be read is one clear line; the README knows every key."""

import re
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.keys import CHOSEN_ON_THE_PAGE, KEYS
from rag.manner import Manner, Strictness
from rag.settings import config_path, load_settings, settings_in_force

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = config_path()
    path.parent.mkdir(parents=True)
    return path


def test_defaults_quote_and_keep_the_library_in_the_users_data_folder(config: Path) -> None:
    settings = load_settings({})
    assert (settings.model, settings.embedder, settings.context) == (None, "minilm", 4_096)
    assert settings.catalogue is None
    assert settings.library.name == "library"


def test_the_environment_is_over_the_file(config: Path) -> None:
    config.write_text('model = "~/a.gguf"\nlibrary = "/tmp/one"\ncontext = 2048\n', encoding="utf-8")
    settings = load_settings({"PINCITE_LIBRARY": "/tmp/two"})
    assert (settings.model, settings.library, settings.context) == (Path.home() / "a.gguf", Path("/tmp/two"), 2_048)


def test_what_reading_a_file_may_take_can_be_set(config: Path) -> None:
    config.write_text("read_seconds = 30\nread_memory = 2048\n", encoding="utf-8")
    reading = load_settings({"PINCITE_READ_MEMORY": "512", "PINCITE_OCR": "eng", "PINCITE_READERS": "3"}).reading

    assert (reading.seconds, reading.memory_mib, reading.ocr_languages, reading.workers) == (30, 512, "eng", 3)
    with pytest.raises(SettingsError, match="read_file is 'much': it must be a whole number above 0"):
        load_settings({"PINCITE_READ_FILE": "much"})


@pytest.mark.parametrize(
    ("environment", "server"),
    [
        ({}, "http://127.0.0.1:1"),
        ({"PINCITE_SERVER": "http://127.0.0.1:2"}, "http://127.0.0.1:2"),
        ({"PINCITE_MODEL": "a.gguf"}, None),
        ({"PINCITE_MODEL": "a.gguf", "PINCITE_SERVER": "http://127.0.0.1:2"}, "http://127.0.0.1:2"),
    ],
)
def test_a_server_takes_the_place_of_a_model_that_was_not_named_nearer(
    config: Path, environment: dict[str, str], server: str | None
) -> None:
    config.write_text('server = "http://127.0.0.1:1"\nserver_model = "big"\n', encoding="utf-8")
    settings = load_settings(environment)
    assert (settings.server, settings.server_model) == (server, "big")


def test_a_server_s_key_comes_from_the_environment_alone_and_is_not_printed(config: Path) -> None:
    settings = load_settings({"PINCITE_SERVER_KEY": "sk-1"})
    assert settings.server_key == "sk-1"
    assert "sk-1" not in repr(settings)
    assert load_settings({}).server_key is None
    config.write_text('server_key = "from the file"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="put it into PINCITE_SERVER_KEY") as refused:
        load_settings({"PINCITE_SERVER_KEY": "sk-1"})
    assert "from the file" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("model = ", "cannot be read: "),
        ('context = "many"', "the setting context is 'many': it must be a whole number above 0"),
        ("context = 0", "the setting context is 0: it must be a whole number above 0"),
        ("readers = true", "the setting readers is True: it must be a whole number above 0"),
        ("library = 3", "the setting library is 3: it must be a text in quotes"),
        ("passages = 11", "the setting passages is 11: it must be a whole number from 1 to 10"),
        ('strictness = "lax"', "the setting strictness is 'lax': it must be one of auto, strict, grounded"),
        ('language = "english"', "the setting language is 'english': it must be one of auto, ar, de, en, es, fr, hi, "),
        ("pasages = 3", "there is no setting 'pasages', but library, model, "),
        ("pasages = 3", "; did you mean passages?"),
        ("[answers]\npassages = 3", "there is no setting 'answers', but library, model, "),
    ],
)
def test_what_cannot_be_read_in_the_file_is_one_line_with_the_file_the_key_and_what_may_stand_there(
    config: Path, text: str, line: str
) -> None:
    config.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings({})

    assert str(config) in str(refused.value)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_said_nearer_comes_first(config: Path) -> None:
    config.write_text('passages = 2\nstrictness = "grounded"\nlanguage = "fr"\n', encoding="utf-8")
    chosen = {"passages": "3", "strictness": "strict"}
    environment = {"PINCITE_PASSAGES": "4"}

    assert load_settings({}).manner == Manner(2, Strictness.GROUNDED, "fr")
    assert load_settings({}, chosen).manner == Manner(3, Strictness.STRICT, "fr")
    assert load_settings(environment, chosen).manner == Manner(4, Strictness.STRICT, "fr")
    assert load_settings(environment, chosen, {"passages": 6, "language": "auto"}).manner == Manner(
        6, Strictness.STRICT, "auto"
    )


def test_where_each_value_comes_from_is_known(config: Path) -> None:
    config.write_text('language = "fr"\nvectors = ""\n', encoding="utf-8")
    found = settings_in_force({"PINCITE_PASSAGES": "4", "PINCITE_OCR": ""}, {"strictness": "strict"}, {"model": "none"})

    assert {
        name: (setting.value, setting.origin) for name, setting in found.items() if setting.origin != "default"
    } == {
        "model": ("none", "--model"),
        "passages": (4, "PINCITE_PASSAGES"),
        "strictness": ("strict", "the library"),
        "language": ("fr", str(config)),
    }
    assert [name for name in CHOSEN_ON_THE_PAGE if found[name].is_fixed] == ["passages"]


def test_a_library_keeps_nothing_but_what_is_chosen_on_its_page(config: Path) -> None:
    assert load_settings({}, {"library": "/other", "passages": "2"}).library != Path("/other")


def test_a_value_in_the_environment_that_cannot_be_names_its_variable(config: Path) -> None:
    with pytest.raises(SettingsError, match=r"^PINCITE_PASSAGES: the setting passages is 'all': .* from 1 to 10$"):
        load_settings({"PINCITE_PASSAGES": "all"})


def test_more_passages_are_given_more_room_unless_the_room_is_set(config: Path) -> None:
    assert load_settings({}).budget == 1_500
    assert load_settings({}, {"passages": "10"}).budget == 3_000
    assert load_settings({"PINCITE_EVIDENCE_TOKENS": "700"}, {"passages": "10"}).budget == 700


def test_the_readme_has_a_row_for_each_key_with_its_variable_and_its_default() -> None:
    rows = re.findall(r"^\|[^|]*\| `PINCITE_\w+` \| `\w+` \|.*\|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]

    assert [(variable.strip("`"), name.strip("`"), default.strip("`")) for _, variable, name, _, default in cells] == [
        (key.variable, key.name, key.usual or str(key.default)) for key in KEYS
    ]
    assert all(what for *_, what, _ in cells)
