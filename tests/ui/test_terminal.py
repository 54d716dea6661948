"""What is printed: nothing of it may act on the terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import FileReport, Outcome
from ui.terminal import one_line, print_reports, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain “text”, a\tb\nc, Übung, 難民, 🙂", "plain “text”, a\tb\nc, Übung, 難民, 🙂"),
        ("\x1b]0;title\x07", "<U+001B>]0;title<U+0007>"),
        ("a\rb\x08\x7f", "a<U+000D>b<U+0008><U+007F>"),
        ("\x9b31m", "<U+009B>31m"),
        ("gpj.\u202eexe", "gpj.<U+202E>exe"),
        ("\u2066x\u2069", "<U+2066>x<U+2069>"),
        ("name\udcff.txt", "name<U+DCFF>.txt"),
        ("[red]markup[/red] [link=x]", "[red]markup[/red] [link=x]"),
    ],
)
def test_what_could_act_on_a_terminal_is_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_whatever_gets_a_control_character_through(text: str) -> None:
    printed = visible(text)

    assert not [c for c in printed if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert not {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"} & set(
        map(unicodedata.bidirectional, printed)
    )
    printed.encode()


def test_one_line_is_one_line() -> None:
    assert one_line(" a\n\n b\tc ") == "a b c"


def test_reports_are_counted_and_each_failure_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_reports(
        [
            FileReport("/a.txt", Outcome.ADDED, 3),
            FileReport("/b.txt", Outcome.UNCHANGED),
            FileReport("/c.txt", Outcome.FAILED, reason="c.txt holds\nno \x1b[31mtext"),
            FileReport("/d.txt", Outcome.ADDED, 1),
        ],
        seconds=2.0,
    )
    printed = capsys.readouterr()

    assert printed.out == "2 added, 1 unchanged, 1 failed\n"
    assert printed.err == "failed: c.txt holds no <U+001B>[31mtext\n"
