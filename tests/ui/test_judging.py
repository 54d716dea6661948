"""Answers judged on the page: shown when they are opened again, listed, and measured with `pincite eval`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.errors import NotInLibrary
from index.feedback import WHOLE, Verdict
from index.library import Library
from rag.generators import ExtractiveGenerator
from ui.actions import Actions
from ui.cli import commands
from ui.judging import render_judging
from ui.render import render_talk
from ui.seat import Seat
from ui.talks import Talk

FERRY = "The ferry to Lindholm leaves the old quay at 07:40 every morning."
MUSEUM = "Ada Berg founded the museum of clocks in 1912."
ASK_FERRY, ASK_MUSEUM = "When does the ferry to Lindholm leave?", "Who founded the museum of clocks?"
NEW = Talk()
ASK_NOTHING, FOLLOW_UP = "What is the capital of Mongolia?", "And when was that?"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "ferry.txt").write_text(FERRY)
    (tmp_path / "town" / "museum.txt").write_text(MUSEUM)
    return tmp_path


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with Library.open(folder / "library") as library:
        library.add([folder / "town"])
        yield library


@pytest.fixture
def actions(library: Library) -> Actions:
    return Actions(library, Seat(ExtractiveGenerator()))


def ask(actions: Actions, question: str, talk: Talk = NEW) -> Talk:
    *_, last = actions.ask(question, talk, "one")
    return last.talk


def run(library: Path, *arguments: object) -> Result:
    typed = ["--library", str(library), *map(str, arguments)]
    return CliRunner().invoke(commands, typed, prog_name="pincite", catch_exceptions=False)


def test_a_verdict_is_shown_again_on_every_page_until_it_is_taken_back(actions: Actions) -> None:
    talk = ask(actions, ASK_FERRY)
    turn = talk.said[0].turn
    talks = actions.talks("")
    talks.judge(turn, WHOLE, "helpful")
    talks.judge(turn, 1, "does not support")

    opened = talks.open(talk.id)
    assert opened.said[0].verdicts == {WHOLE: Verdict.HELPFUL, 1: Verdict.UNSUPPORTED}
    html = render_talk(opened)
    assert html.count('aria-pressed="true"') == 2
    assert '<details class="wrong-sources" open>' in html
    asked_on = ask(actions, ASK_MUSEUM, talk)
    assert render_talk(asked_on).count('aria-pressed="true"') == 2
    talks.judge(turn, WHOLE, "")
    talks.judge(turn, 1, "")
    assert 'aria-pressed="true"' not in render_talk(talks.open(talk.id))


def test_what_cannot_be_said_is_refused(actions: Actions) -> None:
    turn = ask(actions, ASK_FERRY).said[0].turn
    for said, words in (("splendid", "cannot be said that it is splendid"), ("does not support", "cannot be said")):
        with pytest.raises(NotInLibrary, match=words):
            actions.talks("").judge(turn, WHOLE, said)
    with pytest.raises(NotInLibrary):
        actions.talks("eve").judge(turn, WHOLE, "helpful")


def test_an_abstention_has_no_sources_to_judge(actions: Actions) -> None:
    [said] = ask(actions, ASK_NOTHING).said
    html = render_judging(said.answer, {})

    assert said.answer.abstention
    assert (html.count("<button"), "wrong-sources" in html) == (2, False)


def test_what_was_said_becomes_questions_that_pincite_eval_asks(
    folder: Path, library: Library, actions: Actions
) -> None:
    talk = ask(actions, ASK_NOTHING, ask(actions, ASK_FERRY))
    follow_up = ask(actions, FOLLOW_UP, ask(actions, ASK_MUSEUM))
    for turn, verdict in ((talk.said[0], "helpful"), (talk.said[1], "helpful"), (follow_up.said[1], "not helpful")):
        actions.talks("").judge(turn.turn, WHOLE, verdict)
    actions.talks("").judge(follow_up.said[0].turn, WHOLE, "helpful")
    actions.talks("").judge(follow_up.said[0].turn, 1, "does not support")
    library.close()

    listed = run(folder / "library", "feedback").output.splitlines()
    assert [line.split("\t")[1:] for line in listed] == [
        ["helpful", ASK_FERRY],
        ["helpful", ASK_NOTHING],
        ["helpful, [1] does not support", ASK_MUSEUM],
        ["not helpful", FOLLOW_UP],
    ]
    file, figures = folder / "said.jsonl", folder / "figures.json"
    assert run(folder / "library", "feedback", "--export", file).output.startswith(f"{file} holds 4 questions")
    first, nothing, museum, last = (json.loads(line) for line in file.read_text().splitlines())
    assert first == {
        "question": ASK_FERRY, "answerable": True,
        "relevant": [str(folder / "town" / "ferry.txt")], "evidence": [FERRY],
    }  # fmt: skip
    assert nothing == {"question": ASK_NOTHING, "answerable": False}
    assert museum == {"question": ASK_MUSEUM, "answerable": True, "relevant": [], "evidence": []}
    assert (last["question"].startswith("And when was that"), "museum" in last["question"]) == (True, True)

    assert run(folder / "library", "eval", file, "--json", figures).exit_code == 0
    [measured] = json.loads(figures.read_text())["sets"]
    for name in ("citation precision", "sentence F1", "refusal recall"):
        assert (measured["figures"][name]["value"], measured["figures"][name]["questions"]) == (1.0, 1)


def test_a_document_that_is_gone_is_no_evidence(folder: Path, library: Library, actions: Actions) -> None:
    [said] = ask(actions, ASK_FERRY).said
    actions.talks("").judge(said.turn, WHOLE, "helpful")
    library.remove(library.find("ferry.txt").id)
    library.close()

    run(folder / "library", "feedback", "--export", folder / "said.jsonl")
    assert json.loads((folder / "said.jsonl").read_text())["relevant"] == []


def test_without_feedback_there_is_nothing_to_write(folder: Path, library: Library) -> None:
    library.close()
    assert run(folder / "library", "feedback").output.startswith("no feedback: buttons below each answer")
    written = run(folder / "library", "feedback", "--export", folder / "said.jsonl")
    assert (written.exit_code, (folder / "said.jsonl").exists()) == (1, False)
