"""Users and tokens: what is stored opens nothing, and who is removed is out at once."""

import json
import stat
from pathlib import Path

import pytest

from ui.access import Access, AccessError, AccessFile
from ui.sessions import SECONDS, Sessions
from ui.slowing import FORGOTTEN_AFTER, LONGEST_WAIT, MOST_REMEMBERED, Slowing

PASSWORD = "the ferry leaves at nine"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def ada() -> Access:
    return Access().with_user("ada", PASSWORD)


def test_only_the_password_of_this_user_is_right(ada: Access) -> None:
    assert ada.is_password("ada", PASSWORD)
    assert not ada.is_password("ada", PASSWORD + " ")
    assert not ada.is_password("bob", PASSWORD)


def test_two_users_with_one_password_have_different_hashes(ada: Access) -> None:
    both = ada.with_user("bob", PASSWORD)

    assert both.users["ada"] != both.users["bob"]
    assert both.users["bob"].startswith("scrypt$32768$8$3$")


def test_only_the_tokens_that_were_made_are_right() -> None:
    access, token = Access().with_token("reader")

    assert access.is_token(token)
    assert not access.is_token(token[:-1])
    assert not access.is_token("")
    assert not access.is_token(access.tokens["reader"])
    assert not access.without_token("reader").is_token(token)


def test_the_file_is_private_and_holds_no_secret(ada: Access, tmp_path: Path) -> None:
    access, token = ada.with_token("reader")
    file = AccessFile(tmp_path / "settings" / "access.json")
    file.save(access)
    text = file.path.read_text(encoding="utf-8")

    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert PASSWORD not in text
    assert token not in text
    assert PASSWORD not in repr(access)
    assert file.load() == access
    assert [path.name for path in file.path.parent.iterdir()] == ["access.json"]


def test_a_change_of_the_file_counts_at_once(ada: Access, tmp_path: Path) -> None:
    file, other = AccessFile(tmp_path / "access.json"), AccessFile(tmp_path / "access.json")
    assert file.load().is_empty
    other.save(ada)
    assert file.load().is_password("ada", PASSWORD)
    other.save(ada.without_user("ada"))
    assert file.load().is_empty


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"users": 1, "tokens": {}}'])
def test_a_broken_file_lets_nobody_in(text: str, tmp_path: Path) -> None:
    (tmp_path / "access.json").write_text(text, encoding="utf-8")

    with pytest.raises(AccessError, match="cannot be read: mend the file"):
        AccessFile(tmp_path / "access.json").load()


@pytest.mark.parametrize("name", ["", " ada", "a\nb", "a\x1b[31m", "x" * 65])
def test_a_name_is_one_line_that_can_be_read(name: str) -> None:
    with pytest.raises(AccessError, match="is no name"):
        Access().with_user(name, PASSWORD)


def test_what_cannot_be_is_said_with_the_next_step(ada: Access) -> None:
    with pytest.raises(AccessError, match=r"^the password has 7 characters: it needs 8 or more$"):
        ada.with_user("bob", "1234567")
    with pytest.raises(AccessError, match="there is no user called bob: pincite user list"):
        ada.without_user("bob")
    with pytest.raises(AccessError, match="there is a token called reader: remove it first"):
        ada.with_token("reader")[0].with_token("reader")


def test_a_session_ends_in_time_on_logout_and_with_its_user(ada: Access) -> None:
    clock = Clock()
    sessions = Sessions(clock)
    key = sessions.begin("ada", ada)

    assert sessions.user(key, ada) == "ada"
    assert sessions.user(key[:-1], ada) is None
    assert sessions.user("", ada) is None
    assert sessions.user(key, ada.without_user("ada")) is None
    assert sessions.user(key, ada.with_user("ada", PASSWORD)) is None, "a new password ends the sessions of the old one"
    clock.now += SECONDS
    assert sessions.user(key, ada) is None
    key = sessions.begin("ada", ada)
    sessions.end(key)
    assert sessions.user(key, ada) is None


def test_each_failure_makes_the_next_attempt_wait_twice_as_long() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    waits = []
    for _ in range(9):
        slowing.failed(["name ada", "address 10.0.0.7"])
        waits.append(slowing.wait(["name ada"]))

    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    assert slowing.wait(["name bob", "address 10.0.0.7"]) == LONGEST_WAIT
    assert slowing.wait(["name bob", "address 10.0.0.8"]) == 0
    clock.now += LONGEST_WAIT
    assert slowing.wait(["name ada"]) == 0


def test_failures_are_forgotten_in_time_and_on_success() -> None:
    clock = Clock()
    slowing = Slowing(clock)
    for _ in range(5):
        slowing.failed(["name ada"])
    clock.now += FORGOTTEN_AFTER
    slowing.failed(["name ada"])
    assert slowing.wait(["name ada"]) == 1
    slowing.succeeded(["name ada"])
    assert slowing.wait(["name ada"]) == 0


def test_who_guesses_many_names_fills_no_memory() -> None:
    slowing = Slowing(Clock())
    for number in range(MOST_REMEMBERED + 10):
        slowing.failed([f"name {number}"])

    assert len(slowing._failures) == MOST_REMEMBERED
    assert slowing.wait([f"name {MOST_REMEMBERED + 9}"]) == 1


def test_the_file_says_what_it_holds(ada: Access, tmp_path: Path) -> None:
    file = AccessFile(tmp_path / "access.json")
    file.save(ada)

    assert json.loads(file.path.read_text(encoding="utf-8")) == {"users": dict(ada.users), "tokens": {}}
