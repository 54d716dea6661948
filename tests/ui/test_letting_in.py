"""`pincite user` and `token`, as a person types them; and that `pincite serve` lets others in only by them."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui.access import AccessFile
from ui.cli import commands

PASSWORD = "the ferry leaves at nine"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AccessFile:
    """A person's empty settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return AccessFile(tmp_path / "pincite" / "access.json")


def pincite(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(commands, words, input=typed)


def test_a_user_is_added_listed_changed_and_removed(settings: AccessFile) -> None:
    assert pincite("user", "add", "ada", typed=f"{PASSWORD}\n").output == "ada may log in.\n"
    assert settings.load().is_password("ada", PASSWORD)
    changed = pincite("user", "add", "ada", typed="another one entirely\n")
    assert changed.output == "ada has a new password; whoever was logged in as ada is out.\n"
    assert not settings.load().is_password("ada", PASSWORD)
    assert pincite("user", "list").output == "ada\n"
    assert pincite("user", "remove", "ada").exit_code == 0
    assert pincite("user", "list").output == ""


def test_a_token_is_printed_once_and_opens_until_it_is_removed(settings: AccessFile) -> None:
    made = pincite("token", "add", "reader").output.strip()

    assert re.fullmatch(r"pincite_[\w-]{43}", made)
    assert settings.load().is_token(made)
    assert pincite("token", "list").output == "reader\n"
    assert pincite("token", "remove", "reader").exit_code == 0
    assert not settings.load().is_token(made)


@pytest.mark.parametrize(
    ("words", "typed", "line"),
    [
        (("user", "add", "ada"), "short\n", "pincite: the password has 5 characters: it needs 8 or more\n"),
        (("user", "remove", "bob"), "", "pincite: there is no user called bob: pincite user list says who there is\n"),
        (("token", "remove", "x"), "", "pincite: there is no token called x: pincite token list says who there is\n"),
    ],
)
def test_what_cannot_be_is_one_line(words: Sequence[str], typed: str, line: str) -> None:
    done = pincite(*words, typed=typed)

    assert (done.exit_code, done.output) == (1, line)


def test_a_server_that_others_could_reach_does_not_start_where_nobody_can_log_in(tmp_path: Path) -> None:
    done = pincite("serve", "--host", "0.0.0.0", "--no-browser", "--library", str(tmp_path / "library"))

    assert done.exit_code == 1
    assert done.output == (
        "pincite: others could reach this server, and nobody can log in yet: pincite user add NAME makes a user,"
        " pincite token add NAME a token for a program\n"
    )
